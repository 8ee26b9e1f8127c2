package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

// contention runs concurrent changes of the same rows and checks that all rules of the directory still hold.
func contention(t *testing.T, b Backend) {
	o, _ := organization(t, b, "acme")
	t.Run("creates", func(t *testing.T) { creates(t, b, o) })
	t.Run("transfers", func(t *testing.T) { transfers(t, b, o) })
	t.Run("swaps", func(t *testing.T) { swaps(t, b, o) })
}

// creates inserts many customers with the same external id concurrently. It checks that only one of them is inserted, together
// with its owner.
func creates(t *testing.T, b Backend, o directory.Organization) {
	var made, taken atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			email := fmt.Sprintf("%d@example.com", i)
			c := directory.Customer{ID: token.NewID(noon), Organization: o.ID, Type: directory.Team, ExternalID: ptr("ext"), Email: &email,
				Metadata: map[string]any{}, CreatedAt: noon}
			m := member(c, directory.Owner, email, 0)
			got, err := b.InsertCustomer(t.Context(), c, &m, nil)
			switch {
			case err != nil:
				t.Error(err)
			case got == directory.Conflict{}:
				made.Add(1)
				same(t, c)(b.CustomerByExternalID(t.Context(), o.ID.Key(), "ext"))
				same(t, m)(b.Owner(t.Context(), c.ID.Key()))
			case got == directory.Conflict{ExternalID: true}:
				taken.Add(1)
				none[directory.Customer](t)(b.Customer(t.Context(), c.ID.Key()))
				none[directory.Member](t)(b.Member(t.Context(), m.ID.Key()))
			default:
				t.Errorf("taken: %+v", got)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || taken.Load() != 63 {
		t.Errorf("%d were inserted and %d refused, wanted 1 and 63", made.Load(), taken.Load())
	}
}

// transfers checks that concurrent transfers of the ownership leave exactly one owner, and that no change is lost.
func transfers(t *testing.T, b Backend, o directory.Organization) {
	c := customer(t, b, o, "team@example.com")
	const members = 64
	change(t, b, c.ID, func(r *directory.Roster) {
		for i := range members {
			role := directory.OrdinaryMember
			if i == 0 {
				role = directory.Owner
			}
			r.Members = append(r.Members, member(c, role, fmt.Sprintf("m%d@example.com", i), i))
		}
	})
	team := everyone(t, b, c.ID.Key())
	var wg sync.WaitGroup
	for i := range members {
		wg.Go(func() {
			_, found, err := b.ChangeCustomer(t.Context(), c.ID.Key(), team, nil, func(r *directory.Roster) error {
				for j := range r.Members {
					if r.Members[j].Role == directory.Owner {
						r.Members[j].Role = directory.BillingManager
					}
				}
				r.Members[i].Role = directory.Owner
				r.Members[i].Generation++
				r.Customer.Generation++
				return nil
			})
			if err != nil || !found {
				t.Errorf("transfer %d: %v, %v", i, found, err)
			}
		})
		wg.Go(func() {
			if owner, found, err := b.Owner(t.Context(), c.ID.Key()); err != nil || !found {
				t.Errorf("meanwhile the owner is %+v, %v, %v", owner, found, err)
			}
		})
	}
	wg.Wait()
	owners := 0
	now := roster(t, b, c.ID)
	for _, m := range now.Members {
		if m.Role == directory.Owner {
			owners++
		}
		if m.Generation != 1 {
			t.Errorf("member %s has generation %d, wanted 1: its change was lost", *m.Email, m.Generation)
		}
	}
	if owners != 1 || now.Customer.Generation != members {
		t.Errorf("%d owners after %d of %d changes", owners, now.Customer.Generation, members)
	}
}

// swaps checks that customers can concurrently take over each other's email addresses and external ids without a deadlock.
func swaps(t *testing.T, b Backend, o directory.Organization) {
	ids := []token.ID{customer(t, b, o, "s0@example.com").ID, customer(t, b, o, "s1@example.com").ID, customer(t, b, o, "s2@example.com").ID}
	var wg sync.WaitGroup
	for i := range 48 {
		wg.Go(func() {
			email, external := fmt.Sprintf("s%d@example.com", i%4), fmt.Sprintf("s%d", (i+1)%4)
			_, found, err := b.ChangeCustomer(t.Context(), ids[i%3].Key(), directory.Need{}, nil, func(r *directory.Roster) error {
				r.Customer.Email, r.Customer.ExternalID = &email, &external
				return nil
			})
			if err != nil || !found {
				t.Errorf("swap %d: %v, %v", i, found, err)
			}
		})
	}
	wg.Wait()
	names := map[string]bool{}
	for _, id := range ids {
		c := roster(t, b, id).Customer
		if c.ExternalID != nil && names[*c.ExternalID] || names[*c.Email] {
			t.Errorf("%s or %v exists twice", *c.Email, c.ExternalID)
		}
		names[*c.Email] = true
		if c.ExternalID != nil {
			names[*c.ExternalID] = true
		}
	}
}
