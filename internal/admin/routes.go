package admin

import (
	"strings"

	"github.com/postern-go/postern/internal/directory"
)

// route is a page. Its path is relative to /admin, and {name} stands for one segment. If a page lists scopes, the operator
// needs one of them.
type route struct {
	path string
	// open marks a page that does not need a sign-in.
	open bool
	// reads are the scopes for GET requests, and writes the scopes for POST requests.
	reads, writes []directory.Scope
	// polls marks a path that a script of the pages requests on its own.
	polls bool
	// get is nil for a path that only receives a form. GET requests are redirected to page, which has the form.
	get, post action
	page      string
}

type action func(r *request) error

type scopes = []directory.Scope

// These are the scopes that the API requires for the same operations.
var (
	customersRead    = scopes{directory.CustomersRead, directory.CustomersWrite}
	membersRead      = scopes{directory.MembersRead, directory.MembersWrite}
	sessionsRead     = scopes{directory.CustomerSessionsRead, directory.CustomerSessionsWrite}
	sessionsWrite    = scopes{directory.CustomerSessionsWrite}
	accessTokensRead = scopes{directory.AccessTokensRead, directory.AccessTokensWrite}
	accessTokens     = scopes{directory.AccessTokensWrite}
	settingsRead     = scopes{directory.OrganizationsRead, directory.OrganizationsWrite}
	auditLogRead     = scopes{directory.AuditLogRead}
	webhooksRead     = scopes{directory.WebhooksRead, directory.WebhooksWrite}
	webhooksWrite    = scopes{directory.WebhooksWrite}
	settingsWrite    = scopes{directory.OrganizationsWrite}
)

// routes returns all pages. If a request matches several paths, the first one wins.
func routes() []route {
	return []route{
		{path: "", get: (*request).overview},
		{path: "activity", polls: true, reads: sessionsRead, get: (*request).activity},
		{path: "sign-in", open: true, get: (*request).signInForm, post: (*request).signIn},
		{path: "sign-out", open: true, post: (*request).signOut},

		{path: "customers.csv", reads: customersRead, get: (*request).exportCustomers},
		{path: "customers", reads: customersRead, get: (*request).customers},
		{path: "customers/{id}", reads: customersRead, get: (*request).customer},
		{path: "customers/{id}/link", writes: sessionsWrite, page: "customers/{id}", post: (*request).createLink},
		{path: "customers/{id}/impersonate", writes: sessionsWrite, page: "customers/{id}", post: (*request).impersonate},
		{path: "customers/{id}/end", reads: sessionsWrite, writes: sessionsWrite, get: (*request).confirmEndHolder, post: (*request).endHolder},

		{path: "sessions.csv", reads: sessionsRead, get: (*request).exportSessions},
		{path: "sessions", reads: sessionsRead, get: (*request).sessions},
		{path: "sessions/end", reads: sessionsWrite, writes: sessionsWrite, get: (*request).confirmEndAll, post: (*request).endAll},
		{path: "sessions/{id}", reads: sessionsRead, get: (*request).session},
		{path: "sessions/{id}/end", reads: sessionsWrite, writes: sessionsWrite, get: (*request).confirmEndSession, post: (*request).endSession},

		{path: "access-tokens", reads: accessTokensRead, writes: accessTokens, get: (*request).accessTokens, post: (*request).createAccessToken},
		{path: "access-tokens/{id}", reads: accessTokens, writes: accessTokens, get: (*request).accessToken, post: (*request).changeAccessToken},
		{path: "access-tokens/{id}/rotate", reads: accessTokens, writes: accessTokens, get: (*request).confirmRotate, post: (*request).rotateAccessToken},
		{path: "access-tokens/{id}/revoke", reads: accessTokens, writes: accessTokens, get: (*request).confirmRevoke, post: (*request).revokeAccessToken},

		{path: "sign-ins", reads: accessTokensRead, get: (*request).signIns},
		{path: "sign-ins/{id}/end", reads: accessTokens, writes: accessTokens, get: (*request).confirmEndSignIn, post: (*request).endSignIn},
		{path: "audit-log.csv", reads: auditLogRead, get: (*request).exportAuditLog},
		{path: "audit-log", reads: auditLogRead, get: (*request).auditLog},

		{path: "deliveries", reads: webhooksRead, get: (*request).deliveries},
		{path: "deliveries/{id}/resend", writes: webhooksWrite, page: "deliveries", post: (*request).resend},
		{path: "failed-mails", reads: customersRead, get: (*request).failedMails},

		{path: "settings", reads: settingsRead, get: (*request).settings},
		{path: "settings/portal", writes: settingsWrite, page: "settings", post: (*request).savePortal},
		{path: "settings/sessions", writes: settingsWrite, page: "settings", post: (*request).savePolicy},
	}
}

// route returns the page at a path and the parameters in the path. It reports false if there is no such page.
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
