// Package api implements the HTTP API, which is compatible with Polar's.
//
//	handler := api.New(api.Deps{Sessions: sessions, Directory: directory, PublicURL: u, Log: logger, …})
//
// Start reading at routes.go, which lists every route with its requirements. Each resource has a file with its handlers. The
// wire files convert values of the internal packages to wire types of package polar, and problem.go converts errors to
// responses.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/billing"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Deps are the dependencies of the API. All fields except Bodies, GitHub, Limits, Metrics and TrustedProxies are required.
type Deps struct {
	Sessions  *session.Service
	Directory *directory.Service
	Login     *login.Service
	Webhooks  *webhook.Service
	Audit     *audit.Service
	// Billing answers what this server does not keep.
	Billing billing.Billing
	// Ping returns an error if the store does not answer.
	Ping func(ctx context.Context) error
	// PublicURL is the URL under which clients reach this server. Links to the portal begin with it.
	PublicURL *url.URL
	// TrustedProxies lists the proxies whose X-Forwarded headers are trusted.
	TrustedProxies []netip.Prefix
	// Closing is closed when the server shuts down. Event streams then end.
	Closing <-chan struct{}
	// Leaks ends leaked tokens. GitHub verifies that a report comes from GitHub; nil disables the route for reports.
	Leaks  *leak.Service
	GitHub *leak.GitHub
	// Bodies bounds the memory of request bodies; nil means no bounds.
	Bodies *web.Bodies
	// Limits applies rate limits; nil means no limits.
	Limits *web.Limiter
	Log    *slog.Logger
	Now    func() time.Time
	// Metrics counts the requests; nil counts nothing.
	Metrics *metrics.Metrics
	// Secrets encrypt the answers that are stored for repeated creates.
	Secrets *token.Secrets
	// DefaultVersion and StrictPolar are DefaultVersion and Strict of [web.Stack].
	DefaultVersion string
	StrictPolar    bool
}

type api struct {
	Deps
	shares
	identities *identitySigner
	document   document
}

// roots are the first elements of all paths of the API. /api was the root of Polar's API.
var roots = []string{"v1", "api", ".well-known", "healthz", "openapi.json", "docs"}

// Serves reports whether a path is below one that the API has.
func Serves(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return slices.Contains(roots, first)
}

// New returns the handler of all routes.
func New(deps Deps) http.Handler {
	a := &api{deps, newShares(deps.Metrics), newIdentitySigner(deps.Secrets), newDocument(deps.PublicURL.String())}
	return &web.Stack{
		Routes:       web.NewRouter(deps.PublicURL, deps.StrictPolar, a.routes()),
		Limits:       deps.Limits,
		Authenticate: a.authenticate,
		Problem:      deps.problem,
		Log:          deps.Log,
		Now:          deps.Now,
		Metrics:      deps.Metrics,
		Trusted:      deps.TrustedProxies,

		DefaultVersion: deps.DefaultVersion, Strict: deps.StrictPolar,
	}
}
