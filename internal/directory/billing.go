package directory

import (
	"context"

	"github.com/postern-go/postern/internal/fault"
)

// BillingChange holds a holder's changes to the billing details of its customer. Nil fields stay unchanged.
type BillingChange struct {
	Name    *string
	Address *Address
	// TaxID is the tax id as the holder typed it. Null deletes the tax id.
	TaxID Patch[string]
}

var errBilling = fault.New(fault.NotPermitted, "Only owners and billing managers can access billing features.")

// ManageBilling returns fault.NotPermitted if the holder is a member who is neither the owner nor a billing manager.
func ManageBilling(h Holder) error {
	if h.Member != nil && !h.Member.Role.MayManage() {
		return errBilling
	}
	return nil
}

// ChangeBilling changes the billing details of the holder's customer and returns the customer. It returns the same faults as
// [ManageBilling] and [Service.ChangeCustomer], and fault.InvalidToken if the customer was deleted.
func (d *Service) ChangeBilling(ctx context.Context, h Holder, c BillingChange) (Customer, error) {
	if err := ManageBilling(h); err != nil {
		return Customer{}, err
	}
	org, err := d.Organization(ctx, h.Customer.Organization.Key())
	if err != nil {
		return Customer{}, err
	}
	change := CustomerChange{BillingName: c.Name, TaxID: c.TaxID}
	if c.Address != nil {
		change.BillingAddress = Patch[Address]{Set: true, Value: c.Address}
	}
	changed, err := d.ChangeCustomer(ctx, org, h.Customer.ID, change)
	return changed, endedMeanwhile(err)
}
