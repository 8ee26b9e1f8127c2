// Package web is the plumbing between net/http and the routes: what every request passes before a handler sees it.
//
//	stack := web.Stack{Routes: router, Authenticate: …, Problem: …, Log: logger, …}
//	http.ListenAndServe(addr, &stack)
//
// In this order: API version, CORS, the old root /api, rate limits, body size, authentication, route. The order is
// Polar's, and clients can see it: a bad bearer is told so even on a path that nothing serves. Handlers return an error
// instead of writing one; one function answers for all of them, and one line of the log tells of each.
package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Handler answers a request, or says why it does not. After an error it must not have written anything.
type Handler func(x *Exchange, r *http.Request) error

// Stack is an http.Handler. All fields must be set, Limits aside.
type Stack struct {
	Routes *Router
	// Limits refuses callers who ask too often; nil refuses nobody.
	Limits *Limiter
	// Authenticate sets x.Subject and x.Identity, or refuses. A request without a credential, which is one for which
	// [Bearer] reports false, is not refused here, and has neither.
	Authenticate func(x *Exchange, r *http.Request) error
	// Problem turns what a handler returned into a response.
	Problem func(x *Exchange, r *http.Request, err error)
	Log     *slog.Logger
	Now     func() time.Time
}

// ServeHTTP implements http.Handler.
func (s *Stack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Responder{s.Problem, s.Log, s.Now}.Respond(w, r, s.serve)
}

func (s *Stack) serve(x *Exchange, r *http.Request, now time.Time) error {
	if !negotiateVersion(x, r) || !s.Routes.asked(r.URL.Path) && preflight(x, r) {
		return nil
	}
	if rewritten := withoutAPIRoot(x, r); rewritten != nil {
		r = rewritten
	}
	to := s.Routes.locate(x, r)
	r = to.credited(r)
	claim, err := s.admit(to.zone(), r, now)
	if err != nil {
		return err
	}
	if err := limitBody(x, r); err != nil {
		return err
	}
	x.Header()["Cache-Control"] = cachePrivate
	err = s.Authenticate(x, r)
	s.Limits.Learn(claim, x.Identity, err, now)
	if err != nil {
		return to.refused(x, r, err)
	}
	return s.Routes.serve(x, r, to)
}

// admit counts requests of paths under /v1 alone.
func (s *Stack) admit(zone Zone, r *http.Request, now time.Time) (Claim, error) {
	if r.URL.Path != "/v1" && !strings.HasPrefix(r.URL.Path, "/v1/") {
		return Claim{}, nil
	}
	return s.Limits.Admit(zone, r, now)
}

// The values of headers that every response has, made once.
var cachePrivate = []string{"private, no-store"}
