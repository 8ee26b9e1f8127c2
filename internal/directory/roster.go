package directory

import (
	"context"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Roster is a customer with its live members, the oldest first, as a change sees them: nobody else changes them meanwhile.
type Roster struct {
	Customer Customer
	Members  []Member
	// Organization is whose customer it is; a change leaves it as it is.
	Organization Organization
	// Ended is whose sessions the change ends.
	Ended []SessionEnd
	// UsedEmailUpdate is the email update that the change uses up; 0 is none. Without it, there is no change.
	UsedEmailUpdate token.Key
}

// SessionEnd says whose sessions have ended, why and when. Member is 0 for the customer's own and those of all its members.
type SessionEnd struct {
	Member token.Key
	Reason session.Reason
	At     time.Time
}

// endAll ends every session of the customer and of its members.
func (r *Roster) endAll(reason session.Reason, at time.Time) {
	r.Customer.Generation++
	r.Ended = append(r.Ended, SessionEnd{Reason: reason, At: at})
}

// end ends the sessions of one member.
func (r *Roster) end(m *Member, reason session.Reason, at time.Time) {
	m.Generation++
	r.Ended = append(r.Ended, SessionEnd{Member: m.ID.Key(), Reason: reason, At: at})
}

// owner returns the owner, the oldest of several; nil when there is none.
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

// memberByEmail returns the member who has the address, whatever its case, or nil.
func (r *Roster) memberByEmail(email string) *Member {
	for i := range r.Members {
		if m := &r.Members[i]; m.Email != nil && sameEmail(*m.Email, email) {
			return m
		}
	}
	return nil
}

// ensureOwner returns the owner, and makes one where there is none.
func (r *Roster) ensureOwner(n *NewOwner, now time.Time) *Member {
	if m := r.owner(); m != nil {
		return m
	}
	r.Members = append(r.Members, *newOwner(r.Customer, n, now))
	return &r.Members[len(r.Members)-1]
}

// change lets f change a customer of the organization, and yields fault.NotFound when there is none, or when what the
// change would spend is gone.
func (d *Service) change(ctx context.Context, org, customer token.ID, f func(r *Roster) error) (Conflict, error) {
	taken, found, err := d.store.ChangeCustomer(ctx, customer.Key(), func(r *Roster) error {
		if r.Customer.ID != customer || r.Customer.Organization != org {
			return errCustomerNotFound
		}
		return f(r)
	})
	if err == nil && !found {
		err = errCustomerNotFound
	}
	return taken, err
}

var errCustomerNotFound = fault.New(fault.NotFound, "Not found")

// FoldEmail returns what makes an address the same as another, whatever its case. It is done here, because databases disagree
// on letters outside ASCII.
func FoldEmail(email string) string { return strings.ToLower(email) }

func sameEmail(a, b string) bool { return FoldEmail(a) == FoldEmail(b) }
