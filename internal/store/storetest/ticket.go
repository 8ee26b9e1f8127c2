package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ticket makes a ticket that nobody keeps yet.
func ticket(expires time.Time) session.Ticket {
	t := session.Ticket{Key: token.NewID(expires).Key(), Secret: 1<<32 - 1, Sealed: []byte{0, 255, 0}, ExpiresAt: expires}
	t.Hash[31] = 255
	return t
}

// tickets are good for one.
func tickets(t *testing.T, b Backend) {
	ctx := t.Context()
	first, second := ticket(noon), ticket(noon.Add(time.Hour))
	none[session.Ticket](t)(b.Ticket(ctx, first.Key))
	for _, fresh := range []session.Ticket{first, second} {
		kept(t)(b.InsertTicket(ctx, fresh))
		same(t, fresh)(b.Ticket(ctx, fresh.Key))
	}
	double := first
	double.Sealed = []byte("another")
	if inserted, err := b.InsertTicket(ctx, double); err != nil || inserted {
		t.Errorf("a key was taken twice: %v, %v", inserted, err)
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
		t.Errorf("%d have spent one ticket", n)
	}
	none[session.Ticket](t)(b.Ticket(ctx, first.Key))
	same(t, second)(b.Ticket(ctx, second.Key))
	kept(t)(b.InsertTicket(ctx, first)) // what is spent may come again
}
