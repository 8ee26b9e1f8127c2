package storetest

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// memberPages checks lists of the members of a customer, of a role, or of an organization.
func memberPages(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	first, second := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com")
	far := customer(t, b, elsewhere, "a@example.com")
	keep := func(c directory.Customer, m ...directory.Member) []directory.Member {
		change(t, b, c.ID, func(r *directory.Roster) { r.Members = append(r.Members, m...) })
		return m
	}
	one := keep(first, member(first, directory.Owner, "o@example.com", 1), member(first, directory.OrdinaryMember, "p@example.com", 3), member(first, directory.OrdinaryMember, "q@example.com", 3))
	two := keep(second, member(second, directory.Owner, "o@example.com", 2))
	keep(far, member(far, directory.Owner, "o@example.com", 2))
	gone := keep(first, member(first, directory.OrdinaryMember, "gone@example.com", 0))
	change(t, b, first.ID, func(r *directory.Roster) { r.Members[0].DeletedAt = ptr(noon) })
	none[directory.Member](t)(b.Member(ctx, gone[0].ID.Key()))

	up, down := []directory.Sort{{By: "created_at"}}, []directory.Sort{{By: "created_at", Descending: true}}
	for _, tt := range []struct {
		what string
		q    directory.MemberQuery
		want []directory.Member
	}{
		{"of all", directory.MemberQuery{Sort: up}, []directory.Member{one[0], two[0], one[1], one[2]}},
		{"of all, the youngest first", directory.MemberQuery{Sort: down}, []directory.Member{one[2], one[1], two[0], one[0]}},
		{"of one", directory.MemberQuery{Customer: first.ID.Key(), Sort: up}, one},
		{"owners", directory.MemberQuery{Role: directory.Owner, Sort: up}, []directory.Member{one[0], two[0]}},
		{"of one and a role", directory.MemberQuery{Customer: first.ID.Key(), Role: directory.OrdinaryMember, Sort: up}, one[1:]},
		{"of a role that nobody has", directory.MemberQuery{Role: directory.BillingManager, Sort: up}, []directory.Member{}},
		{"of another organization's customer", directory.MemberQuery{Customer: far.ID.Key(), Sort: up}, []directory.Member{}},
		{"of nobody", directory.MemberQuery{Customer: 42, Sort: up}, []directory.Member{}},
	} {
		tt.q.Organization = o.ID.Key()
		for limit := 1; limit <= 5; limit++ {
			got := []directory.Member{}
			for n := 1; n <= 6; n++ {
				tt.q.Page = directory.Page{Number: n, Limit: limit}
				page, total, err := b.Members(ctx, tt.q)
				check(t, err)
				if total != len(tt.want) {
					t.Errorf("%s: %d in all, wanted %d", tt.what, total, len(tt.want))
				}
				got = append(got, page...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, pages of %d:\n%s", tt.what, limit, diff)
			}
		}
	}
}

// holders checks the search for customers and members by email address.
func holders(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	elsewhere, _ := organization(t, b, "other")
	keep := func(o directory.Organization, n int, email string, role directory.Role, of string) directory.Holder {
		c := insertListed(t, b, o, n, "", email, nil)
		if of == "" {
			return directory.Holder{Customer: c}
		}
		m := member(c, role, of, n)
		change(t, b, c.ID, func(r *directory.Roster) { r.Members = append(r.Members, m) })
		return directory.Holder{Customer: c, Member: &m}
	}
	owner := keep(o, 1, "ÄDA@example.com", directory.Owner, "äda@Example.com")
	plain := keep(o, 2, "team@example.com", directory.OrdinaryMember, "äda@example.com")
	alone := keep(o, 3, "alone@example.com", "", "")
	keep(o, 4, "old@example.com", directory.Owner, "new@example.com") // only the member's address counts
	keep(elsewhere, 5, "äda@example.com", directory.Owner, "äda@example.com")
	gone := keep(o, 6, "gone@example.com", directory.Owner, "äda@example.com")
	change(t, b, gone.Customer.ID, func(r *directory.Roster) { r.Customer.DeletedAt = ptr(noon) })
	left := keep(o, 7, "left@example.com", directory.Owner, "left@example.com")
	change(t, b, left.Customer.ID, func(r *directory.Roster) { r.Members[0].DeletedAt = ptr(noon) })
	left.Member = nil
	for email, want := range map[string][]directory.Holder{
		"äDA@EXAMPLE.com":   {owner, plain},
		"Alone@Example.com": {alone},
		"left@example.com":  {left},
		"team@example.com":  {},
		"old@example.com":   {},
		"gone@example.com":  {},
		"%@example.com":     {},
		"":                  {},
	} {
		got, err := b.HoldersByEmail(ctx, o.ID.Key(), email)
		check(t, err)
		if diff := cmp.Diff(want, append([]directory.Holder{}, got...)); diff != "" {
			t.Errorf("%s:\n%s", email, diff)
		}
	}
	for range 20 { // a customer that gets its owner during the search is found exactly once
		c := customer(t, b, o, "race-"+token.NewID(noon).String()+"@example.com")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					got, err := b.HoldersByEmail(ctx, o.ID.Key(), *c.Email)
					if err != nil || len(got) != 1 || got[0].Customer.ID != c.ID {
						t.Errorf("%d holders while the owner is inserted, %v", len(got), err)
					}
				}
			})
		}
		wg.Go(func() {
			if _, err := ensureOwner(ctx, b, member(c, directory.Owner, *c.Email, 0)); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
	}
}
