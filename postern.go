// Package postern embeds a customer-session server in a Go program.
//
//	config := postern.Config{DataDir: "/var/lib/postern", PublicURL: "https://portal.example.com"}
//	err := postern.Init(ctx, config) // creates the store if it does not exist
//	s, err := postern.Open(ctx, config)
//	defer s.Close()
//	http.ListenAndServe(":8787", s.Handler())
//
// The server implements the customer-session part of Polar's API: Polar's official SDKs work with it when they use its URL, and
// so does the Go client in [github.com/postern-go/postern/polar]. The postern command runs the same server as a program of its
// own. Package [github.com/postern-go/postern/polar/polartest] starts one in tests.
package postern

import (
	"context"
	"errors"
	"net/http"

	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/version"
)

// Errors of [Open] and other functions, for errors.Is.
var (
	// ErrNoStore means that the data directory contains no store. [Init] creates one.
	ErrNoStore = server.ErrNoStore
	// ErrInUse means that another process has opened the data directory.
	ErrInUse = server.ErrInUse
	// ErrSecretInUse means that live sessions or access tokens depend on a secret; see [RetireSecret].
	ErrSecretInUse = server.ErrSecretInUse
)

// Version returns the version of Postern that the program contains, such as "0.1.0".
func Version() string { return version.Read().Version }

// Init creates the store if it does not exist. An existing store stays unchanged. In a data directory, Init also creates the
// secret file; it returns an error if the store exists and its secret file does not. In a database, Init creates the schema.
func Init(ctx context.Context, c Config) error { return server.Init(ctx, c.server()) }

// Migrate updates the schema of a PostgreSQL database. [Open] does so too if its database role has the permission; otherwise call
// Migrate with a role that owns the schema before you start a newer version.
func Migrate(ctx context.Context, databaseURL string) error { return server.Migrate(ctx, databaseURL) }

// Server is an open server. It is safe for concurrent use.
type Server struct{ server *server.Server }

// Open opens a store that [Init] created and starts the background work: webhook deliveries, mails, and the deletion of expired
// rows. It returns [ErrNoStore] if the data directory contains no store, and [ErrInUse] if another process has opened it.
func Open(ctx context.Context, c Config) (*Server, error) {
	config := c.server()
	var err error
	if config.Quotas, err = server.ParseQuotas(c.Quotas); err != nil {
		return nil, err
	}
	if config.RateLimits, err = server.ParseRateLimits(c.RateLimits); err != nil {
		return nil, err
	}
	s, err := server.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
}

// Handler returns the handler of the API, of the customer portal at /{slug}/portal and, with [Config.Admin], of the admin pages
// at /admin.
func (s *Server) Handler() http.Handler { return s.server.Handler() }

// OperatorHandler returns the handler of the paths for operators: /metrics, in the text format of Prometheus, and /healthz. It has
// no authentication, so serve it on an address that only operators can reach. [Server.Handler] does not serve /metrics.
func (s *Server) OperatorHandler() http.Handler { return s.server.OperatorHandler() }

// Drain ends long-lived responses, such as the stream of revocations, so that an http.Server can shut down. The clients
// reconnect, to another server if there is one. Pass Drain to http.Server.RegisterOnShutdown. [Server.Close] calls Drain.
func (s *Server) Drain() { s.server.Drain() }

// Close sends the queued mails, for at most 10 seconds, completes pending writes and closes the store. Stop serving requests
// before you call Close.
func (s *Server) Close() error { return s.server.Close() }

// RevokeToken revokes a token that has leaked. The token may be of any kind and any organization: a session, an access token, the
// confirmation of an email change, or a one-time link. With an access token, RevokeToken also ends everything that was made with it:
// access tokens, and the sessions that all of them created. RevokeToken reports whether the store knows the token; it does not change
// a session that has already ended. The revocation is durable when RevokeToken returns.
func (s *Server) RevokeToken(ctx context.Context, token string) (known bool, err error) {
	known, err = s.server.Leaks.End(ctx, token)
	return known, errors.Join(err, s.server.Directory.EndCreatedSessions(ctx))
}
