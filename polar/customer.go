package polar

import "time"

// CustomerType says whether a customer is one person or several. Expect types that are not listed here.
type CustomerType string

// The types of customers of today.
const (
	CustomerIndividual CustomerType = "individual"
	CustomerTeam       CustomerType = "team"
)

// Metadata is what an organization noted about a customer: strings, numbers and booleans under its own names.
type Metadata map[string]any

// Customer is somebody who buys from an organization (GET /v1/customers/{id}), an individual or a team.
// A nil field has no value there.
type Customer struct {
	ID         string     `json:"id"`
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	Metadata   Metadata   `json:"metadata"`
	// ExternalID is the organization's own name for the customer.
	ExternalID *string `json:"external_id"`
	// Email is nil for some teams, and never for an individual.
	Email         *string      `json:"email"`
	EmailVerified bool         `json:"email_verified"`
	Type          CustomerType `json:"type"`
	Name          *string      `json:"name"`
	// BillingName is Name where no other was given.
	BillingName            *string    `json:"billing_name"`
	BillingAddress         *Address   `json:"billing_address"`
	TaxID                  *TaxID     `json:"tax_id"`
	Locale                 *string    `json:"locale"`
	OrganizationID         string     `json:"organization_id"`
	DefaultPaymentMethodID *string    `json:"default_payment_method_id"`
	DeletedAt              *time.Time `json:"deleted_at"`
	FirstUserEventAt       *time.Time `json:"first_user_event_at"`
	// AvatarURL is a picture that belongs to the email address; there may be none behind it.
	AvatarURL *string `json:"avatar_url"`
}

// Address is where a customer is billed.
type Address struct {
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	City       *string `json:"city"`
	// State is prefixed with its country for the United States and Canada: US-NY.
	State *string `json:"state"`
	// Country is ISO 3166-1 alpha-2.
	Country string `json:"country"`
}

// TaxID is a number that a tax authority gave, and its format: {"FR61954506077", "eu_vat"}.
type TaxID [2]string
