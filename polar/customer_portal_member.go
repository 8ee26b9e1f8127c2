package polar

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// CustomerPortalMember is a member as the others of its team see it (GET /v1/customer-portal/members).
type CustomerPortalMember struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	Email      string     `json:"email"`
	Name       *string    `json:"name"`
	Role       MemberRole `json:"role"`
}

func (m *CustomerPortalMember) check() error { return requireText("id", m.ID) }

// PortalMembersService groups the operations under /v1/customer-portal/members. They take the session of a member; one of a
// customer is [ErrUnauthorized] there, and one whose role does not allow it a 403 [*Error].
type PortalMembersService struct{ core *Core }

// CustomerPortalMemberCreate is a member to add. Email is required.
type CustomerPortalMemberCreate struct {
	Email string           `json:"email"`
	Name  Optional[string] `json:"name,omitzero"`
	// Role is RoleMember where nothing is said.
	Role MemberRole `json:"role,omitzero"`
}

// CustomerPortalMemberUpdate says what to change in a member. What is left out stays, and so does what is null.
type CustomerPortalMemberUpdate struct {
	Name Optional[string] `json:"name,omitzero"`
	// Role is what the member may do from now on. To make one the owner takes it from the one who was.
	Role Optional[MemberRole] `json:"role,omitzero"`
}

var (
	listPortalMembers = operation{
		name: "list team members", method: http.MethodGet, path: "/v1/customer-portal/members", status: http.StatusOK, limit: maxListPage,
	}
	addPortalMember = operation{
		name: "add team member", method: http.MethodPost, path: "/v1/customer-portal/members", status: http.StatusCreated,
	}
	updatePortalMember = operation{
		name: "update team member", method: http.MethodPatch, path: "/v1/customer-portal/members/{id}", status: http.StatusOK,
	}
	removePortalMember = operation{
		name: "remove team member", method: http.MethodDelete, path: "/v1/customer-portal/members/{id}", status: http.StatusNoContent,
	}
)

// List iterates over the members of the session's customer (GET /v1/customer-portal/members).
func (s PortalMembersService) List(ctx context.Context, security SessionSecurity, page Page, opts ...Option) iter.Seq2[*CustomerPortalMember, error] {
	return iterate[CustomerPortalMember](ctx, s.core, call{op: &listPortalMembers, security: security}, page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s PortalMembersService) ListPage(ctx context.Context, security SessionSecurity, page Page, opts ...Option) (*List[CustomerPortalMember], error) {
	return fetchPage[CustomerPortalMember](ctx, s.core, call{op: &listPortalMembers, security: security}, page, opts)
}

// Add adds a member, or returns the one who has the address (POST /v1/customer-portal/members).
func (s PortalMembersService) Add(ctx context.Context, security SessionSecurity, in CustomerPortalMemberCreate, opts ...Option) (*CustomerPortalMember, error) {
	return fetch[CustomerPortalMember](ctx, s.core, call{op: &addPortalMember, security: security, body: in}, opts)
}

// Update changes a member and returns it; [ErrNotFound] when there is none (PATCH /v1/customer-portal/members/{id}).
func (s PortalMembersService) Update(ctx context.Context, security SessionSecurity, id MemberID, in CustomerPortalMemberUpdate, opts ...Option) (*CustomerPortalMember, error) {
	return fetch[CustomerPortalMember](ctx, s.core, call{op: &updatePortalMember, security: security, path: []string{string(id)}, body: in}, opts)
}

// Remove takes a member away and ends its sessions; [ErrNotFound] when there is none (DELETE /v1/customer-portal/members/{id}).
func (s PortalMembersService) Remove(ctx context.Context, security SessionSecurity, id MemberID, opts ...Option) error {
	return call{op: &removePortalMember, security: security, path: []string{string(id)}}.send(ctx, s.core, opts)
}
