// Package directory manages organizations, their customers, the members of customers, and organization access tokens.
//
//	org, err := dir.CreateOrganization(ctx, directory.NewOrganization{Slug: "acme", MemberModel: true})
//	c, err := dir.CreateCustomer(ctx, org, directory.NewCustomer{Type: directory.Individual, Email: &email})
//	holder, err := dir.Holder(ctx, org, directory.HolderRef{Customer: c.ID})
//
// In an organization with the member model, members hold the sessions. Each customer has an owner: a member that is created
// when it is first needed. Without the member model, customers hold their sessions themselves.
//
// Every change of a customer or its members works on a [Roster]: the customer with those members that the change needs, locked
// during the change, so that concurrent changes cannot break rules such as "exactly one owner".
package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/token"
)

// Store stores organizations, customers, members and access tokens. Implementations must be safe for concurrent use. A write
// returns only after it is durable. A method that looks up one row reports false, without an error, if the row does not exist
// or is deleted.
//
// A method with a claim can create an object once for each idempotency key. It stores nothing and returns [*idempotency.Repeated] if
// the key was used before. A nil claim creates the object without a key.
type Store interface {
	OrganizationStore
	CustomerStore
	MemberStore
	AccessTokenStore
	OperatorStore
	EmailUpdateStore
}

// OrganizationStore is the part of [Store] for organizations.
type OrganizationStore interface {
	// InsertOrganization stores an organization and its first access token. It reports false, and stores nothing, if the slug
	// exists.
	InsertOrganization(ctx context.Context, o Organization, t AccessToken) (inserted bool, err error)
	// Organization returns an organization by its key.
	Organization(ctx context.Context, key token.Key) (o Organization, found bool, err error)
	// OrganizationBySlug returns an organization by its slug.
	OrganizationBySlug(ctx context.Context, slug string) (o Organization, found bool, err error)
	// ChangeOrganization calls change with the organization, and stores the new name, policy, portal settings, generations and
	// BlockedAt. If change returns a SessionEnd, ChangeOrganization appends it to the revocation log.
	ChangeOrganization(ctx context.Context, key token.Key, change func(o *Organization) *SessionEnd) (found bool, err error)
}

// CustomerStore is the part of [Store] for customers.
type CustomerStore interface {
	// InsertCustomer stores a customer and, unless owner is nil, its owner. On a conflict with another customer of the
	// organization it stores nothing and returns the conflict.
	InsertCustomer(ctx context.Context, c Customer, owner *Member, claim *idempotency.Claim) (Conflict, error)
	// Customer returns a customer by its key.
	Customer(ctx context.Context, key token.Key) (c Customer, found bool, err error)
	// CustomerByExternalID returns an organization's customer by its external id.
	CustomerByExternalID(ctx context.Context, org token.Key, externalID string) (c Customer, found bool, err error)
	// Customers returns a page of an organization's customers, and the number of customers on all pages.
	Customers(ctx context.Context, q CustomerQuery) (page []Customer, total int, err error)
	// BrowseCustomers returns a page of customers by the customer next to it.
	BrowseCustomers(ctx context.Context, q BrowseQuery) (keyset.Page[Customer], error)
	// CustomersAfter returns the first customers of an organization that follow the customer with the key, by creation time. The key 1
	// is a position before the oldest.
	CustomersAfter(ctx context.Context, org, after token.Key, limit int) (page []Customer, err error)
	// ChangeCustomer locks a customer, loads the members in need, calls change, and stores the result. If the transaction fails,
	// it may call change again. If change returns an error, the customer conflicts with another customer of the organization, or
	// change sets [Roster.Refused], ChangeCustomer stores nothing. It reports false if the customer or [Roster.UsedEmailUpdate] does not exist. If the change
	// ends sessions, it also deletes the customer's email updates. If it deletes the customer, it also deletes its members.
	ChangeCustomer(ctx context.Context, key token.Key, need Need, claim *idempotency.Claim, change func(r *Roster) error) (t Conflict, found bool, err error)
}

// MemberStore is the part of [Store] that reads members. [CustomerStore] writes them.
type MemberStore interface {
	// Member returns a member by its key.
	Member(ctx context.Context, key token.Key) (m Member, found bool, err error)
	// MemberByExternalID returns a customer's member by its external id.
	MemberByExternalID(ctx context.Context, customer token.Key, externalID string) (m Member, found bool, err error)
	// Owner returns a customer's owner, the oldest if there are several.
	Owner(ctx context.Context, customer token.Key) (m Member, found bool, err error)
	// Members returns a page of members, and the number of members on all pages.
	Members(ctx context.Context, q MemberQuery) (page []Member, total int, err error)
	// InsertFailedMail stores a failed mail of an organization, and deletes the oldest ones beyond limit.
	InsertFailedMail(ctx context.Context, org token.Key, m FailedMail, limit int) error
	// FailedMails returns a page of an organization's failed mails, latest first.
	FailedMails(ctx context.Context, org token.Key, r keyset.Range) (keyset.Page[FailedMail], error)
	// HoldersByEmail returns the organization's members with the address, and the customers with the address that have no
	// members. The comparison ignores case.
	HoldersByEmail(ctx context.Context, org token.Key, email string) ([]Holder, error)
}

// AccessTokenStore is the part of [Store] for access tokens. Only IssuedAccessToken returns revoked tokens.
type AccessTokenStore interface {
	// AccessToken returns an access token by its key. It may return an expired token.
	AccessToken(ctx context.Context, key token.Key) (t AccessToken, found bool, err error)
	// IssuedAccessToken returns an access token by its key, even if it is revoked.
	IssuedAccessToken(ctx context.Context, key token.Key) (t AccessToken, found bool, err error)
	// AccessTokens returns a page of an organization's access tokens, and the number of access tokens on all pages.
	AccessTokens(ctx context.Context, q AccessTokenQuery) (page []AccessToken, total int, err error)
	// ChangeAccessTokens locks the access tokens of an organization, calls change, and stores the result: new tokens, and the new
	// scopes, comment, parent, expiry and RevokedAt of the others. It deletes the operator sessions of the tokens for which
	// [LostAccess] is true, ends their impersonated sessions, and marks the tokens in [TokenSet.Ending]. If the transaction
	// fails, it may call change again. If change returns an error, ChangeAccessTokens stores nothing.
	ChangeAccessTokens(ctx context.Context, org token.Key, c TokenSetChange, change func(s *TokenSet) error) error
	// EndingTokens returns the marked tokens.
	EndingTokens(ctx context.Context) ([]EndingToken, error)
	// EndCreatedSessions ends up to limit live sessions that were created with a marked token and whose keys are greater than
	// after. It returns the number of sessions and the last key, or 0 if there are no more.
	EndCreatedSessions(ctx context.Context, creator, after token.Key, now time.Time, limit int) (last token.Key, n int, err error)
	// SettleEndingToken removes the mark of a token, unless the token was marked again.
	SettleEndingToken(ctx context.Context, t EndingToken) error
	// TouchAccessToken stores when a token was last used, unless the store already has a later use.
	TouchAccessToken(ctx context.Context, key token.Key, at time.Time) error
}

// EmailUpdateStore is the part of [Store] for requests to change an email address. ChangeCustomer deletes the request in
// [Roster.UsedEmailUpdate].
type EmailUpdateStore interface {
	// InsertEmailUpdate stores a request to change an email address. It reports false, and stores nothing, if the customer does not
	// exist or its organization is blocked.
	InsertEmailUpdate(ctx context.Context, u EmailUpdate) (inserted bool, err error)
	// EmailUpdate returns a request by its key. It may return an expired request. It does not return a request whose organization is
	// blocked or has another [Organization.PendingGeneration] than at the time of the request.
	EmailUpdate(ctx context.Context, key token.Key) (u EmailUpdate, found bool, err error)
	// DeleteEmailUpdate deletes a request.
	DeleteEmailUpdate(ctx context.Context, key token.Key) error
}

// Conflict reports which unique values of a customer another customer of the organization already has.
type Conflict struct {
	Email, ExternalID bool
}

// TokenSetChange holds the options of a change of access tokens.
type TokenSetChange struct {
	// Claim claims an idempotency key, unless it is nil.
	Claim *idempotency.Claim
	// Target is the token that the change is about, or the zero ID. It is in [TokenSet.Tokens] even if it has expired.
	Target token.ID
	// Made fills in [TokenSet.Made].
	Made bool
	// Now is the time of the change.
	Now time.Time
}

// Page selects a page of a list. Number counts from 1; Limit is the number of items per page.
//
// After, unless 0, selects the items that follow the item with that key, which may be deleted, instead of those of page Number.
// The list must then be sorted by created_at.
type Page struct {
	Number, Limit int
	After         token.Key
}

// Sort is a column by which a list is ordered. Rows that are equal in all columns are ordered by age.
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

// to applies the patch to a nullable field.
func (p Patch[T]) to(field **T) {
	if p.Set {
		*field = p.Value
	}
}

// Service manages the directory. It is safe for concurrent use.
type Service struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
	limits  Limits
	// withoutProof is [Options.WithoutProof].
	withoutProof bool
	// longLocalParts is [Options.LongLocalParts].
	longLocalParts bool
	metrics        *metrics.Metrics
	// onAccountChange is the function of [Service.OnAccountChange], or nil.
	onAccountChange func(ctx context.Context, c AccountChange)
}

// Options configures a [Service].
type Options struct {
	// Limits are the quotas. The zero value has no limits.
	Limits Limits
	// WithoutProof lets a holder change its address and the owner without a fresh proof, as Polar does. See [Holder.Proven].
	WithoutProof bool
	// LongLocalParts accepts email addresses with more than 64 bytes before the @, as Polar does. They cannot receive mail.
	LongLocalParts bool
	// Metrics counts refusals by quotas. It may be nil.
	Metrics *metrics.Metrics
}

// New returns a Service. now returns the current time.
func New(store Store, secrets *token.Secrets, now func() time.Time, o Options) *Service {
	return &Service{store: store, secrets: secrets, now: now, limits: o.Limits, metrics: o.Metrics, withoutProof: o.WithoutProof, longLocalParts: o.LongLocalParts}
}

// Limits returns the quotas of the service.
func (d *Service) Limits() Limits { return d.limits }

// instant returns the current time in the store's precision: UTC, in whole microseconds.
func (d *Service) instant() time.Time { return d.now().UTC().Truncate(time.Microsecond) }
