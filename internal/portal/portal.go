// Package portal is the pages that customers see: they sign in by email, see who they are, edit what stands on their invoices,
// manage their team, and end their sessions.
//
//	pages := portal.New(portal.Rooms{Sessions: sessions, Directory: directory, Login: desk, PublicURL: u, Log: logger, …})
//	if portal.Serves(r.URL.Path) { pages.ServeHTTP(w, r) }
//
// Every page works without a script, and a little one makes some of them better. Start reading at routes.go, which lists all
// pages; visit.go is what happens before one is shown, view.go and template/ are what is shown, and problem.go is where a fault
// becomes a page. The token of a session is in an address for one request alone: enter.go swaps it for a cookie.
package portal

import (
	"errors"
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
)

// Deps are what the pages stand on. All fields must be set, Limits and TrustedProxies aside.
type Deps struct {
	Sessions  *session.Service
	Directory *directory.Service
	Login     *login.Service
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

// Portal serves the pages of all organizations. Safe for concurrent use.
type Portal struct {
	Deps
	// root is the path of the public URL, without a slash at its end.
	root      string
	routes    map[string]route
	crossSite *http.CrossOriginProtection
	pages     web.Pages
}

// New opens the portal.
func New(r Deps) *Portal {
	p := &Portal{Deps: r, root: strings.TrimSuffix(r.PublicURL.EscapedPath(), "/"), crossSite: http.NewCrossOriginProtection()}
	// A proxy may pass another host on than the browser asked for, and plain HTTP has no Sec-Fetch-Site to tell.
	if err := p.crossSite.AddTrustedOrigin(r.PublicURL.Scheme + "://" + r.PublicURL.Host); err != nil {
		r.Log.Warn("the public URL is no origin: forms may be refused behind a proxy that changes the host", "error", err)
	}
	p.routes = routes()
	p.pages = web.Pages{Handle: p.handle, Problem: p.problem, Log: r.Log, Now: r.Now}
	return p
}

// ServeHTTP implements http.Handler, for the paths that [Serves].
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.pages.ServeHTTP(w, r) }

// Serves reports whether a path belongs to a portal.
func Serves(path string) bool {
	_, _, ok := directory.ParsePortalPath(path)
	return ok
}

// handle answers one request. Protections come first: they are on every answer, whatever becomes of it.
func (p *Portal) handle(x *web.Exchange, r *http.Request) error {
	protect(x.Header(), "")
	slug, path, _ := directory.ParsePortalPath(r.URL.Path)
	if name, ok := strings.CutPrefix(path, "assets/"); ok {
		x.SetRoute(directory.PortalRoute + "/assets/{name}")
		return files().Serve(x, r, name)
	}
	v := p.visit(x, r, slug, path)
	x.Subject = v // whoever answers for an error knows where it happened
	to, known := p.route(path)
	if known {
		x.SetRoute(strings.TrimSuffix(directory.PortalRoute+"/"+to.path, "/"))
	}
	if err := v.open(to); err != nil {
		if errors.Is(err, errNobody) && v.bringsToken() { // nor does a page that is not there keep one
			return v.leadTo("")
		}
		return err
	}
	if entered, err := v.swap(to); entered || err != nil {
		return err
	}
	if !known {
		return errNoPage
	}
	return v.serve(to)
}

var errNoPage = fault.New(fault.NoRoute, "Not Found")

// protect is for the pages of one organization, whose logo is the one address elsewhere that they may ask for; "" for none.
func protect(h http.Header, logo string) {
	images := "img-src 'self'"
	if u, err := url.Parse(logo); err == nil && logo != "" {
		images += " " + u.Scheme + "://" + u.Host
	}
	web.SetSecurityHeaders(h, images)
}
