package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ChangeCustomer changes a customer of the organization and returns it.
//
// A new email address is not verified and ends the customer's sessions, unless it differs from the old one only in case. The
// owner of an individual customer gets the new address too.
//
// ChangeCustomer returns fault.NotFound, and fault.RuleViolated with a field for each broken rule.
func (d *Service) ChangeCustomer(ctx context.Context, org Organization, id token.ID, c CustomerChange) (Customer, error) {
	var changed Customer
	conflict, err := d.change(ctx, org.ID, id, func(r *Roster) error {
		if err := c.check(r.Customer); err != nil {
			return err
		}
		if err := d.checkAddress(c.Email); err != nil {
			return err
		}
		now := r.before.at
		if c.Email != nil {
			r.setEmail(*c.Email, false, now)
		}
		c.apply(&r.Customer)
		r.Refused = r.Customer.setTaxID(c.TaxID)
		if r.touch(); c.writes(r.before.customer) {
			r.Customer.ModifiedAt = &now
		}
		changed = r.Customer
		return nil
	})
	if err == nil {
		err = conflict.fault(c.Email, c.ExternalID.Value)
	}
	return changed, err
}

func (c CustomerChange) check(old Customer) error {
	var fields []fault.Field
	if c.BillingAddress.Set && c.BillingAddress.Value == nil {
		fields = append(fields, refused("billing_address", "Customer billing address cannot be reset to null once set.", nil))
	}
	if c.ExternalID.Set && old.ExternalID != nil && !same(c.ExternalID.Value, old.ExternalID) {
		fields = append(fields, refused("external_id", "Customer external ID cannot be updated.", c.ExternalID.Value))
	}
	if c.Type.Set && old.Type == Team && (c.Type.Value == nil || *c.Type.Value != Team) {
		fields = append(fields, refused("type", "Customer type cannot be downgraded from 'team' to 'individual'.", c.Type.Value))
	}
	return broken(fields)
}

// writes reports whether the change names a field that moves ModifiedAt even if the field keeps its value.
func (c CustomerChange) writes(old Customer) bool {
	return c.Metadata != nil || c.Name.Set || c.BillingAddress.Set || c.Locale.Set || c.ExternalID.Set ||
		c.Type.Set && (c.Type.Value == nil || *c.Type.Value != old.Type)
}

// setEmail changes the customer's address. It ends all sessions, because the old mailbox may belong to another person, unless
// the new address only differs in case.
func (r *Roster) setEmail(email string, verified bool, now time.Time) {
	c := &r.Customer
	if c.Email != nil && sameEmail(*c.Email, email) {
		c.EmailVerified = c.EmailVerified || verified
		return
	}
	c.Email, c.EmailVerified = &email, verified
	if owner := r.owner(); owner != nil && c.Type == Individual {
		owner.Email = &email
	}
	if !r.Organization.Policy.KeepOnEmailChange {
		r.endAll(session.EmailChanged, now)
	}
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// VerifyEmail marks the customer's email address as verified if it is still the given address.
func (d *Service) VerifyEmail(ctx context.Context, c Customer, email string) error {
	if c.EmailVerified || c.Email == nil || !sameEmail(*c.Email, email) {
		return nil
	}
	_, err := d.change(ctx, c.Organization, c.ID, func(r *Roster) error {
		if r.Customer.Email != nil && sameEmail(*r.Customer.Email, email) {
			r.Customer.EmailVerified = true
		}
		return nil
	})
	return err
}

// EndCustomerSessions ends all sessions of a customer of the organization and of the customer's members, or returns
// fault.NotFound.
func (d *Service) EndCustomerSessions(ctx context.Context, org Organization, id token.ID, reason session.Reason) error {
	_, err := d.change(ctx, org.ID, id, func(r *Roster) error {
		r.endAll(reason, d.instant())
		return nil
	})
	return err
}

// DeleteCustomer deletes a customer of the organization with its members and ends all their sessions, or returns
// fault.NotFound. If anonymize is set, it also erases personal data from the deleted rows: names, addresses and metadata.
func (d *Service) DeleteCustomer(ctx context.Context, org Organization, id token.ID, anonymize bool) error {
	_, err := d.change(ctx, org.ID, id, func(r *Roster) error {
		now := d.instant()
		r.Customer.DeletedAt = &now
		if anonymize {
			r.anonymize()
		}
		r.endAll(session.CustomerDeleted, now)
		return nil
	})
	return err
}

// anonymize erases personal data. It keeps the external id and the tax id, because the law can require them, and the name of a
// business with a tax id. Fields that are not listed here are erased.
func (r *Roster) anonymize() {
	c := &r.Customer
	kept := Customer{
		ID: c.ID, Organization: c.Organization, Type: c.Type, ExternalID: c.ExternalID, TaxID: c.TaxID, Locale: c.Locale, Metadata: map[string]any{},
		Generation: c.Generation, CreatedAt: c.CreatedAt, ModifiedAt: c.ModifiedAt, DeletedAt: c.DeletedAt,
	}
	if c.TaxID != nil {
		kept.Name = c.Name
	}
	r.Customer = kept
	r.EraseMembers = true
}
