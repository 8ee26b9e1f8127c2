package session

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

// Grant holds the parameters of a new session. Fields without a comment are those of [Session] and [Entry].
type Grant struct {
	Kind                           token.Kind
	Organization, Customer, Member token.Key
	Generations                    Generations
	ReturnURL                      string
	ReadOnly, Impersonated         bool
	// Lifetime is how long the session lasts. 0 means [DefaultLifetime].
	Lifetime, IdleTimeout time.Duration
	Metadata              map[string]any
	Creator               token.Key
	Client                Client
	// ProvenAt is when the holder proved that it reads the mailbox of its address. The zero time means that it did not.
	ProvenAt time.Time
	// SwitchedFrom is the session from which the holder switches to another account, for the audit log, or the zero ID.
	SwitchedFrom token.ID
	// MaxSessions is the maximum number of live sessions of the customer; the oldest ones end. 0 means no limit.
	MaxSessions int
	// Announce emits webhook events for the session.
	Announce bool
	// Ticket also creates a ticket for the session.
	Ticket bool
	// Once makes the create repeatable. Nil creates a new session each time.
	Once *idempotency.Once[Issued]
}

// Issued is a new session with its token.
type Issued struct {
	Session
	Token token.Token
	// Ticket is a new ticket for the session if [Grant.Ticket] is set, and otherwise zero.
	Ticket token.Token
	// byHolder reports whether the holder logged in, and no access token created the session.
	byHolder bool
}

// Create creates a session, durably. It returns the error of [Service.Admit], and [*idempotency.Repeated] if the idempotency key was used before.
func (s *Service) Create(ctx context.Context, g Grant) (Issued, error) {
	if err := s.Admit(ctx, g.Organization); err != nil {
		return Issued{}, err
	}
	if g.Once != nil || g.Ticket || g.MaxSessions > 0 {
		return s.createWithOptions(ctx, g)
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
	if g.Lifetime == 0 {
		g.Lifetime = DefaultLifetime
	}
	e := Entry{
		Record: Record{Session: Session{
			ID: id, Kind: g.Kind, Organization: g.Organization, Customer: g.Customer, Member: g.Member, Generations: g.Generations,
			ReturnURL: g.ReturnURL, ReadOnly: g.ReadOnly, Impersonated: g.Impersonated, IdleTimeout: g.IdleTimeout, CreatedAt: now, ExpiresAt: now.Add(g.Lifetime),
		}},
		Metadata: g.Metadata, Creator: g.Creator, CreatedBy: g.Client.Short(), Announce: g.Announce, SwitchedFrom: g.SwitchedFrom,
	}
	if !g.ProvenAt.IsZero() {
		e.ProvenAt = g.ProvenAt.UTC().Truncate(time.Microsecond)
	}
	e.Hash, e.Secret = s.secrets.Hash(tok)
	return Issued{Session: e.Session, Token: tok, byHolder: g.Creator == 0}, e
}

func (s *Service) createWithOptions(ctx context.Context, g Grant) (Issued, error) {
	for range maxMints {
		issued, e := s.Prepare(g)
		options := InsertOptions{Claim: g.Once.Claim(), MaxSessions: g.MaxSessions, Reason: TooManySessions}
		if g.Ticket {
			ticket, row := s.prepareTicket(issued, TicketLifetime, "")
			issued.Ticket, options.Ticket = ticket, &row
		}
		g.Once.Made(issued)
		inserted, err := s.store.InsertSessionWithOptions(ctx, e, options)
		if err != nil {
			return Issued{}, err
		}
		if inserted {
			s.CountCreated(issued)
			return issued, nil
		}
	}
	return Issued{}, errKeyCollision
}
