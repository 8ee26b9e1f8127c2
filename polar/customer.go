package polar

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// CustomerType says whether a customer is one person or several. Expect types that are not listed here.
type CustomerType string

// The types of customers of today.
const (
	CustomerIndividual CustomerType = "individual"
	CustomerTeam       CustomerType = "team"
)

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

// CustomersService groups the operations under /v1/customers.
type CustomersService struct {
	// Members are the people who act for a customer.
	Members CustomerMembersService
	core    *Core
}

// CustomerListParams are the filters of a list of customers; the zero value is all of them.
type CustomerListParams struct {
	// Email is that of the one customer who has it, in any case.
	Email string
	// Query is part of a name or an address, in any case, or an external id.
	Query string
	// Active is whether the customer has a subscription.
	Active Optional[bool]
	// Metadata are values that the customer has.
	Metadata map[string]string
	// Sorting is by SortCreatedAt, SortEmail or SortName; the newest first where nothing is said.
	Sorting []Sort
	Page    Page
}

func (p CustomerListParams) call() call {
	f := filters{}
	f.addText("email", p.Email)
	f.addText("query", p.Query)
	if active, ok := p.Active.Get(); ok {
		f.addText("active", strconv.FormatBool(active))
	}
	for name, value := range p.Metadata {
		f["metadata["+name+"]"] = []string{value}
	}
	f.addSort(p.Sorting)
	return call{op: &listCustomers, query: url.Values(f)}
}

var (
	listCustomers = operation{
		name: "list customers", method: http.MethodGet, path: "/v1/customers/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	createCustomer = operation{
		name: "create customer", method: http.MethodPost, path: "/v1/customers/", status: http.StatusCreated, auth: organizationAuth,
	}
	getCustomer = operation{
		name: "get customer", method: http.MethodGet, path: "/v1/customers/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	getExternalCustomer = operation{
		name: "get customer", method: http.MethodGet, path: "/v1/customers/external/{external_id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateCustomer = operation{
		name: "update customer", method: http.MethodPatch, path: "/v1/customers/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateExternalCustomer = operation{
		name: "update customer", method: http.MethodPatch, path: "/v1/customers/external/{external_id}", status: http.StatusOK, auth: organizationAuth,
	}
	deleteCustomer = operation{
		name: "delete customer", method: http.MethodDelete, path: "/v1/customers/{id}", status: http.StatusNoContent, auth: organizationAuth,
	}
	deleteExternalCustomer = operation{
		name: "delete customer", method: http.MethodDelete, path: "/v1/customers/external/{external_id}", status: http.StatusNoContent, auth: organizationAuth,
	}
)

// List iterates over customers (GET /v1/customers/).
func (s CustomersService) List(ctx context.Context, params CustomerListParams, opts ...Option) iter.Seq2[*Customer, error] {
	return iterate[Customer](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s CustomersService) ListPage(ctx context.Context, params CustomerListParams, opts ...Option) (*List[Customer], error) {
	return fetchPage[Customer](ctx, s.core, params.call(), params.Page, opts)
}

// Create makes a customer, an individual or a team, with its owner (POST /v1/customers/). An address or an external id that
// another customer of the organization has is [ErrValidation].
func (s CustomersService) Create(ctx context.Context, in CustomerCreate, opts ...Option) (*Customer, error) {
	c := call{op: &createCustomer, body: in}
	if in == nil {
		c.err = errors.New("no customer is given: it is a polar.CustomerIndividualCreate or a polar.CustomerTeamCreate")
	}
	return fetch[Customer](ctx, s.core, c, opts)
}

// Get returns a customer; [ErrNotFound] when there is none (GET /v1/customers/{id} and /v1/customers/external/{external_id}).
func (s CustomersService) Get(ctx context.Context, customer CustomerRef, opts ...Option) (*Customer, error) {
	return fetch[Customer](ctx, s.core, customerCall(customer, &getCustomer, &getExternalCustomer), opts)
}

// Update changes a customer and returns it; [ErrNotFound] when there is none (PATCH /v1/customers/{id} and
// /v1/customers/external/{external_id}). A customer who is named by its external id keeps that id and its type: to ask for others
// is an error.
func (s CustomersService) Update(ctx context.Context, customer CustomerRef, in CustomerUpdate, opts ...Option) (*Customer, error) {
	c := customerCall(customer, &updateCustomer, &updateExternalCustomer)
	if c.body = in; c.op == &updateExternalCustomer && !(in.ExternalID.IsZero() && in.Type.IsZero()) {
		c.err = errors.New("ExternalID and Type can be changed of a customer that is named by polar.CustomerID alone")
	}
	return fetch[Customer](ctx, s.core, c, opts)
}

// Delete deletes a customer, its members and their sessions; [ErrNotFound] when there is none (DELETE /v1/customers/{id} and
// /v1/customers/external/{external_id}).
func (s CustomersService) Delete(ctx context.Context, customer CustomerRef, opts ...Option) error {
	return customerCall(customer, &deleteCustomer, &deleteExternalCustomer).send(ctx, s.core, opts)
}

// DeleteAndAnonymize is Delete that also erases what names the customer: addresses, names, tax id.
func (s CustomersService) DeleteAndAnonymize(ctx context.Context, customer CustomerRef, opts ...Option) error {
	c := customerCall(customer, &deleteCustomer, &deleteExternalCustomer)
	c.query = url.Values{"anonymize": {"true"}}
	return c.send(ctx, s.core, opts)
}

func (c *Customer) check() error { return requireText("id", c.ID) }
