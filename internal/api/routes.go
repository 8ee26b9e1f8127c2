package api

import (
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/polar"
)

// row is a route: method, path, requirements, handler and its contract for the OpenAPI document.
type row struct {
	method, path string
	access       access
	handle       handler
	contract     contract
}

func (r row) route(bodies *web.Bodies) web.Route {
	if r.access.body == noBody && r.contract.body != nil {
		r.access.body = jsonBody
	}
	return web.Route{
		Method: r.method, Path: r.path, Zone: r.access.zone, Handle: r.access.guard(bodies, r.handle),
		Credentials: r.access.credentials, Accepts: r.access.accepts, Refused: r.access.refused, ForwardAuth: r.access.forwardAuth,
	}
}

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// routes returns the routes that the server serves. The route for GitHub's reports exists only if GitHub is configured.
func (a *api) routes() []web.Route {
	table := slices.Concat(a.table(), a.billingRows())
	if a.GitHub != nil {
		table = append(table, a.gitHubReports())
	}
	var routes []web.Route
	for _, row := range table {
		if a.StrictPolar && row.contract.recent {
			continue
		}
		row.handle = a.withActor(row.method, row.handle)
		route := row.route(a.Bodies)
		switch {
		case row.contract.mediaType == eventStream:
			route.Handle = share(a.streams, route.Handle)
		case row.contract.mediaType == csv:
			route.Handle = share(a.exports, route.Handle)
		case row.method != http.MethodGet && row.method != http.MethodHead:
			route.Handle = share(a.writes, route.Handle)
		}
		routes = append(routes, route)
	}
	return routes
}

// table lists the routes. If a route has several scopes, a caller needs one of them. Requests are counted in the zone
// web.Default unless countedIn sets another zone. The OpenAPI document is generated from the table, in its order: after a
// change, run go generate ./internal/openapi.
func (a *api) table() []row {
	return []row{
		{"POST", "/v1/customer-sessions/", organization(directory.CustomerSessionsWrite), a.createSession,
			operation("customer-sessions:create").takes(body.ReadCustomerSessionCreate).returns(http.StatusCreated, polar.CustomerSession{}).fails(fault.QuotaExceeded, fault.Conflict)},
		{"GET", "/v1/customer-sessions/", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite), a.listSessions,
			operation("customer-sessions:list").filters(body.ReadCustomerSessionList).returns(http.StatusOK, polar.List[polar.CustomerSessionInfo]{})},
		{"POST", "/v1/customer-sessions/revoke", organization(directory.CustomerSessionsWrite), a.revokeSessions,
			operation("customer-sessions:revoke_all").takes(body.ReadCustomerSessionRevoke).returnsNothing(http.StatusNoContent)},
		{"POST", "/v1/customer-sessions/inspect", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite), a.inspectSession,
			operation("customer-sessions:inspect").takes(body.ReadCustomerSessionInspect).returns(http.StatusOK, polar.CustomerSessionInspection{})},
		{"GET", "/v1/customer-sessions/revocations", organization(directory.CustomerSessionsRead), a.streamRevocations,
			operation("customer-sessions:revocations").serves(eventStream, polar.CustomerSessionRevocation{}).fails(fault.InvalidRequest)},
		{"GET", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite), a.getSession,
			operation("customer-sessions:get").returns(http.StatusOK, polar.CustomerSessionInfo{}).fails(fault.NotFound)},
		{"PATCH", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsWrite), a.updateSession,
			operation("customer-sessions:update").takes(body.ReadCustomerSessionUpdate).returns(http.StatusOK, polar.CustomerSessionInfo{}).fails(fault.NotFound, fault.Conflict)},
		{"DELETE", "/v1/customer-sessions/{id}", organization(directory.CustomerSessionsWrite), a.revokeSession,
			operation("customer-sessions:revoke").filters(body.ReadCustomerSessionRevocation).returns(http.StatusOK, polar.CustomerSessionInfo{}).fails(fault.NotFound)},
		{"DELETE", "/v1/customer-portal/customer-session", portal(reads...), a.signOut,
			operation("customer_portal:customer-session:sign_out").returnsNothing(http.StatusNoContent)},
		{"GET", "/v1/customer-portal/customer-sessions", portal(reads...), a.listOwnSessions,
			operation("customer_portal:customer-sessions:list").filters(body.ReadPortalMemberList).returns(http.StatusOK, polar.List[polar.CustomerPortalSession]{})},
		{"DELETE", "/v1/customer-portal/customer-sessions/{id}", portal(directory.CustomerPortalWrite), a.endOwnSession,
			operation("customer_portal:customer-sessions:revoke").returnsNothing(http.StatusNoContent).fails(fault.NotFound)},

		{"GET", "/v1/customer-portal/customer-session/introspect", portal(reads...), a.introspect,
			operation("customer_portal:customer-session:introspect").returns(http.StatusOK, polar.CustomerCustomerSession{})},
		{"GET", "/v1/customer-portal/customer-session/user", portal(reads...), a.sessionUser,
			operation("customer_portal:customer-session:get_authenticated_user").returns(http.StatusOK, polar.PortalAuthenticatedUser{}).fails(fault.InvalidRequest)},
		{"POST", "/v1/customer-portal/customer-session/request", public.countedIn(web.Login), a.requestLogin,
			operation("customer_portal:customer-session:request").takes(body.ReadCustomerSessionCodeRequest).returns(http.StatusAccepted, nil).offersChoice().fails(fault.NotPermitted)},
		{"POST", "/v1/customer-portal/customer-session/authenticate", public.countedIn(web.Login), a.authenticateLogin,
			operation("customer_portal:customer-session:authenticate").takes(body.ReadCustomerSessionCodeAuthenticate).returns(http.StatusOK, polar.SessionToken{}).offersChoice().fails(fault.QuotaExceeded, fault.InvalidCode)},
		{"POST", "/v1/customer-portal/customer-session/redeem", public, a.redeemTicket,
			operation("customer_portal:customer-session:redeem").takes(body.ReadCustomerSessionRedeem).returns(http.StatusOK, polar.SessionToken{}).fails(fault.InvalidToken)},

		{"POST", "/v1/customer-portal/customer-session/proof/request", portal(directory.CustomerPortalWrite).countedIn(web.EmailUpdate), a.requestProof,
			operation("customer_portal:customer-session:request_proof").returns(http.StatusAccepted, nil).fails(fault.NotPermitted)},
		{"POST", "/v1/customer-portal/customer-session/proof/confirm", portal(directory.CustomerPortalWrite), a.confirmProof,
			operation("customer_portal:customer-session:confirm_proof").takes(body.ReadCustomerSessionProofConfirm).returns(http.StatusOK, polar.CustomerSessionProof{})},

		{"GET", "/v1/customer-portal/forward-auth", portal(reads...).behindProxy(a), a.forwardAuth,
			operation("customer_portal:forward_auth").filters(body.ReadForwardAuth).returnsNothing(http.StatusOK).fails(fault.InsufficientScope)},
		{"HEAD", "/v1/customer-portal/forward-auth", portal(reads...).behindProxy(a), a.forwardAuth,
			contract{}},
		{"GET", "/v1/customer-portal/forward-auth/keys", public, a.forwardAuthKeys,
			operation("customer_portal:forward_auth_keys").returns(http.StatusOK, polar.ForwardAuthKeys{})},

		{"POST", "/v1/oauth2/introspect", organization(directory.CustomerSessionsRead, directory.CustomerSessionsWrite).withForm(a.formClient), a.oauthIntrospect,
			operation("oauth2:introspect").takes("OAuthTokenForm").returns(http.StatusOK, polar.TokenIntrospection{})},
		{"POST", "/v1/oauth2/revoke", organization(directory.CustomerSessionsWrite).withForm(a.formClient), a.oauthRevoke,
			operation("oauth2:revoke").takes("OAuthTokenForm").returns(http.StatusOK, map[string]any{})},
		{"GET", "/.well-known/oauth-authorization-server", public, a.oauthMetadata,
			operation("oauth2:metadata").returns(http.StatusOK, oauthMetadata{})},
		{"GET", "/.well-known/openid-configuration", public, a.oauthMetadata,
			operation("oauth2:openid_configuration").returns(http.StatusOK, oauthMetadata{})},

		{"GET", "/v1/customers/", organization(directory.CustomersRead, directory.CustomersWrite), a.listCustomers,
			operation("customers:list").filters(body.ReadCustomerList).returns(http.StatusOK, polar.List[polar.Customer]{})},
		{"POST", "/v1/customers/", organization(directory.CustomersWrite), a.createCustomer,
			operation("customers:create").takes(body.ReadCustomerCreate).returns(http.StatusCreated, polar.Customer{}).fails(fault.Conflict)},
		{"GET", "/v1/customers/export", organization(directory.CustomersRead, directory.CustomersWrite), a.exportCustomers,
			operation("customers:export").filters(body.ReadCustomerExport).serves(csv, nil)},
		{"GET", "/v1/customers/{id}", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomer,
			operation("customers:get").returns(http.StatusOK, polar.Customer{}).fails(fault.NotFound)},
		{"PATCH", "/v1/customers/{id}", organization(directory.CustomersWrite), a.updateCustomer,
			operation("customers:update").takes(body.ReadCustomerUpdate).returns(http.StatusOK, polar.Customer{}).fails(fault.NotFound)},
		{"DELETE", "/v1/customers/{id}", organization(directory.CustomersWrite), a.deleteCustomer,
			operation("customers:delete").filters(body.ReadCustomerDelete).returnsNothing(http.StatusNoContent).fails(fault.NotFound)},
		{"GET", "/v1/customers/external/{external_id}", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomer,
			operation("customers:get_external").returns(http.StatusOK, polar.Customer{}).fails(fault.NotFound)},
		{"GET", "/v1/customers/{id}/state", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomerState,
			operation("customers:get_state").returns(http.StatusOK, polar.CustomerState{}).fails(fault.NotFound)},
		{"GET", "/v1/customers/external/{external_id}/state", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomerState,
			operation("customers:get_state_external").returns(http.StatusOK, polar.CustomerState{}).fails(fault.NotFound)},
		{"PATCH", "/v1/customers/external/{external_id}", organization(directory.CustomersWrite), a.updateCustomer,
			operation("customers:update_external").takes(body.ReadCustomerUpdateExternalID).returns(http.StatusOK, polar.Customer{}).fails(fault.NotFound)},
		{"DELETE", "/v1/customers/external/{external_id}", organization(directory.CustomersWrite), a.deleteCustomer,
			operation("customers:delete_external").filters(body.ReadCustomerDelete).returnsNothing(http.StatusNoContent).fails(fault.NotFound)},

		{"GET", "/v1/members/", organization(directory.MembersRead, directory.MembersWrite), a.listMembers,
			operation("members:list_members").filters(body.ReadMemberList).returns(http.StatusOK, polar.List[polar.Member]{}).fails(fault.NotFound)},
		{"POST", "/v1/members/", organization(directory.MembersWrite), a.createMemberOf,
			operation("members:create_member").takes(body.ReadMemberCreate).returns(http.StatusCreated, polar.Member{}).fails(fault.Conflict, fault.QuotaExceeded, fault.NotPermitted, fault.NotFound)},
		{"GET", "/v1/members/{id}", organization(directory.MembersRead, directory.MembersWrite), a.getMemberByID,
			operation("members:get_member").returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"PATCH", "/v1/members/{id}", organization(directory.MembersWrite), a.updateMemberByID,
			operation("members:update_member").takes(body.ReadMemberUpdate).returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"DELETE", "/v1/members/{id}", organization(directory.MembersWrite), a.deleteMemberByID,
			operation("members:delete_member").returnsNothing(http.StatusNoContent).fails(fault.NotFound)},
		{"GET", "/v1/members/external/{external_id}", organization(directory.MembersRead, directory.MembersWrite), a.getMemberByExternalID,
			operation("members:get_member_by_external_id").filters(body.ReadMemberLookup).returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"PATCH", "/v1/members/external/{external_id}", organization(directory.MembersWrite), a.updateMemberByExternalID,
			operation("members:update_member_by_external_id").takes(body.ReadMemberUpdate).filters(body.ReadMemberLookup).returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"DELETE", "/v1/members/external/{external_id}", organization(directory.MembersWrite), a.deleteMemberByExternalID,
			operation("members:delete_member_by_external_id").filters(body.ReadMemberLookup).returnsNothing(http.StatusNoContent).fails(fault.NotFound)},
		{"GET", "/v1/customers/{id}/members", organization(directory.MembersRead, directory.MembersWrite), a.listCustomerMembers,
			operation("customers:members:list").filters(body.ReadMemberList).returns(http.StatusOK, polar.List[polar.Member]{}).fails(fault.NotFound).absentInStrictMode()},
		{"POST", "/v1/customers/{id}/members", organization(directory.MembersWrite), a.createMember,
			operation("customers:members:create").takes(body.ReadMemberCreateFromCustomer).returns(http.StatusCreated, polar.Member{}).fails(fault.Conflict, fault.QuotaExceeded, fault.NotPermitted, fault.NotFound)},
		{"GET", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersRead, directory.MembersWrite), a.getMember,
			operation("customers:members:get").returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"PATCH", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersWrite), a.updateMember,
			operation("customers:members:update").takes(body.ReadMemberUpdate).returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"DELETE", "/v1/customers/{id}/members/{member_id}", organization(directory.MembersWrite), a.deleteMember,
			operation("customers:members:delete").returnsNothing(http.StatusNoContent).fails(fault.NotFound)},
		{"GET", "/v1/customers/external/{external_id}/members", organization(directory.MembersRead, directory.MembersWrite), a.listCustomerMembers,
			operation("customers:members:list_external").filters(body.ReadMemberList).returns(http.StatusOK, polar.List[polar.Member]{}).fails(fault.NotFound).absentInStrictMode()},
		{"POST", "/v1/customers/external/{external_id}/members", organization(directory.MembersWrite), a.createMember,
			operation("customers:members:create_external").takes(body.ReadMemberCreateFromCustomer).returns(http.StatusCreated, polar.Member{}).fails(fault.Conflict, fault.QuotaExceeded, fault.NotPermitted, fault.NotFound)},
		{"GET", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersRead, directory.MembersWrite), a.getMember,
			operation("customers:members:get_external").returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"PATCH", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersWrite), a.updateMember,
			operation("customers:members:update_external").takes(body.ReadMemberUpdate).returns(http.StatusOK, polar.Member{}).fails(fault.NotFound)},
		{"DELETE", "/v1/customers/external/{external_id}/members/{member_external_id}", organization(directory.MembersWrite), a.deleteMember,
			operation("customers:members:delete_external").returnsNothing(http.StatusNoContent).fails(fault.NotFound)},

		{"GET", "/v1/organizations/", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.listOrganizations,
			operation("organizations:list").filters(body.ReadOrganizationList).returns(http.StatusOK, polar.List[polar.Organization]{})},
		{"GET", "/v1/organizations/{id}", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getOrganization,
			operation("organizations:get").returns(http.StatusOK, polar.Organization{}).fails(fault.NotFound)},
		{"GET", "/v1/organizations/{id}/customer-session-settings", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getSessionSettings,
			operation("organizations:customer-session-settings:get").returns(http.StatusOK, polar.CustomerSessionSettings{}).fails(fault.NotFound)},
		{"PATCH", "/v1/organizations/{id}/customer-session-settings", organization(directory.OrganizationsWrite), a.updateSessionSettings,
			operation("organizations:customer-session-settings:update").takes(body.ReadCustomerSessionSettingsUpdate).returns(http.StatusOK, polar.CustomerSessionSettings{}).fails(fault.NotFound)},
		{"GET", "/v1/organizations/{id}/customer-portal-settings", organization(directory.OrganizationsRead, directory.OrganizationsWrite), a.getPortalSettings,
			operation("organizations:customer-portal-settings:get").returns(http.StatusOK, polar.CustomerPortalSettings{}).fails(fault.NotFound)},
		{"PATCH", "/v1/organizations/{id}/customer-portal-settings", organization(directory.OrganizationsWrite), a.updatePortalSettings,
			operation("organizations:customer-portal-settings:update").takes(body.ReadCustomerPortalSettingsUpdate).returns(http.StatusOK, polar.CustomerPortalSettings{}).fails(fault.NotFound)},
		{"GET", "/v1/organization-access-tokens/", organization(directory.AccessTokensRead, directory.AccessTokensWrite), a.listAccessTokens,
			operation("organization_access_tokens:list").filters(body.ReadAccessTokenList).returns(http.StatusOK, polar.List[polar.OrganizationAccessToken]{})},
		{"POST", "/v1/organization-access-tokens/", organization(directory.AccessTokensWrite), a.createAccessToken,
			operation("organization_access_tokens:create").takes(body.ReadOrganizationAccessTokenCreate, grantable...).returns(http.StatusCreated, polar.OrganizationAccessTokenCreated{}).fails(fault.Conflict, fault.QuotaExceeded)},
		{"PATCH", "/v1/organization-access-tokens/{id}", organization(directory.AccessTokensWrite), a.updateAccessToken,
			operation("organization_access_tokens:update").takes(body.ReadOrganizationAccessTokenUpdate, grantable...).returns(http.StatusOK, polar.OrganizationAccessToken{}).fails(fault.NotFound, fault.NotPermitted)},
		{"DELETE", "/v1/organization-access-tokens/{id}", organization(directory.AccessTokensWrite), a.deleteAccessToken,
			operation("organization_access_tokens:delete").filters(body.ReadOrganizationAccessTokenDelete).returnsNothing(http.StatusNoContent).fails(fault.NotFound, fault.NotPermitted)},
		{"POST", "/v1/organization-access-tokens/{id}/rotate", organization(directory.AccessTokensWrite), a.rotateAccessToken,
			operation("organization_access_tokens:rotate").takes(body.ReadOrganizationAccessTokenRotate).returns(http.StatusCreated, polar.OrganizationAccessTokenCreated{}).fails(fault.NotFound, fault.NotPermitted, fault.Conflict, fault.QuotaExceeded)},

		{"GET", "/v1/audit-log/", organization(directory.AuditLogRead), a.listAuditLog,
			operation("audit_log:list").filters(body.ReadAuditLogList).returns(http.StatusOK, polar.List[polar.AuditLogEntry]{})},

		{"GET", "/v1/webhooks/endpoints", organization(directory.WebhooksRead, directory.WebhooksWrite), a.listWebhookEndpoints,
			operation("webhooks:list_webhook_endpoints").filters(body.ReadWebhookEndpointList).returns(http.StatusOK, polar.List[polar.WebhookEndpoint]{})},
		{"POST", "/v1/webhooks/endpoints", organization(directory.WebhooksWrite), a.createWebhookEndpoint,
			operation("webhooks:create_webhook_endpoint").takes(body.ReadWebhookEndpointCreate, eventTypes...).returns(http.StatusCreated, polar.WebhookEndpoint{}).fails(fault.Conflict, fault.QuotaExceeded)},
		{"GET", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksRead, directory.WebhooksWrite), a.getWebhookEndpoint,
			operation("webhooks:get_webhook_endpoint").returns(http.StatusOK, polar.WebhookEndpoint{}).fails(fault.NotFound)},
		{"PATCH", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksWrite), a.updateWebhookEndpoint,
			operation("webhooks:update_webhook_endpoint").takes(body.ReadWebhookEndpointUpdate, eventTypes...).returns(http.StatusOK, polar.WebhookEndpoint{}).fails(fault.NotFound)},
		{"DELETE", "/v1/webhooks/endpoints/{id}", organization(directory.WebhooksWrite), a.deleteWebhookEndpoint,
			operation("webhooks:delete_webhook_endpoint").returnsNothing(http.StatusNoContent).fails(fault.NotFound)},
		{"POST", "/v1/webhooks/endpoints/{id}/secret", organization(directory.WebhooksWrite), a.rotateWebhookSecret,
			operation("webhooks:rotate_webhook_endpoint_secret").returns(http.StatusOK, polar.WebhookEndpoint{}).fails(fault.NotFound)},
		{"PATCH", "/v1/webhooks/endpoints/{id}/secret", organization(directory.WebhooksWrite), a.rotateWebhookSecret,
			operation("webhooks:reset_webhook_endpoint_secret").returns(http.StatusOK, polar.WebhookEndpoint{}).fails(fault.NotFound)},
		{"GET", "/v1/webhooks/deliveries", organization(directory.WebhooksRead, directory.WebhooksWrite), a.listWebhookDeliveries,
			operation("webhooks:list_webhook_deliveries").filters(body.ReadWebhookDeliveryList).returns(http.StatusOK, polar.List[polar.WebhookDelivery]{})},
		{"POST", "/v1/webhooks/events/{id}/redeliver", organization(directory.WebhooksWrite), a.redeliverWebhookEvent,
			operation("webhooks:redeliver_webhook_event").returns(http.StatusAccepted, nil).fails(fault.NotFound)},

		{"GET", "/v1/customer-portal/organizations/{slug}", public, a.getPortalOrganization,
			operation("customer_portal:organizations:get").returns(http.StatusOK, polar.CustomerOrganizationData{}).fails(fault.NotFound)},
		{"GET", "/v1/customer-portal/customers/me", portal(reads...), a.getPortalCustomer,
			operation("customer_portal:customers:get").returns(http.StatusOK, polar.CustomerPortalCustomer{})},
		{"GET", "/v1/customer-portal/customers/me/export", portal(reads...), a.exportPortalCustomer,
			operation("customer_portal:customers:export").returns(http.StatusOK, polar.CustomerExport{})},
		{"PATCH", "/v1/customer-portal/customers/me", portal(directory.CustomerPortalWrite), a.updatePortalCustomer,
			operation("customer_portal:customers:update").takes(body.ReadCustomerPortalCustomerUpdate).returns(http.StatusOK, polar.CustomerPortalCustomer{}).fails(fault.NotPermitted)},
		{"POST", "/v1/customer-portal/customers/me/email-update/request", portal(directory.CustomerPortalWrite).countedIn(web.EmailUpdate), a.requestEmailUpdate,
			operation("customer_portal:customers:request_email_update").takes(body.ReadCustomerEmailUpdateRequest).returns(http.StatusAccepted, nil).fails(fault.NotPermitted, fault.SessionNotFresh)},
		{"GET", "/v1/customer-portal/customers/me/email-update/check", public.countedIn(web.EmailConfirm), a.checkEmailUpdate,
			operation("customer_portal:customers:check_email_update").filters(body.ReadCustomerEmailUpdateCheck).returnsNothing(http.StatusNoContent).fails(fault.InvalidEmailUpdate)},
		{"POST", "/v1/customer-portal/customers/me/email-update/verify", public.countedIn(web.EmailConfirm), a.verifyEmailUpdate,
			operation("customer_portal:customers:verify_email_update").takes(body.ReadCustomerEmailUpdateVerifyRequest).returns(http.StatusOK, polar.SessionToken{}).fails(fault.QuotaExceeded, fault.InvalidEmailUpdate)},
		{"GET", "/v1/customer-portal/members", portal(directory.CustomerPortalWrite).forMembers(), a.listPortalMembers,
			operation("customer_portal:members:list_members").filters(body.ReadPortalMemberList).returns(http.StatusOK, polar.List[polar.CustomerPortalMember]{}).fails(fault.NotPermitted)},
		{"POST", "/v1/customer-portal/members", portal(directory.CustomerPortalWrite).forMembers(), a.addPortalMember,
			operation("customer_portal:members:add_member").takes(body.ReadCustomerPortalMemberCreate).returns(http.StatusCreated, polar.CustomerPortalMember{}).fails(fault.Conflict, fault.QuotaExceeded, fault.NotPermitted)},
		{"PATCH", "/v1/customer-portal/members/{id}", portal(directory.CustomerPortalWrite).forMembers(), a.updatePortalMember,
			operation("customer_portal:members:update_member").takes(body.ReadCustomerPortalMemberUpdate).returns(http.StatusOK, polar.CustomerPortalMember{}).fails(fault.NotPermitted, fault.SessionNotFresh, fault.NotFound)},
		{"DELETE", "/v1/customer-portal/members/{id}", portal(directory.CustomerPortalWrite).forMembers(), a.removePortalMember,
			operation("customer_portal:members:remove_member").returnsNothing(http.StatusNoContent).fails(fault.NotPermitted, fault.NotFound)},

		{"GET", "/healthz", public, a.health,
			operation("server:health").returns(http.StatusOK, polar.Health{})},
		{"GET", "/openapi.json", public, a.openapi,
			operation("server:openapi").returns(http.StatusOK, map[string]any{})},
		{"GET", "/docs", public, a.docs,
			operation("server:docs").serves("text/html", nil)},
		{"GET", "/docs/style.css", public, a.docsStyle,
			operation("server:docs_style").serves("text/css", nil)},
	}
}

func (a *api) gitHubReports() row {
	return row{"POST", "/v1/integrations/github/secret-scanning", public.withText(), a.scanSecrets,
		operation("integrations_github:secret_scanning").takes("LeakedTokens").returns(http.StatusOK, []finding{}).
			fails(fault.UnknownKey, fault.Malformed, fault.BadSignature, fault.InvalidRequest)}
}
