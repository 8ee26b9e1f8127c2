package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// change changes a customer and its members, and checks that the change succeeds.
func change(t *testing.T, b Backend, c token.ID, f func(r *directory.Roster)) {
	t.Helper()
	taken, found, err := b.ChangeCustomer(t.Context(), c.Key(), everyone(t, b, c.Key()), nil, func(r *directory.Roster) error { f(r); return nil })
	if err != nil || !found || taken != (directory.Conflict{}) {
		t.Fatalf("the change failed: conflict %+v, found %v, error %v", taken, found, err)
	}
}

// everyone selects all members of a customer.
func everyone(t *testing.T, b Backend, c token.Key) (need directory.Need) {
	t.Helper()
	owner, found, err := b.Customer(t.Context(), c)
	check(t, err)
	if !found {
		return need
	}
	members, _, err := b.Members(t.Context(), directory.MemberQuery{
		Organization: owner.Organization.Key(), Customer: c, Page: directory.Page{Number: 1, Limit: 1000},
	})
	check(t, err)
	for _, m := range members {
		need.Members = append(need.Members, m.ID)
	}
	return need
}

// roster returns a customer and all its members as a change sees them.
func roster(t *testing.T, b Backend, c token.ID) (r directory.Roster) {
	t.Helper()
	change(t, b, c, func(now *directory.Roster) { r = *now; r.Members = slices.Clone(now.Members) })
	return r
}

// wantRoster checks that the customer and its members are stored exactly as in want.
func wantRoster(t *testing.T, b Backend, want directory.Roster) {
	t.Helper()
	same(t, want.Customer)(b.Customer(t.Context(), want.Customer.ID.Key()))
	o, found, err := b.Organization(t.Context(), want.Customer.Organization.Key())
	if want.Organization = o; err != nil || !found {
		t.Fatalf("the customer's organization: %v, %v", found, err)
	}
	if diff := cmp.Diff(want, roster(t, b, want.Customer.ID), cmpopts.IgnoreUnexported(directory.Roster{})); diff != "" {
		t.Errorf("the roster differs:\n%s", diff)
	}
}

// member returns a member that is not stored yet and was created n seconds after noon.
func member(c directory.Customer, role directory.Role, email string, n int) directory.Member {
	at := noon.Add(time.Duration(n) * time.Second)
	return directory.Member{ID: token.NewID(at), Customer: c.ID, Organization: c.Organization, Email: &email, Role: role, CreatedAt: at}
}

// changes checks that a change of each column is stored and that other customers stay the same.
func changes(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	bystander, c := customer(t, b, o, "b@example.com"), customer(t, b, o, "a@example.com")
	want := directory.Roster{Customer: c, Members: []directory.Member{}}
	wantRoster(t, b, want)
	at := noon.Add(time.Minute)
	for _, f := range []func(r *directory.Roster){
		func(r *directory.Roster) { r.Customer.Type = directory.Team },
		func(r *directory.Roster) { r.Customer.ExternalID = ptr("ext") },
		func(r *directory.Roster) { r.Customer.Email = ptr("A@Example.com") },
		func(r *directory.Roster) { r.Customer.EmailVerified = true },
		func(r *directory.Roster) { r.Customer.Name = ptr("Ada") },
		func(r *directory.Roster) { r.Customer.BillingName = ptr("Ada Ltd") },
		func(r *directory.Roster) {
			r.Customer.BillingAddress = &directory.Address{Country: "DE", City: ptr("Köln")}
		},
		func(r *directory.Roster) { r.Customer.TaxID = &directory.TaxID{Value: "DE123", Format: "eu_vat"} },
		func(r *directory.Roster) { r.Customer.Locale = ptr("de") },
		func(r *directory.Roster) { r.Customer.Metadata = map[string]any{"a": int64(1), "b": 1.0} },
		func(r *directory.Roster) { r.Customer.Generation = 1<<32 - 1 },
		func(r *directory.Roster) { r.Customer.ModifiedAt = &at },
		func(r *directory.Roster) {
			r.Members = append(r.Members, member(c, directory.Owner, "o@example.com", 1), member(c, directory.OrdinaryMember, "p@example.com", 2))
		},
		func(r *directory.Roster) { r.Members[1].Email = nil },
		func(r *directory.Roster) { r.Members[1].Name = ptr("Bob") },
		func(r *directory.Roster) { r.Members[1].ExternalID = ptr("ext") },
		func(r *directory.Roster) { r.Members[0].Role, r.Members[1].Role = r.Members[1].Role, r.Members[0].Role },
		func(r *directory.Roster) { r.Members[1].Generation = 1<<32 - 1 },
		func(r *directory.Roster) { r.Members[1].ModifiedAt = &at },
		func(r *directory.Roster) {
			r.Customer.Email, r.Customer.Name, r.Customer.BillingName, r.Customer.Locale = nil, nil, nil, nil
			r.Customer.BillingAddress, r.Customer.TaxID, r.Customer.Metadata = nil, nil, map[string]any{}
		},
	} {
		change(t, b, c.ID, func(r *directory.Roster) {
			f(r)
			want = directory.Roster{Customer: r.Customer, Members: slices.Clone(r.Members)}
		})
		wantRoster(t, b, want)
	}
	gone := want.Members[0]
	change(t, b, c.ID, func(r *directory.Roster) { r.Members[0].DeletedAt = &at })
	want.Members = want.Members[1:]
	wantRoster(t, b, want)
	none[directory.Member](t)(b.Member(t.Context(), gone.ID.Key()))
	same(t, want.Members[0])(b.Owner(t.Context(), c.ID.Key()))
	wantRoster(t, b, directory.Roster{Customer: bystander, Members: []directory.Member{}})

	change(t, b, c.ID, func(r *directory.Roster) { r.Customer.DeletedAt = &at })
	none[directory.Customer](t)(b.Customer(t.Context(), c.ID.Key()))
	none[directory.Customer](t)(b.CustomerByExternalID(t.Context(), o.ID.Key(), "ext"))
	none[directory.Member](t)(b.Owner(t.Context(), c.ID.Key()))
	none[directory.Member](t)(b.Member(t.Context(), want.Members[0].ID.Key()))
	none[directory.Member](t)(b.MemberByExternalID(t.Context(), c.ID.Key(), "ext"))
	for _, key := range []token.Key{c.ID.Key(), 42} {
		called := false
		_, found, err := b.ChangeCustomer(t.Context(), key, directory.Need{}, nil, func(*directory.Roster) error { called = true; return nil })
		if err != nil || found || called {
			t.Errorf("a change of a customer that does not exist: found %v, called %v, %v", found, called, err)
		}
	}
}

// changedNames checks that email addresses and external ids stay unique within an organization, not counting deleted customers.
func changedNames(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	first, second, far := customer(t, b, o, "first@example.com"), customer(t, b, o, "second@example.com"), customer(t, b, elsewhere, "far@example.com")
	change(t, b, first.ID, func(r *directory.Roster) { r.Customer.ExternalID = ptr("first") })
	change(t, b, far.ID, func(r *directory.Roster) { r.Customer.ExternalID = ptr("far") })
	for _, tt := range []struct {
		email, external string
		want            directory.Conflict
	}{
		{"FIRST@example.com", "new", directory.Conflict{Email: true}},
		{"new@example.com", "first", directory.Conflict{ExternalID: true}},
		{"first@example.com", "first", directory.Conflict{Email: true, ExternalID: true}},
		{"far@example.com", "far", directory.Conflict{}},
		{"FAR@example.com", "far", directory.Conflict{}}, // the customer's own values do not conflict
	} {
		before := roster(t, b, second.ID)
		var made directory.Roster
		taken, found, err := b.ChangeCustomer(ctx, second.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
			r.Customer.Email, r.Customer.ExternalID = &tt.email, &tt.external
			made = directory.Roster{Customer: r.Customer, Members: r.Members}
			if tt.want != (directory.Conflict{}) { // further changes, which must be rolled back too
				r.Customer.Generation++
				r.Members = append(r.Members, member(r.Customer, directory.Owner, "o@example.com", 0))
				r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.EmailChanged, At: noon})
			}
			return nil
		})
		if err != nil || !found || taken != tt.want {
			t.Errorf("%s, %s: %+v, %v, %v, wanted %+v", tt.email, tt.external, taken, found, err, tt.want)
		}
		if tt.want == (directory.Conflict{}) {
			before = made
		}
		wantRoster(t, b, before)
	}
	if rows, err := b.Revocations(ctx, 0, 10); err != nil || len(rows) > 0 {
		t.Errorf("a failed change is in the log: %+v, %v", rows, err)
	}
	change(t, b, first.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	change(t, b, second.ID, func(r *directory.Roster) {
		r.Customer.Email, r.Customer.ExternalID = ptr("first@example.com"), ptr("first")
	})
}

// failedChanges checks that a change that fails in any way stores nothing.
func failedChanges(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c := customer(t, b, o, "a@example.com")
	change(t, b, c.ID, func(r *directory.Roster) {
		r.Members = append(r.Members, member(c, directory.Owner, "o@example.com", 0))
	})
	before := roster(t, b, c.ID)
	called := false
	b.OnRevocation(func(rows []session.Revocation) { called = true })
	modify := func(r *directory.Roster) {
		r.Customer.Name, r.Customer.Generation = ptr("spoiled"), r.Customer.Generation+1
		r.Members[0].Role = directory.OrdinaryMember
		r.Members = append(r.Members, member(c, directory.OrdinaryMember, "p@example.com", 1))
		r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.EmailChanged, At: noon})
	}
	failure := errors.New("error of the change")
	if _, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { modify(r); return failure }); !errors.Is(err, failure) || err.Error() != failure.Error() {
		t.Errorf("an error of the change came back as %v", err)
	}
	if taken, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
		modify(r)
		r.Refused = failure
		return nil
	}); !errors.Is(err, failure) || taken != (directory.Conflict{}) {
		t.Errorf("a refused change: conflict %+v, error %v", taken, err)
	}
	if _, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { modify(r); panic("panic of the change") }); err == nil {
		t.Error("a change that panicked was committed")
	}
	if _, found, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { modify(r); r.UsedEmailUpdate = 42; return nil }); err != nil || found {
		t.Errorf("a change that uses a missing email update: %v, %v", found, err)
	}
	if _, _, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
		modify(r)
		r.Members[1].ID = r.Members[0].ID
		return nil
	}); err == nil {
		t.Error("a member with the key of another one was inserted")
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := b.ChangeCustomer(canceled, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { modify(r); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a change with a canceled context: %v", err)
	}
	wantRoster(t, b, before)
	if rows, err := b.Revocations(ctx, 0, 10); err != nil || len(rows) > 0 || called {
		t.Errorf("a failed change is in the log or was notified: %+v, %v, %v", rows, called, err)
	}
}
