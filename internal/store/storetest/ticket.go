package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ticket returns a ticket that is not stored yet.
func ticket(expires time.Time) session.Ticket {
	t := session.Ticket{Key: token.NewID(expires).Key(), Secret: 1<<32 - 1, Sealed: []byte{0, 255, 0}, ExpiresAt: expires}
	t.Hash[31] = 255
	return t
}

// insertTicket inserts a ticket with a session that lasts for a year.
func insertTicket(t *testing.T, b Backend, c directory.Customer, ticket session.Ticket) (inserted bool, err error) {
	t.Helper()
	e := session.Entry{Record: record(token.NewID(noon), c)}
	e.ExpiresAt = noon.AddDate(1, 0, 0)
	inserted, err = b.InsertSessionWithOptions(t.Context(), e, session.InsertOptions{Ticket: &ticket})
	if _, found, _ := b.Entry(t.Context(), e.ID.Key()); err == nil && found != inserted {
		t.Errorf("a ticket was inserted: %v, and its session: %v", inserted, found)
	}
	return inserted, err
}

// tickets checks that a ticket can be used only once.
func tickets(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	first, second := ticket(noon), ticket(noon.Add(time.Hour))
	none[session.Ticket](t)(b.Ticket(ctx, first.Key))
	for _, fresh := range []session.Ticket{first, second} {
		succeeds(t)(insertTicket(t, b, c, fresh))
		same(t, fresh)(b.Ticket(ctx, fresh.Key))
	}
	double := first
	double.Sealed = []byte("another")
	if inserted, err := insertTicket(t, b, c, double); err != nil || inserted {
		t.Errorf("a ticket was inserted twice: %v, %v", inserted, err)
	}
	same(t, first)(b.Ticket(ctx, first.Key))

	alone := ticket(noon.Add(2 * time.Hour))
	for i, want := range []bool{true, false} {
		if inserted, err := b.InsertTicket(ctx, o.ID.Key(), alone); err != nil || inserted != want {
			t.Errorf("insert %d of a ticket without a new session: %v, %v", i, inserted, err)
		}
	}
	same(t, alone)(b.Ticket(ctx, alone.Key))
	if inserted, err := b.InsertTicket(ctx, 1, ticket(noon)); err != nil || inserted {
		t.Errorf("a ticket of no organization was inserted: %v, %v", inserted, err)
	}

	var winners atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			spent, err := b.DeleteTicket(ctx, first.Key)
			if err != nil {
				t.Error(err)
			}
			if spent {
				winners.Add(1)
			}
		})
	}
	wg.Wait()
	if n := winners.Load(); n != 1 {
		t.Errorf("a ticket was used %d times", n)
	}
	none[session.Ticket](t)(b.Ticket(ctx, first.Key))
	same(t, second)(b.Ticket(ctx, second.Key))
	succeeds(t)(insertTicket(t, b, c, first)) // the key of a used ticket is free again
}
