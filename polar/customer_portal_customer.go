package polar

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

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

func (c *CustomerPortalCustomer) check() error { return requireText("id", c.ID) }

// OAuthAccount is an account that a customer has elsewhere.
type OAuthAccount struct {
	AccountID       string  `json:"account_id"`
	AccountUsername *string `json:"account_username"`
}

// PortalCustomersService groups the operations under /v1/customer-portal/customers.
type PortalCustomersService struct{ core *Core }

// CustomerPortalCustomerUpdate says what customers change in themselves. What is left out stays.
type CustomerPortalCustomerUpdate struct {
	BillingName    Optional[string]       `json:"billing_name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// DefaultPaymentMethodID is Polar's: a Postern keeps no payment methods.
	DefaultPaymentMethodID Optional[string] `json:"default_payment_method_id,omitzero"`
}

var (
	getPortalCustomer = operation{
		name: "get own customer", method: http.MethodGet, path: "/v1/customer-portal/customers/me", status: http.StatusOK,
	}
	updatePortalCustomer = operation{
		name: "update own customer", method: http.MethodPatch, path: "/v1/customer-portal/customers/me", status: http.StatusOK,
	}
	requestEmailUpdate = operation{
		name: "request an email update", method: http.MethodPost, path: "/v1/customer-portal/customers/me/email-update/request",
		status: http.StatusAccepted,
	}
	checkEmailUpdate = operation{
		name: "check an email update", method: http.MethodGet, path: "/v1/customer-portal/customers/me/email-update/check",
		status: http.StatusNoContent, auth: noAuth,
	}
	verifyEmailUpdate = operation{
		name: "verify an email update", method: http.MethodPost, path: "/v1/customer-portal/customers/me/email-update/verify",
		status: http.StatusOK, auth: noAuth,
	}
)

// Get returns the customer of the session (GET /v1/customer-portal/customers/me).
func (s PortalCustomersService) Get(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerPortalCustomer, error) {
	return fetch[CustomerPortalCustomer](ctx, s.core, call{op: &getPortalCustomer, security: security}, opts)
}

// Update changes the customer of the session and returns it (PATCH /v1/customer-portal/customers/me). Members without the role
// for it get a 403 [*Error].
func (s PortalCustomersService) Update(ctx context.Context, security SessionSecurity, in CustomerPortalCustomerUpdate, opts ...Option) (*CustomerPortalCustomer, error) {
	return fetch[CustomerPortalCustomer](ctx, s.core, call{op: &updatePortalCustomer, security: security, body: in}, opts)
}

// RequestEmailUpdate has a mail sent to a new address of the customer, with a link that confirms it (POST
// /v1/customer-portal/customers/me/email-update/request).
func (s PortalCustomersService) RequestEmailUpdate(ctx context.Context, security SessionSecurity, email string, opts ...Option) error {
	body := struct {
		Email string `json:"email"`
	}{email}
	return call{op: &requestEmailUpdate, security: security, body: body}.send(ctx, s.core, opts)
}

// CheckEmailUpdate reports whether the token of such a mail is good: it is if there is no error, and not if the error is
// [ErrUnauthorized] (GET /v1/customer-portal/customers/me/email-update/check).
func (s PortalCustomersService) CheckEmailUpdate(ctx context.Context, token string, opts ...Option) error {
	query := url.Values{"token": {token}}
	return call{op: &checkEmailUpdate, query: query, secrets: []string{token, url.QueryEscape(token)}}.send(ctx, s.core, opts)
}

// VerifyEmailUpdate makes the new address the customer's, and returns the token of a new session (POST
// /v1/customer-portal/customers/me/email-update/verify). A token that is not good is [ErrUnauthorized].
func (s PortalCustomersService) VerifyEmailUpdate(ctx context.Context, token string, opts ...Option) (*SessionToken, error) {
	body := struct {
		Token string `json:"token"`
	}{token}
	return fetch[SessionToken](ctx, s.core, call{op: &verifyEmailUpdate, body: body, secrets: []string{token}}, opts)
}
