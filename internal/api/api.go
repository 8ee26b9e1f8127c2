// Package api is the HTTP interface, on Polar's wire.
//
//	handler := api.New(api.Rooms{Sessions: sessions, Directory: directory, PublicURL: u, Log: logger, …})
//
// Start reading at routes.go, which lists every route with what it asks of its caller; a file holds each resource, wire.go
// turns what the domain knows into what clients read, and problem.go is the one place where a fault becomes a response.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Deps are what the API stands on. All fields must be set, GitHub, Limits and TrustedProxies aside.
type Deps struct {
	Sessions  *session.Service
	Directory *directory.Service
	Login     *login.Service
	Webhooks  *webhook.Service
	// Ping reports whether the store answers.
	Ping func(ctx context.Context) error
	// PublicURL is where the outside world reaches this server; links to the portal begin with it.
	PublicURL *url.URL
	// TrustedProxies are those whose word of a client's address is taken.
	TrustedProxies []netip.Prefix
	// Closing is closed when the server is about to end: answers that go on end then.
	Closing <-chan struct{}
	// Leaks ends tokens that have leaked. GitHub tells whether it is GitHub that reports them; nil serves no route for it.
	Leaks  *leak.Service
	GitHub *leak.GitHub
	// Limits refuses callers who ask too often; nil refuses nobody.
	Limits *web.Limiter
	Log    *slog.Logger
	Now    func() time.Time
}

type api struct {
	Deps
	document document
}

// New makes the handler of all routes.
func New(rooms Deps) http.Handler {
	a := &api{rooms, newDocument(rooms.PublicURL.String())}
	return &web.Stack{
		Routes:       web.NewRouter(rooms.PublicURL, a.routes()),
		Limits:       rooms.Limits,
		Authenticate: a.authenticate,
		Problem:      problem,
		Log:          rooms.Log,
		Now:          rooms.Now,
	}
}
