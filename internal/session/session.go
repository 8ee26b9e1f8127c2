// Package session creates, verifies and ends customer sessions.
//
// A session gives its holder, a customer or one of the customer's members, access to the portal until it expires:
//
//	sessions := session.New(store, secrets, time.Now, session.Options{})
//	issued, err := sessions.Create(ctx, session.Grant{Kind: token.Member, Customer: customer, Member: owner, …})
//	live, err := sessions.Verify(ctx, tok)                                 // fault.InvalidToken if the session is not live
//	entry, err := sessions.Revoke(ctx, organization, id, session.SignedOut) // durable; other processes follow within MaxStaleness
//
// Every request of a customer calls Verify. Verify answers from a cache if it can. Concurrent calls for the same session
// share one store lookup.
package session

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/token"
	"golang.org/x/sync/singleflight"
)

// DefaultLifetime is how long a session lasts if its issuer does not set a lifetime. Using the session does not extend it.
const DefaultLifetime = time.Hour

// The limits of a session's lifetime and of its idle timeout. An organization's policy can set a lower maximum lifetime.
const (
	MinLifetime = time.Minute
	MaxLifetime = 366 * 24 * time.Hour
)

// Session is a customer session without its token. Only the answer to the create request has the token.
type Session struct {
	// ID is the session's id in the API. The key of the ID is also the key of the session's token.
	ID token.ID
	// Kind is token.Customer or token.Member.
	Kind token.Kind
	// Organization, Customer and Member are the keys of the session's organization and holder. Member is 0 if Kind is
	// token.Customer.
	Organization, Customer, Member token.Key
	// Generations are the generations of organization, customer and member when the session was created.
	Generations Generations
	// ReturnURL is the address of the portal's back link, or "".
	ReturnURL string
	// ReadOnly forbids requests that change data.
	ReadOnly bool
	// Impersonated reports whether an operator of the organization uses the session to look at the customer's portal. It is set on
	// creation and never changes. Such a session is read-only, cannot be changed or extended, and its clients are hidden from the
	// customer.
	Impersonated bool
	// IdleTimeout ends a session that is not used for this time. It is in whole microseconds; 0 means no timeout.
	IdleTimeout time.Duration
	// CreatedAt and ExpiresAt are UTC, in whole microseconds. The session is live before ExpiresAt, not at ExpiresAt.
	CreatedAt, ExpiresAt time.Time
	// LastUsedAt is when the session was last used, or the zero time. It can be out of date by [UseInterval] or, if the session
	// has an idle timeout, by [FlushEvery].
	LastUsedAt time.Time
}

// Generations are the generation counters of an organization, a customer and a member. Ending all sessions of an organization,
// a customer or a member increments the counter, and a session with a lower generation is not live. Member is 0 if the session
// has no member.
type Generations struct{ Organization, Customer, Member uint32 }

// live reports whether the session has neither expired nor been idle for too long. It does not check for revocations.
func (s *Session) live(now time.Time) bool {
	return now.Before(s.ExpiresAt) && (s.IdleTimeout == 0 || now.Before(s.idleSince().Add(s.IdleTimeout)))
}

// EndsAt returns when the session ends if it is not used, extended or revoked before.
func (s *Session) EndsAt() time.Time {
	if end := s.idleSince().Add(s.IdleTimeout); s.IdleTimeout > 0 && end.Before(s.ExpiresAt) {
		return end
	}
	return s.ExpiresAt
}

func (s *Session) idleSince() time.Time {
	if s.LastUsedAt.After(s.CreatedAt) {
		return s.LastUsedAt
	}
	return s.CreatedAt
}

// Record is a session with the hash of its token. It contains all data for verifying a token.
type Record struct {
	Session
	Hash   token.Hash
	Secret token.SecretID
}

// Client is the address and the user agent of a request. Either may be empty.
type Client struct{ IP, UserAgent string }

// ClientFrom returns a Client with the address, unless it is invalid, and the user agent.
func ClientFrom(ip netip.Addr, userAgent string) Client {
	c := Client{UserAgent: strings.ToValidUTF8(userAgent, "\uFFFD")}
	if ip.IsValid() {
		c.IP = ip.String()
	}
	return c
}

// MaxAgent is the maximum length of a stored user agent, in bytes.
const MaxAgent = 256

// Short returns the client with its user agent cut to MaxAgent bytes. It also cuts a partial character at the end, which
// PostgreSQL would reject.
func (c Client) Short() Client {
	if len(c.UserAgent) > MaxAgent {
		c.UserAgent = strings.ToValidUTF8(c.UserAgent[:MaxAgent], "")
	}
	return c
}

// Entry is a session with all its stored data.
type Entry struct {
	Record
	// Metadata is data that the issuer stores with the session. Values are strings, int64, json.Number for larger integers, float64 or bool.
	Metadata map[string]any
	// Creator is the key of the access token that created the session, or 0 if the holder logged in.
	Creator token.Key
	// ProvenAt is when the holder last proved, in this session, that it reads the mailbox of its address: by the login that created
	// the session, or by a code later. It is the zero time if the holder never did.
	ProvenAt time.Time
	// CustomerID, MemberID and CreatorID are the ids of Customer, Member and Creator. An id is zero if the key is 0. The store
	// sets the ids.
	CustomerID, MemberID, CreatorID token.ID
	// CreatedBy is the client that created the session, and LastUsedBy the client that last used it.
	CreatedBy, LastUsedBy Client
	// ModifiedAt is nil if the session was never changed.
	ModifiedAt *time.Time
	// EndedAt and EndReason are when and why the session ended before its expiry. They are nil and "" for other sessions. A
	// session whose secret is not active has the reason [SecretRetired], and an EndedAt only if an operator retired the secret.
	EndedAt   *time.Time
	EndReason Reason
	// Announce emits webhook events when the session is created and when it ends. SwitchedFrom is the session from which the holder
	// switched to another account. Both are set on creation only; the store never returns them.
	Announce     bool
	SwitchedFrom token.ID
}

// State is the state of a session.
type State string

// The states of a session. [Entry.EndReason] is the reason of the state Revoked.
const (
	Live    State = "live"
	Expired State = "expired"
	Revoked State = "revoked"
)

// State returns the state of the session at the given time.
func (e *Entry) State(now time.Time) State {
	switch {
	case e.EndedAt != nil || e.EndReason != "":
		return Revoked
	case !e.live(now):
		return Expired
	}
	return Live
}

// Store stores sessions. Implementations must be safe for concurrent use. A write returns only after it is durable.
type Store interface {
	// InsertSession stores a new session. It reports false, and stores nothing, if a session with the same key exists.
	InsertSession(ctx context.Context, e Entry) (inserted bool, err error)
	// InsertSessionWithOptions is InsertSession for creates with an idempotency key, a ticket or a session limit. It also reports
	// false if a ticket with the same key exists. If the claimed idempotency key was used before, it stores nothing and
	// returns [*idempotency.Repeated]. If the customer has more than [InsertOptions.MaxSessions] live sessions after the insert, it
	// ends the oldest ones.
	InsertSessionWithOptions(ctx context.Context, e Entry, o InsertOptions) (inserted bool, err error)
	// Session returns a session by its key. It reports false if the session does not exist or was revoked, and if its
	// organization, customer or member was deleted or has a higher generation. It may return an expired session.
	Session(ctx context.Context, key token.Key) (r Record, found bool, err error)

	// Entry returns a session by its key, whether it is live or not.
	Entry(ctx context.Context, key token.Key) (e Entry, found bool, err error)
	// Entries returns a page of sessions, and the number of sessions on all pages.
	Entries(ctx context.Context, q Query) (page []Entry, total int, err error)
	// BrowseSessions returns a page of sessions by the session next to it.
	BrowseSessions(ctx context.Context, q BrowseQuery) (keyset.Page[Entry], error)
	// CountSessions returns the number of sessions of a query in a bounded number of rows after a key. It returns the key of the last of
	// these rows, or 0 if there are no more rows.
	CountSessions(ctx context.Context, q BrowseQuery, after token.Key) (n int, last token.Key, err error)
	// AddActivity adds counts to those in the store. They are kept long enough for [Service.Activity].
	AddActivity(ctx context.Context, counts []StoredCount) error
	// Activity returns the counts of organizations since a time.
	Activity(ctx context.Context, organizations []token.Key, since time.Time) ([]StoredCount, error)
	// CountLive returns the number of sessions of an organization that are live at the time now, or any number below limit if the
	// organization has less than limit sessions, live or not.
	CountLive(ctx context.Context, org token.Key, now time.Time, limit int) (int, error)
	// ChangeSession calls change with the session, and stores the new expiry, metadata and end. If change ends the session,
	// ChangeSession also appends a row to the revocation log. It reports false if the session does not exist.
	ChangeSession(ctx context.Context, key token.Key, change func(e *Entry) error) (found bool, err error)
	// RecordUses stores when and by which client sessions were last used. It never replaces a later use with an earlier one.
	RecordUses(ctx context.Context, uses []Use) error

	// InsertTicket stores a ticket of an organization's session. It reports false, and stores nothing, if a ticket with the same key
	// exists or the organization does not exist.
	InsertTicket(ctx context.Context, org token.Key, t Ticket) (inserted bool, err error)
	// Ticket returns a ticket by its key. It may return an expired ticket. It does not return a ticket whose organization is blocked,
	// or was blocked since the ticket was created.
	Ticket(ctx context.Context, key token.Key) (t Ticket, found bool, err error)
	// DeleteTicket deletes a ticket. It reports false if the ticket does not exist. If several callers delete the same ticket,
	// only one of them gets true.
	DeleteTicket(ctx context.Context, key token.Key) (deleted bool, err error)

	// Revocations returns up to limit rows of the revocation log whose Seq is greater than after, in ascending order. After it
	// has returned a row, no row with a lower Seq is added.
	Revocations(ctx context.Context, after int64, limit int) ([]Revocation, error)
	// OrganizationRevocations is like Revocations, for the rows of one organization.
	OrganizationRevocations(ctx context.Context, org token.Key, after int64, limit int) ([]NamedRevocation, error)
	// LastRevocation returns the highest Seq of the log, or 0 if the log is empty.
	LastRevocation(ctx context.Context) (seq int64, err error)
	// OnRevocation registers a function that receives the log rows that this process writes: after the commit, before the
	// write returns. Call it once, before using the store.
	OnRevocation(f func([]Revocation))
	// Shared reports whether other processes may write to the same store.
	Shared() bool
}

// Query selects a page of an organization's sessions, the newest first.
type Query struct {
	Organization token.Key
	// Customer and Member are keys; 0 selects all.
	Customer, Member token.Key
	// MemberID, unless nil, selects the sessions of the member with this id, and nothing if there is no such member.
	MemberID *token.ID
	// ExactMember, if Member is 0, selects only the sessions that the customer holds without a member.
	ExactMember bool
	// State, unless "", selects the sessions that have this state at the time Now.
	State State
	Now   time.Time
	// Active are the ids of the active secrets. A session whose token was hashed with another secret counts as ended. If Active
	// is empty, all secrets count as active.
	Active []token.SecretID
	// Oldest lists the oldest sessions first.
	Oldest bool
	// Page is the number of the page, from 1. Limit is the number of sessions per page.
	Page, Limit int
	// After, unless 0, selects the sessions that follow the session with that key, which may be deleted, instead of those of Page.
	After token.Key
}

// InsertOptions are the options of a create with an idempotency key, a ticket or a session limit.
type InsertOptions struct {
	// Claim claims an idempotency key for the session, or is nil.
	Claim *idempotency.Claim
	// Ticket is a ticket for the session, or nil.
	Ticket *Ticket
	// MaxSessions is the maximum number of live sessions of the customer, including the new one. 0 means no limit.
	MaxSessions int
	// Reason is the reason for ending sessions beyond MaxSessions.
	Reason Reason
}

// Options are optional settings of a [Service]. A zero field means its default.
type Options struct {
	// CacheBytes is the maximum size of the session cache, in bytes. Default: 64 MiB, which holds about 400,000 sessions.
	CacheBytes int
	// MaxLive is the maximum number of live sessions of an organization. 0 means no limit.
	MaxLive int
	// Metrics counts refusals. It may be nil.
	Metrics *metrics.Metrics
}

// Service creates, verifies and ends sessions. It is safe for concurrent use.
type Service struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
	cache   *cache
	flight  singleflight.Group
	log     follower
	uses    pendingUses
	quota   quota
	metrics *metrics.Metrics
	// activity counts created, verified and ended sessions for the admin pages.
	activity activity
}

// New returns a Service. now returns the current time. The caller of New must also run [Service.Follow] and
// [Service.FlushPeriodically]. If other processes share the store, the cache is not used until Follow runs.
func New(store Store, secrets *token.Secrets, now func() time.Time, o Options) *Service {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	s := &Service{store: store, secrets: secrets, now: now, cache: newCache(o.CacheBytes), metrics: o.Metrics, quota: quota{limit: o.MaxLive, known: map[token.Key]*liveCount{}}}
	s.log.shared = store.Shared()
	store.OnRevocation(func(rows []Revocation) {
		s.note(rows)
		s.countEnds(rows)
	})
	return s
}

// instant returns the current time in the store's precision: UTC, in whole microseconds.
func (s *Service) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
