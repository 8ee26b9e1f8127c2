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
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/postern-go/postern/internal/fault"
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
	x := &Exchange{ResponseWriter: w}
	start := s.Now()
	defer s.logged(x, r, start) // even when panicked breaks the connection off
	defer func() {
		if p := recover(); p != nil {
			s.panicked(x, r, p)
		}
	}()
	if err := s.serve(x, r, start); err != nil {
		s.Problem(x, r, err)
	}
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
	claim, err := s.Limits.admit(to.zone(), r, now)
	if err != nil {
		return err
	}
	if err := limitBody(x, r); err != nil {
		return err
	}
	x.Header()["Cache-Control"] = cachePrivate
	err = s.Authenticate(x, r)
	s.Limits.learn(claim, x.Identity, err, now)
	if err != nil {
		return to.refused(x, r, err)
	}
	return s.Routes.serve(x, r, to)
}

// The values of headers that every response has, made once.
var cachePrivate = []string{"private, no-store"}

// tokens are whatever begins as one of Polar's does.
var tokens = regexp.MustCompile(`(polar_[a-z]+_)[0-9A-Za-z]+`)

func (s *Stack) panicked(x *Exchange, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	err := &panicError{value: p, stack: debug.Stack()}
	if x.status == 0 {
		s.Problem(x, r, err)
		return
	}
	x.Cause = err
	panic(http.ErrAbortHandler) // half an answer must not look like a whole one
}

// logged tells of requests that went wrong on our side, and of all others where debugging is on; that callers go away is
// their own affair. It names the path and never the query, which may hold a token; one that was put into the path is blanked.
func (s *Stack) logged(x *Exchange, r *http.Request, start time.Time) {
	level := slog.LevelDebug
	gone := errors.Is(x.Cause, context.Canceled) && r.Context().Err() != nil
	if !gone && (x.status >= http.StatusInternalServerError || fault.Is(x.Cause, fault.Internal)) {
		level = slog.LevelError
	}
	if !s.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", tokens.ReplaceAllString(r.URL.Path, "$1…")), slog.Int("status", x.status),
		slog.Duration("took", s.Now().Sub(start)), slog.String("route", x.route),
	}
	if x.Cause != nil {
		attrs = append(attrs, slog.String("code", string(fault.CodeOf(x.Cause))), slog.Any("error", x.Cause))
	}
	if x.requestID != "" {
		attrs = append(attrs, slog.String("request_id", x.requestID))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attrs...)
}
