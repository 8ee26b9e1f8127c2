package storetest

import (
	"context"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

func record(id token.ID, c directory.Customer) session.Record {
	r := session.Record{Session: session.Session{
		ID: id, Kind: token.Customer, Organization: c.Organization.Key(), Customer: c.ID.Key(),
		ReturnURL: "https://example.com/?q=ä", CreatedAt: noon, ExpiresAt: noon.Add(session.DefaultLifetime),
	}, Secret: 1<<32 - 1}
	r.Hash[0], r.Hash[31] = 1, 255
	return r
}

func sessions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	none[session.Record](t)(b.Session(ctx, 1))
	for _, id := range []token.ID{token.NewID(noon), token.IDOf(0, 0), token.IDOf(1<<63-1, 1<<59-1)} {
		r := record(id, c)
		succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
		same(t, r)(b.Session(ctx, id.Key()))
		double := r
		double.ReturnURL = "https://example.com/double"
		if inserted, err := b.InsertSession(ctx, session.Entry{Record: double}); err != nil || inserted {
			t.Errorf("session %s was inserted twice: %v, %v", id, inserted, err)
		}
		same(t, r)(b.Session(ctx, id.Key()))
	}
	owner, err := ensureOwner(ctx, b, directory.Member{ID: token.NewID(noon), Customer: c.ID, Organization: o.ID, Role: directory.Owner, CreatedAt: noon})
	check(t, err)
	r := record(token.NewID(noon), c)
	r.Kind, r.Member, r.ReturnURL = token.Member, owner.ID.Key(), ""
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
	same(t, r)(b.Session(ctx, r.ID.Key()))

	nobody := record(token.NewID(noon), c)
	nobody.Kind, nobody.Member = token.Member, 42
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: nobody}))
	none[session.Record](t)(b.Session(ctx, nobody.ID.Key()))
}

// concurrency runs many writes at once and checks that each returns its own result.
func concurrency(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	double := record(token.NewID(noon), c)
	succeeds(t)(b.InsertSession(ctx, session.Entry{Record: double}))
	canceled, cancel := context.WithCancel(ctx)
	cancel()

	var wg sync.WaitGroup
	owners := make(chan token.ID, 64)
	for range 64 {
		wg.Go(func() {
			r := record(token.NewID(noon), c)
			succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
			same(t, r)(b.Session(ctx, r.ID.Key()))
		})
		wg.Go(func() {
			if inserted, err := b.InsertSession(ctx, session.Entry{Record: double}); err != nil || inserted {
				t.Errorf("a session was inserted twice: %v, %v", inserted, err)
			}
		})
		wg.Go(func() {
			r := record(token.NewID(noon), c)
			if inserted, err := b.InsertSession(canceled, session.Entry{Record: r}); err == nil || inserted {
				t.Error("a write with a canceled context was committed")
			}
			none[session.Record](t)(b.Session(ctx, r.ID.Key()))
		})
		wg.Go(func() {
			m, err := ensureOwner(ctx, b, directory.Member{ID: token.NewID(noon), Customer: c.ID, Organization: o.ID, Role: directory.Owner, CreatedAt: noon})
			if err != nil {
				t.Error(err)
			}
			owners <- m.ID
		})
	}
	wg.Wait()
	close(owners)
	first := <-owners
	for id := range owners {
		if id != first {
			t.Errorf("two owners: %s and %s", first, id)
		}
	}
}
