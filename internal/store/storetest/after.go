package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// keyedList is a list that is read by key while it changes.
type keyedList struct {
	// descending reports that the newest entries come first.
	descending bool
	insert     func(at time.Time) token.ID
	remove     func(id token.ID)
	// page returns the entries after the key, and the total.
	page func(after token.Key, limit int) ([]token.ID, int)
}

// pagesAfterAnEntry checks that a caller who reads a list by key gets every entry that lives throughout exactly once, in order,
// although other entries, also those that it has just read, are removed and added meanwhile.
func pagesAfterAnEntry(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	holder := customer(t, b, o, "holder@example.com")
	for name, l := range keyedLists(t, b, o, holder) {
		t.Run(name, func(t *testing.T) { readWhileItChanges(t, l) })
	}
}

func readWhileItChanges(t *testing.T, l keyedList) {
	const entries, limit = 25, 4
	at := noon
	var stay, others []token.ID
	for i := range entries {
		if i%5 != 0 { // several entries have the same creation time
			at = at.Add(time.Second)
		}
		if id := l.insert(at); i%3 == 0 {
			stay = append(stay, id)
		} else {
			others = append(others, id)
		}
	}
	removed := map[token.ID]bool{}
	remove := func(id token.ID) {
		if !removed[id] {
			l.remove(id)
			removed[id] = true
		}
	}
	seen := map[token.ID]int{}
	var kept []token.ID
	for after, pages := token.Key(0), 0; ; pages++ {
		page, total := l.page(after, limit)
		if len(page) == 0 {
			break
		}
		if total < len(stay) || len(page) > limit || pages > 20*entries {
			t.Fatalf("page %d has %d entries, total %d", pages, len(page), total)
		}
		for _, id := range page {
			if seen[id]++; seen[id] > 1 {
				t.Errorf("%s comes twice", id)
			}
			if removed[id] {
				t.Errorf("%s comes although it was removed before", id)
			}
			if slices.Contains(stay, id) {
				kept = append(kept, id)
			}
		}
		last := page[len(page)-1]
		if !slices.Contains(stay, last) {
			remove(last) // the position must survive its entry
		}
		for range 3 {
			remove(others[rand.N(len(others))])
		}
		if pages < entries { // with an ascending order, new entries extend the list
			l.insert(at)
		}
		after = last.Key()
	}
	if l.descending {
		slices.Reverse(kept)
	}
	if !slices.Equal(kept, stay) {
		t.Errorf("%d entries live throughout, and %d came, or in another order", len(stay), len(kept))
	}
	foreign := token.NewID(noon.Add(-time.Hour)) // an id of no entry is a position too
	if page, _ := l.page(foreign.Key(), 100); l.descending != (len(page) == 0) {
		t.Errorf("%d entries after the id of an earlier time", len(page))
	}
}

func keyedLists(t *testing.T, b Backend, o directory.Organization, holder directory.Customer) map[string]keyedList {
	ctx := t.Context()
	lists := map[string]keyedList{}
	for _, descending := range []bool{false, true} {
		sort := []directory.Sort{{By: "created_at", Descending: descending}}
		order := map[bool]string{false: "oldest first", true: "newest first"}[descending]
		lists["customers, "+order] = keyedList{
			descending: descending,
			insert:     func(at time.Time) token.ID { return insertAt(t, b, o, at).ID },
			remove:     func(id token.ID) { change(t, b, id, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) }) },
			page: func(after token.Key, limit int) ([]token.ID, int) {
				page, total, err := b.Customers(ctx, directory.CustomerQuery{Organization: o.ID.Key(), Text: ptr("listed"), Sort: sort, Page: directory.Page{Number: 1, Limit: limit, After: after}})
				check(t, err)
				return idsOf(page, func(c directory.Customer) token.ID { return c.ID }), total
			},
		}
		team := customer(t, b, o, fmt.Sprintf("team%v@example.com", descending))
		lists["members, "+order] = keyedList{
			descending: descending,
			insert: func(at time.Time) token.ID {
				m := directory.Member{ID: token.NewID(at), Customer: team.ID, Organization: o.ID, Role: directory.OrdinaryMember, CreatedAt: at}
				change(t, b, team.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
				return m.ID
			},
			remove: func(id token.ID) {
				change(t, b, team.ID, func(r *directory.Roster) {
					for i := range r.Members {
						if r.Members[i].ID == id {
							r.Members[i].DeletedAt = ptr(noon)
						}
					}
				})
			},
			page: func(after token.Key, limit int) ([]token.ID, int) {
				page, total, err := b.Members(ctx, directory.MemberQuery{Organization: o.ID.Key(), Customer: team.ID.Key(), Role: directory.OrdinaryMember, Sort: sort, Page: directory.Page{Number: 1, Limit: limit, After: after}})
				check(t, err)
				return idsOf(page, func(m directory.Member) token.ID { return m.ID }), total
			},
		}
		tokens, _ := organization(t, b, fmt.Sprintf("tokens%v", descending))
		lists["access tokens, "+order] = keyedList{
			descending: descending,
			insert: func(at time.Time) token.ID {
				a := directory.AccessToken{ID: token.NewID(at), Organization: tokens.ID, CreatedAt: at.Add(time.Hour)}
				check(t, insertAccessToken(ctx, b, a, nil))
				return a.ID
			},
			remove: func(id token.ID) {
				check(t, changeAccessToken(ctx, b, tokens.ID, id, func(a *directory.AccessToken) error { a.RevokedAt = ptr(noon); return nil }))
			},
			page: func(after token.Key, limit int) ([]token.ID, int) {
				page, total, err := b.AccessTokens(ctx, directory.AccessTokenQuery{Organization: tokens.ID.Key(), Sort: sort, Page: directory.Page{Number: 1, Limit: limit, After: after}})
				check(t, err)
				return idsOf(page, func(a directory.AccessToken) token.ID { return a.ID }), total
			},
		}
		own := customer(t, b, o, fmt.Sprintf("sessions%v@example.com", descending))
		lists["sessions, "+order] = keyedList{
			descending: descending,
			insert: func(at time.Time) token.ID {
				e := session.Entry{Record: record(token.NewID(at), own)}
				e.Generations, e.IdleTimeout, e.ExpiresAt = session.Generations{}, 0, noon.Add(24*time.Hour)
				succeeds(t)(b.InsertSession(ctx, e))
				return e.ID
			},
			remove: func(id token.ID) {
				_, err := b.ChangeSession(ctx, id.Key(), func(e *session.Entry) error { e.EndedAt, e.EndReason = ptr(noon), "fraud"; return nil })
				check(t, err)
			},
			page: func(after token.Key, limit int) ([]token.ID, int) {
				page, total, err := b.Entries(ctx, session.Query{Organization: o.ID.Key(), Customer: own.ID.Key(), State: session.Live, Now: noon, Oldest: !descending, Page: 1, Limit: limit, After: after})
				check(t, err)
				return idsOf(page, func(e session.Entry) token.ID { return e.ID }), total
			},
		}
	}
	hooks, _ := organization(t, b, "hooks")
	lists["webhook endpoints"] = keyedList{
		insert: func(at time.Time) token.ID {
			e := webhook.Endpoint{ID: token.NewID(at), Organization: hooks.ID, URL: "https://hooks.acme.example/", CreatedAt: at}
			succeeds(t)(b.InsertEndpoint(ctx, e, 1000, nil))
			return e.ID
		},
		remove: func(id token.ID) { succeeds(t)(b.DeleteEndpoint(ctx, hooks.ID.Key(), id)) },
		page: func(after token.Key, limit int) ([]token.ID, int) {
			page, total, err := b.Endpoints(ctx, hooks.ID.Key(), webhook.Page{Number: 1, Limit: limit, After: after})
			check(t, err)
			return idsOf(page, func(e webhook.Endpoint) token.ID { return e.ID }), total
		},
	}
	return lists
}

func insertAt(t *testing.T, b Backend, o directory.Organization, at time.Time) directory.Customer {
	t.Helper()
	c := directory.Customer{ID: token.NewID(at), Organization: o.ID, Type: directory.Team, Name: ptr("listed"), Metadata: map[string]any{}, CreatedAt: at}
	_, err := b.InsertCustomer(t.Context(), c, nil, nil)
	check(t, err)
	return c
}

func idsOf[T any](page []T, id func(T) token.ID) []token.ID {
	ids := make([]token.ID, len(page))
	for i, item := range page {
		ids[i] = id(item)
	}
	return ids
}
