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
