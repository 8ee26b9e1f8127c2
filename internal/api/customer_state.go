package api

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// getCustomerState handles GET /v1/customers/{id}/state and GET /v1/customers/external/{external_id}/state.
func (a *api) getCustomerState(c *call) error {
	customer, err := a.customerInPath(c)
	if err != nil {
		return err
	}
	state, err := a.Billing.State(c.Context(), customer.Organization, customer.ID)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, polar.CustomerState{
		Customer: body.WireCustomer(customer), ActiveSubscriptions: state.ActiveSubscriptions, GrantedBenefits: state.GrantedBenefits,
		ActiveMeters: state.ActiveMeters,
	})
}

// customerExport is polar.CustomerExport with the format of its times.
type customerExport struct {
	Customer       exportedCustomer  `json:"customer"`
	Subscriptions  []json.RawMessage `json:"subscriptions"`
	Orders         []json.RawMessage `json:"orders"`
	PaymentMethods []json.RawMessage `json:"payment_methods"`
	BenefitGrants  []json.RawMessage `json:"benefit_grants"`
}

type exportedCustomer struct {
	ID             polar.CustomerID          `json:"id"`
	Email          *string                   `json:"email"`
	Name           *string                   `json:"name"`
	BillingName    *string                   `json:"billing_name"`
	BillingAddress *polar.Address            `json:"billing_address"`
	TaxID          *polar.TaxID              `json:"tax_id"`
	ExternalID     *polar.ExternalCustomerID `json:"external_id"`
	CreatedAt      string                    `json:"created_at"`
	ModifiedAt     *string                   `json:"modified_at"`
}

// exportPortalCustomer handles GET /v1/customer-portal/customers/me/export. The answer is a file with the format of Python's json.dumps.
func (a *api) exportPortalCustomer(c *call) error {
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	state, err := a.Billing.State(c.Context(), h.Customer.Organization, h.Customer.ID)
	if err != nil {
		return err
	}
	w := body.WireCustomer(h.Customer)
	customer := exportedCustomer{
		ID: w.ID, Email: w.Email, Name: w.Name, BillingName: w.BillingName, BillingAddress: w.BillingAddress, TaxID: w.TaxID,
		ExternalID: w.ExternalID, CreatedAt: isoTime(w.CreatedAt),
	}
	if w.ModifiedAt != nil {
		customer.ModifiedAt = new(isoTime(*w.ModifiedAt))
	}
	var file bytes.Buffer
	text := wirejson.Append(nil, customerExport{customer, state.Subscriptions, state.Orders, state.PaymentMethods, state.BenefitGrants})
	if err := json.Indent(&file, text, "", "  "); err != nil {
		return err
	}
	c.Exchange.Header().Set("Content-Disposition", "attachment; filename=polar-customer-export-"+string(w.ID)+".json")
	return c.send(http.StatusOK, escapeASCII(nil, file.Bytes()))
}
