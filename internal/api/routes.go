package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// row is a route: method, path, what the caller must be and carry, and who answers.
type row struct {
	method, path string
	access       access
	handle       handler
}

func (r row) route() web.Route {
	return web.Route{
		Method: r.method, Path: r.path, Zone: r.access.zone, Handle: r.access.guard(r.handle),
		Credential: r.access.credential, Refused: r.access.refused, Asked: r.access.asked,
	}
}

// routes are all that is served. Where several scopes stand, one of them suffices. Requests are counted in web.Default
// where no other zone is named with countedIn.
func (a *api) routes() []web.Route {
	table := []row{
		{"GET", "/healthz", public, a.health},
		{"GET", "/openapi.json", public, a.openapi},
		{"GET", "/docs", public, a.docs},
		{"GET", "/docs/style.css", public, a.docsStyle},

		{"POST", "/v1/customer-sessions/", organization(directory.CustomerSessionsWrite).withBody(), a.createSession},
		{"GET", "/v1/customer-sessions/", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite), a.listSessions},
		{"POST", "/v1/customer-sessions/revoke", organization(directory.CustomerSessionsWrite).withBody(), a.revokeSessions},
		{"POST", "/v1/customer-sessions/inspect", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite).withBody(), a.inspectSession},
		{"GET", "/v1/customer-sessions/revocations", organization(directory.CustomerSessionsRead), a.streamRevocations},
		{"GET", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite), a.getSession},
		{"PATCH", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsWrite).withBody(), a.updateSession},
		{"DELETE", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsWrite), a.revokeSession},
		{"DELETE", "/v1/customer-portal/customer-session", portal(reads...), a.signOut},
		{"GET", "/v1/customer-portal/customer-sessions", portal(reads...), a.listOwnSessions},
		{"DELETE", "/v1/customer-portal/customer-sessions/{id}", portal(directory.CustomerPortalWrite), a.endOwnSession},

		{"GET", "/v1/customer-portal/customer-session/introspect", portal(reads...), a.introspect},
		{"GET", "/v1/customer-portal/customer-session/user", portal(reads...), a.sessionUser},
		{"POST", "/v1/customer-portal/customer-session/request", public.withBody().countedIn(web.Login), a.requestLogin},
		{"POST", "/v1/customer-portal/customer-session/authenticate", public.withBody().countedIn(web.Login), a.authenticateLogin},

		{"GET", "/v1/customer-portal/forward-auth", portal(reads...).behindProxy(a.toLogin), a.forwardAuth},
		{"HEAD", "/v1/customer-portal/forward-auth", portal(reads...).behindProxy(a.toLogin), a.forwardAuth},

		{"POST", "/v1/oauth2/introspect", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite).withForm(a.formClient), a.oauthIntrospect},
		{"POST", "/v1/oauth2/revoke", organization(directory.CustomerSessionsWrite).withForm(a.formClient), a.oauthRevoke},

		{"GET", "/v1/customers/", organization(directory.CustomersRead, directory.CustomersWrite), a.listCustomers},
		{"POST", "/v1/customers/", organization(directory.CustomersWrite).withBody(), a.createCustomer},
		{"GET", "/v1/customers/{id}", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomer},
		{"PATCH", "/v1/customers/{id}", organization(directory.CustomersWrite).withBody(), a.updateCustomer},
		{"DELETE", "/v1/customers/{id}", organization(directory.CustomersWrite), a.deleteCustomer},
		{"GET", "/v1/customers/external/{external_id}", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomer},
		{"PATCH", "/v1/customers/external/{external_id}", organization(directory.CustomersWrite).withBody(), a.updateCustomer},
		{"DELETE", "/v1/customers/external/{external_id}", organization(directory.CustomersWrite), a.deleteCustomer},

		{"GET", "/v1/members/", organization(directory.MembersRead, directory.MembersWrite), a.listMembers},
		{"GET", "/v1/customers/{id}/members", organization(directory.MembersRead, directory.MembersWrite), a.listCustomerMembers},
		{"POST", "/v1/customers/{id}/members", organization(directory.MembersWrite).withBody(), a.createMember},
		{"GET", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersRead, directory.MembersWrite), a.getMember},
		{"PATCH", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersWrite).withBody(), a.updateMember},
		{"DELETE", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersWrite), a.deleteMember},
		{"GET", "/v1/customers/external/{external_id}/members", organization(directory.MembersRead, directory.MembersWrite), a.listCustomerMembers},
		{"POST", "/v1/customers/external/{external_id}/members", organization(directory.MembersWrite).withBody(), a.createMember},
		{"GET", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersRead, directory.MembersWrite), a.getMember},
		{"PATCH", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersWrite).withBody(), a.updateMember},
		{"DELETE", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersWrite), a.deleteMember},

		{"GET", "/v1/organizations/", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.listOrganizations},
		{"GET", "/v1/organizations/{id}", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getOrganization},
		{"GET", "/v1/organizations/{id}/customer-session-settings", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getSessionSettings},
		{"PATCH", "/v1/organizations/{id}/customer-session-settings", organization(directory.OrganizationsWrite).withBody(), a.updateSessionSettings},
		{"GET", "/v1/organizations/{id}/customer-portal-settings", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getPortalSettings},
		{"PATCH", "/v1/organizations/{id}/customer-portal-settings", organization(directory.OrganizationsWrite).withBody(), a.updatePortalSettings},
		{"GET", "/v1/organization-access-tokens/", organization(directory.AccessTokensRead, directory.AccessTokensWrite), a.listAccessTokens},
		{"POST", "/v1/organization-access-tokens/", organization(directory.AccessTokensWrite).withBody(), a.createAccessToken},
		{"PATCH", "/v1/organization-access-tokens/{id}", organization(directory.AccessTokensWrite).withBody(), a.updateAccessToken},
		{"DELETE", "/v1/organization-access-tokens/{id}", organization(directory.AccessTokensWrite), a.deleteAccessToken},

		{"GET", "/v1/webhooks/endpoints", organization(directory.WebhooksRead, directory.WebhooksWrite), a.listWebhookEndpoints},
		{"POST", "/v1/webhooks/endpoints", organization(directory.WebhooksWrite).withBody(), a.createWebhookEndpoint},
		{"GET", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksRead, directory.WebhooksWrite), a.getWebhookEndpoint},
		{"PATCH", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksWrite).withBody(), a.updateWebhookEndpoint},
		{"DELETE", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksWrite), a.deleteWebhookEndpoint},
		{"POST", "/v1/webhooks/endpoints/{id}/secret", organization(directory.WebhooksWrite), a.rotateWebhookSecret},
		{"PATCH", "/v1/webhooks/endpoints/{id}/secret", organization(directory.WebhooksWrite), a.rotateWebhookSecret},
		{"GET", "/v1/webhooks/deliveries", organization(directory.WebhooksRead, directory.WebhooksWrite), a.listWebhookDeliveries},
		{"POST", "/v1/webhooks/events/{id}/redeliver", organization(directory.WebhooksWrite), a.redeliverWebhookEvent},

		{"GET", "/v1/customer-portal/organizations/{slug}", public, a.getPortalOrganization},
		{"GET", "/v1/customer-portal/customers/me", portal(reads...), a.getPortalCustomer},
		{"PATCH", "/v1/customer-portal/customers/me", portal(directory.CustomerPortalWrite).withBody(), a.updatePortalCustomer},
		{"POST", "/v1/customer-portal/customers/me/email-update/request", portal(directory.CustomerPortalWrite).withBody().countedIn(web.EmailUpdate), a.requestEmailUpdate},
		{"GET", "/v1/customer-portal/customers/me/email-update/check", public.countedIn(web.EmailUpdate), a.checkEmailUpdate},
		{"POST", "/v1/customer-portal/customers/me/email-update/verify", public.withBody().countedIn(web.EmailUpdate), a.verifyEmailUpdate},
		{"GET", "/v1/customer-portal/members", portal(directory.CustomerPortalWrite).forMembers(), a.listPortalMembers},
		{"POST", "/v1/customer-portal/members", portal(directory.CustomerPortalWrite).forMembers().withBody(), a.addPortalMember},
		{"PATCH", "/v1/customer-portal/members/{id}", portal(directory.CustomerPortalWrite).forMembers().withBody(), a.updatePortalMember},
		{"DELETE", "/v1/customer-portal/members/{id}", portal(directory.CustomerPortalWrite).forMembers(), a.removePortalMember},
	}
	if a.GitHub != nil {
		table = append(table, row{"POST", "/v1/integrations/github/secret-scanning", public.withText(), a.scanSecrets})
	}
	routes := make([]web.Route, len(table))
	for i, row := range table {
		routes[i] = row.route()
	}
	return routes
}

// reads are the scopes of which one lets a session read.
var reads = []directory.Scope{directory.CustomerPortalRead, directory.CustomerPortalWrite}

// call is a request that has passed its guard.
type call struct {
	*web.Exchange
	*http.Request
	subject *subject
	body    body.Value
	form    body.Form
	// bodyText is the body as it was sent.
	bodyText string
}

type handler func(c *call) error

// access is what a route asks of its caller.
type access struct {
	subjects []kind
	scopes   []directory.Scope
	body     bodyKind
	// members refuses the sessions of customers, as if they were of another kind.
	members bool
	zone    web.Zone
	// client finds out who calls where the form may say it.
	client func(c *call) error
	// credential, refused and asked are the route's, as web.Route has them. What refused is told of, the guard tells it too.
	credential func(r *http.Request) string
	refused    func(x *web.Exchange, r *http.Request, err error) error
	asked      bool
}

// bodyKind says as what a body is read.
type bodyKind int

const (
	noBody bodyKind = iota
	jsonBody
	formBody
	// textBody is one that is only read later, because a signature was made of its bytes.
	textBody
)

var public = access{}

func portal(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofSession}, scopes: scopes}
}

func organization(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofOrganization}, scopes: scopes}
}

func (a access) forMembers() access {
	a.members = true
	return a
}

func (a access) withBody() access {
	a.body = jsonBody
	return a
}

// withText leaves it to the handler to read the body.
func (a access) withText() access {
	a.body = textBody
	return a
}

// withForm is for OAuth 2.0's routes, where client looks for the caller in the form too.
func (a access) withForm(client func(c *call) error) access {
	a.body, a.client, a.credential, a.refused = formBody, client, basicPassword, invalidClient
	return a
}

// behindProxy is for a route that proxies ask on behalf of others, whose session may be in a cookie.
func (a access) behindProxy(refused func(x *web.Exchange, r *http.Request, err error) error) access {
	a.credential, a.refused, a.asked = web.BearerFromCookie, refused, true
	return a
}

func (a access) countedIn(zone web.Zone) access {
	a.zone = zone
	return a
}

// guard checks in the order that Polar's callers see: the syntax of the body, then who calls, then the scope. What the
// body says is the handler's to check.
func (a access) guard(handle handler) web.Handler {
	forbidden := a.insufficientScope()
	return func(x *web.Exchange, r *http.Request) error {
		c := call{Exchange: x, Request: r}
		if err := c.read(a.body); err != nil {
			return err
		}
		c.subject, _ = x.Subject.(*subject)
		if a.client != nil {
			if err := a.client(&c); err != nil {
				return err
			}
		}
		if len(a.subjects) > 0 {
			if !c.subject.is(a.subjects) || a.members && c.subject.session.Member == 0 {
				return a.refuse(x, r, errUnauthenticated)
			}
			if !c.subject.hasOne(a.scopes) {
				return forbidden
			}
		}
		return handle(&c)
	}
}

// refuse answers a caller whom the route does not take as it answers one who is none.
func (a access) refuse(x *web.Exchange, r *http.Request, err error) error {
	if a.refused == nil {
		return err
	}
	return a.refused(x, r, err)
}

// read reads the body.
func (c *call) read(kind bodyKind) error {
	if kind == noBody {
		return nil
	}
	raw, err := web.ReadBody(c.Request)
	if kind == formBody && fault.Is(err, fault.Malformed) {
		return fault.New(fault.InvalidForm, "The form ended early.").Because(err)
	}
	if err != nil {
		return err
	}
	c.bodyText = string(raw)
	switch kind {
	case jsonBody:
		c.body, err = body.Parse(c.Request.Header.Get("Content-Type"), raw)
	case formBody:
		c.form, err = body.ParseForm(c.Request.Header.Get("Content-Type"), c.bodyText)
	}
	return err
}
