// Package admin has the pages for the operators of an organization: activity, customers, sessions, links into the portal,
// access tokens and settings. An operator signs in with an access token of the organization. The scopes of the token allow the
// same actions as in the API.
//
//	pages := admin.New(admin.Deps{Deps: shared, Webhooks: webhooks}) // shared is a page.Deps
//	if admin.Serves(r.URL.Path) { pages.ServeHTTP(w, r) }
//
// Every page works without scripts. Start reading at routes.go, which lists all pages with the scopes that they need.
// request.go authenticates a request and calls its page, view.go and template/ define what pages show, and problem.go turns
// errors into pages.
package admin

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Deps are the dependencies of the admin pages.
type Deps struct {
	page.Deps
	Webhooks *webhook.Service
	// Audit lists the audit log, and Attempts records refused sign-ins.
	Audit    *audit.Service
	Attempts *audit.Attempts
}

// Admin serves the admin pages of all organizations. It is safe for concurrent use.
type Admin struct {
	*page.Site
	webhooks *webhook.Service
	audit    *audit.Service
	attempts *audit.Attempts
	routes   []route
	live     liveCounts
}

// Path is the path of the admin pages. It is a reserved slug, so no organization has it.
const Path = "/admin"

// New returns the admin pages.
func New(d Deps) *Admin {
	a := &Admin{webhooks: d.Webhooks, audit: d.Audit, attempts: d.Attempts, routes: routes()}
	a.Site = page.NewSite(d.Deps, a.handle, a.problem)
	return a
}

// Serves reports whether a path belongs to the admin pages.
func Serves(path string) bool {
	rest, ok := strings.CutPrefix(path, Path)
	return ok && (rest == "" || rest[0] == '/')
}

// handle answers one request. It sets the security headers first, so that every answer has these headers.
func (a *Admin) handle(x *web.Exchange, hr *http.Request) error {
	page.SetSecurityHeaders(x.Header(), "img-src 'self'", "connect-src 'self'")
	r := a.newRequest(x, hr)
	if name, ok := strings.CutPrefix(r.Path, "assets/"); ok {
		x.SetRoute(Path + "/assets/{name}")
		return files().Serve(x, hr, name)
	}
	x.Subject = r // for problem
	to, params, known := a.route(r.Path)
	if known {
		x.SetRoute(strings.TrimSuffix(Path+"/"+to.path, "/"))
	}
	r.params = params
	if err := r.authenticate(to); err != nil {
		return err
	}
	if !known {
		return page.ErrNoPage
	}
	return r.serve(to)
}
