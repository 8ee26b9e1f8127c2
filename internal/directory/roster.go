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

// Roster is a customer, locked during a change.
type Roster struct {
	Customer Customer
	// Members are the owners and the members that [Need] selects, the oldest first. A change appends new members.
	Members []Member
	// MemberCount is the number of all members before the change, at most [Need.Count].
	MemberCount int
	// Organization is the customer's organization. Changes to it are not stored.
	Organization Organization
	// Ended lists the sessions that the change ends.
	Ended []SessionEnd
	// UsedEmailUpdate is the key of the email update that the change uses, or 0. If the email update does not exist, the change
	// fails.
	UsedEmailUpdate token.Key
	// EraseMembers erases the addresses and names of all members. Only a change that deletes the customer can set it.
	EraseMembers bool
	// Refused is an error that stops the change. If the customer also conflicts with another customer, the conflict
	// is reported instead.
	Refused error

	before before
}

// Need selects the members that a change of a customer reads or changes. The customer's owners are always loaded.
type Need struct {
	// Members are the ids of members. A nil Email or ExternalID selects no member.
	Members           []token.ID
	Email, ExternalID *string
	// Count is where the count of the members stops. 0 means that they are not counted.
	Count int
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

// add adds a member, or returns fault.QuotaExceeded if the customer already has limit members. The change must need the count of
// the members up to limit. A limit of 0 means no limit.
func (r *Roster) add(m Member, limit int) error {
	if limit > 0 && r.MemberCount >= limit {
		return OverQuota("customer", limit, "members", "Remove a member first.")
	}
	r.Members = append(r.Members, m)
	return nil
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

// member returns the member with the id, or nil. The change must need the member.
func (r *Roster) member(id token.ID) *Member {
	for i := range r.Members {
		if r.Members[i].ID == id {
			return &r.Members[i]
		}
	}
	return nil
}

// memberByEmail returns the member with the address, or nil; see [FoldEmail]. The change must need the address.
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

// change locks a customer of the organization, loads its owners, calls f and stores the result. It returns fault.NotFound if the
// customer, or the email update that the change uses, does not exist.
func (d *Service) change(ctx context.Context, org, customer token.ID, f func(r *Roster) error) (Conflict, error) {
	return d.changeWith(ctx, org, customer, Need{}, nil, f)
}

// changeWith is change for members other than the owners, and for a create with an idempotency key, unless claim is nil.
func (d *Service) changeWith(ctx context.Context, org, customer token.ID, need Need, claim *idempotency.Claim, f func(r *Roster) error) (Conflict, error) {
	conflict, found, err := d.changeRoster(ctx, customer.Key(), need, claim, func(r *Roster) error {
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

// changeRoster is [CustomerStore.ChangeCustomer]. It also maintains ModifiedAt, and calls the function of
// [Service.OnAccountChange] after the change.
func (d *Service) changeRoster(ctx context.Context, customer token.Key, need Need, claim *idempotency.Claim, f func(r *Roster) error) (Conflict, bool, error) {
	var changes []AccountChange
	conflict, found, err := d.store.ChangeCustomer(ctx, customer, need, claim, func(r *Roster) error {
		r.remember(d.instant())
		err := f(r)
		r.touch()
		changes = r.accountChanges()
		return err
	})
	if err == nil && found && conflict == (Conflict{}) && d.onAccountChange != nil {
		for _, c := range changes {
			d.onAccountChange(ctx, c)
		}
	}
	return conflict, found, err
}

var errCustomerNotFound = fault.New(fault.NotFound, "Not found")

// FoldEmail returns the form in which email addresses are compared: addresses that differ only in the case of letters of ASCII have
// the same form. Letters outside ASCII stay distinct, because they can be in the addresses of different mailboxes. Package body has
// converted addresses to Unicode NFC, so that the same characters have one encoding.
//
// This package does the folding, because databases treat letters outside ASCII differently.
func FoldEmail(email string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, email)
}

func sameEmail(a, b string) bool { return FoldEmail(a) == FoldEmail(b) }
