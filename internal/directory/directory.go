// Package directory knows who may have a session: organizations, their customers, the members of those, and the
// access tokens with which an organization's own servers call.
//
//	org, err := dir.CreateOrganization(ctx, directory.NewOrganization{Slug: "acme", MemberModel: true})
//	c, err := dir.CreateCustomer(ctx, org, directory.NewCustomer{Type: directory.Individual, Email: &email})
//	holder, err := dir.Holder(ctx, org, directory.HolderRef{Customer: c.ID})
//
// An organization with the member model gives its sessions to members; every customer of it has an owner, who is made
// when somebody first needs one. Without the member model, customers hold their sessions themselves.
//
// What changes a customer or its members goes through one door, [Roster]: a customer with its members, locked while a
// change looks at them, so that rules such as "exactly one owner" hold however many change it at once.
package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Store keeps the directory. Implementations are safe for concurrent use, and a write returns only when it survives a
// crash. Every find reports false, and no error, when there is nothing to find; deleted rows are not found.
type Store interface {
	OrganizationStore
	CustomerStore
	MemberStore
	AccessTokenStore
	EmailUpdateStore
}

// OrganizationStore is the part of [Store] that keeps organizations.
type OrganizationStore interface {
	// InsertOrganization keeps an organization together with its first access token.
	// It reports false, and keeps nothing, when the slug is taken.
	InsertOrganization(ctx context.Context, o Organization, t AccessToken) (inserted bool, err error)
	// Organization finds an organization by its key.
	Organization(ctx context.Context, key token.Key) (o Organization, found bool, err error)
	// OrganizationBySlug finds an organization by its slug.
	OrganizationBySlug(ctx context.Context, slug string) (o Organization, found bool, err error)
	// ChangeOrganization shows an organization to change, and keeps what change has made of its name, its policy, its portal
	// settings, its generation and its block. When change returns an ending, it writes that to the revocation log.
	ChangeOrganization(ctx context.Context, key token.Key, change func(o *Organization) *SessionEnd) (found bool, err error)
}

// CustomerStore is the part of [Store] that keeps customers.
type CustomerStore interface {
	// InsertCustomer keeps a customer and, unless owner is nil, its owner with it.
	// When something is taken within the organization, it says what and keeps nothing.
	InsertCustomer(ctx context.Context, c Customer, owner *Member) (Conflict, error)
	// Customer finds a customer by its key.
	Customer(ctx context.Context, key token.Key) (c Customer, found bool, err error)
	// CustomerByExternalID finds an organization's customer by the organization's own name for it.
	CustomerByExternalID(ctx context.Context, org token.Key, externalID string) (c Customer, found bool, err error)
	// Customers returns a page of an organization's customers, and how many there are on all pages.
	Customers(ctx context.Context, q CustomerQuery) (page []Customer, total int, err error)
	// ChangeCustomer shows a customer and its members to change, while nobody else changes them, and keeps what change has
	// made of them. It may call change again when it lost a race. When change fails, nothing is kept. When something is
	// taken within the organization, it says what and keeps nothing. It reports false when there is no such customer, or
	// when what the change would spend is gone. Where the change ends sessions, the customer's email updates go with them.
	ChangeCustomer(ctx context.Context, key token.Key, change func(r *Roster) error) (t Conflict, found bool, err error)
}

// MemberStore is the part of [Store] that finds members; [CustomerStore] keeps them.
type MemberStore interface {
	// Member finds a member by its key.
	Member(ctx context.Context, key token.Key) (m Member, found bool, err error)
	// MemberByExternalID finds a customer's member by the organization's own name for it.
	MemberByExternalID(ctx context.Context, customer token.Key, externalID string) (m Member, found bool, err error)
	// Owner finds a customer's owner, the oldest of several.
	Owner(ctx context.Context, customer token.Key) (m Member, found bool, err error)
	// Members returns a page of members, and how many there are on all pages.
	Members(ctx context.Context, q MemberQuery) (page []Member, total int, err error)
	// HoldersByEmail returns the organization's members who have the address, whatever its case, with their customers; and,
	// without a member, the customers that have the address and no member at all.
	HoldersByEmail(ctx context.Context, org token.Key, email string) ([]Holder, error)
}

// AccessTokenStore is the part of [Store] that keeps access tokens. A revoked one is not found, but by IssuedAccessToken.
type AccessTokenStore interface {
	// InsertAccessToken keeps an access token.
	InsertAccessToken(ctx context.Context, t AccessToken) error
	// AccessToken finds an access token by its key. An expired one is found.
	AccessToken(ctx context.Context, key token.Key) (t AccessToken, found bool, err error)
	// IssuedAccessToken finds an access token by its key, whether it was revoked or not.
	IssuedAccessToken(ctx context.Context, key token.Key) (t AccessToken, found bool, err error)
	// AccessTokens returns a page of an organization's access tokens, and how many there are on all pages.
	AccessTokens(ctx context.Context, q AccessTokenQuery) (page []AccessToken, total int, err error)
	// ChangeAccessToken shows an access token to change and keeps what it has made of it: scopes, comment, revocation.
	ChangeAccessToken(ctx context.Context, key token.Key, change func(t *AccessToken) error) (found bool, err error)
	// TouchAccessToken notes when a token was last used, unless a later use is noted.
	TouchAccessToken(ctx context.Context, key token.Key, at time.Time) error
}

// EmailUpdateStore is the part of [Store] that keeps requests to change an email address. [Roster.Spend] uses one up.
type EmailUpdateStore interface {
	// InsertEmailUpdate keeps a request.
	InsertEmailUpdate(ctx context.Context, u EmailUpdate) error
	// EmailUpdate finds a request by its key. An expired one is found.
	EmailUpdate(ctx context.Context, key token.Key) (u EmailUpdate, found bool, err error)
	// DeleteEmailUpdate forgets a request.
	DeleteEmailUpdate(ctx context.Context, key token.Key) error
}

// Conflict says which of a customer's names another customer of the organization has.
type Conflict struct {
	Email, ExternalID bool
}

// Page is a part of a list: Number counts from 1, Limit is how many entries there are on each.
//
// After, unless 0, selects the entries that follow the entry with that key, which may be deleted, instead of those of page Number.
// The list must then be sorted by created_at.
type Page struct {
	Number, Limit int
	After         token.Key
}

// Sort is one column by which a list is ordered. What is equal in all columns is ordered by age.
type Sort struct {
	By         string
	Descending bool
}

// Patch is an optional field of a change. The zero Patch leaves the stored value unchanged.
type Patch[T any] struct {
	// Set is true if the field is part of the change.
	Set bool
	// Value is the new value; nil removes the stored one.
	Value *T
}

// to applies the patch to a field that may be nil.
func (p Patch[T]) to(field **T) {
	if p.Set {
		*field = p.Value
	}
}

// Service is who there is. Safe for concurrent use.
type Service struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
}

// New puts a directory on a store. now is the clock; tests move it.
func New(store Store, secrets *token.Secrets, now func() time.Time) *Service {
	return &Service{store: store, secrets: secrets, now: now}
}

// instant is now as it can be stored: UTC, in whole microseconds.
func (d *Service) instant() time.Time { return d.now().UTC().Truncate(time.Microsecond) }
