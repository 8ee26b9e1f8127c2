package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/billing"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/version"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Config configures a server. Either DataDir or DatabaseURL is required. postern.Config, which embedders use, documents the
// defaults of the other fields.
type Config struct {
	DataDir, DatabaseURL string
	Secrets              []string
	// Unsynced makes commits to a data directory not wait for the disk. A power failure can then damage the store, so this is
	// for tests only.
	Unsynced       bool
	PublicURL      string
	Log            *slog.Logger
	CacheBytes     int
	RateLimits     RateLimits
	Quotas         Quotas
	TrustedProxies []netip.Prefix
	Forwarded      bool
	// SMTPURL is the mail server. Sender replaces it. If both are empty, the server sends no mail.
	SMTPURL    string
	Sender     mail.Sender
	MailFrom   string
	Login      login.Options
	Directory  directory.Options
	GitHubKeys string
	Webhooks   webhook.Options
	Admin      bool
	// StrictPolar turns off the defaults that change an answer of Polar; see strict_polar.go.
	StrictPolar bool
	// noEntrance makes / and /{slug} answer browsers as Polar's API does.
	noEntrance bool
	// APIVersionDefault is the version of the API for requests that name none. Default: [web.DefaultVersion].
	APIVersionDefault string
	// AuditRetention is how long entries of the audit log are kept. 0 means [audit.DefaultRetention]; a negative value keeps all.
	AuditRetention time.Duration
	// Billing answers what this server does not keep. Default: [billing.None].
	Billing billing.Billing
	// Now is the clock. Default: time.Now. The header Date shows its time.
	Now func() time.Time
}

// LoopbackWebhooks allows events to programs on this machine, for tests and development.
var LoopbackWebhooks = webhook.Options{AllowHTTP: true, AllowedNetworks: []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
}}

// assembled holds the parts of a configuration that are parsed and checked before the store is opened.
type assembled struct {
	public *url.URL
	sender mail.Sender // nil if the server sends no mail
	from   mail.Address
	gitHub *leak.GitHub // nil if GitHub's reports are not accepted
	audit  audit.Options
}

// complete sets the defaults of c and checks c.
func (c *Config) complete() (a assembled, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Billing == nil {
		c.Billing = billing.None{}
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://127.0.0.1:8787"
	}
	if c.StrictPolar {
		c.answerAsPolar()
	}
	c.Webhooks.UserAgent = "Postern/" + version.Read().Version
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return a, errors.New("the public URL must be http:// or https:// with a host, and without user, query or fragment, such as https://portal.example.com")
	}
	a.public = u
	if c.APIVersionDefault != "" {
		if err := web.CheckVersion(c.APIVersionDefault); err != nil {
			return a, err
		}
	}
	if err := checkLogin(c.Login); err != nil {
		return a, err
	}
	if a.audit, err = c.auditOptions(); err != nil {
		return a, err
	}
	if a.sender, err = c.sender(); err != nil {
		return a, err
	}
	if a.from, err = c.from(u); err != nil {
		return a, err
	}
	if c.GitHubKeys != "" {
		a.gitHub, err = leak.NewGitHub(c.GitHubKeys, c.Now)
	}
	return a, err
}

func checkLogin(o login.Options) error {
	switch {
	case o.Lifetime != 0 && (o.Lifetime < time.Minute || o.Lifetime > 24*time.Hour):
		return errors.New("the lifetime of login codes must be between 1 minute and 24 hours, such as 30m")
	case o.Length != 0 && (o.Length < token.MinCode || o.Length > token.MaxCode):
		return fmt.Errorf("the length of login codes must be between %d and %d characters", token.MinCode, token.MaxCode)
	}
	return nil
}

func (c *Config) sender() (mail.Sender, error) {
	switch {
	case c.SMTPURL != "" && c.Sender != nil:
		return nil, errors.New("configure either a mail server (SMTPURL) or a function that delivers mails (Deliver), not both")
	case c.SMTPURL != "":
		return mail.ParseSMTP(c.SMTPURL)
	}
	return c.Sender, nil
}

func (c *Config) from(public *url.URL) (mail.Address, error) {
	text := c.MailFrom
	if text == "" {
		text = "no-reply@" + public.Hostname()
	}
	from, err := mail.ParseAddress(text)
	if err != nil && c.MailFrom == "" && c.SMTPURL == "" && c.Sender == nil {
		return mail.ParseAddress("no-reply@localhost") // not used: the server sends no mail
	}
	if err != nil {
		return from, fmt.Errorf("the sender of mails must be an address such as \"Example <login@example.com>\": %w", err)
	}
	return from, nil
}

// postFunc queues a mail of a kind, such as "login code". compose writes the mail later, in the background.
type postFunc = func(kind string, compose func(ctx context.Context) (mail.Mail, bool, error)) error

// discardMail returns the postFunc of a server that sends no mail. It logs an error for the operator. The response to the
// caller is the same as if the mail was sent.
func discardMail(log *slog.Logger, counts *metrics.Metrics) postFunc {
	return func(kind string, _ func(ctx context.Context) (mail.Mail, bool, error)) error {
		counts.Mail(kind, metrics.Refused)
		log.Error("mail not sent: no mail server is configured; set --smtp-url smtp://user:password@host:587", "mail", kind)
		return nil
	}
}
