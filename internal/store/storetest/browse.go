package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// browses reads a list in both directions, with pages of several lengths. Each time, it must have exactly the wanted keys, in order,
// and their number.
func browses[T any](t *testing.T, what string, want []token.Key, key func(T) token.Key, read func(keyset.Range) (keyset.Page[T], error)) {
	t.Helper()
	for _, limit := range []int{1, 2, len(want) + 1} {
		for _, last := range []bool{false, true} {
			var got []token.Key
			r := keyset.Range{Limit: limit, Last: last}
			for pages := 0; pages <= len(want)+1; pages++ {
				p, err := read(r)
				check(t, err)
				if p.Count != (keyset.Count{N: len(want)}) {
					t.Fatalf("%s: the count is %+v, want %d", what, p.Count, len(want))
				}
				var keys []token.Key
				for _, row := range p.Rows {
					keys = append(keys, key(row))
				}
				next := keyset.Range{Limit: limit, After: p.Next}
				if got = append(got, keys...); last {
					got = append(keys, got[:len(got)-len(keys)]...)
					next = keyset.Range{Limit: limit, Before: p.Previous}
				}
				if r = next; r.Key() == 0 {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, limit %d, from the end %t:\n got %v\nwant %v", what, limit, last, got, want)
			}
		}
	}
}

// browsedCustomers checks searches without accents, the orders of customers, and pages by key.
func browsedCustomers(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	insertListed(t, b, elsewhere, 0, "Leïla", "leila@example.com", nil)
	keys := map[string]token.Key{}
	for i, c := range []struct{ name, email, billing, external string }{
		{"Leïla Öz", "l@example.com", "", ""}, {"LEILA\u0308 too", "", "Straße 9", "User_7"}, {"", "zoë@exämple.com", "", ""}, {"Ærø Łódź", "", "", "x"},
		{"ｗｉｄｅ", "", "", ""}, {"か゛が", "", "", ""}, {"100% _sure_", "", "", ""}, {"", "", "", "zz"},
	} {
		added := insertListed(t, b, o, i/2, c.name, c.email, func(d *directory.Customer) {
			if c.billing != "" {
				d.BillingName = &c.billing
			}
			if c.external != "" {
				d.ExternalID = &c.external
			}
		})
		keys[fmt.Sprint(i)] = added.ID.Key()
	}
	gone := insertListed(t, b, o, 9, "Leila deleted", "", nil)
	change(t, b, gone.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	for text, names := range map[string]string{
		"": "76543210", "leila": "10", "LEÏLA": "10", "Leila Oz": "0", "strasse": "1", "user_7": "1", "ZOE@exam": "2", "aero": "3", "aero lodz": "3",
		"wide": "4", "100%": "6", "_": "61", "%": "6", "zz": "7", "nobody": "", "\n": "76543210", "oz\nl": "", "  leila   oz ": "0",
	} {
		var want []token.Key
		for _, name := range names {
			want = append(want, keys[string(name)])
		}
		read := func(order directory.CustomerOrder) func(keyset.Range) (keyset.Page[directory.Customer], error) {
			return func(r keyset.Range) (keyset.Page[directory.Customer], error) {
				return b.BrowseCustomers(t.Context(), directory.BrowseQuery{Organization: o.ID.Key(), Text: text, Order: order, Range: r})
			}
		}
		key := func(c directory.Customer) token.Key { return c.ID.Key() }
		browses(t, fmt.Sprintf("newest %q", text), want, key, read(directory.Newest))
		slices.Reverse(want)
		browses(t, fmt.Sprintf("oldest %q", text), want, key, read(directory.Oldest))
	}
	var byName []token.Key
	for _, i := range []string{"6", "3", "0", "1", "4", "2", "7", "5"} {
		byName = append(byName, keys[i])
	}
	browses(t, "by name", byName, func(c directory.Customer) token.Key { return c.ID.Key() }, func(r keyset.Range) (keyset.Page[directory.Customer], error) {
		return b.BrowseCustomers(t.Context(), directory.BrowseQuery{Organization: o.ID.Key(), Order: directory.ByName, Range: r})
	})
	// A change of the name changes what is found.
	changed := insertListed(t, b, o, 10, "before", "", nil)
	change(t, b, changed.ID, func(r *directory.Roster) { r.Customer.Name = ptr("Čapek") })
	for text, want := range map[string]int{"before": 0, "capek": 1} {
		p, err := b.BrowseCustomers(t.Context(), directory.BrowseQuery{Organization: o.ID.Key(), Text: text, Range: keyset.Range{Limit: 5}})
		if err != nil || p.Count.N != want || len(p.Rows) != want {
			t.Errorf("%s: %+v, %v", text, p, err)
		}
	}
	// Values of any length can be stored and searched by their beginning.
	long := strings.Repeat("ü", 5000)
	insertListed(t, b, o, 11, long, "", func(c *directory.Customer) { c.BillingName, c.ExternalID = &long, &long })
	p, err := b.BrowseCustomers(t.Context(), directory.BrowseQuery{Organization: o.ID.Key(), Text: long[:200], Order: directory.ByName, Range: keyset.Range{Limit: 5}})
	if err != nil || len(p.Rows) != 1 {
		t.Errorf("a long name: %+v, %v", p.Count, err)
	}
}

// browsedSessions checks the filters of sessions, and pages by key.
func browsedSessions(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	team, single, far := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com"), customer(t, b, elsewhere, "c@example.com")
	m := member(team, directory.Owner, "o@example.com", 1)
	change(t, b, team.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
	sessionEntry(t, b, far, noon)
	var keys []token.Key
	for i := range 6 {
		c := team
		if i%2 == 1 {
			c = single
		}
		e := session.Entry{Record: record(token.NewID(noon.Add(time.Duration(i)*time.Second)), c), CreatedBy: session.Client{IP: fmt.Sprintf("192.0.2.%d", i)}}
		e.IdleTimeout, e.CreatedAt, e.ExpiresAt = 0, noon, noon.Add(time.Duration(1+i/3)*time.Hour)
		if i == 4 {
			e.Kind, e.Member = token.Member, m.ID.Key()
		}
		succeeds(t)(b.InsertSession(ctx, e))
		keys = append(keys, e.ID.Key())
	}
	check(t, b.RecordUses(ctx, []session.Use{{Session: keys[5], At: noon, Client: session.Client{IP: "192.0.2.0"}}}))
	succeeds(t)(b.ChangeSession(ctx, keys[3], func(e *session.Entry) error { e.EndedAt = ptr(noon); return nil }))
	for _, tt := range []struct {
		name string
		q    session.BrowseQuery
		want []int
	}{
		{"all", session.BrowseQuery{}, []int{5, 4, 3, 2, 1, 0}},
		{"oldest", session.BrowseQuery{Oldest: true}, []int{0, 1, 2, 3, 4, 5}},
		{"live", session.BrowseQuery{State: session.Live}, []int{5, 4}},
		{"expired", session.BrowseQuery{State: session.Expired}, []int{2, 1, 0}},
		{"ended", session.BrowseQuery{State: session.Revoked}, []int{3}},
		{"created or used from an address", session.BrowseQuery{IP: "192.0.2.0"}, []int{5, 0}},
		{"of a customer", session.BrowseQuery{Holders: []session.HolderKey{{Customer: team.ID.Key()}}}, []int{4, 2, 0}},
		{"of a member", session.BrowseQuery{Holders: []session.HolderKey{{Customer: team.ID.Key(), Member: m.ID.Key()}}}, []int{4}},
		{"of two customers", session.BrowseQuery{Holders: []session.HolderKey{{Customer: team.ID.Key()}, {Customer: single.ID.Key()}}}, []int{5, 4, 3, 2, 1, 0}},
		{"of two customers, oldest", session.BrowseQuery{Oldest: true, Holders: []session.HolderKey{{Customer: team.ID.Key()}, {Customer: single.ID.Key()}}}, []int{0, 1, 2, 3, 4, 5}},
		{"of another organization", session.BrowseQuery{Holders: []session.HolderKey{{Customer: far.ID.Key()}}}, nil},
		{"of nobody", session.BrowseQuery{Holders: []session.HolderKey{}}, nil},
	} {
		tt.q.Organization, tt.q.Now = o.ID.Key(), noon.Add(90*time.Minute)
		var want []token.Key
		for _, i := range tt.want {
			want = append(want, keys[i])
		}
		if tt.q.Holders == nil {
			if n, last, err := b.CountSessions(ctx, tt.q, 0); err != nil || last != 0 || n != len(want) {
				t.Errorf("%s: counted %d until %d, %v", tt.name, n, last, err)
			}
		}
		browses(t, tt.name, want, func(e session.Entry) token.Key { return e.ID.Key() }, func(r keyset.Range) (keyset.Page[session.Entry], error) {
			tt.q.Range = r
			return b.BrowseSessions(ctx, tt.q)
		})
	}
}

// browsedAudit checks pages of the audit log by key.
func browsedAudit(t *testing.T, b Backend) {
	ticking(b, noon)
	o, _ := organization(t, b, "acme")
	organization(t, b, "other")
	customer(t, b, o, "a@example.com")
	customer(t, b, o, "b@example.com")
	for _, q := range []audit.Query{{}, {Action: audit.CustomerCreated}, {Ascending: true}, {Action: audit.MemberDeleted}, {Since: noon.Add(time.Millisecond)}} {
		q.Organization, q.Page, q.Limit = o.ID.Key(), 1, 100
		all, err := b.AuditEntries(t.Context(), q)
		check(t, err)
		var want []token.Key
		for _, e := range all {
			want = append(want, e.ID.Key())
		}
		browses(t, fmt.Sprintf("%+v", q), want, func(e audit.Entry) token.Key { return e.ID.Key() }, func(r keyset.Range) (keyset.Page[audit.Entry], error) {
			return b.BrowseAudit(t.Context(), q, r)
		})
	}
}

// browsedDeliveries checks the filters of deliveries, and pages by key over several endpoints.
func browsedDeliveries(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	c, far := customer(t, b, o, "a@example.com"), customer(t, b, elsewhere, "a@example.com")
	first, second := endpoint(t, b, o, webhook.Kinds()...), endpoint(t, b, o, webhook.SessionCreated)
	endpoint(t, b, elsewhere, webhook.Kinds()...)
	for i := range 3 {
		insertAnnounced(t, b, c, noon.Add(time.Duration(i)*time.Hour))
		insertAnnounced(t, b, far, noon.Add(time.Hour))
	}
	check(t, b.InsertEvent(ctx, webhook.LoginFailedEvent(webhook.LoginFailure{Organization: o.ID.Key()}, noon)))
	due, err := b.DueDeliveries(ctx, second.ID.Key(), noon.Add(time.Hour), 1)
	check(t, err)
	check(t, b.SaveAttempts(ctx, second.ID.Key(), []webhook.Attempt{{Seq: due[0].Seq, State: webhook.Failed, At: noon, NextAt: noon}}))
	everything, _, err := b.Deliveries(ctx, webhook.DeliveryQuery{Organization: o.ID.Key(), Page: webhook.Page{Number: 1, Limit: 100}})
	check(t, err)
	for _, tt := range []struct {
		name string
		q    webhook.BrowseQuery
		keep func(d webhook.Delivery) bool
		n    int
	}{
		{"all", webhook.BrowseQuery{}, func(webhook.Delivery) bool { return true }, 7},
		{"of an endpoint", webhook.BrowseQuery{Endpoint: &first.ID}, func(d webhook.Delivery) bool { return d.Endpoint == first.ID }, 4},
		{"of an unknown endpoint", webhook.BrowseQuery{Endpoint: ptr(token.NewID(noon))}, func(webhook.Delivery) bool { return false }, 0},
		{"failed", webhook.BrowseQuery{State: webhook.Failed}, func(d webhook.Delivery) bool { return d.State == webhook.Failed }, 1},
		{"of a kind", webhook.BrowseQuery{Kind: webhook.LoginFailed}, func(d webhook.Delivery) bool { return d.Event.Kind == webhook.LoginFailed }, 1},
	} {
		var want []token.Key
		for _, d := range everything {
			if tt.keep(d) {
				want = append(want, d.ID.Key())
			}
		}
		if len(want) != tt.n {
			t.Errorf("%s: %d deliveries", tt.name, len(want))
		}
		tt.q.Organization = o.ID.Key()
		browses(t, tt.name, want, func(d webhook.Delivery) token.Key { return d.ID.Key() }, func(r keyset.Range) (keyset.Page[webhook.Delivery], error) {
			tt.q.Range = r
			return b.BrowseDeliveries(ctx, tt.q)
		})
	}
}

// activityCounts checks that counts of several processes are added up, and deleted when they are too old.
func activityCounts(t *testing.T, b Backend) {
	ctx := t.Context()
	minute, hour := noon.Truncate(time.Minute), noon.Truncate(time.Hour)
	row := func(org token.Key, span time.Duration, at time.Time, n int) session.StoredCount {
		return session.StoredCount{Organization: org, Span: span, Count: session.Count{At: at, Created: n, LoggedIn: 2 * n, Verified: 3 * n, Ended: 4 * n, Refused: 5 * n}}
	}
	check(t, b.AddActivity(ctx, []session.StoredCount{row(0, time.Minute, minute, 1), row(7, time.Minute, minute, 2), row(7, time.Hour, hour, 2), row(8, time.Hour, hour, 9)}))
	check(t, b.AddActivity(ctx, []session.StoredCount{row(7, time.Minute, minute, 3), row(7, time.Minute, minute.Add(time.Minute), 1), row(7, time.Hour, hour, 4)}))
	wants := func(since time.Time, want ...session.StoredCount) {
		t.Helper()
		got, err := b.Activity(ctx, []token.Key{0, 7}, since)
		check(t, err)
		slices.SortFunc(got, func(a, b session.StoredCount) int {
			return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Span, b.Span), a.At.Compare(b.At))
		})
		if !slices.Equal(got, want) {
			t.Errorf("since %v:\n got %v\nwant %v", since, got, want)
		}
	}
	all := []session.StoredCount{row(0, time.Minute, minute, 1), row(7, time.Minute, minute, 5), row(7, time.Minute, minute.Add(time.Minute), 1), row(7, time.Hour, hour, 6)}
	wants(hour, all...)
	wants(minute.Add(time.Second), all[2])
	_, err := b.Sweep(ctx, noon.Add(3*time.Hour))
	check(t, err)
	wants(hour, all[3])
	_, err = b.Sweep(ctx, noon.Add(49*time.Hour))
	check(t, err)
	wants(hour)
}

// failedMails checks that the newest failed mails of an organization are kept, for 30 days at most, and that anonymizing a customer
// deletes those to its addresses.
func failedMails(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	insert := func(org directory.Organization, at time.Time, email string) token.Key {
		t.Helper()
		m := directory.FailedMail{Key: token.NewID(at).Key(), At: at, Kind: "login code", Email: email, Error: "550 no such mailbox", Attempts: 3}
		check(t, b.InsertFailedMail(ctx, org.ID.Key(), m, 3))
		return m.Key
	}
	list := func(r keyset.Range) (keyset.Page[directory.FailedMail], error) {
		return b.FailedMails(ctx, o.ID.Key(), r)
	}
	key := func(m directory.FailedMail) token.Key { return m.Key }
	insert(elsewhere, noon, "ada@example.com")
	var keys []token.Key
	for i := range 5 {
		keys = append(keys, insert(o, noon.Add(time.Duration(i)*time.Hour), fmt.Sprintf("M%d@example.com", i)))
	}
	browses(t, "the newest", []token.Key{keys[4], keys[3], keys[2]}, key, list)
	p, err := list(keyset.Range{Limit: 1})
	check(t, err)
	if want := (directory.FailedMail{Key: keys[4], At: noon.Add(4 * time.Hour), Kind: "login code", Email: "M4@example.com", Error: "550 no such mailbox", Attempts: 3}); p.Rows[0] != want {
		t.Errorf("got %+v, want %+v", p.Rows[0], want)
	}
	c := customer(t, b, o, "m4@example.com")
	m := member(c, directory.Owner, "m2@example.com", 1)
	change(t, b, c.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
	change(t, b, c.ID, func(r *directory.Roster) {
		r.Customer.DeletedAt, r.Customer.Email, r.EraseMembers = ptr(noon), nil, true
	})
	browses(t, "after a customer was anonymized", []token.Key{keys[3]}, key, list)
	_, err = b.Sweep(ctx, noon.Add(30*24*time.Hour+2*time.Hour))
	check(t, err)
	browses(t, "before 30 days", []token.Key{keys[3]}, key, list)
	_, err = b.Sweep(ctx, noon.Add(30*24*time.Hour+4*time.Hour))
	check(t, err)
	browses(t, "after 30 days", nil, key, list)
}
