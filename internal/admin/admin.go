// Package admin is the pages for those who operate an organization: what goes on, customers and their sessions, links into the
// portal, access tokens and settings. An operator signs in with an access token of the organization, and may do what its scopes
// let it do in the API, by the same rules.
//
//	pages := admin.New(admin.Rooms{Sessions: sessions, Directory: directory, Login: desk, Webhooks: hooks, PublicURL: u, …})
//	if admin.Serves(r.URL.Path) { pages.ServeHTTP(w, r) }
//
// Every page works without a script. Start reading at routes.go, which lists all pages with the scopes that they need; visit.go is
// what happens before one is shown, view.go and template/ are what is shown, and problem.go is where a fault becomes a page.
package admin

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Deps are what the pages stand on. All fields must be set, Limits and TrustedProxies aside.
type Deps struct {
	Sessions  *session.Service
	Directory *directory.Service
	Login     *login.Service
	Webhooks  *webhook.Service
	// PublicURL is where the outside world reaches this server. Its scheme decides whether cookies need TLS, and its path is
	// in front of all links.
	PublicURL *url.URL
	// TrustedProxies are those whose word of a client's address is taken.
	TrustedProxies []netip.Prefix
	// Limits refuses callers who ask too often; nil refuses nobody. The API counts in the same one.
	Limits *web.Limiter
	Log    *slog.Logger
	Now    func() time.Time
}

// Admin serves the pages of all organizations. Safe for concurrent use.
type Admin struct {
	Deps
	// root is the path of the public URL, without a slash at its end, and base that of these pages.
	root, base string
	routes     []route
	crossSite  *http.CrossOriginProtection
	pages      web.Pages
	live       liveCounts
}

// Path is where the pages are. No organization has its first part as a slug.
const Path = "/admin"

// New opens the pages.
func New(r Deps) *Admin {
	a := &Admin{Deps: r, root: strings.TrimSuffix(r.PublicURL.EscapedPath(), "/"), routes: routes(), crossSite: http.NewCrossOriginProtection()}
	a.base = a.root + Path
	// A proxy may pass another host on than the browser asked for, and plain HTTP has no Sec-Fetch-Site to tell.
	if err := a.crossSite.AddTrustedOrigin(r.PublicURL.Scheme + "://" + r.PublicURL.Host); err != nil {
		r.Log.Warn("the public URL is no origin: forms may be refused behind a proxy that changes the host", "error", err)
	}
	a.pages = web.Pages{Handle: a.handle, Problem: a.problem, Log: r.Log, Now: r.Now}
	return a
}

// ServeHTTP implements http.Handler, for the paths that [Serves].
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.pages.ServeHTTP(w, r) }

// Serves reports whether a path is one of these pages.
func Serves(path string) bool {
	rest, ours := strings.CutPrefix(path, Path)
	return ours && (rest == "" || rest[0] == '/')
}

// handle answers one request. Protections come first: they are on every answer, whatever becomes of it.
func (a *Admin) handle(x *web.Exchange, r *http.Request) error {
	web.SetSecurityHeaders(x.Header(), "img-src 'self'", "connect-src 'self'")
	path := strings.Trim(strings.TrimPrefix(r.URL.Path, Path), "/")
	if name, ok := strings.CutPrefix(path, "assets/"); ok {
		x.SetRoute(Path + "/assets/{name}")
		return files().Serve(x, r, name)
	}
	v := &visit{Admin: a, Exchange: x, Request: r, path: path}
	x.Subject = v // whoever answers for an error knows where it happened
	to, params, known := a.route(path)
	if known {
		x.SetRoute(strings.TrimSuffix(Path+"/"+to.path, "/"))
	}
	v.params = params
	if err := v.open(to); err != nil {
		return err
	}
	if !known {
		return errNoPage
	}
	return v.serve(to)
}

var errNoPage = fault.New(fault.NoRoute, "Not Found")
