package polar

import "time"

// CustomerPortalCustomer is a customer as it sees itself (GET /v1/customer-portal/customers/me). A nil field has no value.
type CustomerPortalCustomer struct {
	CreatedAt     time.Time  `json:"created_at"`
	ModifiedAt    *time.Time `json:"modified_at"`
	ID            string     `json:"id"`
	Email         *string    `json:"email"`
	EmailVerified bool       `json:"email_verified"`
	Name          *string    `json:"name"`
	// BillingName is Name where no other was given.
	BillingName    *string  `json:"billing_name"`
	BillingAddress *Address `json:"billing_address"`
	TaxID          *TaxID   `json:"tax_id"`
	// OAuthAccounts are the accounts elsewhere that are linked to the customer, by platform; empty on a Postern.
	OAuthAccounts          map[string]OAuthAccount `json:"oauth_accounts"`
	DefaultPaymentMethodID *string                 `json:"default_payment_method_id"`
	Type                   CustomerType            `json:"type"`
	Locale                 *string                 `json:"locale"`
}

// OAuthAccount is an account that a customer has elsewhere.
type OAuthAccount struct {
	AccountID       string  `json:"account_id"`
	AccountUsername *string `json:"account_username"`
}
