package storetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// endOfAllSessions checks that a new generation of a customer or a member ends all of its sessions.
func endOfAllSessions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	other, c := customer(t, b, o, "b@example.com"), customer(t, b, o, "a@example.com")
	first, second := member(c, directory.Owner, "o@example.com", 1), member(c, directory.OrdinaryMember, "p@example.com", 2)
	change(t, b, c.ID, func(r *directory.Roster) { r.Members = append(r.Members, first, second) })

	var notified []session.Revocation
	var committedFirst bool
	b.OnRevocation(func(rows []session.Revocation) {
		log, err := b.Revocations(ctx, 0, 100)
		notified, committedFirst = append(notified, rows...), err == nil && len(log) == len(notified)+len(rows)
	})
	live := func(c directory.Customer, m *directory.Member) session.Record {
		t.Helper()
		r := record(token.NewID(noon), c)
		r.Generations.Customer = c.Generation
		if m != nil {
			r.Kind, r.Member, r.Generations.Member = token.Member, m.ID.Key(), m.Generation
		}
		succeeds(t)(b.InsertSession(ctx, session.Entry{Record: r}))
		same(t, r)(b.Session(ctx, r.ID.Key()))
		return r
	}
	want := []session.Revocation{}
	end := func(m *directory.Member, reason session.Reason) {
		t.Helper()
		row := session.Revocation{Organization: o.ID.Key(), Customer: c.ID.Key(), Reason: reason, At: noon}
		change(t, b, c.ID, func(r *directory.Roster) {
			r.Ended = nil
			if m == nil {
				r.Customer.Generation++
				row.Generation = r.Customer.Generation
			} else {
				for i := range r.Members {
					if r.Members[i].ID == m.ID {
						r.Members[i].Generation++
						row.Member, row.Generation = m.ID.Key(), r.Members[i].Generation
					}
				}
			}
			r.Ended = append(r.Ended, directory.SessionEnd{Member: row.Member, Reason: reason, At: noon})
			c = r.Customer
		})
		want = append(want, row)
		if len(notified) != len(want) || !committedFirst {
			t.Fatalf("%d of %d revocations were notified when the write returned; after the commit: %v", len(notified), len(want), committedFirst)
		}
		row.Seq = notified[len(notified)-1].Seq
		want[len(want)-1] = row
		if diff := cmp.Diff(want, notified); diff != "" {
			t.Errorf("the notified revocations differ:\n%s", diff)
		}
	}

	own, ofFirst, ofSecond, ofOther := live(c, nil), live(c, &first), live(c, &second), live(other, nil)
	end(&first, session.EmailChanged)
	none[session.Record](t)(b.Session(ctx, ofFirst.ID.Key()))
	for _, r := range []session.Record{own, ofSecond, ofOther} {
		same(t, r)(b.Session(ctx, r.ID.Key()))
	}
	first.Generation = 1
	again := live(c, &first)
	end(nil, session.EmailChanged)
	for _, r := range []session.Record{own, ofFirst, ofSecond, again} {
		none[session.Record](t)(b.Session(ctx, r.ID.Key()))
	}
	same(t, ofOther)(b.Session(ctx, ofOther.ID.Key()))
	again = live(c, &first)
	change(t, b, c.ID, func(r *directory.Roster) { r.Members[0].DeletedAt = ptr(noon) })
	none[session.Record](t)(b.Session(ctx, again.ID.Key()))
	again = live(c, nil)
	change(t, b, c.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	none[session.Record](t)(b.Session(ctx, again.ID.Key()))
	same(t, ofOther)(b.Session(ctx, ofOther.ID.Key()))

	log, err := b.Revocations(ctx, 0, 100)
	check(t, err)
	if diff := cmp.Diff(want, log); diff != "" {
		t.Errorf("the log differs:\n%s", diff)
	}
}

// revocationLog checks that the log can be read in pages of any size.
func revocationLog(t *testing.T, b Backend) {
	ctx := t.Context()
	if last, err := b.LastRevocation(ctx); err != nil || last != 0 {
		t.Errorf("the last row of an empty log: %d, %v", last, err)
	}
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	const rows = 25
	for i := range rows {
		change(t, b, c.ID, func(r *directory.Roster) {
			r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.Reason(fmt.Sprint(i)), At: noon}) // the first write has two rows
			if i == 0 {
				r.Ended = append(r.Ended, r.Ended...)
			}
		})
	}
	last, err := b.LastRevocation(ctx)
	check(t, err)
	for _, limit := range []int{1, 7, rows + 1, 1000} {
		after, n := int64(0), 0
		for {
			page, err := b.Revocations(ctx, after, limit)
			check(t, err)
			if len(page) > limit {
				t.Fatalf("a page has %d rows, wanted at most %d", len(page), limit)
			}
			for _, r := range page {
				if r.Seq <= after || string(r.Reason) != fmt.Sprint(max(0, n-1)) {
					t.Fatalf("row %+v follows %d at position %d", r, after, n)
				}
				after, n = r.Seq, n+1
			}
			if len(page) == 0 {
				break
			}
		}
		if n != rows+1 || after != last {
			t.Errorf("by %d: %d rows up to %d, wanted %d up to %d", limit, n, after, rows+1, last)
		}
	}
}
