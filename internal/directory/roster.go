package directory

import (
	"context"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Roster is a customer with its members, the oldest first. It is locked during a change.
type Roster struct {
	Customer Customer
	Members  []Member
	// Organization is the customer's organization. Changes to it are not stored.
	Organization Organization
	// Ended lists the sessions that the change ends.
	Ended []SessionEnd
	// UsedEmailUpdate is the key of the email update that the change uses, or 0. If the email update does not exist, the change
	// fails.
	UsedEmailUpdate token.Key
}

// SessionEnd describes which sessions end, why and when. If Member is 0, all sessions of the customer and its members end.
type SessionEnd struct {
	Member token.Key
	Reason session.Reason
	At     time.Time
}

// endAll ends all sessions of the customer and its members.
func (r *Roster) endAll(reason session.Reason, at time.Time) {
	r.Customer.Generation++
	r.Ended = append(r.Ended, SessionEnd{Reason: reason, At: at})
}

// end ends all sessions of one member.
func (r *Roster) end(m *Member, reason session.Reason, at time.Time) {
	m.Generation++
	r.Ended = append(r.Ended, SessionEnd{Member: m.ID.Key(), Reason: reason, At: at})
}

// owner returns the owner, or nil. If there are several owners, it returns the oldest.
func (r *Roster) owner() *Member {
	for i := range r.Members {
		if r.Members[i].Role == Owner {
			return &r.Members[i]
		}
	}
	return nil
}

// member returns the member with the id, or nil.
func (r *Roster) member(id token.ID) *Member {
	for i := range r.Members {
		if r.Members[i].ID == id {
			return &r.Members[i]
		}
	}
	return nil
}

// memberByEmail returns the member with the address, ignoring case, or nil.
func (r *Roster) memberByEmail(email string) *Member {
	for i := range r.Members {
		if m := &r.Members[i]; m.Email != nil && sameEmail(*m.Email, email) {
			return m
		}
	}
	return nil
}

// ensureOwner returns the owner. If there is no owner, it adds one.
func (r *Roster) ensureOwner(n *NewOwner, now time.Time) *Member {
	if m := r.owner(); m != nil {
		return m
	}
	r.Members = append(r.Members, *newOwner(r.Customer, n, now))
	return &r.Members[len(r.Members)-1]
}

// change locks a customer of the organization, calls f and stores the result. It returns fault.NotFound if the customer, or
// the email update that the change uses, does not exist.
func (d *Service) change(ctx context.Context, org, customer token.ID, f func(r *Roster) error) (Conflict, error) {
	return d.changeOnce(ctx, org, customer, nil, f)
}

// changeOnce is change for a create with an idempotency key, unless claim is nil.
func (d *Service) changeOnce(ctx context.Context, org, customer token.ID, claim *idempotency.Claim, f func(r *Roster) error) (Conflict, error) {
	conflict, found, err := d.store.ChangeCustomer(ctx, customer.Key(), claim, func(r *Roster) error {
		if r.Customer.ID != customer || r.Customer.Organization != org {
			return errCustomerNotFound
		}
		return f(r)
	})
	if err == nil && !found {
		err = errCustomerNotFound
	}
	return conflict, err
}

var errCustomerNotFound = fault.New(fault.NotFound, "Not found")

// FoldEmail returns a form of an address that is the same for all addresses that differ only in case. This package does the
// folding, because databases treat letters outside ASCII differently.
func FoldEmail(email string) string { return strings.ToLower(email) }

func sameEmail(a, b string) bool { return FoldEmail(a) == FoldEmail(b) }
