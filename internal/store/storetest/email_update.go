package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// emailUpdate inserts a pending change of the customer's email address.
func emailUpdate(t *testing.T, b Backend, c directory.Customer, email string, expires time.Time) directory.EmailUpdate {
	t.Helper()
	u := directory.EmailUpdate{
		Key: token.NewID(noon).Key(), Customer: c.ID.Key(), Email: email, Secret: 1<<32 - 1, CreatedAt: noon, ExpiresAt: expires,
	}
	u.Hash[0], u.Hash[31] = 1, 255
	succeeds(t)(b.InsertEmailUpdate(t.Context(), u))
	same(t, u)(b.EmailUpdate(t.Context(), u.Key))
	return u
}

// emailUpdates checks that an email update can be used only once.
func emailUpdates(t *testing.T, b Backend) {
	ctx := t.Context()
	o, _ := organization(t, b, "acme")
	c, other := customer(t, b, o, "a@example.com"), customer(t, b, o, "b@example.com")
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, 42))
	u := emailUpdate(t, b, c, "new@example.com", noon.Add(time.Hour))
	second := emailUpdate(t, b, c, *other.Email, noon.Add(-time.Hour))

	taken, found, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
		r.Customer.Email, r.UsedEmailUpdate = other.Email, second.Key
		return nil
	})
	if err != nil || !found || taken != (directory.Conflict{Email: true}) {
		t.Errorf("changing to another customer's address: %+v, %v, %v", taken, found, err)
	}
	same(t, second)(b.EmailUpdate(ctx, second.Key)) // the failed change did not use the update

	var spent atomic.Int64
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			_, found, err := b.ChangeCustomer(ctx, c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error {
				r.Customer.Email, r.UsedEmailUpdate = ptr(fmt.Sprintf("new%d@example.com", i)), u.Key
				r.Customer.Generation++
				r.Ended = append(r.Ended, directory.SessionEnd{Reason: session.EmailChanged, At: noon})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if found {
				spent.Add(1)
			}
		})
	}
	wg.Wait()
	now := roster(t, b, c.ID)
	if spent.Load() != 1 || now.Customer.Generation != 1 || *now.Customer.Email == "a@example.com" {
		t.Errorf("the update was used %d times, and the customer is %+v", spent.Load(), now.Customer)
	}
	if rows, err := b.Revocations(ctx, 0, 100); err != nil || len(rows) != 1 {
		t.Errorf("the log has %d rows, %v, wanted 1", len(rows), err)
	}
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, u.Key))
	none[directory.EmailUpdate](t)(b.EmailUpdate(ctx, second.Key)) // ending the sessions deleted the other update
}
