package session

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Grant holds the parameters of a new session. Fields without a comment are those of [Session] and [Entry].
type Grant struct {
	Kind                           token.Kind
	Organization, Customer, Member token.Key
	Generations                    Generations
	ReturnURL                      string
	ReadOnly                       bool
	// Lifetime is how long the session lasts. 0 means [DefaultLifetime].
	Lifetime, IdleTimeout time.Duration
	Metadata              map[string]any
	Creator               token.Key
	Client                Client
	// MaxSessions is the maximum number of live sessions of the customer; the oldest ones end. 0 means no limit.
	MaxSessions int
	// Announce emits webhook events for the session.
	Announce bool
	// IdempotencyKey makes repeated creates return the same session. Two creates are the same if they have the same
	// organization, customer, member, key and Request. An empty key creates a new session each time.
	IdempotencyKey, Request string
}

// Issued is a new session with its token.
type Issued struct {
	Session
	Token token.Token
}

// Create creates a session, durably. It returns fault.Conflict if the idempotency key was used before for another request.
func (s *Service) Create(ctx context.Context, g Grant) (Issued, error) {
	if g.IdempotencyKey != "" || g.MaxSessions > 0 {
		return s.createOnce(ctx, g)
	}
	for range maxMints {
		issued, e := s.Prepare(g)
		inserted, err := s.store.InsertSession(ctx, e)
		if err == nil && inserted {
			s.CountCreated(issued)
		}
		if err != nil || inserted {
			return issued, err
		}
	}
	return Issued{}, errKeyCollision
}

// maxMints bounds retries after a key collision. A second collision in a row indicates a bug.
const maxMints = 4

var errKeyCollision = errors.New("create session: every generated key exists already")

// Prepare returns a new session. The caller stores it in its own transaction and calls [Service.CountCreated] after the commit.
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

// repeatableFor is how long an idempotency key is stored.
const repeatableFor = 24 * time.Hour

// repeatable returns the text from which the token of an idempotent create is derived. A repeated create derives the same
// token, so the server does not store the token.
func repeatable(g Grant) string { return g.IdempotencyKey + "\n" + g.Request }

var errKeyReused = fault.New(fault.Conflict, "The Idempotency-Key was already used for a different request.")

func (s *Service) createOnce(ctx context.Context, g Grant) (Issued, error) {
	for range maxMints {
		issued, e := s.Prepare(g)
		options := InsertOptions{MaxSessions: g.MaxSessions, Reason: TooManySessions, KeyExpiresAt: e.CreatedAt.Add(repeatableFor)}
		if g.IdempotencyKey != "" {
			options.KeyHashes = s.secrets.Sums("idempotency key", g.IdempotencyKey)
		}
		before, inserted, err := s.store.InsertSessionWithOptions(ctx, e, options)
		switch {
		case err != nil:
			return Issued{}, err
		case before != nil:
			return s.again(*before, g)
		case inserted:
			s.CountCreated(issued)
			return issued, nil
		}
	}
	return Issued{}, errKeyCollision
}

// again derives the token of an earlier create with the same idempotency key. It returns an error if the hash of the derived
// token does not match, because then the requests differ.
func (s *Service) again(e Entry, g Grant) (Issued, error) {
	tok, ok := s.secrets.DeriveAgain(e.Secret, e.Kind, e.ID.Key(), repeatable(g))
	if !ok || !s.secrets.Verify(tok, e.Secret, e.Hash) {
		return Issued{}, errKeyReused
	}
	return Issued{Session: e.Session, Token: tok}, nil
}
