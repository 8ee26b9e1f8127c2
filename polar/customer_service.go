package polar

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// CustomersService groups the operations under /v1/customers. The operations need an access token.
type CustomersService struct {
	// Members manages the members of one customer.
	Members CustomerMembersService
	core    *Core
}

// CustomerListParams filters and sorts a list of customers. The zero value selects all customers.
type CustomerListParams struct {
	// Email selects the customer with this email address, ignoring case. An empty Email selects all.
	Email string
	// Query selects customers by a part of their name or email address, ignoring case, or by external ID. An empty
	// Query selects all.
	Query string
	// Active selects customers with an active subscription (true) or without one (false).
	Active Optional[bool]
	// Metadata selects customers whose metadata has all of these values.
	Metadata map[string]string
	// Sorting takes [SortCreatedAt], [SortEmail] and [SortName]. Default: newest first in ListPage, oldest first in List.
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
		name: "list customers", method: http.MethodGet, path: "/v1/customers/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	createCustomer = operation{
		name: "create customer", method: http.MethodPost, path: "/v1/customers/", status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
	exportCustomers = operation{
		name: "export customers", method: http.MethodGet, path: "/v1/customers/export", status: http.StatusOK, auth: organizationAuth,
	}
	getCustomer = operation{
		name: "get customer", method: http.MethodGet, path: "/v1/customers/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	getExternalCustomer = operation{
		name: "get customer", method: http.MethodGet, path: "/v1/customers/external/{external_id}", status: http.StatusOK, auth: organizationAuth,
	}
	getCustomerState = operation{
		name: "get customer state", method: http.MethodGet, path: "/v1/customers/{id}/state", status: http.StatusOK, auth: organizationAuth,
	}
	getExternalCustomerState = operation{
		name: "get customer state", method: http.MethodGet, path: "/v1/customers/external/{external_id}/state", status: http.StatusOK, auth: organizationAuth,
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

// List iterates over the customers that params selects.
//
// Route: GET /v1/customers/.
func (s CustomersService) List(ctx context.Context, params CustomerListParams, opts ...Option) iter.Seq2[*Customer, error] {
	return iterate[Customer](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [CustomersService.List] iterates over.
func (s CustomersService) ListPage(ctx context.Context, params CustomerListParams, opts ...Option) (*List[Customer], error) {
	return fetchPage[Customer](ctx, s.core, params.call(), params.Page, opts)
}

// Create creates a customer from a [CustomerIndividualCreate] or a [CustomerTeamCreate] and returns the customer. It
// returns [ErrValidation] if another customer of the organization has the email address or the external ID.
//
// Route: POST /v1/customers/.
func (s CustomersService) Create(ctx context.Context, in CustomerCreate, opts ...Option) (*Customer, error) {
	c := call{op: &createCustomer, body: in}
	if in == nil {
		c.err = errors.New("the customer is nil; pass a polar.CustomerIndividualCreate or a polar.CustomerTeamCreate")
	}
	return fetch[Customer](ctx, s.core, c, opts)
}

// Get returns a customer, or [ErrNotFound] if it does not exist.
//
// Routes: GET /v1/customers/{id} and GET /v1/customers/external/{external_id}.
func (s CustomersService) Get(ctx context.Context, customer CustomerRef, opts ...Option) (*Customer, error) {
	return fetch[Customer](ctx, s.core, customerCall(customer, &getCustomer, &getExternalCustomer), opts)
}

// State returns a customer with its active subscriptions, granted benefits and meters, or [ErrNotFound] if the customer does not exist.
//
// Routes: GET /v1/customers/{id}/state and GET /v1/customers/external/{external_id}/state.
func (s CustomersService) State(ctx context.Context, customer CustomerRef, opts ...Option) (*CustomerState, error) {
	return fetch[CustomerState](ctx, s.core, customerCall(customer, &getCustomerState, &getExternalCustomerState), opts)
}

// Update changes a customer and returns the changed customer. It returns [ErrNotFound] if the customer does not exist.
// The fields ExternalID and Type can only be changed if customer is a [CustomerID]; otherwise Update returns an error
// and sends nothing.
//
// Routes: PATCH /v1/customers/{id} and PATCH /v1/customers/external/{external_id}.
func (s CustomersService) Update(ctx context.Context, customer CustomerRef, in CustomerUpdate, opts ...Option) (*Customer, error) {
	c := customerCall(customer, &updateCustomer, &updateExternalCustomer)
	if c.body = in; c.op == &updateExternalCustomer && (in.ExternalID != "" || !in.Type.IsZero()) {
		c.err = errors.New("ExternalID and Type can be changed only if the customer is a polar.CustomerID")
	}
	return fetch[Customer](ctx, s.core, c, opts)
}

// Delete deletes a customer and its members, and ends their sessions. It returns [ErrNotFound] if the customer does not
// exist.
//
// Routes: DELETE /v1/customers/{id} and DELETE /v1/customers/external/{external_id}.
func (s CustomersService) Delete(ctx context.Context, customer CustomerRef, opts ...Option) error {
	return customerCall(customer, &deleteCustomer, &deleteExternalCustomer).send(ctx, s.core, opts)
}

// DeleteAndAnonymize deletes a customer as [CustomersService.Delete] does, and also erases its personal data: email
// addresses, names and tax ID. The routes are those of Delete, with anonymize=true in the query.
func (s CustomersService) DeleteAndAnonymize(ctx context.Context, customer CustomerRef, opts ...Option) error {
	c := customerCall(customer, &deleteCustomer, &deleteExternalCustomer)
	c.query = url.Values{"anonymize": {"true"}}
	return c.send(ctx, s.core, opts)
}

func (c *Customer) check() error { return requireText("id", c.ID) }
