package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// CustomerMembersService groups the operations under /v1/customers/{id}/members and
// /v1/customers/external/{external_id}/members. The operations need an access token. GetExternal, UpdateExternal and
// DeleteExternal identify the customer and the member by external ID; Get, Update and Delete identify both by ID.
type CustomerMembersService struct{ core *Core }

// CustomerMemberListParams filters and sorts the members of one customer. The zero value selects all members.
type CustomerMemberListParams struct {
	// Role selects members with this role. An empty Role selects all.
	Role MemberRole
	// Sorting takes [SortCreatedAt]. Default: newest first in ListPage, oldest first in List.
	Sorting []Sort
	Page    Page
}

// MemberCreateFromCustomer describes a new member of a customer. Email is required.
type MemberCreateFromCustomer struct {
	Email string           `json:"email"`
	Name  Optional[string] `json:"name,omitzero"`
	// ExternalID is the organization's own ID for the member.
	ExternalID ExternalMemberID `json:"external_id,omitzero"`
	// Role is the member's role. Default: [RoleMember].
	Role MemberRole `json:"role,omitzero"`
}

// MemberUpdate holds the fields of a member to change. Fields that are omitted or null are not changed.
type MemberUpdate struct {
	Name  Optional[string] `json:"name,omitzero"`
	Email Optional[string] `json:"email,omitzero"`
	// Role is the member's new role. If it is [RoleOwner], the previous owner loses that role.
	Role Optional[MemberRole] `json:"role,omitzero"`
}

var (
	listCustomerMembers = operation{
		name: "list customer's members", method: http.MethodGet, path: "/v1/customers/{id}/members",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	listExternalCustomerMembers = operation{
		name: "list customer's members", method: http.MethodGet, path: "/v1/customers/external/{external_id}/members",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	createCustomerMember = operation{
		name: "create customer's member", method: http.MethodPost, path: "/v1/customers/{id}/members",
		status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
	createExternalCustomerMember = operation{
		name: "create customer's member", method: http.MethodPost, path: "/v1/customers/external/{external_id}/members",
		status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
	getCustomerMember = operation{
		name: "get customer's member", method: http.MethodGet, path: "/v1/customers/{id}/members/{member_id}",
		status: http.StatusOK, auth: organizationAuth,
	}
	getExternalCustomerMember = operation{
		name: "get customer's member", method: http.MethodGet, path: "/v1/customers/external/{external_id}/members/{member_external_id}",
		status: http.StatusOK, auth: organizationAuth,
	}
	updateCustomerMember = operation{
		name: "update customer's member", method: http.MethodPatch, path: "/v1/customers/{id}/members/{member_id}",
		status: http.StatusOK, auth: organizationAuth,
	}
	updateExternalCustomerMember = operation{
		name: "update customer's member", method: http.MethodPatch, path: "/v1/customers/external/{external_id}/members/{member_external_id}",
		status: http.StatusOK, auth: organizationAuth,
	}
	deleteCustomerMember = operation{
		name: "delete customer's member", method: http.MethodDelete, path: "/v1/customers/{id}/members/{member_id}",
		status: http.StatusNoContent, auth: organizationAuth,
	}
	deleteExternalCustomerMember = operation{
		name: "delete customer's member", method: http.MethodDelete, path: "/v1/customers/external/{external_id}/members/{member_external_id}",
		status: http.StatusNoContent, auth: organizationAuth,
	}
)

// List iterates over the members of a customer. It yields [ErrNotFound] if the customer does not exist.
//
// Routes: GET /v1/customers/{id}/members and GET /v1/customers/external/{external_id}/members.
func (s CustomerMembersService) List(ctx context.Context, customer CustomerRef, params CustomerMemberListParams, opts ...Option) iter.Seq2[*Member, error] {
	return iterate[Member](ctx, s.core, listCustomerMembersCall(customer, params), params.Page, opts)
}

// ListPage returns one page of the list that [CustomerMembersService.List] iterates over.
func (s CustomerMembersService) ListPage(ctx context.Context, customer CustomerRef, params CustomerMemberListParams, opts ...Option) (*List[Member], error) {
	return fetchPage[Member](ctx, s.core, listCustomerMembersCall(customer, params), params.Page, opts)
}

func listCustomerMembersCall(customer CustomerRef, params CustomerMemberListParams) call {
	c := customerCall(customer, &listCustomerMembers, &listExternalCustomerMembers)
	f := filters{}
	f.addText("role", string(params.Role))
	f.addSort(params.Sorting)
	c.query = url.Values(f)
	return c
}

// Create adds a member to a customer and returns the member. If the customer has a member with the email address,
// Create returns that member unchanged. It returns [ErrNotFound] if the customer does not exist, and an [*Error] with
// status 403 if the customer is an individual, who can have only one member.
//
// Routes: POST /v1/customers/{id}/members and POST /v1/customers/external/{external_id}/members.
func (s CustomerMembersService) Create(ctx context.Context, customer CustomerRef, in MemberCreateFromCustomer, opts ...Option) (*Member, error) {
	c := customerCall(customer, &createCustomerMember, &createExternalCustomerMember)
	c.body = in
	return fetch[Member](ctx, s.core, c, opts)
}

// Get returns a member, or [ErrNotFound] if it does not exist.
//
// Route: GET /v1/customers/{id}/members/{member_id}.
func (s CustomerMembersService) Get(ctx context.Context, customer CustomerID, member MemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &getCustomerMember, path: []string{string(customer), string(member)}}, opts)
}

// GetExternal returns a member by external ID, or [ErrNotFound] if it does not exist.
//
// Route: GET /v1/customers/external/{external_id}/members/{member_external_id}.
func (s CustomerMembersService) GetExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &getExternalCustomerMember, path: []string{string(customer), string(member)}}, opts)
}

// Update changes a member and returns the changed member. It returns [ErrNotFound] if the member does not exist.
//
// Route: PATCH /v1/customers/{id}/members/{member_id}.
func (s CustomerMembersService) Update(ctx context.Context, customer CustomerID, member MemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &updateCustomerMember, path: []string{string(customer), string(member)}, body: in}, opts)
}

// UpdateExternal changes a member by external ID and returns the changed member. It returns [ErrNotFound] if the member
// does not exist.
//
// Route: PATCH /v1/customers/external/{external_id}/members/{member_external_id}.
func (s CustomerMembersService) UpdateExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &updateExternalCustomerMember, path: []string{string(customer), string(member)}, body: in}, opts)
}

// Delete deletes a member and ends its sessions. It returns [ErrNotFound] if the member does not exist, and
// [ErrValidation] if the member is the only owner.
//
// Route: DELETE /v1/customers/{id}/members/{member_id}.
func (s CustomerMembersService) Delete(ctx context.Context, customer CustomerID, member MemberID, opts ...Option) error {
	return call{op: &deleteCustomerMember, path: []string{string(customer), string(member)}}.send(ctx, s.core, opts)
}

// DeleteExternal deletes a member by external ID, with the errors of [CustomerMembersService.Delete].
//
// Route: DELETE /v1/customers/external/{external_id}/members/{member_external_id}.
func (s CustomerMembersService) DeleteExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, opts ...Option) error {
	return call{op: &deleteExternalCustomerMember, path: []string{string(customer), string(member)}}.send(ctx, s.core, opts)
}
