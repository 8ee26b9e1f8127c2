package portal

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/web"
)

// route is a page. Its path is below /{slug}/portal.
type route struct {
	path   string
	access access
	// zone is the rate limit zone in which POST requests are counted. If readsCount is set, GET requests are counted in this
	// zone too.
	zone       web.Zone
	readsCount bool
	// get is nil for a path that only receives a form. GET requests are redirected to page, which has the form.
	get, post action
	page      string
}

type action func(r *request) error

// access is the access that a page needs.
type access int

const (
	// anyone is the access of a page that needs no sign-in.
	anyone access = iota
	// holders is the access of a page that needs a live session. To send its form, a session that is not read-only is needed.
	holders
	// writers is the access of a page that needs a live session that is not read-only.
	writers
)

// routes returns all pages by their paths. [Portal.route] redirects pages that only Polar's portal has to the overview.
func routes() map[string]route {
	byPath := map[string]route{}
	for _, r := range []route{
		{path: "", get: (*request).home},
		{path: "overview", access: holders, get: (*request).overview},

		{path: "request", zone: web.Login, get: (*request).emailForm, post: (*request).sendCode},
		{path: "authenticate", zone: web.Login, get: (*request).codeForm, post: (*request).signIn},
		{path: "return", access: holders, get: (*request).goOn},
		{path: "continue", get: (*request).continueForm, post: (*request).continueWithLink},
		{path: "switch", access: writers, page: "overview", post: (*request).switchAccount},
		{path: "sign-out", page: "overview", post: (*request).signOut},

		{path: "settings", access: holders, get: (*request).settings},
		{path: "settings/billing", access: holders, page: "settings", post: (*request).saveBilling},
		{path: "settings/email", access: holders, page: "settings", zone: web.EmailUpdate, post: (*request).requestEmailUpdate},
		{path: "prove", access: writers, get: (*request).proveForm, post: (*request).confirmProof},
		{path: "prove/send", access: writers, page: "settings", zone: web.EmailUpdate, post: (*request).sendProof},
		{path: "verify-email", zone: web.EmailConfirm, readsCount: true, get: (*request).verifyEmailForm, post: (*request).verifyEmail},

		{path: "team", access: holders, get: (*request).team},
		{path: "team/add", access: holders, page: "team", post: (*request).addMember},
		{path: "team/change", access: holders, page: "team", post: (*request).changeMember},
		{path: "team/transfer", access: writers, get: (*request).confirmTransfer, post: (*request).transfer},
		{path: "team/remove", access: writers, get: (*request).confirmRemove, post: (*request).removeMember},

		{path: "sessions", access: holders, get: (*request).sessions, post: (*request).endSession},
		{path: "sessions/others", access: holders, page: "sessions", post: (*request).endOtherSessions},
	} {
		byPath[r.path] = r
	}
	return byPath
}

// polarPages are pages of Polar's portal about objects that Postern does not have, such as orders.
var polarPages = []string{"orders", "subscriptions", "usage", "wallet", "claim", "benefit-grants"}

// route finds a page. It redirects links to other pages of Polar's portal, which old mails and bookmarks contain, to the
// overview.
func (p *Portal) route(path string) (route, bool) {
	r, known := p.routes[path]
	first, _, _ := strings.Cut(path, "/")
	for _, name := range polarPages {
		if !known && first == name {
			return route{path: first, get: func(r *request) error { return r.Redirect("overview") }}, true
		}
	}
	return r, known
}

// zoneOf returns the rate limit zone in which a request is counted.
func (r route) zoneOf(method string) web.Zone {
	if method == http.MethodPost || r.readsCount {
		return r.zone
	}
	return web.Default
}
