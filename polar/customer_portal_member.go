package polar

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// CustomerPortalMember is a member of a team as shown to the other members.
//
// Route: GET /v1/customer-portal/members.
type CustomerPortalMember struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         MemberID   `json:"id"`
	Email      string     `json:"email"`
	Name       *string    `json:"name"`
	Role       MemberRole `json:"role"`
}

func (m *CustomerPortalMember) check() error { return requireText("id", m.ID) }

// PortalMembersService groups the operations under /v1/customer-portal/members. The operations need the session of a
// member. They return [ErrUnauthorized] for a session that belongs to a customer without a member, and an [*Error] with
// status 403 if the member's role does not allow the operation.
type PortalMembersService struct{ core *Core }

// CustomerPortalMemberCreate describes a new member. Email is required.
type CustomerPortalMemberCreate struct {
	Email string           `json:"email"`
	Name  Optional[string] `json:"name,omitzero"`
	// Role is the member's role. Default: [RoleMember].
	Role MemberRole `json:"role,omitzero"`
}

// CustomerPortalMemberUpdate holds the fields of a member to change. Fields that are omitted or null are not changed.
type CustomerPortalMemberUpdate struct {
	Name Optional[string] `json:"name,omitzero"`
	// Role is the member's new role. If it is [RoleOwner], the previous owner loses that role.
	Role Optional[MemberRole] `json:"role,omitzero"`
}

var (
	listPortalMembers = operation{
		name: "list team members", method: http.MethodGet, path: "/v1/customer-portal/members", status: http.StatusOK, limit: maxListPage,
	}
	addPortalMember = operation{
		name: "add team member", method: http.MethodPost, path: "/v1/customer-portal/members", status: http.StatusCreated, idempotent: true,
	}
	updatePortalMember = operation{
		name: "update team member", method: http.MethodPatch, path: "/v1/customer-portal/members/{id}", status: http.StatusOK,
	}
	removePortalMember = operation{
		name: "remove team member", method: http.MethodDelete, path: "/v1/customer-portal/members/{id}", status: http.StatusNoContent,
	}
)

// List iterates over the members of the session's customer.
//
// Route: GET /v1/customer-portal/members.
func (s PortalMembersService) List(ctx context.Context, security SessionSecurity, page Page, opts ...Option) iter.Seq2[*CustomerPortalMember, error] {
	return iterate[CustomerPortalMember](ctx, s.core, call{op: &listPortalMembers, security: security}, page, opts)
}

// ListPage returns one page of the list that [PortalMembersService.List] iterates over.
func (s PortalMembersService) ListPage(ctx context.Context, security SessionSecurity, page Page, opts ...Option) (*List[CustomerPortalMember], error) {
	return fetchPage[CustomerPortalMember](ctx, s.core, call{op: &listPortalMembers, security: security}, page, opts)
}

// Add adds a member and returns it. If the customer has a member with the email address, Add returns that member.
//
// Route: POST /v1/customer-portal/members.
func (s PortalMembersService) Add(ctx context.Context, security SessionSecurity, in CustomerPortalMemberCreate, opts ...Option) (*CustomerPortalMember, error) {
	return fetch[CustomerPortalMember](ctx, s.core, call{op: &addPortalMember, security: security, body: in}, opts)
}

// Update changes a member and returns the changed member. It returns [ErrNotFound] if the member does not exist.
//
// Route: PATCH /v1/customer-portal/members/{id}.
func (s PortalMembersService) Update(ctx context.Context, security SessionSecurity, id MemberID, in CustomerPortalMemberUpdate, opts ...Option) (*CustomerPortalMember, error) {
	return fetch[CustomerPortalMember](ctx, s.core, call{op: &updatePortalMember, security: security, path: []string{string(id)}, body: in}, opts)
}

// Remove deletes a member and ends its sessions. It returns [ErrNotFound] if the member does not exist.
//
// Route: DELETE /v1/customer-portal/members/{id}.
func (s PortalMembersService) Remove(ctx context.Context, security SessionSecurity, id MemberID, opts ...Option) error {
	return call{op: &removePortalMember, security: security, path: []string{string(id)}}.send(ctx, s.core, opts)
}
