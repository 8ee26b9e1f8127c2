// Package directory knows who may have a session: organizations, their customers, the members of those, and the
// access tokens with which an organization's own servers call.
//
//	org, err := dir.CreateOrganization(ctx, directory.NewOrganization{Slug: "acme", MemberModel: true})
//	c, err := dir.CreateCustomer(ctx, org.ID, directory.NewCustomer{Type: directory.Individual, Email: "ada@example.com"})
//	holder, err := dir.Holder(ctx, org, directory.HolderRef{Customer: c.ID})
//
// An organization with the member model gives its sessions to members; every customer of it has an owner, who is made
// when somebody first needs one. Without the member model, customers hold their sessions themselves.
package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Store keeps the directory. Implementations are safe for concurrent use, and a write returns only when it survives a
// crash. Every find reports false, and no error, when there is nothing to find; deleted rows are not found.
type Store interface {
	// InsertOrganization keeps an organization together with its first access token.
	// It reports false, and keeps nothing, when the slug is taken.
	InsertOrganization(ctx context.Context, o Organization, t AccessToken) (inserted bool, err error)
	// Organization finds an organization by its key.
	Organization(ctx context.Context, key token.Key) (o Organization, found bool, err error)
	// OrganizationBySlug finds an organization by its slug.
	OrganizationBySlug(ctx context.Context, slug string) (o Organization, found bool, err error)

	// InsertCustomer keeps a customer and, unless owner is nil, its owner with it.
	// When something is taken within the organization, it says what and keeps nothing.
	InsertCustomer(ctx context.Context, c Customer, owner *Member) (Taken, error)
	// Customer finds a customer by its key.
	Customer(ctx context.Context, key token.Key) (c Customer, found bool, err error)
	// CustomerByExternalID finds an organization's customer by the organization's own name for it.
	CustomerByExternalID(ctx context.Context, org token.ID, externalID string) (c Customer, found bool, err error)

	// Member finds a member by its key.
	Member(ctx context.Context, key token.Key) (m Member, found bool, err error)
	// MemberByExternalID finds a customer's member by the organization's own name for it.
	MemberByExternalID(ctx context.Context, customer token.ID, externalID string) (m Member, found bool, err error)
	// EnsureOwner returns the customer's owner, the oldest of several; it keeps m and returns it when there is none.
	EnsureOwner(ctx context.Context, m Member) (owner Member, err error)

	// InsertAccessToken keeps an access token.
	InsertAccessToken(ctx context.Context, t AccessToken) error
	// AccessToken finds an access token by its key. An expired one is found.
	AccessToken(ctx context.Context, key token.Key) (t AccessToken, found bool, err error)
}

// Taken says which of a new customer's names another customer of the organization has.
type Taken struct {
	Email, ExternalID bool
}

// Directory is who there is. Safe for concurrent use.
type Directory struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
}

// New puts a directory on a store. now is the clock; tests move it.
func New(store Store, secrets *token.Secrets, now func() time.Time) *Directory {
	return &Directory{store: store, secrets: secrets, now: now}
}

// instant is now as it can be stored: UTC, in whole microseconds.
func (d *Directory) instant() time.Time { return d.now().UTC().Truncate(time.Microsecond) }
