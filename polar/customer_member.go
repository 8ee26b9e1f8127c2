package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// CustomerMembersService groups the operations under /v1/customers/{id}/members and
// /v1/customers/external/{external_id}/members. A member is named as its customer is: both by their ids, or both by your own
// names for them.
type CustomerMembersService struct{ core *Core }

// CustomerMemberListParams are the filters of a list of one customer's members; the zero value is all of them.
type CustomerMemberListParams struct {
	// Role is what the members may do; "" for all.
	Role MemberRole
	// Sorting is by SortCreatedAt, the newest first where nothing is said.
	Sorting []Sort
	Page    Page
}

// MemberCreateFromCustomer is a member to add to a customer. Email is required.
type MemberCreateFromCustomer struct {
	Email string           `json:"email"`
	Name  Optional[string] `json:"name,omitzero"`
	// ExternalID is your own name for the member.
	ExternalID Optional[string] `json:"external_id,omitzero"`
	// Role is RoleMember where nothing is said.
	Role MemberRole `json:"role,omitzero"`
}

// MemberUpdate says what to change in a member. What is left out stays, and so does what is null.
type MemberUpdate struct {
	Name  Optional[string] `json:"name,omitzero"`
	Email Optional[string] `json:"email,omitzero"`
	// Role is what the member may do from now on. To make one the owner takes it from the one who was.
	Role Optional[MemberRole] `json:"role,omitzero"`
}

var (
	listCustomerMembers = operation{
		name: "list customer's members", method: http.MethodGet, path: "/v1/customers/{id}/members",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	listExternalCustomerMembers = operation{
		name: "list customer's members", method: http.MethodGet, path: "/v1/customers/external/{external_id}/members",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	createCustomerMember = operation{
		name: "create customer's member", method: http.MethodPost, path: "/v1/customers/{id}/members",
		status: http.StatusCreated, auth: organizationAuth,
	}
	createExternalCustomerMember = operation{
		name: "create customer's member", method: http.MethodPost, path: "/v1/customers/external/{external_id}/members",
		status: http.StatusCreated, auth: organizationAuth,
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

// List iterates over the members of a customer; [ErrNotFound] when there is no such customer (GET /v1/customers/{id}/members and
// /v1/customers/external/{external_id}/members).
func (s CustomerMembersService) List(ctx context.Context, customer CustomerRef, params CustomerMemberListParams, opts ...Option) iter.Seq2[*Member, error] {
	return iterate[Member](ctx, s.core, listCustomerMembersCall(customer, params), params.Page, opts)
}

// ListPage fetches one page of what List iterates over.
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

// Create adds a member to a customer; [ErrNotFound] when there is no such customer (POST /v1/customers/{id}/members and
// /v1/customers/external/{external_id}/members). Where the customer has a member with the address, that one is returned. An
// individual customer has one member and gets no other: that is a 403 [*Error].
func (s CustomerMembersService) Create(ctx context.Context, customer CustomerRef, in MemberCreateFromCustomer, opts ...Option) (*Member, error) {
	c := customerCall(customer, &createCustomerMember, &createExternalCustomerMember)
	c.body = in
	return fetch[Member](ctx, s.core, c, opts)
}

// Get returns a member; [ErrNotFound] when there is none (GET /v1/customers/{id}/members/{member_id}).
func (s CustomerMembersService) Get(ctx context.Context, customer CustomerID, member MemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &getCustomerMember, path: []string{string(customer), string(member)}}, opts)
}

// GetExternal is Get by your own names (GET /v1/customers/external/{external_id}/members/{member_external_id}).
func (s CustomerMembersService) GetExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &getExternalCustomerMember, path: []string{string(customer), string(member)}}, opts)
}

// Update changes a member and returns it; [ErrNotFound] when there is none (PATCH /v1/customers/{id}/members/{member_id}).
func (s CustomerMembersService) Update(ctx context.Context, customer CustomerID, member MemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &updateCustomerMember, path: []string{string(customer), string(member)}, body: in}, opts)
}

// UpdateExternal is Update by your own names (PATCH /v1/customers/external/{external_id}/members/{member_external_id}).
func (s CustomerMembersService) UpdateExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &updateExternalCustomerMember, path: []string{string(customer), string(member)}, body: in}, opts)
}

// Delete takes a member away and ends its sessions; [ErrNotFound] when there is none, [ErrValidation] for the only owner (DELETE
// /v1/customers/{id}/members/{member_id}).
func (s CustomerMembersService) Delete(ctx context.Context, customer CustomerID, member MemberID, opts ...Option) error {
	return call{op: &deleteCustomerMember, path: []string{string(customer), string(member)}}.send(ctx, s.core, opts)
}

// DeleteExternal is Delete by your own names (DELETE /v1/customers/external/{external_id}/members/{member_external_id}).
func (s CustomerMembersService) DeleteExternal(ctx context.Context, customer ExternalCustomerID, member ExternalMemberID, opts ...Option) error {
	return call{op: &deleteExternalCustomerMember, path: []string{string(customer), string(member)}}.send(ctx, s.core, opts)
}
