package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Role is what a member may do for its customer.
type Role string

// The roles, from the one that may most.
const (
	Owner          Role = "owner"
	BillingManager Role = "billing_manager"
	OrdinaryMember Role = "member"
)

// Member is a person who acts for a customer.
type Member struct {
	ID           token.ID
	Customer     token.ID
	Organization token.ID
	// Email is nil for the owner of a customer that has none.
	Email      *string
	Name       *string
	ExternalID *string
	Role       Role
	// Generation grows when all sessions of the member are ended.
	Generation uint32
	CreatedAt  time.Time
	ModifiedAt *time.Time
	// DeletedAt is set by a change that removes the member; one that was found has none.
	DeletedAt *time.Time
}

// MemberByKey returns the member with that key, or fault.NotFound.
func (d *Service) MemberByKey(ctx context.Context, key token.Key) (Member, error) {
	m, found, err := d.store.Member(ctx, key)
	return one(m, found, err, "Member not found")
}

// newOwner makes the first member of a customer. What n does not tell is the customer's own. The owner is as old as its
// customer, even when it is made later, so that it comes first in every list.
func newOwner(c Customer, n *NewOwner, now time.Time) *Member {
	m := &Member{
		ID: token.NewID(now), Customer: c.ID, Organization: c.Organization, Role: Owner, CreatedAt: c.CreatedAt,
		Email: c.Email, Name: c.Name, ExternalID: c.ExternalID,
	}
	if n == nil {
		return m
	}
	m.Email, m.Name, m.ExternalID = or(n.Email, c.Email), or(n.Name, c.Name), or(n.ExternalID, c.ExternalID)
	return m
}

func or(a, b *string) *string {
	if a != nil {
		return a
	}
	return b
}

// MemberQuery asks for a page of members, of one customer or, with Customer 0, of all of an organization. Sort knows
// created_at.
type MemberQuery struct {
	Organization, Customer token.Key
	// Role, unless "", is the role that the members have.
	Role Role
	Sort []Sort
	Page Page
}

// Members returns a page of members, and how many there are on all pages. A page behind the last one is empty.
func (d *Service) Members(ctx context.Context, q MemberQuery) ([]Member, int, error) {
	return d.store.Members(ctx, q)
}

// Member returns the customer's member with that id, or fault.NotFound.
func (d *Service) Member(ctx context.Context, c Customer, id token.ID) (Member, error) {
	m, found, err := d.store.Member(ctx, id.Key())
	return one(m, found && m.ID == id && m.Customer == c.ID, err, "Member not found")
}

// MemberByExternalID returns the customer's member with that external id, or fault.NotFound.
func (d *Service) MemberByExternalID(ctx context.Context, c Customer, externalID string) (Member, error) {
	m, found, err := d.store.MemberByExternalID(ctx, c.ID.Key(), externalID)
	return one(m, found, err, "Member not found")
}
