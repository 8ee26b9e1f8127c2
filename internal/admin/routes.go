package admin

import (
	"strings"

	"github.com/postern-go/postern/internal/directory"
)

// route is a page: its path below /admin, in which {name} stands for one part, and who answers. Of the scopes that it needs, one
// suffices; whoever is signed in may see a page that needs none.
type route struct {
	path string
	// open is whether it is also for those who are not signed in.
	open bool
	// reads are needed to look, and writes to send its form.
	reads, writes []directory.Scope
	// get is nil for what is only a form's address; whoever looks there is led to the page that the form is on.
	get, post action
	page      string
}

type action func(r *request) error

type scopes = []directory.Scope

// What the API asks of those who look and of those who change.
var (
	customersRead    = scopes{directory.CustomersRead, directory.CustomersWrite}
	membersRead      = scopes{directory.MembersRead, directory.MembersWrite}
	sessionsRead     = scopes{directory.CustomerSessionsRead, directory.CustomerSessionsWrite}
	sessionsWrite    = scopes{directory.CustomerSessionsWrite}
	accessTokensRead = scopes{directory.AccessTokensRead, directory.AccessTokensWrite}
	accessTokens     = scopes{directory.AccessTokensWrite}
	settingsRead     = scopes{directory.OrganizationsRead, directory.OrganizationsWrite}
	settingsWrite    = scopes{directory.OrganizationsWrite}
)

// routes are all pages. Of several whose paths match, the first.
func routes() []route {
	return []route{
		{path: "", get: (*request).overview},
		{path: "activity", reads: sessionsRead, get: (*request).activity},
		{path: "sign-in", open: true, get: (*request).signInForm, post: (*request).signIn},
		{path: "sign-out", open: true, post: (*request).signOut},

		{path: "customers", reads: customersRead, get: (*request).customers},
		{path: "customers/{id}", reads: customersRead, get: (*request).customer},
		{path: "customers/{id}/link", writes: sessionsWrite, page: "customers/{id}", post: (*request).createLink},
		{path: "customers/{id}/impersonate", writes: sessionsWrite, page: "customers/{id}", post: (*request).impersonate},
		{path: "customers/{id}/end", reads: sessionsWrite, writes: sessionsWrite, get: (*request).confirmEndHolder, post: (*request).endHolder},

		{path: "sessions", reads: sessionsRead, get: (*request).sessions},
		{path: "sessions/end", reads: sessionsWrite, writes: sessionsWrite, get: (*request).confirmEndAll, post: (*request).endAll},
		{path: "sessions/{id}", reads: sessionsRead, get: (*request).session},
		{path: "sessions/{id}/end", writes: sessionsWrite, page: "sessions/{id}", post: (*request).endSession},

		{path: "access-tokens", reads: accessTokensRead, writes: accessTokens, get: (*request).accessTokens, post: (*request).createAccessToken},
		{path: "access-tokens/{id}", reads: accessTokens, writes: accessTokens, get: (*request).accessToken, post: (*request).changeAccessToken},
		{path: "access-tokens/{id}/revoke", reads: accessTokens, writes: accessTokens, get: (*request).confirmRevoke, post: (*request).revokeAccessToken},

		{path: "settings", reads: settingsRead, get: (*request).settings},
		{path: "settings/portal", writes: settingsWrite, page: "settings", post: (*request).savePortal},
		{path: "settings/sessions", writes: settingsWrite, page: "settings", post: (*request).savePolicy},
	}
}

// route finds a page, and the parts of the path that it names.
func (a *Admin) route(path string) (route, map[string]string, bool) {
	parts := strings.Split(path, "/")
	for _, r := range a.routes {
		if params, ok := match(strings.Split(r.path, "/"), parts); ok {
			return r, params, true
		}
	}
	return route{}, nil, false
}

func match(pattern, parts []string) (map[string]string, bool) {
	if len(pattern) != len(parts) {
		return nil, false
	}
	params := map[string]string{}
	for i, part := range pattern {
		if name, named := strings.CutPrefix(part, "{"); named && parts[i] != "" {
			params[strings.TrimSuffix(name, "}")] = parts[i]
		} else if part != parts[i] {
			return nil, false
		}
	}
	return params, true
}
