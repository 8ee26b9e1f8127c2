package postern

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// Config says what to open. DataDir or DatabaseURL is required; every other field has a default.
type Config struct {
	// DataDir is the directory that holds the store and its secret. [Init] makes both. One process has it open at a time.
	DataDir string
	// DatabaseURL is a PostgreSQL database, postgres://user:password@host:5432/name, that any number of processes share.
	DatabaseURL string
	// Secrets are the keys of the HMACs that are stored instead of tokens: the first signs, all verify. Each has at least
	// 32 characters ([NewSecret] makes one). A database needs them; beside a data directory they are in a file.
	Secrets []string
	// PublicURL is where the outside world reaches the server: http or https, without query or fragment. Links to the
	// portal begin with it. "" stands for http://127.0.0.1:8787.
	PublicURL string
	// Log takes what an operator should know; nil discards it. No token is ever logged.
	Log *slog.Logger
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
	// CacheBytes bounds the memory that remembers live sessions; 0 stands for 64 MiB.
	CacheBytes int
	// RateLimits bounds what one caller may ask of this process; of several nodes, each allows the whole rate.
	RateLimits RateLimits
	// TrustedProxies are the networks of the proxies in front, whose X-Forwarded-For is believed. Without them, all
	// clients behind a proxy have its address, and share its rate. IPv4 networks are written as IPv4.
	TrustedProxies []netip.Prefix
	// Mail says how mails are sent.
	Mail Mail
	// Login says how customers log in by email.
	Login Login
	// SecretScanning says who may report tokens that have leaked.
	SecretScanning SecretScanning
	// Webhooks says where events may be sent.
	Webhooks Webhooks
	// Admin serves the pages of operators at /admin: whoever has an access token of an organization can sign in there, with a
	// browser, and do what its scopes allow.
	Admin bool
}

// SecretScanning says who may report tokens that have leaked. The zero value lets nobody; [Server.EndToken] works all the
// same.
type SecretScanning struct {
	// GitHubKeys is a file, or an https URL, with the public keys of GitHub, as
	// https://api.github.com/meta/public_keys/secret_scanning has them. They are read when they are first needed.
	GitHubKeys string
}

// gitHub is nil when GitHub reports nothing.
func (s SecretScanning) gitHub(now func() time.Time) (*leak.GitHub, error) {
	if s.GitHubKeys == "" {
		return nil, nil
	}
	return leak.NewGitHub(s.GitHubKeys, now)
}

// Webhooks says where events may be sent. The zero value is good: to public addresses alone, over https.
type Webhooks struct {
	// AllowHTTP lets events be sent without TLS, for development.
	AllowHTTP bool
	// AllowedNetworks are networks that are not public, such as the host's own or a company's, and may be sent to all the same.
	// Whoever has an access token with webhooks:write can then reach what is in them. IPv4 networks are written as IPv4.
	AllowedNetworks []netip.Prefix
}

func (w Webhooks) options() webhook.Options {
	return webhook.Options{AllowHTTP: w.AllowHTTP, AllowedNetworks: w.AllowedNetworks, UserAgent: "Postern/" + Version}
}

// Mail says how mails are sent. The zero value sends none: whoever asks for a login code gets the same answer as ever, and the
// log says what is missing.
type Mail struct {
	// SMTPURL is the mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS).
	SMTPURL string
	// Deliver sends mails in place of SMTPURL, with a provider's own API perhaps, and returns nil once somebody has taken
	// responsibility for the message. It is called from several goroutines, and no request waits for it. After an error the same
	// message is tried again, for as long as its code or link is good, unless the error wraps [ErrUndeliverable]. Errors are
	// logged, with what the message must not tell taken out. It should end soon after ctx, which gives it a minute.
	Deliver func(ctx context.Context, m Message) error
	// From is the sender, "Example <login@example.com>"; "" stands for no-reply at the host of PublicURL.
	From string
	// Terminal shows mails, codes and all, to whoever develops. Without SMTPURL and Deliver they are not sent as well.
	Terminal io.Writer
}

// Login says how customers log in by email. The zero value is good.
type Login struct {
	// CodeLifetime is how long a code is good for, at least a minute; 0 stands for 30 minutes.
	CodeLifetime time.Duration
	// CodeLength is how many characters a code has, 6 to 32; 0 stands for 6.
	CodeLength int
	// BeforeProof tells whoever asks for a code which customers have the email address, as Polar does. By default only
	// whoever has a code is told.
	BeforeProof bool
}

// NewSecret makes a secret for [Config.Secrets].
func NewSecret() string { return token.NewSecret() }

// complete fills in the defaults, reads the public URL, and refuses what cannot be.
func (c *Config) complete() (*url.URL, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://127.0.0.1:8787"
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the public URL must be http:// or https:// with a host, and without user, query or fragment, such as https://portal.example.com")
	}
	return u, c.Login.check()
}

func (l Login) check() error {
	switch {
	case l.CodeLifetime != 0 && (l.CodeLifetime < time.Minute || l.CodeLifetime > 24*time.Hour):
		return errors.New("a login code must be good for a minute at least, and for a day at most, such as 30m")
	case l.CodeLength != 0 && (l.CodeLength < token.MinCode || l.CodeLength > token.MaxCode):
		return fmt.Errorf("a login code must have %d to %d characters", token.MinCode, token.MaxCode)
	}
	return nil
}

func (l Login) options() login.Options {
	return login.Options{Lifetime: l.CodeLifetime, Length: l.CodeLength, BeforeProof: l.BeforeProof}
}

// sender is nil when no mails are to be sent.
func (m Mail) sender() (mail.Sender, error) {
	var s mail.Sender
	var err error
	switch {
	case m.SMTPURL != "" && m.Deliver != nil:
		return nil, errors.New("mails are sent in one way: by a mail server, or by Deliver")
	case m.SMTPURL != "":
		s, err = mail.ParseSMTP(m.SMTPURL)
	case m.Deliver != nil:
		s = deliver(m.Deliver)
	}
	switch {
	case err != nil || m.Terminal == nil:
		return s, err
	case s == nil:
		return mail.NewTerminal(m.Terminal), nil
	}
	return shown{mail.NewTerminal(m.Terminal), s}, nil
}

func (m Mail) from(public *url.URL) (mail.Address, error) {
	text := m.From
	if text == "" {
		text = "no-reply@" + public.Hostname()
	}
	from, err := mail.ParseAddress(text)
	if err != nil && m.From == "" && m.SMTPURL == "" && m.Deliver == nil {
		return mail.ParseAddress("no-reply@localhost") // nobody gets a mail from it
	}
	if err != nil {
		return from, fmt.Errorf("mails need a sender, such as \"Example <login@example.com>\": %w", err)
	}
	return from, nil
}

// post is how the login hands over a mail.
type post = func(kind string, compose func(ctx context.Context) (mail.Mail, bool, error)) error

// unsent takes the place of an outbox where no mail server is configured: it tells the operator, and not the caller.
func unsent(log *slog.Logger) post {
	return func(kind string, _ func(ctx context.Context) (mail.Mail, bool, error)) error {
		log.Error("a mail was not sent: no mail server is configured; set --smtp-url smtp://user:password@host:587", "mail", kind)
		return nil
	}
}
