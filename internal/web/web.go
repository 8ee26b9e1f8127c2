// Package web contains the steps that are common to all requests of the API before their handlers run.
//
//	stack := web.Stack{Routes: router, Authenticate: …, Problem: …, Log: logger, …}
//	http.ListenAndServe(addr, &stack)
//
// A request passes these steps in this order: API version, CORS, the old root /api, rate limits, body size, authentication,
// routing. The order is Polar's, and clients can see it: for example, an invalid bearer token is a 401 even if the path does
// not exist. Handlers return errors instead of writing error responses. One function converts all errors to responses, and each
// request is logged once.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/metrics"
)

// Handler answers a request or returns an error. A handler that returns an error must not have written to the response.
type Handler func(x *Exchange, r *http.Request) error

// Stack is the http.Handler of the API. Limits, Metrics, Trusted, DefaultVersion and Strict are optional.
type Stack struct {
	Routes *Router
	// Limits applies rate limits; nil means no limits.
	Limits *Limiter
	// Authenticate sets x.Subject and x.Identity or returns an error. It sets neither for a request without a credential, that
	// is, if [Bearer] reports false.
	Authenticate func(x *Exchange, r *http.Request) error
	// Problem turns an error into a response.
	Problem func(x *Exchange, r *http.Request, err error)
	Log     *slog.Logger
	Now     func() time.Time
	// Metrics counts the requests; nil counts nothing.
	Metrics *metrics.Metrics
	// Trusted are the proxies behind which the log names clients; see [ClientIP].
	Trusted []netip.Prefix
	// Strict turns off the additions to Polar's answers that a Polar client can see.
	Strict bool
	// DefaultVersion is the version of the API for requests that name none. It has no end. Default: [DefaultVersion].
	DefaultVersion string
}

// ServeHTTP implements http.Handler.
func (s *Stack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Responder{s.Problem, s.Log, s.Now, s.Metrics, s.Trusted}.Respond(w, r, s.serve)
}

func (s *Stack) serve(x *Exchange, r *http.Request, now time.Time) error {
	x.Header()["X-Content-Type-Options"] = noSniff
	if refuseRequestLine(x, r) || !s.negotiateVersion(x, r, now) || !s.Routes.forwardAuth(r.URL.Path) && s.preflight(x, r) {
		return nil
	}
	if rewritten := withoutAPIRoot(x, r); rewritten != nil {
		r = rewritten
	}
	to := s.Routes.locate(x, r)
	bearers := s.Limits.KnownFirst(to.credentials(r), now)
	if len(bearers) > 0 {
		r = WithBearer(r, bearers[0])
	}
	x.Zone = to.zone()
	claim, err := s.admit(x.Zone, r, now)
	if err != nil {
		s.neverCache(x)
		return err
	}
	if err := limitBody(x, r); err != nil {
		return err
	}
	x.Header()["Cache-Control"] = cachePrivate
	if err := s.authenticate(x, r, to, bearers, claim, now); err != nil {
		return to.refused(x, r, err)
	}
	return s.Routes.serve(x, r, to)
}

// authenticate authenticates the request with one of the bearer tokens of Route.Credentials, or with its own if there are none.
func (s *Stack) authenticate(x *Exchange, r *http.Request, to destination, bearers []string, claim Claim, now time.Time) error {
	verify := func(r *http.Request) (Identity, error) {
		if err := s.Authenticate(x, r); err != nil {
			return Identity{}, err
		}
		return x.Identity, to.accepts(x, r)
	}
	if len(bearers) > 0 {
		return s.Limits.VerifyAny(r.Context(), claim, bearers, now, func(bearer string) (Identity, error) { return verify(WithBearer(r, bearer)) })
	}
	identity, err := verify(r)
	if limited := s.Limits.Settle(r.Context(), claim, identity, err, now); limited != nil {
		return limited
	}
	return err
}

// admit counts a request if its path is under /v1. Under other paths, only invalid tokens count.
func (s *Stack) admit(zone Zone, r *http.Request, now time.Time) (Claim, error) {
	if r.URL.Path != "/v1" && !strings.HasPrefix(r.URL.Path, "/v1/") {
		return s.Limits.AdmitToken(r, now)
	}
	return s.Limits.Admit(zone, r, now)
}

// cachePrivate is the Cache-Control of every response, and noSniff its X-Content-Type-Options.
var (
	cachePrivate = []string{"private, no-store"}
	noSniff      = []string{"nosniff"}
)

// neverCache forbids storing a response that Polar sends without Cache-Control.
func (s *Stack) neverCache(x *Exchange) {
	if !s.Strict {
		x.Header()["Cache-Control"] = cachePrivate
	}
}
