package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

func newOrganization(t *testing.T, s *store.Store, slug string) token.ID {
	t.Helper()
	id, now := token.NewID(time.Now()), time.Now()
	_, err := s.InsertOrganization(t.Context(), directory.Organization{ID: id, Slug: slug, Name: slug, CreatedAt: now},
		directory.AccessToken{ID: token.NewID(now), Organization: id, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newCustomer(ctx context.Context, s *store.Store, org token.ID, n int) (token.ID, error) {
	email, at := fmt.Sprintf("c%d@example.com", n), time.UnixMicro(int64(n/3)) // groups of three have the same creation time
	c := directory.Customer{ID: token.NewID(time.Now()), Organization: org, Type: directory.Individual, Email: &email, CreatedAt: at}
	if n%4 == 0 {
		c.Name = &email // the others sort as NULL
	}
	taken, err := s.InsertCustomer(ctx, c, nil, nil)
	if err == nil && taken != (directory.Conflict{}) {
		err = fmt.Errorf("customer %d conflicts: %+v", n, taken)
	}
	return c.ID, err
}

func total(t *testing.T, s *store.Store, org token.ID) int {
	t.Helper()
	_, n, err := s.Customers(t.Context(), directory.CustomerQuery{Organization: org.Key(), Page: directory.Page{Number: 1, Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The total is exact while customers are inserted and deleted concurrently and some changes are rolled back.
func TestCustomerTotalIsExact(t *testing.T) {
	onBothEngines(t, func(t *testing.T, s *store.Store) {
		org, other := newOrganization(t, s, "acme"), newOrganization(t, s, "other")
		if _, err := newCustomer(t.Context(), s, other, 0); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := range 12 {
					id, err := newCustomer(t.Context(), s, org, worker*100+i)
					if err != nil {
						t.Error(err)
						return
					}
					now := time.Now()
					_, _, err = s.ChangeCustomer(t.Context(), id.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
						if i%4 == 1 { // a change of the name does not change the total
							r.Customer.Name = r.Customer.Email
							return nil
						}
						r.Customer.DeletedAt = &now
						if i%4 == 2 {
							return undone
						}
						return nil
					})
					if err != nil && !errors.Is(err, undone) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := total(t, s, org); got != 8*6 { // half of them were deleted
			t.Errorf("the total is %d, wanted %d", got, 8*6)
		}
		if got := total(t, s, other); got != 1 {
			t.Errorf("the other organization's is %d, wanted 1", got)
		}
	})
}

// The pages of a list contain each customer exactly once, in order, whether the store counts from the start or the end.
func TestCustomerPagesAreComplete(t *testing.T) {
	onBothEngines(t, func(t *testing.T, s *store.Store) {
		org := newOrganization(t, s, "acme")
		const customers = 23
		for n := range customers {
			if _, err := newCustomer(t.Context(), s, org, n); err != nil {
				t.Fatal(err)
			}
		}
		for _, sort := range [][]directory.Sort{
			nil, {{By: "created_at"}}, {{By: "created_at", Descending: true}}, {{By: "name"}}, {{By: "name", Descending: true}},
			{{By: "name"}, {By: "email", Descending: true}},
		} {
			whole := pagesOf(t, s, org, sort, customers)
			for _, limit := range []int{1, 4, 10, 22} {
				if got := pagesOf(t, s, org, sort, limit); !slices.Equal(got, whole) {
					t.Errorf("by %+v, in pages of %d: %v, wanted %v", sort, limit, got, whole)
				}
			}
		}
	})
}

// pagesOf returns the keys on all pages. It fails if a page has a wrong length.
func pagesOf(t *testing.T, s *store.Store, org token.ID, sort []directory.Sort, limit int) (keys []token.Key) {
	t.Helper()
	for number := 1; ; number++ {
		page, total, err := s.Customers(t.Context(), directory.CustomerQuery{
			Organization: org.Key(), Sort: sort, Page: directory.Page{Number: number, Limit: limit},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) != max(0, min(limit, total-(number-1)*limit)) {
			t.Fatalf("page %d of %d customers in pages of %d has %d", number, total, limit, len(page))
		}
		if len(page) == 0 {
			return keys
		}
		for _, c := range page {
			keys = append(keys, c.ID.Key())
		}
	}
}
