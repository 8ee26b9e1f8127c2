package postern

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// Config configures a server. Either DataDir or DatabaseURL is required. Every other field has a default.
type Config struct {
	// DataDir is the directory of a SQLite store and its secret file. [Init] creates both. Only one process can open it at a time.
	DataDir string
	// DatabaseURL is the URL of a PostgreSQL database, such as postgres://user:password@host:5432/name. Several servers can
	// share the database.
	DatabaseURL string
	// Secrets are the HMAC keys with which tokens are hashed before they are stored. The first secret signs new tokens; all
	// secrets verify tokens. Each secret has at least 32 characters; [NewSecret] generates one. With DatabaseURL, Secrets are
	// required. With DataDir, the secrets are in the secret file instead.
	Secrets []string
	// PublicURL is the URL at which clients and browsers reach the server: http or https, without query or fragment. Links to
	// the portal start with it. Default: http://127.0.0.1:8787.
	PublicURL string
	// Log receives the server's log. It never contains tokens. Default: no log.
	Log *slog.Logger
	// CacheBytes is the maximum size of the cache of live sessions, in bytes. Default: 64 MiB.
	CacheBytes int
	// RateLimits limits the requests of each caller, wrong login codes and mails. The default is
	//
	//	login=6/m+12/h,login-organization=300/m+6000/h,email-update=6/m+12/h,default=500/m,pending=60/m,
	//	code-address=100/h,code-organization=1000/h,code-server=1000/m+30000/h,
	//	mail-recipient=20/h+100/d,mail-organization=2000/h,mail-server=20000/h
	//
	// "off" disables all limits. A limit is "off", or counts of 1 to 1,000,000,000 per second (s), minute (m), hour (h) and day
	// (d), joined with +. Limits that the text omits keep their default. docs/compatibility.md describes all of them. A caller who
	// exceeds the limit of login or email-update is blocked for 15 minutes. pending counts bearer tokens that are not verified yet,
	// and failed-token (300/m) the invalid ones of one address. Each process counts separately.
	RateLimits string
	// Quotas limits how many objects one organization or customer can have, such as "members=1000,endpoints=10,access-tokens=off".
	// "off" removes all limits. Default: the limits that docs/operations.md lists.
	Quotas string
	// TrustedProxies are the networks of the reverse proxies whose X-Forwarded-For header is used. Without them, all clients
	// behind a proxy share the proxy's address and its rate limits. Their X-Request-Id header becomes the id of the request. Write
	// IPv4 networks as IPv4.
	TrustedProxies []netip.Prefix
	// Forwarded says that the trusted proxies set the header Forwarded (RFC 7239), which then counts instead of X-Forwarded-For,
	// X-Forwarded-Proto and X-Forwarded-Host.
	Forwarded bool
	// Mail configures how mails are sent.
	Mail Mail
	// Login configures logins by email.
	Login Login
	// GitHubKeys is a file or an https URL with GitHub's public keys, such as
	// https://api.github.com/meta/public_keys/secret_scanning. With it, the server accepts GitHub's signed reports of leaked
	// tokens and revokes the tokens. Default: reports are refused.
	GitHubKeys string
	// Webhooks configures which URLs events may be sent to.
	Webhooks Webhooks
	// Admin serves the admin pages at /admin. Operators sign in there with an access token of an organization; its scopes limit
	// what they can do.
	Admin bool
	// AuditRetention is how long entries of the audit log are kept, at least 30 days. A negative value keeps all entries. Default:
	// 365 days.
	AuditRetention time.Duration
	// StrictPolar turns off each default of Postern that changes an answer that Polar gives. docs/compatibility.md lists these
	// defaults. Other fields take precedence.
	StrictPolar bool
	// APIVersionDefault is the version of the API for requests without the header Polar-Version, such as "2026-04". The server keeps
	// this version after its end. Default: "2026-10".
	APIVersionDefault string
}

// Webhooks configures which URLs events may be sent to. The zero value allows public addresses over https only.
type Webhooks struct {
	// AllowHTTP allows URLs without TLS, for development.
	AllowHTTP bool
	// AllowedNetworks are private networks that events may be sent to. An access token with the scope webhooks:write can make
	// the server send requests to any address in these networks. Write IPv4 networks as IPv4.
	AllowedNetworks []netip.Prefix
}

// Mail configures how mails are sent. With the zero value, no mail is sent: requests for login codes succeed as usual, and the
// server logs an error for each request.
type Mail struct {
	// SMTPURL is the mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465 (TLS).
	SMTPURL string
	// Deliver sends mails instead of SMTPURL, for example with the API of a mail provider. It returns nil when the provider has
	// accepted the message. After an error, Deliver is called again with the same message until its code or link expires, unless
	// the error wraps [ErrUndeliverable]. Errors are logged with the contents of the message removed. Deliver is called from
	// several goroutines, in the background. ctx ends after one minute; Deliver must return soon after that.
	Deliver func(ctx context.Context, m Message) error
	// From is the sender, such as "Example <login@example.com>". Default: no-reply at the host of [Config.PublicURL].
	From string
}

// Login configures logins by email.
type Login struct {
	// CodeLifetime is the lifetime of login codes, from 1 minute to 24 hours. Default: 10 minutes, or 30 with [Config.StrictPolar].
	CodeLifetime time.Duration
	// CodeLength is the number of characters of login codes, from 6 to 32. Default: 8, or 6 with [Config.StrictPolar].
	CodeLength int
	// BeforeProof lets anyone who requests a code see which customers have the email address, as Polar does. By default, the
	// server shows these customers only to a client that has entered the code.
	BeforeProof bool
}

// NewSecret generates a secret for [Config.Secrets].
func NewSecret() string { return token.NewSecret() }

// server returns the configuration of the internal server, without RateLimits, which [Open] parses.
func (c Config) server() server.Config {
	s := server.Config{
		DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, Secrets: c.Secrets, PublicURL: c.PublicURL, Log: c.Log, CacheBytes: c.CacheBytes,
		TrustedProxies: c.TrustedProxies, Forwarded: c.Forwarded, SMTPURL: c.Mail.SMTPURL, MailFrom: c.Mail.From, GitHubKeys: c.GitHubKeys, Admin: c.Admin,
		AuditRetention: c.AuditRetention, StrictPolar: c.StrictPolar, APIVersionDefault: c.APIVersionDefault,
		Login:    login.Options{Lifetime: c.Login.CodeLifetime, Length: c.Login.CodeLength},
		Webhooks: webhook.Options{AllowHTTP: c.Webhooks.AllowHTTP, AllowedNetworks: c.Webhooks.AllowedNetworks},
	}
	if c.Login.BeforeProof {
		s.Login.Disclosure = login.BeforeProof
	}
	if c.Mail.Deliver != nil {
		s.Sender = deliver(c.Mail.Deliver)
	}
	return s
}
