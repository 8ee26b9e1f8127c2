package polar

import (
	"encoding/json"
	"time"
)

// CustomerState is a customer and what it has: its active subscriptions, the benefits that are granted to it, and its meters. Each
// entry is the JSON of Polar's API. The lists are empty on a Postern server, which keeps no subscriptions.
//
// Route: GET /v1/customers/{id}/state.
type CustomerState struct {
	Customer
	ActiveSubscriptions []json.RawMessage `json:"active_subscriptions"`
	GrantedBenefits     []json.RawMessage `json:"granted_benefits"`
	ActiveMeters        []json.RawMessage `json:"active_meters"`
}

// CustomerExport is what is stored about a customer, as a file for the customer. Each entry of a list is the JSON of Polar's API. The
// lists are empty on a Postern server.
//
// Route: GET /v1/customer-portal/customers/me/export.
type CustomerExport struct {
	Customer       ExportedCustomer  `json:"customer"`
	Subscriptions  []json.RawMessage `json:"subscriptions"`
	Orders         []json.RawMessage `json:"orders"`
	PaymentMethods []json.RawMessage `json:"payment_methods"`
	BenefitGrants  []json.RawMessage `json:"benefit_grants"`
}

func (e *CustomerExport) check() error { return requireText("customer.id", e.Customer.ID) }

// ExportedCustomer is the customer in a [CustomerExport]. A nil pointer means that the customer has no such value.
type ExportedCustomer struct {
	ID    CustomerID `json:"id"`
	Email *string    `json:"email"`
	Name  *string    `json:"name"`
	// BillingName equals Name unless the customer has a separate billing name.
	BillingName    *string             `json:"billing_name"`
	BillingAddress *Address            `json:"billing_address"`
	TaxID          *TaxID              `json:"tax_id"`
	ExternalID     *ExternalCustomerID `json:"external_id"`
	CreatedAt      time.Time           `json:"created_at"`
	ModifiedAt     *time.Time          `json:"modified_at"`
}
