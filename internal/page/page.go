// Package page has the code that the admin pages and the portal share: their dependencies, the state of a request, layout,
// forms, cookies, protection against cross-site requests, and static files with icons and accent colors.
//
//	site := page.NewSite(deps, handle, problem)               // an http.Handler
//	r := &page.Request{Site: site, Base: "/admin", …}         // in handle: the state of one request
//	err := r.CheckOrigin()                                    // refuses forms that another site sent
//	err = page.Dispatch(r, state, get, post, fallback, admit) // calls the handler of the page
//
// Every page works without scripts. page.js, which all pages load, adds conveniences such as times in the reader's time zone.
package page

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// Deps are the dependencies of pages. All fields except Bodies, Limits, Metrics and TrustedProxies are required.
type Deps struct {
	Sessions  *session.Service
	Directory *directory.Service
	Login     *login.Service
	// PublicURL is the URL under which clients reach this server. Its scheme determines whether cookies need TLS. Every link
	// begins with its path.
	PublicURL *url.URL
	// TrustedProxies are the networks whose X-Forwarded-For header is trusted.
	TrustedProxies []netip.Prefix
	// Bodies bounds the memory of forms; nil means no bounds.
	Bodies *web.Bodies
	// Limits is shared with the API: requests to the API and to the pages count together. A nil Limiter allows everything.
	Limits *web.Limiter
	Log    *slog.Logger
	Now    func() time.Time
	// Metrics counts the requests; nil counts nothing.
	Metrics *metrics.Metrics
}

// Problem turns an error of a handler into an error page. It returns the page's status and a function that writes the page, or
// nil if Problem has already sent a redirect.
type Problem func(x *web.Exchange, r *http.Request, err error) (status int, show func() error)

// Site is an http.Handler for pages. It is safe for concurrent use.
type Site struct {
	Deps
	// Root is the path of the public URL, without a slash at its end.
	Root    string
	handle  web.Handler
	problem Problem
}

// NewSite returns a site. The function handle answers its requests, and counts each request with [web.Limiter.Admit].
func NewSite(d Deps, handle web.Handler, problem Problem) *Site {
	return &Site{Deps: d, Root: strings.TrimSuffix(d.PublicURL.EscapedPath(), "/"), handle: handle, problem: problem}
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j := web.Responder{Problem: s.fail, Log: s.Log, Now: s.Now, Metrics: s.Metrics, Trusted: s.TrustedProxies}
	j.Respond(w, r, func(x *web.Exchange, r *http.Request, _ time.Time) error { return s.handle(x, r) })
}

// fail answers a request whose handler returned an error.
func (s *Site) fail(x *web.Exchange, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		err = fault.New(fault.Unavailable, "The client canceled the request.").Because(err)
	}
	x.Cause = err
	status, show := s.problem(x, r, err)
	if show == nil {
		return
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.RetryAfter > 0 {
		x.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	if status == http.StatusMethodNotAllowed {
		x.Header().Set("Allow", "GET, HEAD, POST")
	}
	if err := show(); err != nil {
		x.Cause = errors.Join(x.Cause, err)
		http.Error(x, "Internal Server Error", http.StatusInternalServerError)
	}
}

// Errors for which both sites show a special page.
var (
	ErrNoPage    = fault.New(fault.NoRoute, "Not Found")
	ErrCrossSite = fault.New(fault.NotPermitted, "The form came from another site.")
	ErrSignedOut = fault.New(fault.InvalidToken, "The client is not signed in.")
)
