package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ticket returns a ticket that is not stored yet.
func ticket(expires time.Time) session.Ticket {
	t := session.Ticket{Key: token.NewID(expires).Key(), Secret: 1<<32 - 1, Sealed: []byte{0, 255, 0}, ExpiresAt: expires}
	t.Hash[31] = 255
	return t
}

// tickets checks that a ticket can be used only once.
func tickets(t *testing.T, b Backend) {
	ctx := t.Context()
	first, second := ticket(noon), ticket(noon.Add(time.Hour))
	none[session.Ticket](t)(b.Ticket(ctx, first.Key))
	for _, fresh := range []session.Ticket{first, second} {
		succeeds(t)(b.InsertTicket(ctx, fresh))
		same(t, fresh)(b.Ticket(ctx, fresh.Key))
	}
	double := first
	double.Sealed = []byte("another")
	if inserted, err := b.InsertTicket(ctx, double); err != nil || inserted {
		t.Errorf("a ticket was inserted twice: %v, %v", inserted, err)
	}
	same(t, first)(b.Ticket(ctx, first.Key))

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
	succeeds(t)(b.InsertTicket(ctx, first)) // the key of a used ticket can be used again
}
