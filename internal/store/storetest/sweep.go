package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sweep checks that a sweep deletes exactly the expired rows, even if that takes more than one transaction.
func sweep(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	expiring := func(at time.Time) session.Record {
		r := record(token.NewID(at.Add(-session.DefaultLifetime)), c)
		r.CreatedAt, r.ExpiresAt = at.Add(-session.DefaultLifetime), at
		return r
	}
	keep := []session.Record{expiring(noon.Add(time.Minute)), expiring(noon.Add(-59 * time.Minute)), expiring(noon.Add(time.Hour))}
	for _, r := range keep {
		succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
	}
	const many = 2100
	over := make([]session.Record, many)
	var wg sync.WaitGroup
	for part := range 16 {
		wg.Go(func() {
			for i := part; i < many; i += 16 {
				over[i] = expiring(noon.Add(-time.Hour - time.Duration(1+i)*time.Second))
				succeeds(t)(b.InsertSession(ctx, session.Entry{Record: over[i]}))
			}
		})
	}
	wg.Wait()
	oldCode, newCode := code(o, 1, noon.Add(-2*time.Hour)), code(o, 2, noon.Add(time.Minute))
	insertCode(t, b, oldCode)
	insertCode(t, b, newCode)
	month := 30 * 24 * time.Hour
	for _, age := range []time.Duration{month + time.Minute, month - time.Minute, 0} {
		change(t, b, c.ID, func(r *directory.Roster) {
			r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.Reason(age.String()), At: noon.Add(-age)})
		})
	}

	oldUpdate := emailUpdate(t, b, c, "x@example.com", noon.Add(-2*time.Hour))
	newUpdate := emailUpdate(t, b, c, "y@example.com", noon.Add(time.Minute))

	oldTicket, newTicket := ticket(noon.Add(-2*time.Hour)), ticket(noon.Add(time.Minute))
	succeeds(t)(insertTicket(t, b, c, oldTicket))
	succeeds(t)(insertTicket(t, b, c, newTicket))

	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := b.Sweep(canceled, noon); err == nil || n > 0 {
		t.Errorf("a sweep with a canceled context: %d, %v", n, err)
	}
	var mu sync.Mutex
	removed := 0
	for range 3 { // like several processes that share a store
		wg.Go(func() {
			n, err := b.Sweep(ctx, noon)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			removed += n
			mu.Unlock()
		})
	}
	wg.Wait()
	if removed != many+4 {
		t.Errorf("%d rows were removed, wanted %d", removed, many+4)
	}
	if n, err := b.Sweep(ctx, noon); err != nil || n != 0 {
		t.Errorf("a repeated sweep: %d, %v", n, err)
	}
	for _, i := range []int{0, 1, 999, 1000, many - 1} {
		none[session.Record](t)(b.Session(ctx, over[i].ID.Key()))
	}
	for _, r := range keep {
		same(t, r)(b.Session(ctx, r.ID.Key()))
	}
	none[login.Code](t)(b.Code(ctx, oldCode.Hash))
	same(t, newCode)(b.Code(ctx, newCode.Hash))
	none[session.Ticket](t)(b.Ticket(ctx, oldTicket.Key))
	same(t, newTicket)(b.Ticket(ctx, newTicket.Key))
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, oldUpdate.Key))
	same(t, newUpdate)(b.EmailUpdate(ctx, newUpdate.Key))
	rows, err := b.Revocations(ctx, 0, 100)
	check(t, err)
	if len(rows) != 2 || rows[0].At != noon.Add(-month+time.Minute) {
		t.Errorf("the log has %+v, wanted the last two", rows)
	}
	if last, err := b.LastRevocation(ctx); err != nil || last != rows[1].Seq {
		t.Errorf("the last row is %d, %v, wanted %d", last, err, rows[1].Seq)
	}
	if n, err := b.Sweep(ctx, noon.Add(2*month)); err != nil || n != 8 {
		t.Errorf("much later %d rows were removed, %v, wanted 8", n, err)
	}
	change(t, b, c.ID, func(r *directory.Roster) { r.Ended = append(r.Ended, directory.SessionEnd{Reason: "next", At: noon}) })
	if next, err := b.Revocations(ctx, rows[1].Seq, 100); err != nil || len(next) != 1 {
		t.Errorf("the log after a sweep and a new row: %+v, %v", next, err)
	}
}
