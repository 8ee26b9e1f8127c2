package directory

import (
	"context"

	"github.com/postern-go/postern/internal/fault"
)

// BillingChange says what holders change of what stands on their customer's invoices. What is nil stays.
type BillingChange struct {
	Name    *string
	Address *Address
	// TaxID is as it was typed in.
	TaxID *string
}

var errBilling = fault.New(fault.NotPermitted, "Only owners and billing managers can access billing features.")

// ManageBilling yields fault.NotPermitted unless the holder may change what stands on invoices: the customer itself may, its
// owner and its billing managers.
func ManageBilling(h Holder) error {
	if h.Member != nil && !h.Member.Role.MayManage() {
		return errBilling
	}
	return nil
}

// ChangeBilling changes the holder's customer, and returns it as it is then. It yields what [ManageBilling] and
// [Service.ChangeCustomer] do, and fault.InvalidToken when the customer is gone.
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
