package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/portal"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/version"
	"github.com/postern-go/postern/polar"
)

type devCommand struct {
	Listen string `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Where to listen (${default}). Port 0 takes a free one."`
	backend
	mailing
	RateLimits     server.RateLimits `name:"rate-limits" default:"off" placeholder:"LIMITS" help:"How often a caller may ask: off, or rates such as login=6/m+12/h,default=500/m,pending=60/m (${default})."`
	TrustedProxies []network         `placeholder:"CIDR" help:"Networks of the proxies in front, such as 10.0.0.0/8."`
	TestAPI        bool              `name:"test-api" help:"Let tests in any language move the clock, read the mails, inject faults and make organizations, below /_test/; for a loopback address alone."`
}

func (c *devCommand) Run(ctx context.Context, s streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	store := "a database (kept)"
	switch {
	case c.Data != "":
		store = c.Data + " (kept)"
	case c.DatabaseURL == "":
		if c.Data, err = os.MkdirTemp("", "postern-dev-"); err != nil {
			return err
		}
		defer os.RemoveAll(c.Data)
		store = c.Data + " (removed at the end; --data DIR keeps it)"
	}
	config := c.server()
	if err := server.Init(ctx, config); err != nil {
		return err
	}
	c.apply(&config)
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	config.RateLimits, config.TrustedProxies, config.Webhooks = c.RateLimits, prefixes(c.TrustedProxies), server.LoopbackWebhooks
	config.Admin = true
	var h harness.Harness
	serveHTTP := (*server.Server).Handler
	var mailbox http.Handler // nil where mails are sent, or others could read them
	if c.SMTPURL == "" {
		h.Mailbox.Terminal = mail.NewTerminal(s.out)
		h.Configure(&config)
		if c.local() {
			mailbox = h.Mailbox.Pages()
		}
	}
	if c.TestAPI {
		serveHTTP = h.Handler
		context.AfterFunc(ctx, h.Faults.Clear) // whoever still waits delays the end
	}
	handler := func(p *server.Server) http.Handler { return withPages(serveHTTP(p), portal.Storybook(), mailbox) }
	return serve(ctx, log, c.Listen, config, handler, func(ctx context.Context, p *server.Server, addr string) error {
		t, err := newTour(ctx, p, "http://"+addr)
		if err != nil {
			return fmt.Errorf("the sample could not be made: %w", err)
		}
		t.store, t.mailbox, t.testAPI = store, mailbox != nil, c.TestAPI
		return t.print(s.out)
	})
}

// withPages is what the dev server alone serves beside the rest: every page of the portal, with sample data, and the mails.
func withPages(rest, storybook, mailbox http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path + "/"; {
		case strings.HasPrefix(path, "/dev/pages/"):
			storybook.ServeHTTP(w, r)
		case mailbox != nil && strings.HasPrefix(path, harness.MailboxPath+"/"):
			mailbox.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// local reports whether the server listens to this machine alone.
func (c *devCommand) local() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	ip, bad := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || bad == nil && ip.IsLoopback())
}

// check refuses what does not go with the test API: whoever reaches it reads the mails of everybody.
func (c *devCommand) check() error {
	if !c.TestAPI {
		return nil
	}
	if !c.local() {
		return fmt.Errorf("--test-api is for this machine alone: it does not go with --listen %s, but with 127.0.0.1:8787", c.Listen)
	}
	if c.SMTPURL != "" {
		return errors.New("--test-api keeps the mails that are sent, and sends none: it does not go with --smtp-url")
	}
	return nil
}

// tour is what the dev server shows: a sample, made through the server's own API as a user would make it.
type tour struct {
	url, store string
	// mailbox and testAPI are whether they are served.
	mailbox, testAPI bool
	organization     directory.Organization
	accessToken      string
	made             *polar.CustomerSession
	introspected     *polar.CustomerCustomerSession
}

func newTour(ctx context.Context, p *server.Server, url string) (t tour, err error) {
	t.url = url
	if t.organization, t.accessToken, err = sampleOrganization(ctx, p); err != nil {
		return t, err
	}
	client, err := polar.New(polar.WithServerURL(url), polar.WithAccessToken(t.accessToken))
	if err != nil {
		return t, err
	}
	_, err = client.Customers.Create(ctx, polar.CustomerIndividualCreate{
		Email: "ada@example.com", Name: polar.Set("Ada Lovelace"), ExternalID: polar.Set("user_1"),
	})
	if err != nil && !errors.Is(err, polar.ErrValidation) { // a store that was kept has it
		return t, err
	}
	t.made, err = client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer: polar.ExternalCustomerID("user_1"), ReturnURL: polar.Set("https://example.com/account"),
	})
	if err != nil {
		return t, err
	}
	t.introspected, err = client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(t.made.Token))
	return t, err
}

// sampleOrganization creates the organization acme. If the store already has it, sampleOrganization creates another access token.
func sampleOrganization(ctx context.Context, s *server.Server) (o directory.Organization, accessToken string, err error) {
	var secret token.Token
	if o, err = s.Directory.OrganizationBySlug(ctx, "acme"); err == nil {
		_, secret, err = s.Directory.CreateAccessToken(ctx, o, directory.NewAccessToken{Comment: "postern dev", Scopes: directory.AllScopes()})
	} else {
		o, secret, err = s.Directory.CreateOrganization(ctx, directory.NewOrganization{Slug: "acme", Name: "Acme", MemberModel: true, EmailChange: true})
	}
	return o, secret.Reveal(), server.PlainError(err)
}

func (t tour) print(out io.Writer) error {
	returns := "nothing"
	if t.introspected.ReturnURL != nil {
		returns = *t.introspected.ReturnURL
	}
	more := ""
	if t.mailbox {
		more = "\n  mails          " + t.url + harness.MailboxPath
	}
	if t.testAPI {
		more += "\n  test API       " + t.url + harness.Prefix
	}
	_, err := fmt.Fprintf(out, `Postern %[1]s is serving %[2]s

  store          %[3]s
  organization   %[4]s  %[5]s
  access token   %[6]s
  customer       %[7]s  %[8]s
  session        %[9]s
  portal         %[10]s
  every page     %[2]s/dev/pages%[14]s
  for operators  %[2]s/admin  (sign in with the access token)

The Go client introspected the session:

  ExpiresAt  %[11]s (%[12]s from now)
  ReturnURL  %[13]s

Ask again:

  curl -H 'Authorization: Bearer %[9]s' %[2]s/v1/customer-portal/customer-session/introspect

Make another session:

  curl %[2]s/v1/customer-sessions/ -H 'Authorization: Bearer %[6]s' \
    -H 'Content-Type: application/json' -d '{"customer_id": "%[8]s"}'

In Go:

  client, err := polar.New(polar.WithServerURL("%[2]s"),
      polar.WithAccessToken("%[6]s"))
  session, err := client.CustomerSessions.Create(ctx,
      polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1")})
  holder, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(session.Token))

Ctrl-C ends it.
`,
		version.Read().Version, t.url, t.store, t.organization.Slug, t.organization.ID.String(), t.accessToken,
		*t.made.Customer.Email, t.made.CustomerID, t.made.Token, t.made.CustomerPortalURL,
		t.introspected.ExpiresAt.Format(time.RFC3339), time.Until(t.introspected.ExpiresAt).Round(time.Second), returns, more)
	return err
}
