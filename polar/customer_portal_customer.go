package polar

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// CustomerPortalCustomer is a customer as shown to the holder of one of its sessions. A nil pointer means that the
// customer has no such value.
//
// Route: GET /v1/customer-portal/customers/me.
type CustomerPortalCustomer struct {
	CreatedAt     time.Time  `json:"created_at"`
	ModifiedAt    *time.Time `json:"modified_at"`
	ID            CustomerID `json:"id"`
	Email         *string    `json:"email"`
	EmailVerified bool       `json:"email_verified"`
	Name          *string    `json:"name"`
	// BillingName equals Name unless the customer has a separate billing name.
	BillingName    *string  `json:"billing_name"`
	BillingAddress *Address `json:"billing_address"`
	TaxID          *TaxID   `json:"tax_id"`
	// OAuthAccounts are the customer's linked accounts by platform. It is empty on a Postern server.
	OAuthAccounts          map[string]OAuthAccount `json:"oauth_accounts"`
	DefaultPaymentMethodID *string                 `json:"default_payment_method_id"`
	Type                   CustomerType            `json:"type"`
	Locale                 *string                 `json:"locale"`
}

func (c *CustomerPortalCustomer) check() error { return requireText("id", c.ID) }

// OAuthAccount is an account of a customer on another platform.
type OAuthAccount struct {
	AccountID       string  `json:"account_id"`
	AccountUsername *string `json:"account_username"`
}

// PortalCustomersService groups the operations under /v1/customer-portal/customers, for the customer that a session
// belongs to.
type PortalCustomersService struct{ core *Core }

// CustomerPortalCustomerUpdate holds the fields that customers can change themselves. Fields with their zero value are
// not changed.
type CustomerPortalCustomerUpdate struct {
	BillingName    Optional[string]       `json:"billing_name,omitzero"`
	BillingAddress Optional[AddressInput] `json:"billing_address,omitzero"`
	TaxID          Optional[string]       `json:"tax_id,omitzero"`
	// DefaultPaymentMethodID exists on Polar only: a Postern server stores no payment methods.
	DefaultPaymentMethodID Optional[string] `json:"default_payment_method_id,omitzero"`
}

var (
	getPortalCustomer = operation{
		name: "get own customer", method: http.MethodGet, path: "/v1/customer-portal/customers/me", status: http.StatusOK,
	}
	exportPortalCustomer = operation{
		name: "export own customer", method: http.MethodGet, path: "/v1/customer-portal/customers/me/export", status: http.StatusOK,
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

// Get returns the customer that the session belongs to.
//
// Route: GET /v1/customer-portal/customers/me.
func (s PortalCustomersService) Get(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerPortalCustomer, error) {
	return fetch[CustomerPortalCustomer](ctx, s.core, call{op: &getPortalCustomer, security: security}, opts)
}

// Export returns what is stored about the customer that the session belongs to.
//
// Route: GET /v1/customer-portal/customers/me/export.
func (s PortalCustomersService) Export(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerExport, error) {
	return fetch[CustomerExport](ctx, s.core, call{op: &exportPortalCustomer, security: security}, opts)
}

// Update changes the customer that the session belongs to, and returns the changed customer. It returns an [*Error]
// with status 403 if the member's role does not allow the change.
//
// Route: PATCH /v1/customer-portal/customers/me.
func (s PortalCustomersService) Update(ctx context.Context, security SessionSecurity, in CustomerPortalCustomerUpdate, opts ...Option) (*CustomerPortalCustomer, error) {
	return fetch[CustomerPortalCustomer](ctx, s.core, call{op: &updatePortalCustomer, security: security, body: in}, opts)
}

// RequestEmailUpdate sends an email with a confirmation link to the customer's new address. The address changes when
// the link's token is passed to [PortalCustomersService.VerifyEmailUpdate].
//
// Route: POST /v1/customer-portal/customers/me/email-update/request.
func (s PortalCustomersService) RequestEmailUpdate(ctx context.Context, security SessionSecurity, email string, opts ...Option) error {
	body := struct {
		Email string `json:"email"`
	}{email}
	return call{op: &requestEmailUpdate, security: security, body: body}.send(ctx, s.core, opts)
}

// CheckEmailUpdate returns nil if the token of a confirmation link is valid, and [ErrUnauthorized] if it is not.
//
// Route: GET /v1/customer-portal/customers/me/email-update/check.
func (s PortalCustomersService) CheckEmailUpdate(ctx context.Context, token string, opts ...Option) error {
	query := url.Values{"token": {token}}
	return call{op: &checkEmailUpdate, query: query, secrets: []string{token, url.QueryEscape(token)}}.send(ctx, s.core, opts)
}

// VerifyEmailUpdate changes the customer's email address to the confirmed one and returns the token of a new session.
// It returns [ErrUnauthorized] if the confirmation token is not valid.
//
// Route: POST /v1/customer-portal/customers/me/email-update/verify.
func (s PortalCustomersService) VerifyEmailUpdate(ctx context.Context, token string, opts ...Option) (*SessionToken, error) {
	body := struct {
		Token string `json:"token"`
	}{token}
	return fetch[SessionToken](ctx, s.core, call{op: &verifyEmailUpdate, body: body, secrets: []string{token}}, opts)
}
