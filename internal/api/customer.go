package api

import (
	"encoding/json"
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// createCustomer is POST /v1/customers/.
func (a *api) createCustomer(c *call) error {
	in, err := body.ReadCustomerCreate(c.body)
	if err != nil {
		return err
	}
	if in.OrganizationID != nil {
		input, _ := json.Marshal(token.ID(*in.OrganizationID).String())
		return fault.Rule(fault.Field{Type: "organization_token", Loc: []any{"body", "organization_id"}, Input: input,
			Msg: "Setting organization_id is disallowed when using an organization token."})
	}
	customer, err := a.Directory.CreateCustomer(c.Context(), c.subject.organization, newCustomer(in))
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, wireCustomer(customer))
}

// getCustomer is GET /v1/customers/{id}.
func (a *api) getCustomer(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	customer, err := a.Directory.Customer(c.Context(), c.subject.organization, id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireCustomer(customer))
}
