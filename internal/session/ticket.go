package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Ticket can be exchanged once for the token of a session. Links contain a ticket instead of the token, because browser
// histories, logs and mails store links.
//
// The store cannot read the token: the ticket encrypts the token, and the store has only a hash of the ticket.
type Ticket struct {
	Key       token.Key
	Hash      token.Hash
	Secret    token.SecretID
	Sealed    []byte
	ExpiresAt time.Time
}

// TicketLifetime is how long the ticket of a link is valid, unless its session ends earlier. SignInTicketLifetime is the same for
// the ticket of [Service.IssueTicket], which the browser uses at once.
const (
	TicketLifetime       = 10 * time.Minute
	SignInTicketLifetime = time.Minute
)

// prepareTicket returns a new ticket for a session, and its row.
func (s *Service) prepareTicket(issued Issued, lifetime time.Duration, purpose string) (token.Token, Ticket) {
	now := s.instant()
	t := Ticket{Key: token.NewID(now).Key(), ExpiresAt: now.Add(lifetime)}
	if end := issued.EndsAt(); end.Before(t.ExpiresAt) {
		t.ExpiresAt = end
	}
	ticket := token.Mint(token.Ticket, t.Key)
	t.Hash, t.Secret = s.secrets.Hash(ticket)
	t.Sealed = ticket.Seal(issued.Token, purpose)
	return ticket, t
}

// IssueTicket returns a ticket for a live session that only [Service.RedeemFor] with the same purpose accepts. The purpose is a text
// that is not empty.
func (s *Service) IssueTicket(ctx context.Context, issued Issued, purpose string) (token.Token, error) {
	for range maxMints {
		ticket, row := s.prepareTicket(issued, SignInTicketLifetime, purpose)
		inserted, err := s.store.InsertTicket(ctx, issued.Organization, row)
		if err != nil {
			return token.Token{}, err
		}
		if inserted {
			return ticket, nil
		}
	}
	return token.Token{}, errKeyCollision
}

// RedeemFor deletes a ticket of [Service.IssueTicket] and returns the token of its live session. It returns fault.InvalidToken if
// the ticket is unknown, used or expired, if the session is not live, or if the purpose is another one. In that last case, the ticket
// stays valid for its own purpose.
func (s *Service) RedeemFor(ctx context.Context, ticket, purpose string) (token.Token, error) {
	t, err := token.Check(ticket)
	if err != nil {
		return token.Token{}, err
	}
	stored, found, err := s.find(ctx, t)
	if err == nil && !found {
		err = errInvalidTicket
	}
	if err != nil {
		return token.Token{}, err
	}
	tok, err := s.open(ctx, t, stored, purpose)
	if err != nil {
		return token.Token{}, err
	}
	deleted, err := s.store.DeleteTicket(ctx, stored.Key)
	if err == nil && !deleted {
		err = errInvalidTicket
	}
	if err != nil {
		return token.Token{}, err
	}
	return tok, nil
}

var errInvalidTicket = fault.New(fault.InvalidToken, "The ticket is unknown, used or expired.")

// Redeem deletes a ticket and returns the token of its live session. It returns fault.InvalidToken if the ticket is unknown,
// used or expired, or if the session is not live. If several callers redeem the same ticket, only one of them succeeds.
func (s *Service) Redeem(ctx context.Context, ticket string) (token.Token, error) {
	t, err := token.Check(ticket)
	if err != nil {
		return token.Token{}, err
	}
	stored, consumed, err := s.consume(ctx, t)
	if err == nil && !consumed {
		err = errInvalidTicket
	}
	if err != nil {
		return token.Token{}, err
	}
	return s.open(ctx, t, stored, "")
}

// Peek returns the token that [Service.Redeem] would return, or its error. The ticket stays valid.
func (s *Service) Peek(ctx context.Context, ticket string) (token.Token, error) {
	t, err := token.Check(ticket)
	if err != nil {
		return token.Token{}, err
	}
	stored, found, err := s.find(ctx, t)
	if err == nil && !found {
		err = errInvalidTicket
	}
	if err != nil {
		return token.Token{}, err
	}
	return s.open(ctx, t, stored, "")
}

// open returns the token of the live session of a ticket.
func (s *Service) open(ctx context.Context, t token.Token, stored Ticket, purpose string) (token.Token, error) {
	if !s.now().Before(stored.ExpiresAt) {
		return token.Token{}, errInvalidTicket
	}
	tok, err := t.Open(stored.Sealed, purpose)
	if err != nil {
		return token.Token{}, err
	}
	if _, err := s.Verify(ctx, tok); err != nil {
		return token.Token{}, err
	}
	return tok, nil
}

// EndTicket deletes a ticket, durably, and reports whether it was unused. The session stays live.
func (s *Service) EndTicket(ctx context.Context, t token.Token) (known bool, err error) {
	_, known, err = s.consume(ctx, t)
	return known, err
}

// consume deletes a ticket. It reports whether this call deleted the ticket.
func (s *Service) consume(ctx context.Context, t token.Token) (stored Ticket, consumed bool, err error) {
	stored, found, err := s.find(ctx, t)
	if err != nil || !found {
		return stored, false, err
	}
	consumed, err = s.store.DeleteTicket(ctx, stored.Key)
	return stored, consumed, err
}

// find returns a ticket from the store. It reports false if there is none.
func (s *Service) find(ctx context.Context, t token.Token) (stored Ticket, found bool, err error) {
	if t.Kind() != token.Ticket {
		return stored, false, nil
	}
	stored, found, err = s.store.Ticket(ctx, t.Key())
	return stored, err == nil && found && s.secrets.Verify(t, stored.Secret, stored.Hash), err
}
