package main

import (
	"context"
	"encoding/json"
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

	"github.com/postern-go/postern/internal/admin"
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
	Listen string `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Address to listen on. Port 0 selects a free port. Default: ${default}."`
	backend
	mailing
	RateLimits     server.RateLimits `name:"rate-limits" default:"off" placeholder:"LIMITS" help:"Rate limits for each caller: off, or limits such as login=6/m+12/h,default=500/m,pending=60/m. Default: ${default}."`
	TrustedProxies []network         `placeholder:"CIDR" help:"Networks of your reverse proxies, such as 10.0.0.0/8."`
	TestAPI        bool              `name:"test-api" help:"Serve the test API at /_test/. With this API, tests in any language move the clock, read mails, inject faults and create organizations. Requires a loopback address."`
	printing
}

func (c *devCommand) Run(ctx context.Context, s streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	store := "the database (kept)"
	switch {
	case c.Data != "":
		store = c.Data + " (kept)"
	case c.DatabaseURL == "":
		if c.Data, err = os.MkdirTemp("", "postern-dev-"); err != nil {
			return err
		}
		defer os.RemoveAll(c.Data)
		store = c.Data + " (deleted when the server stops; --data DIR keeps it)"
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
	var mailbox http.Handler // stays nil if the server sends mails, or if other machines could read them
	if c.SMTPURL == "" {
		terminal := s.out
		if c.JSON {
			terminal = s.err
		}
		h.Mailbox.Terminal = mail.NewTerminal(terminal)
		h.Configure(&config)
		if c.local() {
			mailbox = h.Mailbox.Pages()
		}
	}
	if c.TestAPI {
		serveHTTP = h.Handler
		context.AfterFunc(ctx, h.Faults.Clear) // a delayed request would delay the shutdown
	}
	handler := func(srv *server.Server) http.Handler { return withPages(serveHTTP(srv), mailbox) }
	return serve(ctx, log, listening{public: c.Listen}, config, handler, func(ctx context.Context, srv *server.Server, addr string) error {
		t, err := newTour(ctx, srv, "http://"+local(addr))
		if err != nil {
			return fmt.Errorf("create sample data: %w", err)
		}
		t.store, t.mailbox, t.testAPI = store, mailbox != nil, c.TestAPI
		return c.print(s, t)
	})
}

// withPages adds the pages that only the dev server has: every page of the portal and of the operators with sample
// data, and the mailbox.
func withPages(rest, mailbox http.Handler) http.Handler {
	storybook, operatorPages := portal.Storybook(), admin.Storybook()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path + "/"; {
		case strings.HasPrefix(path, "/dev/pages/"):
			storybook.ServeHTTP(w, r)
		case strings.HasPrefix(path, admin.StorybookPath+"/"):
			operatorPages.ServeHTTP(w, r)
		case mailbox != nil && strings.HasPrefix(path, harness.MailboxPath+"/"):
			mailbox.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// local reports whether the server listens on a loopback address only.
func (c *devCommand) local() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	ip, bad := netip.ParseAddr(host)
	return err == nil && (host == "localhost" || bad == nil && ip.IsLoopback())
}

// check returns an error if the flags allow other machines to use the test API, or if mails are sent instead of stored. Clients
// of the test API can read all mails.
func (c *devCommand) check() error {
	if !c.TestAPI {
		return nil
	}
	if !c.local() {
		return fmt.Errorf("--test-api requires a loopback address: use --listen 127.0.0.1:8787 instead of %s", c.Listen)
	}
	if c.SMTPURL != "" {
		return errors.New("--test-api stores mails instead of sending them: remove --smtp-url")
	}
	return nil
}

// tour is the text that the dev server prints: commands to try, with sample data. The dev server creates the data through its
// API, as an application would.
type tour struct {
	url, store string
	// mailbox and testAPI report whether the server serves them.
	mailbox, testAPI bool
	organization     directory.Organization
	accessToken      string
	session          *polar.CustomerSession
	introspected     *polar.CustomerCustomerSession
}

func newTour(ctx context.Context, s *server.Server, url string) (t tour, err error) {
	t.url = url
	if t.organization, t.accessToken, err = sampleOrganization(ctx, s); err != nil {
		return t, err
	}
	client, err := polar.New(polar.WithServerURL(url), polar.WithAccessToken(t.accessToken))
	if err != nil {
		return t, err
	}
	_, err = client.Customers.Create(ctx, polar.CustomerIndividualCreate{
		Email: "ada@example.com", Name: polar.Set("Ada Lovelace"), ExternalID: "user_1",
	})
	if err != nil && !errors.Is(err, polar.ErrValidation) { // the store of an earlier run has the customer already
		return t, err
	}
	t.session, err = client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer: polar.ExternalCustomerID("user_1"), ReturnURL: polar.Set("https://example.com/account"),
	})
	if err != nil {
		return t, err
	}
	t.introspected, err = client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(t.session.Token))
	return t, err
}

// sampleOrganization creates the organization acme. If the store already has it, sampleOrganization creates another access token.
func sampleOrganization(ctx context.Context, s *server.Server) (o directory.Organization, accessToken string, err error) {
	var secret token.Token
	if o, err = s.Directory.OrganizationBySlug(ctx, "acme"); err == nil {
		_, secret, err = s.Directory.CreateAccessToken(ctx, o, directory.StoreOperator, directory.NewAccessToken{Comment: "postern dev", Scopes: directory.AllScopes()})
	} else {
		o, secret, err = s.Directory.CreateOrganization(ctx, directory.NewOrganization{Slug: "acme", Name: "Acme", MemberModel: true, EmailChange: true})
	}
	return o, secret.Reveal(), server.PlainError(err)
}

// MarshalJSON returns what a script needs to use the sample data.
func (t tour) MarshalJSON() ([]byte, error) {
	return json.Marshal(sample{
		t.url, t.organization.ID.String(), t.organization.Slug, t.accessToken, string(t.session.CustomerID), t.session.Token, t.session.CustomerPortalURL,
	})
}

// sample is the JSON of a tour.
type sample struct {
	URL              string `json:"url"`
	OrganizationID   string `json:"organization_id"`
	OrganizationSlug string `json:"organization_slug"`
	AccessToken      string `json:"access_token"`
	CustomerID       string `json:"customer_id"`
	SessionToken     string `json:"session_token"`
	PortalURL        string `json:"portal_url"`
}

func (t tour) text(out io.Writer) error {
	returnURL := "none"
	if t.introspected.ReturnURL != nil {
		returnURL = *t.introspected.ReturnURL
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
  sample pages   %[2]s/dev/pages%[14]s
  admin pages    %[2]s/admin  (sign in with the access token)

The Go client introspected the session:

  ExpiresAt  %[11]s (%[12]s from now)
  ReturnURL  %[13]s

Introspect the session again:

  curl -H 'Authorization: Bearer %[9]s' %[2]s/v1/customer-portal/customer-session/introspect

Create another session:

  curl %[2]s/v1/customer-sessions/ -H 'Authorization: Bearer %[6]s' \
    -H 'Content-Type: application/json' -d '{"customer_id": "%[8]s"}'

In Go:

  client, err := polar.New(polar.WithServerURL("%[2]s"),
      polar.WithAccessToken("%[6]s"))
  session, err := client.CustomerSessions.Create(ctx,
      polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1")})
  details, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(session.Token))

Press Ctrl-C to stop the server.
`,
		version.Read().Version, t.url, t.store, t.organization.Slug, t.organization.ID.String(), t.accessToken,
		*t.session.Customer.Email, t.session.CustomerID, t.session.Token, t.session.CustomerPortalURL,
		t.introspected.ExpiresAt.Format(time.RFC3339), time.Until(t.introspected.ExpiresAt).Round(time.Second), returnURL, more)
	return err
}
