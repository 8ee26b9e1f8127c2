package portal

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/web"
)

// route is a page: its path below /{slug}/portal, who may see it, and who answers.
type route struct {
	path   string
	access access
	// zone is in which rates its forms are counted, and with readsCount those who look as well.
	zone       web.Zone
	readsCount bool
	// get is nil for what is only a form's address; whoever looks there is led to the page that the form is on.
	get, post action
	page      string
}

type action func(r *request) error

// who says for whom a page is.
type access int

const (
	// anyone may see a page.
	anyone access = iota
	// holders are those who have a live session. Their forms are for writers.
	holders
	// writers are holders whose session is not read-only.
	writers
)

// routes are all pages, by path. Some are Polar's; what Polar has and is not here leads to the overview, see [Portal.route].
func routes() map[string]route {
	byPath := map[string]route{}
	for _, r := range []route{
		{path: "", get: (*request).home},
		{path: "overview", access: holders, get: (*request).overview},

		{path: "request", zone: web.Login, get: (*request).emailForm, post: (*request).sendCode},
		{path: "authenticate", zone: web.Login, get: (*request).codeForm, post: (*request).signIn},
		{path: "sign-out", page: "overview", post: (*request).signOut},

		{path: "settings", access: holders, get: (*request).settings},
		{path: "settings/billing", access: holders, page: "settings", post: (*request).saveBilling},
		{path: "settings/email", access: holders, page: "settings", zone: web.EmailUpdate, post: (*request).requestEmailUpdate},
		{path: "verify-email", zone: web.EmailUpdate, readsCount: true, get: (*request).verifyEmailForm, post: (*request).verifyEmail},

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

// polarPages are pages of Polar's about what is not kept here: orders, subscriptions, usage.
var polarPages = []string{"orders", "subscriptions", "usage", "wallet", "claim", "benefit-grants"}

// route finds a page. Links to Polar's other pages lead to the overview: they are in mails and in bookmarks.
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

// zoneOf is in which rates a request is counted.
func (r route) zoneOf(method string) web.Zone {
	if method == http.MethodPost || r.readsCount {
		return r.zone
	}
	return web.Default
}
