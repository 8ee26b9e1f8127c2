package session

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Grant says for whom a session is made, and what it may be. Its fields are those of [Session] and [Entry].
type Grant struct {
	Kind                           token.Kind
	Organization, Customer, Member token.Key
	Generations                    Generations
	ReturnURL                      string
	ReadOnly                       bool
	// Lifetime is how long the session lasts; 0 stands for [Lifetime].
	Lifetime, IdleTimeout time.Duration
	Metadata              map[string]any
	Creator               token.Key
	Client                Client
	// MaxSessions is how many live sessions the customer may have; the oldest ones end. 0 is no limit.
	MaxSessions int
	// Announce has somebody told of the session.
	Announce bool
	// IdempotencyKey lets a create be repeated: one with the same key and the same Request, of the same organization, returns the same
	// session again. "" lets each make another one.
	IdempotencyKey, Request string
}

// Issued is a new session with its token, which is never seen again.
type Issued struct {
	Session
	Token token.Token
}

// Create makes a session, which is durable before Create returns. It yields fault.Conflict for a key that was used before to
// ask for something else.
func (s *Service) Create(ctx context.Context, g Grant) (Issued, error) {
	if g.IdempotencyKey != "" || g.MaxSessions > 0 {
		return s.createOnce(ctx, g)
	}
	for range maxMints {
		made, e := s.Prepare(g)
		inserted, err := s.store.InsertSession(ctx, e)
		if err == nil && inserted {
			s.CountCreated(made)
		}
		if err != nil || inserted {
			return made, err
		}
	}
	return Issued{}, errNoKey
}

// maxMints is how many keys are tried: that two processes mint the same one is rare, and that it happens twice is a mistake.
const maxMints = 4

var errNoKey = errors.New("every key that was minted for a session is taken")

// Prepare makes a session that somebody else keeps, in a transaction of their own: it is live once the entry is stored, and
// [Service.CountCreated] is told.
func (s *Service) Prepare(g Grant) (Issued, Entry) {
	now := s.instant()
	id := token.NewID(now)
	tok := token.Mint(g.Kind, id.Key())
	if g.IdempotencyKey != "" {
		tok = s.secrets.Derive(g.Kind, id.Key(), repeatable(g))
	}
	if g.Lifetime == 0 {
		g.Lifetime = DefaultLifetime
	}
	e := Entry{
		Record: Record{Session: Session{
			ID: id, Kind: g.Kind, Organization: g.Organization, Customer: g.Customer, Member: g.Member, Generations: g.Generations,
			ReturnURL: g.ReturnURL, ReadOnly: g.ReadOnly, IdleTimeout: g.IdleTimeout, CreatedAt: now, ExpiresAt: now.Add(g.Lifetime),
		}},
		Metadata: g.Metadata, Creator: g.Creator, CreatedBy: g.Client.short(), Announce: g.Announce,
	}
	e.Hash, e.Secret = s.secrets.Hash(tok)
	return Issued{Session: e.Session, Token: tok}, e
}

// repeatableFor is how long a key of [Grant] is remembered.
const repeatableFor = 24 * time.Hour

// repeatable is what the token of a create that may be repeated is derived from: whoever has the secret and asks again gets
// the same one, and it is stored nowhere.
func repeatable(g Grant) string { return g.IdempotencyKey + "\n" + g.Request }

var errKeyReused = fault.New(fault.Conflict, "The Idempotency-Key was used before to ask for something else.")

func (s *Service) createOnce(ctx context.Context, g Grant) (Issued, error) {
	for range maxMints {
		made, e := s.Prepare(g)
		once := InsertOptions{MaxSessions: g.MaxSessions, Reason: TooManySessions, KeyExpiresAt: e.CreatedAt.Add(repeatableFor)}
		if g.IdempotencyKey != "" {
			once.KeyHashes = s.secrets.Sums("idempotency key", g.IdempotencyKey)
		}
		before, inserted, err := s.store.InsertSessionWithOptions(ctx, e, once)
		switch {
		case err != nil:
			return Issued{}, err
		case before != nil:
			return s.again(*before, g)
		case inserted:
			s.CountCreated(made)
			return made, nil
		}
	}
	return Issued{}, errNoKey
}

// again derives the token of a session that was made before. Its hash tells whether it is the same: another request has
// another one.
func (s *Service) again(e Entry, g Grant) (Issued, error) {
	tok, ok := s.secrets.DeriveAgain(e.Secret, e.Kind, e.ID.Key(), repeatable(g))
	if !ok || !s.secrets.Verify(tok, e.Secret, e.Hash) {
		return Issued{}, errKeyReused
	}
	return Issued{Session: e.Session, Token: tok}, nil
}
