package polar

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// OrganizationsService groups the operations under /v1/organizations. The operations need an access token. They return only the
// organization that the access token belongs to.
type OrganizationsService struct{ core *Core }

// OrganizationListParams filters and sorts a list of organizations. The zero value selects all that the access token
// may see.
type OrganizationListParams struct {
	// Slug selects the organization with this slug. An empty Slug selects all.
	Slug string
	// Sorting takes [SortCreatedAt], [SortName] and [SortSlug]. Default: oldest first.
	Sorting []Sort
	Page    Page
}

func (p OrganizationListParams) call() call {
	f := filters{}
	f.addText("slug", p.Slug)
	f.addSort(p.Sorting)
	return call{op: &listOrganizations, query: url.Values(f)}
}

// CustomerSessionSettingsUpdate holds the session settings to change. Fields with their zero value are not changed.
type CustomerSessionSettingsUpdate struct {
	// MaxExpiresIn is the longest lifetime of a session, in whole seconds. Zero does not change it.
	MaxExpiresIn time.Duration
	// MaxSessions is the number of live sessions that a customer may have. Set(0) removes the limit.
	MaxSessions            Optional[int]
	EndOnEmailChange       Optional[bool]
	EndOnRoleDowngrade     Optional[bool]
	EndOnOrganizationBlock Optional[bool]
}

// MarshalJSON encodes the body of the request. It returns an error if a value is invalid.
func (u CustomerSessionSettingsUpdate) MarshalJSON() ([]byte, error) {
	longest, err := seconds("MaxExpiresIn", u.MaxExpiresIn)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		MaxExpiresIn           Optional[int64] `json:"max_expires_in,omitzero"`
		MaxSessions            Optional[int]   `json:"max_sessions,omitzero"`
		EndOnEmailChange       Optional[bool]  `json:"end_on_email_change,omitzero"`
		EndOnRoleDowngrade     Optional[bool]  `json:"end_on_role_downgrade,omitzero"`
		EndOnOrganizationBlock Optional[bool]  `json:"end_on_organization_block,omitzero"`
	}{longest, u.MaxSessions, u.EndOnEmailChange, u.EndOnRoleDowngrade, u.EndOnOrganizationBlock})
}

var (
	listOrganizations = operation{
		name: "list organizations", method: http.MethodGet, path: "/v1/organizations/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	getOrganization = operation{
		name: "get organization", method: http.MethodGet, path: "/v1/organizations/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	getSessionSettings = operation{
		name: "get customer session settings", method: http.MethodGet, path: "/v1/organizations/{id}/customer-session-settings",
		status: http.StatusOK, auth: organizationAuth,
	}
	updateSessionSettings = operation{
		name: "update customer session settings", method: http.MethodPatch, path: "/v1/organizations/{id}/customer-session-settings",
		status: http.StatusOK, auth: organizationAuth,
	}
)

// List iterates over the organizations that the access token may see.
//
// Route: GET /v1/organizations/.
func (s OrganizationsService) List(ctx context.Context, params OrganizationListParams, opts ...Option) iter.Seq2[*Organization, error] {
	return iterate[Organization](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [OrganizationsService.List] iterates over.
func (s OrganizationsService) ListPage(ctx context.Context, params OrganizationListParams, opts ...Option) (*List[Organization], error) {
	return fetchPage[Organization](ctx, s.core, params.call(), params.Page, opts)
}

// Get returns an organization, or [ErrNotFound] if the access token may not see it.
//
// Route: GET /v1/organizations/{id}.
func (s OrganizationsService) Get(ctx context.Context, id OrganizationID, opts ...Option) (*Organization, error) {
	return fetch[Organization](ctx, s.core, call{op: &getOrganization, path: []string{string(id)}}, opts)
}

// CustomerSessionSettings returns the organization's session settings. It returns [ErrNotFound] if the access token
// does not belong to the organization.
//
// Route: GET /v1/organizations/{id}/customer-session-settings (Postern only).
func (s OrganizationsService) CustomerSessionSettings(ctx context.Context, id OrganizationID, opts ...Option) (*CustomerSessionSettings, error) {
	return fetch[CustomerSessionSettings](ctx, s.core, call{op: &getSessionSettings, path: []string{string(id)}}, opts)
}

// UpdateCustomerSessionSettings changes the organization's session settings and returns all of them. It returns
// [ErrValidation] if a value is out of range.
//
// Route: PATCH /v1/organizations/{id}/customer-session-settings (Postern only).
func (s OrganizationsService) UpdateCustomerSessionSettings(ctx context.Context, id OrganizationID, in CustomerSessionSettingsUpdate, opts ...Option) (*CustomerSessionSettings, error) {
	return fetch[CustomerSessionSettings](ctx, s.core, call{op: &updateSessionSettings, path: []string{string(id)}, body: in}, opts)
}

// PortalOrganizationsService groups the operations under /v1/customer-portal/organizations. The operations need no
// credential.
type PortalOrganizationsService struct{ core *Core }

var getPortalOrganization = operation{
	name: "get organization of the portal", method: http.MethodGet, path: "/v1/customer-portal/organizations/{slug}", status: http.StatusOK, auth: noAuth,
}

// Get returns the public data of the organization with the slug, or [ErrNotFound] if the organization does not exist.
//
// Route: GET /v1/customer-portal/organizations/{slug}.
func (s PortalOrganizationsService) Get(ctx context.Context, slug string, opts ...Option) (*CustomerOrganizationData, error) {
	return fetch[CustomerOrganizationData](ctx, s.core, call{op: &getPortalOrganization, path: []string{slug}}, opts)
}
