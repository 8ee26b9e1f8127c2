// Package portal has the pages for customers: they sign in by email, see their account, edit their billing details, manage their
// team, and end their sessions.
//
//	pages := portal.New(portal.Deps{Sessions: sessions, Directory: directory, Login: login, PublicURL: u, Log: logger, …})
//	if portal.Serves(r.URL.Path) { pages.ServeHTTP(w, r) }
//
// Every page works without scripts; portal.js adds conveniences. Start reading at routes.go, which lists all pages. request.go
// authenticates a request and calls its page, view.go and template/ define what pages show, and problem.go turns errors into
// pages. A session's bearer token is in a URL for one request only: link.go moves it into a cookie.
package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/web"
)

// Deps are the dependencies of the portal.
type Deps = page.Deps

// Portal serves the portals of all organizations. It is safe for concurrent use.
type Portal struct {
	*page.Site
	routes map[string]route
}

// New returns the portal.
func New(d Deps) *Portal {
	p := &Portal{routes: routes()}
	p.Site = page.NewSite(d, p.handle, p.problem)
	return p
}

// Serves reports whether a path belongs to a portal.
func Serves(path string) bool {
	_, _, ok := directory.ParsePortalPath(path)
	return ok
}

// handle answers one request. It sets the security headers first, so that every answer has these headers.
func (p *Portal) handle(x *web.Exchange, hr *http.Request) error {
	setSecurityHeaders(x.Header(), "")
	r := p.newRequest(x, hr)
	if strings.HasPrefix(r.Path, applicationPages) {
		return p.handleApplication(r)
	}
	if name, ok := strings.CutPrefix(r.Path, "assets/"); ok {
		x.SetRoute(directory.PortalRoute + "/assets/{name}")
		return files().Serve(x, hr, name)
	}
	x.Subject = r // for problem
	to, known := p.route(r.Path)
	if known {
		x.SetRoute(strings.TrimSuffix(directory.PortalRoute+"/"+to.path, "/"))
	}
	if err := r.authenticate(to); err != nil {
		if errors.Is(err, errNoOrganization) && r.hasTokenInURL() { // an error page must not keep the token in its URL
			return r.Redirect("")
		}
		return err
	}
	if done, err := r.signInByLink(to); done || err != nil {
		return err
	}
	if !known {
		return page.ErrNoPage
	}
	return r.serve(to)
}

// setSecurityHeaders sets the headers of a page. The page may load the organization's logo from another host. If logo is "",
// there is no logo.
func setSecurityHeaders(h http.Header, logo string) {
	images := "img-src 'self'"
	if u, err := url.Parse(logo); err == nil && logo != "" {
		images += " " + u.Scheme + "://" + u.Host
	}
	page.SetSecurityHeaders(h, images)
}
