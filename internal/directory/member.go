package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Role is the role of a member within its customer.
type Role string

// The roles, from the most permissions to the fewest.
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
	// Email is nil for the owner of a customer without an email address.
	Email      *string
	Name       *string
	ExternalID *string
	Role       Role
	// Pending means that the customer added the member, and the member has not accepted yet. A pending member has no
	// effect on other logins with its address. It accepts by its first login: with a code that was requested for the
	// membership, or with any code if the address has no other account.
	Pending bool
	// Generation is a counter. It increases when all sessions of the member end.
	Generation uint32
	CreatedAt  time.Time
	ModifiedAt *time.Time
	// DeletedAt is set by a change that removes the member. The store never returns a removed member.
	DeletedAt *time.Time
}

// MemberByKey returns the member with the key, or fault.NotFound.
func (d *Service) MemberByKey(ctx context.Context, key token.Key) (Member, error) {
	m, found, err := d.store.Member(ctx, key)
	return orNotFound(m, found, err, "Member not found")
}

// newOwner returns a new owner for the customer. Fields that n does not set have the customer's values. CreatedAt is the
// customer's, so that the owner comes first in every list.
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

// MemberQuery selects a page of members: of one customer, or of all customers of the organization if Customer is 0. Sort
// accepts created_at.
type MemberQuery struct {
	Organization, Customer token.Key
	// Role, unless "", selects the members with this role.
	Role Role
	Sort []Sort
	Page Page
}

// Members returns a page of the members that the query selects, and the number of members on all pages. A page after the last
// one is empty.
func (d *Service) Members(ctx context.Context, q MemberQuery) ([]Member, int, error) {
	return d.store.Members(ctx, q)
}

// Member returns the customer's member with the id, or fault.NotFound.
func (d *Service) Member(ctx context.Context, c Customer, id token.ID) (Member, error) {
	m, found, err := d.store.Member(ctx, id.Key())
	return orNotFound(m, found && m.ID == id && m.Customer == c.ID, err, "Member not found")
}

// MemberOf returns the organization's member with the id and the member's customer, or fault.NotFound.
func (d *Service) MemberOf(ctx context.Context, org Organization, id token.ID) (Customer, Member, error) {
	m, found, err := d.store.Member(ctx, id.Key())
	if m, err = orNotFound(m, found && m.ID == id && m.Organization == org.ID, err, "Member not found"); err != nil {
		return Customer{}, m, err
	}
	c, found, err := d.store.Customer(ctx, m.Customer.Key())
	c, err = orNotFound(c, found, err, "Member not found")
	return c, m, err
}

// MemberByExternalID returns the customer's member with the external id, or fault.NotFound.
func (d *Service) MemberByExternalID(ctx context.Context, c Customer, externalID string) (Member, error) {
	m, found, err := d.store.MemberByExternalID(ctx, c.ID.Key(), externalID)
	return orNotFound(m, found, err, "Member not found")
}
