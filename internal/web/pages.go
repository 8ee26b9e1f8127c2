package web

import (
	"log/slog"
	"net/http"
	"time"
)

// Pages is an http.Handler for people with browsers: what [Stack] is without what is Polar's. Whoever handles a request counts
// it with [Limiter.Admit]. All fields must be set.
type Pages struct {
	Handle Handler
	// Problem turns what Handle returned into a response.
	Problem func(x *Exchange, r *http.Request, err error)
	Log     *slog.Logger
	Now     func() time.Time
}

// ServeHTTP implements http.Handler.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	journal{p.Problem, p.Log, p.Now}.answer(w, r, func(x *Exchange, r *http.Request, _ time.Time) error { return p.Handle(x, r) })
}
