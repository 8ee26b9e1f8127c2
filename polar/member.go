package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Member is a person who acts for a customer.
//
// Route: GET /v1/customers/{id}/members/{member_id}.
type Member struct {
	ID         MemberID   `json:"id"`
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	CustomerID CustomerID `json:"customer_id"`
	// Email is empty for the owner of a customer without an email address.
	Email string  `json:"email"`
	Name  *string `json:"name"`
	// ExternalID is the organization's own ID for the member.
	ExternalID *ExternalMemberID `json:"external_id"`
	Role       MemberRole        `json:"role"`
}

func (m *Member) check() error { return requireText("id", m.ID) }

// MemberListParams filters and sorts a list of members. The zero value selects all members.
type MemberListParams struct {
	// Customer selects the members of one customer. Nil selects the members of all customers.
	Customer CustomerRef
	// Role selects members with this role. An empty Role selects all.
	Role MemberRole
	// Sorting takes [SortCreatedAt]. Default: newest first in ListPage, oldest first in List.
	Sorting []Sort
	Page    Page
}

func (p MemberListParams) call() call {
	f := filters{}
	err := f.addCustomer(p.Customer)
	f.addText("role", string(p.Role))
	f.addSort(p.Sorting)
	return call{op: &listMembers, query: url.Values(f), err: err}
}

// MembersService groups the operations under /v1/members. The operations need an access token.
type MembersService struct{ core *Core }

var listMembers = operation{
	name: "list members", method: http.MethodGet, path: "/v1/members/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
}

var (
	createMember = operation{
		name: "create member", method: http.MethodPost, path: "/v1/members/", status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
	getMember = operation{
		name: "get member", method: http.MethodGet, path: "/v1/members/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	getExternalMember = operation{
		name: "get member", method: http.MethodGet, path: "/v1/members/external/{external_id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateMember = operation{
		name: "update member", method: http.MethodPatch, path: "/v1/members/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateExternalMember = operation{
		name: "update member", method: http.MethodPatch, path: "/v1/members/external/{external_id}", status: http.StatusOK, auth: organizationAuth,
	}
	deleteMember = operation{
		name: "delete member", method: http.MethodDelete, path: "/v1/members/{id}", status: http.StatusNoContent, auth: organizationAuth,
	}
	deleteExternalMember = operation{
		name: "delete member", method: http.MethodDelete, path: "/v1/members/external/{external_id}", status: http.StatusNoContent, auth: organizationAuth,
	}
)

// MemberCreate describes a new member of the customer with CustomerID. CustomerID and Email are required.
type MemberCreate struct {
	CustomerID CustomerID       `json:"customer_id"`
	Email      string           `json:"email"`
	Name       Optional[string] `json:"name,omitzero"`
	// ExternalID is the organization's own ID for the member.
	ExternalID ExternalMemberID `json:"external_id,omitzero"`
	// Role is the member's role. Default: [RoleMember].
	Role MemberRole `json:"role,omitzero"`
}

// Create adds a member to a customer and returns the member, as [CustomerMembersService.Create] does. Polar deprecates this route and
// the other routes of this service except List, in favor of [CustomerMembersService].
//
// Route: POST /v1/members/.
func (s MembersService) Create(ctx context.Context, in MemberCreate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &createMember, body: in}, opts)
}

// Get returns a member, or [ErrNotFound] if it does not exist.
//
// Route: GET /v1/members/{id}.
func (s MembersService) Get(ctx context.Context, member MemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &getMember, path: []string{string(member)}}, opts)
}

// GetExternal returns a member of a customer by external ID, or [ErrNotFound] if it does not exist.
//
// Route: GET /v1/members/external/{external_id}.
func (s MembersService) GetExternal(ctx context.Context, customer CustomerRef, member ExternalMemberID, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, externalMemberCall(customer, member, &getExternalMember), opts)
}

// Update changes a member and returns the changed member. It returns [ErrNotFound] if the member does not exist.
//
// Route: PATCH /v1/members/{id}.
func (s MembersService) Update(ctx context.Context, member MemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	return fetch[Member](ctx, s.core, call{op: &updateMember, path: []string{string(member)}, body: in}, opts)
}

// UpdateExternal changes a member of a customer by external ID and returns the changed member. It returns [ErrNotFound] if the member
// does not exist.
//
// Route: PATCH /v1/members/external/{external_id}.
func (s MembersService) UpdateExternal(ctx context.Context, customer CustomerRef, member ExternalMemberID, in MemberUpdate, opts ...Option) (*Member, error) {
	c := externalMemberCall(customer, member, &updateExternalMember)
	c.body = in
	return fetch[Member](ctx, s.core, c, opts)
}

// Delete deletes a member and ends its sessions. It returns [ErrNotFound] if the member does not exist, and [ErrValidation] if the
// member is the only owner.
//
// Route: DELETE /v1/members/{id}.
func (s MembersService) Delete(ctx context.Context, member MemberID, opts ...Option) error {
	return call{op: &deleteMember, path: []string{string(member)}}.send(ctx, s.core, opts)
}

// DeleteExternal deletes a member of a customer by external ID, with the errors of [MembersService.Delete].
//
// Route: DELETE /v1/members/external/{external_id}.
func (s MembersService) DeleteExternal(ctx context.Context, customer CustomerRef, member ExternalMemberID, opts ...Option) error {
	return externalMemberCall(customer, member, &deleteExternalMember).send(ctx, s.core, opts)
}

// externalMemberCall returns a call of op for a member of a customer.
func externalMemberCall(customer CustomerRef, member ExternalMemberID, op *operation) call {
	id, external, err := customerFields(customer)
	f := filters{}
	f.addText("customer_id", string(id))
	f.addText("external_customer_id", string(external))
	return call{op: op, path: []string{string(member)}, query: url.Values(f), err: err}
}

// List iterates over the members of all customers, or of the customer in params.
//
// Route: GET /v1/members/.
func (s MembersService) List(ctx context.Context, params MemberListParams, opts ...Option) iter.Seq2[*Member, error] {
	return iterate[Member](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [MembersService.List] iterates over.
func (s MembersService) ListPage(ctx context.Context, params MemberListParams, opts ...Option) (*List[Member], error) {
	return fetchPage[Member](ctx, s.core, params.call(), params.Page, opts)
}
