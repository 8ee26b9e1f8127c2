package directory

import (
	"context"
	"time"
)

// AccountChange is a change after which a person may have lost an account. Email is the address of that person.
type AccountChange struct {
	Organization Organization
	Customer     Customer
	// Email is the old address if the address changed, and otherwise the address of the former owner.
	Email string
	// OwnerChanged reports whether another member became the owner. Otherwise, the address changed.
	OwnerChanged bool
	At           time.Time
}

// OnAccountChange registers a function that is called after each change of an address or of an owner, no matter who made the
// change: once for each old address and for each former owner. Call OnAccountChange once, before using the service.
func (d *Service) OnAccountChange(f func(ctx context.Context, c AccountChange)) {
	d.onAccountChange = f
}

// accountChanges compares the roster with the remembered one. A deleted customer or member has no change.
func (r *Roster) accountChanges() (changes []AccountChange) {
	add := func(email string, owner bool) {
		changes = append(changes, AccountChange{Organization: r.Organization, Customer: r.Customer, Email: email, OwnerChanged: owner, At: r.before.at})
	}
	if r.Customer.DeletedAt != nil {
		return nil
	}
	old := ""
	if replaced(r.before.customer.Email, r.Customer.Email) {
		old = *r.before.customer.Email
		add(old, false)
	}
	for i := range r.Members {
		m := &r.Members[i]
		was, known := r.before.members[m.ID]
		if !known || m.DeletedAt != nil {
			continue
		}
		if replaced(was.Email, m.Email) && (old == "" || !sameEmail(old, *was.Email)) { // an individual's owner has the customer's address
			add(*was.Email, false)
		}
		if was.Role == Owner && m.Role != Owner && was.Email != nil {
			add(*was.Email, true)
		}
	}
	return changes
}

func replaced(old, current *string) bool {
	return old != nil && (current == nil || !sameEmail(*old, *current))
}
