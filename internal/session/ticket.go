package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Ticket lets whoever has it exchange it for the token of a session, once. It is what a link can hold in place of the token:
// addresses stay in histories, logs and mails.
//
// The token is nowhere in the store: it is sealed under the ticket, of which the store has the hash alone. Tickets are here,
// and not with the logins, because nobody shows who they are with one: it is the session's token in another envelope, and
// says what [Service.Verify] says of it.
type Ticket struct {
	Key       token.Key
	Hash      token.Hash
	Secret    token.SecretID
	Sealed    []byte
	ExpiresAt time.Time
}

// TicketLifetime is how long a ticket is good for, unless its session ends before.
const TicketLifetime = 10 * time.Minute

// NewTicket makes a ticket for a session, durably. A session may have several.
func (s *Service) NewTicket(ctx context.Context, made Issued) (token.Token, error) {
	now := s.instant()
	t := Ticket{ExpiresAt: now.Add(TicketLifetime)}
	if end := made.EndsAt(); end.Before(t.ExpiresAt) {
		t.ExpiresAt = end
	}
	for range maxMints {
		t.Key = token.NewID(now).Key()
		ticket := token.Mint(token.Ticket, t.Key)
		t.Hash, t.Secret = s.secrets.Hash(ticket)
		t.Sealed = ticket.Seal(made.Token)
		if inserted, err := s.store.InsertTicket(ctx, t); err != nil || inserted {
			return ticket, err
		}
	}
	return token.Token{}, errNoKey
}

var errNoTicket = fault.New(fault.InvalidToken, "The ticket is unknown, used or expired.")

// Redeem uses a ticket up, and returns the token of its session, which is live; or it yields fault.InvalidToken. Of many who
// redeem the same ticket at once, one alone has the token.
func (s *Service) Redeem(ctx context.Context, ticket string) (token.Token, error) {
	t, err := token.Check(ticket)
	if err != nil {
		return token.Token{}, err
	}
	kept, spent, err := s.spend(ctx, t)
	if err != nil {
		return token.Token{}, err
	}
	if !spent || !s.now().Before(kept.ExpiresAt) {
		return token.Token{}, errNoTicket
	}
	tok, err := t.Open(kept.Sealed)
	if err != nil {
		return token.Token{}, err
	}
	if _, err := s.Verify(ctx, tok); err != nil {
		return token.Token{}, err
	}
	return tok, nil
}

// EndTicket uses a ticket up, durably, and reports whether it was one that nobody has used. Its session goes on.
func (s *Service) EndTicket(ctx context.Context, t token.Token) (known bool, err error) {
	_, known, err = s.spend(ctx, t)
	return known, err
}

// spend removes a ticket, and reports whether this caller has removed it. What is no ticket is only looked up.
func (s *Service) spend(ctx context.Context, t token.Token) (kept Ticket, spent bool, err error) {
	if t.Kind() != token.Ticket {
		return kept, false, nil
	}
	kept, found, err := s.store.Ticket(ctx, t.Key())
	if err != nil || !found || !s.secrets.Verify(t, kept.Secret, kept.Hash) {
		return kept, false, err
	}
	spent, err = s.store.DeleteTicket(ctx, kept.Key)
	return kept, spent, err
}
