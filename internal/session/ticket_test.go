package session_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ticketStore is a store for tickets that counts lookups.
type ticketStore struct {
	*memory
	mu      sync.Mutex
	tickets map[token.Key]session.Ticket
	lookups int
	// collisions is the number of inserts that report an existing key.
	collisions int
	fail       error
}

func (d *ticketStore) InsertSessionWithOptions(ctx context.Context, e session.Entry, o session.InsertOptions) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.collisions > 0 {
		d.collisions--
		return false, nil
	}
	if d.fail != nil {
		return false, d.fail
	}
	d.tickets[o.Ticket.Key] = *o.Ticket
	return d.InsertSession(ctx, e)
}

func (d *ticketStore) InsertTicket(_ context.Context, _ token.Key, t session.Ticket) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.collisions > 0 {
		d.collisions--
		return false, nil
	}
	d.tickets[t.Key] = t
	return true, d.fail
}

func (d *ticketStore) Ticket(_ context.Context, key token.Key) (session.Ticket, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lookups++
	t, found := d.tickets[key]
	return t, found, d.fail
}

func (d *ticketStore) DeleteTicket(_ context.Context, key token.Key) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, found := d.tickets[key]
	delete(d.tickets, key)
	return found, nil
}

func issueTicket(t *testing.T, lifetime time.Duration) (*session.Service, *ticketStore, *time.Time, session.Issued, token.Token) {
	t.Helper()
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	now := noon
	d := &ticketStore{memory: &memory{rows: map[token.Key]session.Record{}}, tickets: map[token.Key]session.Ticket{}}
	s := session.New(d, secrets, func() time.Time { return now }, session.Options{})
	made, err := createWithTicket(t, s, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return s, d, &now, made, made.Ticket
}

func createWithTicket(t *testing.T, s *session.Service, lifetime time.Duration) (session.Issued, error) {
	return s.Create(t.Context(), session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3, Lifetime: lifetime, Ticket: true})
}

// refused fails the test unless peeking at and redeeming the text return fault.InvalidToken.
func refused(t *testing.T, s *session.Service, what, text string) {
	t.Helper()
	for _, call := range []func(context.Context, string) (token.Token, error){s.Peek, s.Redeem} {
		if got, err := call(t.Context(), text); !fault.Is(err, fault.InvalidToken) || got != (token.Token{}) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

func TestTicketIsExchangedForItsToken(t *testing.T) {
	s, d, _, made, ticket := issueTicket(t, time.Hour)
	kept := d.tickets[ticket.Key()]
	if bytes.Contains(kept.Sealed, []byte(made.Token.Reveal()[10:])) || ticket.Kind() != token.Ticket || ticket.Key() == made.Token.Key() {
		t.Errorf("the ticket %v of %v is stored as %+v", ticket.Key(), made.Token.Key(), kept)
	}

	for what, text := range map[string]string{
		"nothing": "", "a word": "ticket", "cut off": ticket.Reveal()[:50], "the session's token": made.Token.Reveal(),
		"another kind": strings.Replace(ticket.Reveal(), "cpt", "cev", 1),
	} {
		refused(t, s, what, text)
	}
	if d.lookups != 0 {
		t.Errorf("malformed tickets caused %d lookups", d.lookups)
	}
	refused(t, s, "unknown", token.Mint(token.Ticket, 1).Reveal())
	refused(t, s, "the same key", token.Mint(token.Ticket, ticket.Key()).Reveal())
	if _, err := s.Verify(t.Context(), ticket); !fault.Is(err, fault.InvalidToken) {
		t.Errorf("a ticket was accepted as a session token: %v", err)
	}

	another, err := createWithTicket(t, s, time.Hour)
	if err != nil || another.Ticket == ticket {
		t.Errorf("the second ticket equals the first: %v", err)
	}
	for _, good := range []session.Issued{made, another} {
		for _, call := range []func(context.Context, string) (token.Token, error){s.Peek, s.Peek, s.Redeem} {
			if got, err := call(t.Context(), good.Ticket.Reveal()); err != nil || got != good.Token {
				t.Errorf("got %v, %v", got, err)
			}
		}
		refused(t, s, "used", good.Ticket.Reveal())
	}
}

func TestExpiredTicketIsRefused(t *testing.T) {
	for _, tt := range []struct{ session, ticket time.Duration }{{time.Hour, 10 * time.Minute}, {time.Minute, time.Minute}} {
		s, _, now, made, ticket := issueTicket(t, tt.session)
		another, err := createWithTicket(t, s, tt.session)
		if err != nil {
			t.Fatal(err)
		}
		*now = made.CreatedAt.Add(tt.ticket - time.Microsecond)
		if got, err := s.Redeem(t.Context(), another.Ticket.Reveal()); err != nil || got != another.Token {
			t.Errorf("just before it expires: %v, %v", got, err)
		}
		*now = made.CreatedAt.Add(tt.ticket)
		refused(t, s, "when it expires", ticket.Reveal())
	}
}

func TestTicketOfEndedSessionIsRefused(t *testing.T) {
	s, d, _, made, ticket := issueTicket(t, time.Hour)
	delete(d.rows, made.Token.Key())
	_, want := s.Verify(t.Context(), made.Token)
	if got, err := s.Redeem(t.Context(), ticket.Reveal()); !fault.Is(err, fault.InvalidToken) || err.Error() != want.Error() || got != (token.Token{}) {
		t.Errorf("got %v, %v, wanted %v", got, err, want)
	}
	if len(d.tickets) != 0 {
		t.Error("the ticket was not deleted")
	}
}

func TestTicketWorksOnceUnderConcurrency(t *testing.T) {
	s, _, _, made, ticket := issueTicket(t, time.Hour)
	var winners atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			got, err := s.Redeem(t.Context(), ticket.Reveal())
			if err == nil && got == made.Token {
				winners.Add(1)
			} else if !fault.Is(err, fault.InvalidToken) {
				t.Errorf("a caller that lost got %v", err)
			}
		})
	}
	wg.Wait()
	if n := winners.Load(); n != 1 {
		t.Errorf("%d callers redeemed one ticket", n)
	}
}

func TestEndTicketDeletesOnlyTheTicket(t *testing.T) {
	s, _, _, made, ticket := issueTicket(t, time.Hour)
	for _, tt := range []struct {
		t    token.Token
		want bool
	}{{token.Mint(token.Ticket, ticket.Key()), false}, {made.Token, false}, {ticket, true}, {ticket, false}} {
		if known, err := s.EndTicket(t.Context(), tt.t); err != nil || known != tt.want {
			t.Errorf("%v is known: %v, %v", tt.t, known, err)
		}
	}
	refused(t, s, "ended", ticket.Reveal())
	if _, err := s.Verify(t.Context(), made.Token); err != nil {
		t.Errorf("its session: %v", err)
	}
}

func TestTicketStoreErrorsAreReturned(t *testing.T) {
	s, d, _, made, ticket := issueTicket(t, time.Hour)
	d.fail = errors.New("disk failure")
	if _, err := createWithTicket(t, s, time.Hour); !errors.Is(err, d.fail) {
		t.Errorf("a new ticket: %v", err)
	}
	if _, err := s.Redeem(t.Context(), ticket.Reveal()); !errors.Is(err, d.fail) {
		t.Errorf("redeemed: %v", err)
	}
	d.fail, d.collisions = nil, 3
	if another, err := createWithTicket(t, s, time.Hour); err != nil || d.tickets[another.Ticket.Key()].Key != another.Ticket.Key() {
		t.Errorf("after three key collisions: %v, %v", another, err)
	}
	d.collisions = 4
	if _, err := createWithTicket(t, s, time.Hour); err == nil {
		t.Error("a ticket was created although every key exists")
	}
	if got, err := s.Redeem(t.Context(), ticket.Reveal()); err != nil || got != made.Token {
		t.Errorf("after the store recovered: %v, %v", got, err)
	}
}

// A ticket for one purpose is refused for every other one, and stays valid for its own. It works once, for a minute.
func TestTicketWithPurpose(t *testing.T) {
	s, d, now, made, link := issueTicket(t, time.Hour)
	d.collisions = 1
	ticket, err := s.IssueTicket(t.Context(), made, "app")
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() (token.Token, error){
		"another purpose":        func() (token.Token, error) { return s.RedeemFor(t.Context(), ticket.Reveal(), "other") },
		"no purpose":             func() (token.Token, error) { return s.RedeemFor(t.Context(), ticket.Reveal(), "") },
		"looked at as a link":    func() (token.Token, error) { return s.Peek(t.Context(), ticket.Reveal()) },
		"a link for the purpose": func() (token.Token, error) { return s.RedeemFor(t.Context(), link.Reveal(), "app") },
		"no ticket":              func() (token.Token, error) { return s.RedeemFor(t.Context(), "x", "app") },
		"a session's token":      func() (token.Token, error) { return s.RedeemFor(t.Context(), made.Token.Reveal(), "app") },
	} {
		if _, err := call(); !fault.Is(err, fault.InvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var redeemed atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			switch got, err := s.RedeemFor(t.Context(), ticket.Reveal(), "app"); {
			case err == nil && got.Reveal() == made.Token.Reveal():
				redeemed.Add(1)
			case !fault.Is(err, fault.InvalidToken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := redeemed.Load(); n != 1 {
		t.Errorf("the ticket was redeemed %d times", n)
	}
	late, err := s.IssueTicket(t.Context(), made, "app")
	if err != nil {
		t.Fatal(err)
	}
	*now = now.Add(session.SignInTicketLifetime)
	if _, err := s.RedeemFor(t.Context(), late.Reveal(), "app"); !fault.Is(err, fault.InvalidToken) {
		t.Errorf("an expired ticket: %v", err)
	}
	d.fail = errors.New("broken")
	if _, err := s.IssueTicket(t.Context(), made, "app"); err == nil {
		t.Error("a ticket that was not stored")
	}
}
