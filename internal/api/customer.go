package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// createCustomer handles POST /v1/customers/.
func (a *api) createCustomer(c *call) error {
	in, wrong := body.ReadCustomerCreate(c.body)
	m, err := create(a, c, c.wireChanged)
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	if err := noOrganization(in.OrganizationID); err != nil {
		return err
	}
	in.Once = m.once
	return m.answer(a.Directory.CreateCustomer(c.Context(), c.subject.organization, in.NewCustomer))
}

// noOrganization refuses an organization id in a body, because an access token belongs to one organization.
func noOrganization(id *[16]byte) error {
	if id == nil {
		return nil
	}
	return fault.Rule(fault.Field{Type: "organization_token", Name: []any{"organization_id"}, Input: wirejson.AppendString(nil, token.ID(*id).String()),
		Msg: "Setting organization_id is disallowed when using an organization token."})
}

// listCustomers handles GET /v1/customers/.
func (a *api) listCustomers(c *call) error {
	in, err := body.ReadCustomerList(c.query())
	if err != nil {
		return err
	}
	if err := in.LimitMetadata(a.Directory.Limits().MetadataFilters); err != nil {
		return err
	}
	subscribed := in.Active != nil && *in.Active // this server has no subscriptions
	if subscribed || !c.own(in.OrganizationIDs) {
		return answerList(c, nil, 0, in.Paging, body.WireCustomer)
	}
	customers, total, err := a.Directory.Customers(c.Context(), directory.CustomerQuery{
		Organization: c.subject.organization.ID.Key(), Email: in.Email, Text: in.Query, Metadata: in.Metadata,
		Sort: sorts(in.Sorting), Page: directoryPage(in.Paging),
	})
	if err != nil {
		return err
	}
	return answerList(c, customers, total, in.Paging, body.WireCustomer)
}

// getCustomer handles GET /v1/customers/{id} and GET /v1/customers/external/{external_id}.
func (a *api) getCustomer(c *call) error {
	customer, err := a.customerInPath(c)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, body.WireCustomer(customer))
}

// updateCustomer handles PATCH /v1/customers/{id} and PATCH /v1/customers/external/{external_id}.
func (a *api) updateCustomer(c *call) error {
	read := body.ReadCustomerUpdate
	if c.Param("external_id") != "" {
		read = body.ReadCustomerUpdateExternalID
	}
	in, wrong := read(c.body)
	customer, err := a.customerInPath(c)
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	customer, err = a.Directory.ChangeCustomer(c.Context(), c.subject.organization, customer.ID, in)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.wireChanged(customer))
}

// wireChanged converts a customer whose metadata may be new. As on Polar, new metadata has the order of the request; stored metadata has
// the order of jsonb.
func (c *call) wireChanged(customer directory.Customer) wirejson.Ordered {
	return wirejson.Ordered{Value: body.WireCustomer(customer), Names: c.body.MemberNames("metadata")}
}

// deleteCustomer handles DELETE /v1/customers/{id} and DELETE /v1/customers/external/{external_id}.
func (a *api) deleteCustomer(c *call) error {
	in, wrong := body.ReadCustomerDelete(c.query())
	customer, err := a.customerInPath(c)
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	if err := a.Directory.DeleteCustomer(c.Context(), c.subject.organization, customer.ID, in.Anonymize); err != nil {
		return err
	}
	return c.noContent()
}

// customerInPath returns the customer that the path identifies by its id or external id.
func (a *api) customerInPath(c *call) (directory.Customer, error) {
	org := c.subject.organization
	if externalID := c.Param("external_id"); externalID != "" {
		externalID, err := body.PathText("external_id", externalID)
		if err != nil {
			return directory.Customer{}, err
		}
		return a.Directory.CustomerByExternalID(c.Context(), org, externalID)
	}
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return directory.Customer{}, err
	}
	return a.Directory.Customer(c.Context(), org, id)
}

// asInvalid returns err if it is a validation error, and nil otherwise. Handlers report all validation errors of a request
// together, and before other errors.
func asInvalid(err error) error {
	if fault.Is(err, fault.InvalidRequest) {
		return err
	}
	return nil
}
