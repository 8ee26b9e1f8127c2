package api

import (
	"github.com/postern-go/postern/internal/billing"
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/token"
)

// billingRows returns a row for each operation about objects that this server does not keep. The OpenAPI document leaves them out, and
// the client has no methods for them.
func (a *api) billingRows() []row {
	var rows []row
	for _, op := range billing.Operations {
		r := row{method: op.Method, path: op.Path, access: public, handle: a.billingHandler(op), contract: contract{billing: true}}
		switch op.Access.Caller {
		case billing.Organization:
			r.access = organization(op.Access.Scopes...)
		case billing.Session:
			r.access = portal(op.Access.Scopes...)
		}
		if op.Input.Body != nil {
			r.access.body = jsonBody
		}
		rows = append(rows, r)
	}
	return rows
}

// billingHandler returns the handler of an operation. As on Polar, it checks the role of a member before it validates the request.
func (a *api) billingHandler(op *billing.Operation) handler {
	parameters := op.Parameters()
	return func(c *call) error {
		in := billing.Call{Operation: op, Path: map[string]string{}, Query: c.query().Values}
		if err := a.setCaller(c, &in); err != nil {
			return err
		}
		var wrong []error
		for _, name := range parameters {
			in.Path[name] = c.Param(name)
			read := body.PathText
			if billing.IsID(name) {
				read = pathID
			}
			_, err := read(name, in.Path[name])
			wrong = append(wrong, err)
		}
		if check := op.Input.Query; check != nil {
			paging, err := check(c.query())
			in.Page, in.Limit, wrong = paging.Page, paging.Limit, append(wrong, err)
		}
		if check := op.Input.Body; check != nil {
			wrong = append(wrong, check(c.body))
			in.Body = c.body.JSON()
		}
		if err := body.Join(wrong...); err != nil {
			return err
		}
		if op.Access.OfCustomer {
			customer, err := a.customerInPath(c)
			if err != nil {
				return err
			}
			in.Customer = customer.ID
		}
		answer, err := a.Billing.Answer(c.Context(), in)
		if err != nil {
			return err
		}
		if answer.Body == nil {
			c.Exchange.Header()["Content-Type"] = contentTypeJSON
			c.WriteHeader(answer.Status)
			return nil
		}
		return c.send(answer.Status, answer.Body)
	}
}

func pathID(name, text string) (string, error) {
	id, err := body.PathUUID(name, text)
	return token.ID(id).String(), err
}

// setCaller sets the organization and the customer of a call. It returns an error if the caller is a member whose role the operation
// does not accept.
func (a *api) setCaller(c *call, in *billing.Call) error {
	switch in.Operation.Access.Caller {
	case billing.Organization:
		in.Organization = c.subject.organization.ID
	case billing.Session:
		read := a.holder
		if in.Operation.Access.Managers {
			read = a.billingHolder
		}
		h, err := read(c)
		if err != nil {
			return err
		}
		in.Organization, in.Customer = h.Customer.Organization, h.Customer.ID
		if h.Member != nil {
			in.Member = h.Member.ID
		}
	}
	return nil
}
