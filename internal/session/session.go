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
	// InsertSession keeps a new session. It returns only when the session survives a crash.
	InsertSession(ctx context.Context, r Record) error
	// Session finds a session by its key. It reports false, and no error, when there is none, or when the customer or
	// the member whom it stands for has been deleted. An expired session is found.
	Session(ctx context.Context, key token.Key) (r Record, found bool, err error)
}

// Grant says for whom a session is made. Its fields are those of [Session].
type Grant struct {
	Kind                           token.Kind
	Organization, Customer, Member token.Key
	ReturnURL                      string
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
}

// New puts sessions on a store. now is the clock; tests move it.
func New(store Store, secrets *token.Secrets, now func() time.Time, o Options) *Sessions {
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	return &Sessions{store: store, secrets: secrets, now: now, cache: newCache(o.CacheBytes)}
}

// Create makes a session that is live for [Lifetime] and durable before Create returns.
func (s *Sessions) Create(ctx context.Context, g Grant) (Made, error) {
	now := s.now().UTC().Truncate(time.Microsecond)
	id := token.NewID(now)
	tok := token.Mint(g.Kind, id.Key())
	r := Record{Session: Session{
		ID: id, Kind: g.Kind, Organization: g.Organization, Customer: g.Customer, Member: g.Member,
		ReturnURL: g.ReturnURL, CreatedAt: now, ExpiresAt: now.Add(Lifetime),
	}}
	r.Hash, r.Secret = s.secrets.Hash(tok)
	if err := s.store.InsertSession(ctx, r); err != nil {
		return Made{}, err
	}
	return Made{Session: r.Session, Token: tok}, nil
}

// errNotLive does not say whether the session is unknown, expired or another's: its holder must not learn it.
var errNotLive = fault.New(fault.InvalidToken, "The session is not live.")

// Verify returns the live session that the token opens, or fault.InvalidToken. Any other error is the store's.
func (s *Sessions) Verify(ctx context.Context, t token.Token) (Session, error) {
	r, found := s.cache.get(t.Key())
	if !found {
		var err error
		if r, found, err = s.load(ctx, t.Key()); err != nil {
			return Session{}, err
		}
	}
	if !found || r.Kind != t.Kind() || !s.secrets.Verify(t, r.Secret, r.Hash) || !s.now().Before(r.ExpiresAt) {
		return Session{}, errNotLive
	}
	return r.Session, nil
}
