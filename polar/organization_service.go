package polar

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// OrganizationsService groups the operations under /v1/organizations. An organization's access token sees that organization and
// no other.
type OrganizationsService struct{ core *Core }

// OrganizationListParams are the filters of a list of organizations; the zero value is all of them.
type OrganizationListParams struct {
	// Slug is the name in URLs of the one that has it; "" for all.
	Slug string
	// Sorting is by SortCreatedAt, SortName or SortSlug; the oldest first where nothing is said.
	Sorting []Sort
	Page    Page
}

func (p OrganizationListParams) call() call {
	f := filters{}
	f.addText("slug", p.Slug)
	f.addSort(p.Sorting)
	return call{op: &listOrganizations, query: url.Values(f)}
}

// CustomerSessionSettingsUpdate says what to change in the settings of an organization's sessions. What is left out stays.
type CustomerSessionSettingsUpdate struct {
	// MaxExpiresIn is the longest that an issuer may ask for, in whole seconds; 0 leaves it as it is.
	MaxExpiresIn time.Duration
	// MaxSessions is how many live sessions a customer may have; 0 is no limit.
	MaxSessions            Optional[int]
	EndOnEmailChange       Optional[bool]
	EndOnRoleDowngrade     Optional[bool]
	EndOnOrganizationBlock Optional[bool]
}

// MarshalJSON writes the body of the request. It fails where a value cannot be.
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
		name: "list organizations", method: http.MethodGet, path: "/v1/organizations/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
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

// List iterates over the organizations that the access token sees (GET /v1/organizations/).
func (s OrganizationsService) List(ctx context.Context, params OrganizationListParams, opts ...Option) iter.Seq2[*Organization, error] {
	return iterate[Organization](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s OrganizationsService) ListPage(ctx context.Context, params OrganizationListParams, opts ...Option) (*List[Organization], error) {
	return fetchPage[Organization](ctx, s.core, params.call(), params.Page, opts)
}

// Get returns an organization; [ErrNotFound] for one that the access token does not see (GET /v1/organizations/{id}).
func (s OrganizationsService) Get(ctx context.Context, id string, opts ...Option) (*Organization, error) {
	return fetch[Organization](ctx, s.core, call{op: &getOrganization, path: []string{id}}, opts)
}

// CustomerSessionSettings returns what the organization's sessions may be (Postern: GET
// /v1/organizations/{id}/customer-session-settings).
func (s OrganizationsService) CustomerSessionSettings(ctx context.Context, id string, opts ...Option) (*CustomerSessionSettings, error) {
	return fetch[CustomerSessionSettings](ctx, s.core, call{op: &getSessionSettings, path: []string{id}}, opts)
}

// UpdateCustomerSessionSettings changes what the organization's sessions may be, and returns all of it (Postern: PATCH
// /v1/organizations/{id}/customer-session-settings).
func (s OrganizationsService) UpdateCustomerSessionSettings(ctx context.Context, id string, in CustomerSessionSettingsUpdate, opts ...Option) (*CustomerSessionSettings, error) {
	return fetch[CustomerSessionSettings](ctx, s.core, call{op: &updateSessionSettings, path: []string{id}, body: in}, opts)
}

// PortalOrganizationsService groups the operations under /v1/customer-portal/organizations.
type PortalOrganizationsService struct{ core *Core }

var getPortalOrganization = operation{
	name: "get organization of the portal", method: http.MethodGet, path: "/v1/customer-portal/organizations/{slug}", status: http.StatusOK, auth: noAuth,
}

// Get returns what anybody may see of an organization, by its name in URLs; [ErrNotFound] when there is none (GET
// /v1/customer-portal/organizations/{slug}).
func (s PortalOrganizationsService) Get(ctx context.Context, slug string, opts ...Option) (*CustomerOrganizationData, error) {
	return fetch[CustomerOrganizationData](ctx, s.core, call{op: &getPortalOrganization, path: []string{slug}}, opts)
}
