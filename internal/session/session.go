// Package session issues customer sessions and says which of them are live.
//
// A session lets its holder into the portal as a customer, or as a member of one, until it expires:
//
//	sessions := session.New(store, secrets, time.Now, session.Options{})
//	made, err := sessions.Create(ctx, session.Grant{Kind: token.Member, Customer: customer, Member: owner, …})
//	live, err := sessions.Verify(ctx, tok)                            // fault.InvalidToken when it isn't live, and no word about why
//	gone, err := sessions.Revoke(ctx, organization, id, session.SignedOut) // durable, and known everywhere within MaxStaleness
//
// Verify is what every request of a customer asks. It answers from memory when it can, and asks the store once when
// many ask for the same session at the same time.
package session

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/token"
	"golang.org/x/sync/singleflight"
)

// DefaultLifetime is how long a session lasts when nobody says otherwise. It does not slide.
const DefaultLifetime = time.Hour

// The limits of a session's lifetime and of its idle timeout. An organization's policy can set a lower maximum lifetime.
const (
	MinLifetime = time.Minute
	MaxLifetime = 366 * 24 * time.Hour
)

// Session is a customer's way into the portal. It holds no token: that was shown once, when it was made.
type Session struct {
	// ID is the session's name on the wire; its key is the token's key.
	ID token.ID
	// Kind is token.Customer or token.Member.
	Kind token.Kind
	// Organization, Customer and Member are the keys of those whom the session stands for.
	// Member is 0 when Kind is token.Customer.
	Organization, Customer, Member token.Key
	// Generations are those of the three when the session was made.
	Generations Generations
	// ReturnURL leads back to where the holder came from; "" when there is nothing to return to.
	ReturnURL string
	// ReadOnly sessions change nothing.
	ReadOnly bool
	// IdleTimeout ends a session that was not used for so long, in whole microseconds; 0 lets it be.
	IdleTimeout time.Duration
	// CreatedAt and ExpiresAt are UTC, in whole microseconds. The session is live while now is before ExpiresAt.
	CreatedAt, ExpiresAt time.Time
	// LastUsedAt is when the session was last used, exact to [SeenEvery] and, with an idle timeout, to [FlushEvery]; the zero
	// time for one that never was.
	LastUsedAt time.Time
}

// Generations are counters of those whom a session stands for. When all sessions of one of them are ended, its counter
// grows, and a session of an older generation is not live. Member is 0 when the session has none.
type Generations struct{ Organization, Customer, Member uint32 }

// live reports whether the session's own times let it live; the log and its holders are not asked.
func (s *Session) live(now time.Time) bool {
	return now.Before(s.ExpiresAt) && (s.IdleTimeout == 0 || now.Before(s.idleSince().Add(s.IdleTimeout)))
}

// EndsAt is when the session ends by itself, as far as is known: it may be used, or extended, until then.
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

// Record is a session as every request needs it: with what proves its token, and without the token.
type Record struct {
	Session
	Hash   token.Hash
	Secret token.SecretID
}

// Client is from where somebody came: as far as it is known, and at most [MaxAgent] bytes of it.
type Client struct{ IP, UserAgent string }

// ClientFrom is a client with the address, unless that is the zero one, and with what its browser calls itself.
func ClientFrom(ip netip.Addr, userAgent string) Client {
	c := Client{UserAgent: strings.ToValidUTF8(userAgent, "\uFFFD")}
	if ip.IsValid() {
		c.IP = ip.String()
	}
	return c
}

// MaxAgent is how much of a user agent is kept, in bytes.
const MaxAgent = 256

// short has no more of the user agent than is kept, and no half of a letter: one database would refuse it.
func (c Client) short() Client {
	if len(c.UserAgent) > MaxAgent {
		c.UserAgent = strings.ToValidUTF8(c.UserAgent[:MaxAgent], "")
	}
	return c
}

// Entry is a session with all that is kept of it.
type Entry struct {
	Record
	// Metadata is the issuer's own: strings, int64, float64 and bool under its names.
	Metadata map[string]any
	// Creator is the key of the access token that made the session; 0 when its holder has logged in.
	Creator token.Key
	// CustomerID and MemberID name those whom the session stands for, and CreatorID who made it; zero where the key is 0. A
	// store fills them in.
	CustomerID, MemberID, CreatorID token.ID
	// CreatedBy is who made the session, and LastUsedBy who used it last.
	CreatedBy, LastUsedBy Client
	// ModifiedAt is nil for a session that was never changed.
	ModifiedAt *time.Time
	// EndedAt and EndReason tell of a session that was ended before its time; nil and "" for any other. One whose secret is
	// not active any more has the reason [SecretRetired], and no time unless somebody has retired the secret on purpose.
	EndedAt   *time.Time
	EndReason Reason
	// Announce has somebody told of a new session, and of its end. One that was found has it not.
	Announce bool
}

// State says how a session is doing.
type State string

// The states of a session. Whoever ended one before its time, [Entry.EndReason] tells.
const (
	Live    State = "live"
	Expired State = "expired"
	Revoked State = "revoked"
)

// State says how the session is doing now.
func (e *Entry) State(now time.Time) State {
	switch {
	case e.EndedAt != nil || e.EndReason != "":
		return Revoked
	case !e.live(now):
		return Expired
	}
	return Live
}

// Store keeps sessions. Implementations are safe for concurrent use, and a write returns only when it survives a crash.
type Store interface {
	// InsertSession keeps a new session. It reports false, and keeps nothing, when there is a session with the same key.
	InsertSession(ctx context.Context, e Entry) (inserted bool, err error)
	// InsertSessionWithOptions is InsertSession for a create that may be repeated or that has a limit. It returns the session that
	// the same create has made before, if there is one, and keeps nothing then; it ends the customer's oldest live sessions
	// until, with the new one, there are at most [Once.Most].
	InsertSessionWithOptions(ctx context.Context, e Entry, o InsertOptions) (before *Entry, inserted bool, err error)
	// Session finds a session by its key. It reports false, and no error, when there is none, when it was ended, when those
	// whom it stands for have been deleted, or have another generation by now. An expired session may be found.
	Session(ctx context.Context, key token.Key) (r Record, found bool, err error)

	// Entry finds a session by its key, whether it is live or not.
	Entry(ctx context.Context, key token.Key) (e Entry, found bool, err error)
	// Entries returns a page of sessions, and how many there are on all pages.
	Entries(ctx context.Context, q Query) (page []Entry, total int, err error)
	// ChangeSession shows a session to change, and keeps what change has made of its expiry, its metadata and its end. Of an
	// end it writes to the revocation log. It reports false when there is none.
	ChangeSession(ctx context.Context, key token.Key, change func(e *Entry) error) (found bool, err error)
	// RecordUses notes when and by whom sessions were last used.
	RecordUses(ctx context.Context, sightings []Use) error

	// InsertTicket keeps a ticket. It reports false, and keeps nothing, when there is one with the same key.
	InsertTicket(ctx context.Context, t Ticket) (inserted bool, err error)
	// Ticket finds a ticket by its key. An expired one may be found.
	Ticket(ctx context.Context, key token.Key) (t Ticket, found bool, err error)
	// DeleteTicket removes a ticket. It reports false when it is gone: of many at once, one alone removes it.
	DeleteTicket(ctx context.Context, key token.Key) (spent bool, err error)

	// Revocations returns the rows of the revocation log behind after, in order, at most limit of them. A row never
	// appears behind one that was returned before.
	Revocations(ctx context.Context, after int64, limit int) ([]Revocation, error)
	// OrganizationRevocations is Revocations for the rows of one organization.
	OrganizationRevocations(ctx context.Context, org token.Key, after int64, limit int) ([]NamedRevocation, error)
	// LastRevocation returns the highest Seq of the log; 0 when it is empty.
	LastRevocation(ctx context.Context) (seq int64, err error)
	// OnRevocation has f called with what this process has written to the log, after the commit and before the write
	// returns. It is called once, before the store is used.
	OnRevocation(f func([]Revocation))
	// Shared reports whether other processes write to the same store.
	Shared() bool
}

// Query asks for a page of an organization's sessions, the latest first.
type Query struct {
	Organization token.Key
	// Customer and Member are keys; 0 asks for all.
	Customer, Member token.Key
	// ExactMember asks, with Member 0, for the sessions that the customer holds itself.
	ExactMember bool
	// State, unless "", is the state that the sessions have at Now.
	State State
	Now   time.Time
	// Active are the secrets that verify; a session of another one has ended. None stands for all.
	Active []token.SecretID
	// Oldest turns the order around.
	Oldest bool
	// Page counts from 1, and has Limit sessions.
	Page, Limit int
}

// InsertOptions says what is special about a create.
type InsertOptions struct {
	// KeyHashes are the hashes of the caller's idempotency key, none for no key. The first is remembered until Until; under the
	// others, those of older secrets, the same create may have been remembered before.
	KeyHashes    []token.Hash
	KeyExpiresAt time.Time
	// MaxSessions is how many live sessions the customer may have, with the new one; 0 is no limit.
	MaxSessions int
	// Reason is told of those that are ended for it.
	Reason Reason
}

// Options are the choices that [New] takes; the zero value is good.
type Options struct {
	// CacheBytes bounds the memory that remembers live sessions; 0 stands for 64 MiB, about 400,000 sessions.
	CacheBytes int
}

// Service issues, verifies and ends. Safe for concurrent use.
type Service struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
	cache   *cache
	flight  singleflight.Group
	log     follower
	seen    sightings
	// activity is what an operator sees of this process.
	activity activity
}

// New puts sessions on a store. now is the clock; tests move it. Whoever calls New runs [Service.Follow] and
// [Service.FlushPeriodically] too. Where the store is shared with other processes, nothing is answered from memory until Follow has
// begun.
func New(store Store, secrets *token.Secrets, now func() time.Time, o Options) *Service {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	s := &Service{store: store, secrets: secrets, now: now, cache: newCache(o.CacheBytes)}
	s.activity.began = s.instant()
	s.log.shared = store.Shared()
	store.OnRevocation(s.note)
	return s
}

// instant is now as it can be stored: UTC, in whole microseconds.
func (s *Service) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }
