// Package session issues customer sessions and says which of them are live.
//
// A session lets its holder into the portal as a customer, or as a member of one, until it expires:
//
//	sessions := session.New(store, secrets, time.Now, session.Options{})
//	made, err := sessions.Create(ctx, session.Grant{Kind: token.Member, Customer: customer, Member: owner, …})
//	live, err := sessions.Verify(ctx, tok) // fault.InvalidToken when it isn't live, and no word about why
//
// Verify is what every request of a customer asks. It answers from memory when it can, and asks the store once when
// many ask for the same session at the same time.
package session

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"golang.org/x/sync/singleflight"
)

// Lifetime is how long a session lasts. It does not slide.
const Lifetime = time.Hour

// Session is a customer's way into the portal. It holds no token: that was shown once, when it was made.
type Session struct {
	// ID is the session's name on the wire; its key is the token's key.
	ID token.ID
	// Kind is token.Customer or token.Member.
	Kind token.Kind
	// Organization, Customer and Member are the keys of those whom the session stands for.
	// Member is 0 when Kind is token.Customer.
	Organization, Customer, Member token.Key
	// CustomerGeneration and MemberGeneration are those of the holder when the session was made. When a holder's sessions
	// are ended, its generation grows; a session of an older one is not live. MemberGeneration is 0 when Member is.
	CustomerGeneration, MemberGeneration uint32
	// ReturnURL leads back to where the holder came from; "" when there is nothing to return to.
	ReturnURL string
	// CreatedAt and ExpiresAt are UTC, in whole microseconds. The session is live while now is before ExpiresAt.
	CreatedAt, ExpiresAt time.Time
}

// Record is a session as a store keeps it: with what proves its token, and without the token.
type Record struct {
	Session
	Hash   token.Hash
	Secret token.SecretID
}

// Store keeps sessions. Implementations are safe for concurrent use.
type Store interface {
	// InsertSession keeps a new session. It returns only when the session survives a crash. It reports false, and keeps
	// nothing, when there is a session with the same key.
	InsertSession(ctx context.Context, r Record) (inserted bool, err error)
	// Session finds a session by its key. It reports false, and no error, when there is none, when the customer or
	// the member whom it stands for has been deleted, or has another generation by now. An expired session may be found.
	Session(ctx context.Context, key token.Key) (r Record, found bool, err error)

	// Revocations returns the rows of the revocation log behind after, in order, at most limit of them. A row never
	// appears behind one that was returned before.
	Revocations(ctx context.Context, after int64, limit int) ([]Revocation, error)
	// LastRevocation returns the highest Seq of the log; 0 when it is empty.
	LastRevocation(ctx context.Context) (seq int64, err error)
	// OnRevocation has f called with what this process has written to the log, after the commit and before the write
	// returns. It is called once, before the store is used.
	OnRevocation(f func([]Revocation))
	// Shared reports whether other processes write to the same store.
	Shared() bool
}

// Grant says for whom a session is made. Its fields are those of [Session].
type Grant struct {
	Kind                                 token.Kind
	Organization, Customer, Member       token.Key
	CustomerGeneration, MemberGeneration uint32
	ReturnURL                            string
}

// Made is a new session with its token, which is never seen again.
type Made struct {
	Session
	Token token.Token
}

// Options are the choices that [New] takes; the zero value is good.
type Options struct {
	// CacheBytes bounds the memory that remembers live sessions; 0 stands for 64 MiB, about 400,000 sessions.
	CacheBytes int
}

// Sessions issues and verifies. Safe for concurrent use.
type Sessions struct {
	store   Store
	secrets *token.Secrets
	now     func() time.Time
	cache   *cache
	flight  singleflight.Group
	log     follower
}

// New puts sessions on a store. now is the clock; tests move it. Where the store is shared with other processes, whoever
// calls New runs [Sessions.Follow] too; until it has begun, nothing is answered from memory.
func New(store Store, secrets *token.Secrets, now func() time.Time, o Options) *Sessions {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	s := &Sessions{store: store, secrets: secrets, now: now, cache: newCache(o.CacheBytes)}
	s.log.shared = store.Shared()
	store.OnRevocation(s.note)
	return s
}

// Create makes a session that is live for [Lifetime] and durable before Create returns.
func (s *Sessions) Create(ctx context.Context, g Grant) (Made, error) {
	for range maxMints {
		made, r := s.Prepare(g)
		if inserted, err := s.store.InsertSession(ctx, r); err != nil || inserted {
			return made, err
		}
	}
	return Made{}, errNoKey
}

// maxMints is how many keys are tried: that two processes mint the same one is rare, and that it happens twice is a mistake.
const maxMints = 4

var errNoKey = errors.New("every key that was minted for a session is taken")

// Prepare makes a session that somebody else keeps, in a transaction of their own: it is live once the record is stored.
func (s *Sessions) Prepare(g Grant) (Made, Record) {
	now := s.now().UTC().Truncate(time.Microsecond)
	id := token.NewID(now)
	tok := token.Mint(g.Kind, id.Key())
	r := Record{Session: Session{
		ID: id, Kind: g.Kind, Organization: g.Organization, Customer: g.Customer, Member: g.Member,
		CustomerGeneration: g.CustomerGeneration, MemberGeneration: g.MemberGeneration,
		ReturnURL: g.ReturnURL, CreatedAt: now, ExpiresAt: now.Add(Lifetime),
	}}
	r.Hash, r.Secret = s.secrets.Hash(tok)
	return Made{Session: r.Session, Token: tok}, r
}

// errNotLive does not say whether the session is unknown, expired or another's: its holder must not learn it.
var errNotLive = fault.New(fault.InvalidToken, "The session is not live.")

// Verify returns the live session that the token opens, or fault.InvalidToken. Any other error is the store's.
func (s *Sessions) Verify(ctx context.Context, t token.Token) (Session, error) {
	r, found := s.cache.get(t.Key())
	if !found || !s.log.fresh() {
		var err error
		if r, found, err = s.load(ctx, t.Key()); err != nil {
			return Session{}, err
		}
	}
	if !found || s.log.ended(&r.Session) || r.Kind != t.Kind() || !s.secrets.Verify(t, r.Secret, r.Hash) || !s.now().Before(r.ExpiresAt) {
		return Session{}, errNotLive
	}
	return r.Session, nil
}
