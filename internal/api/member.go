package api

import (
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// listMembers handles GET /v1/members/.
func (a *api) listMembers(c *call) error {
	in, err := body.ReadMemberList(c.query())
	if err != nil {
		return err
	}
	q := directory.MemberQuery{
		Organization: c.subject.organization.ID.Key(), Sort: sorts(in.Sorting), Page: directoryPage(in.Paging),
	}
	if in.Role != nil {
		q.Role = directory.Role(*in.Role)
	}
	customer, err := a.filterCustomer(c, in.CustomerID, in.ExternalCustomerID)
	if fault.Is(err, fault.NotFound) {
		return answerList(c, nil, 0, in.Paging, wireMember)
	}
	if err != nil {
		return err
	}
	q.Customer = customer
	members, total, err := a.Directory.Members(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, members, total, in.Paging, wireMember)
}

// listCustomerMembers handles GET /v1/customers/{id}/members and the same route with an external id, which newer SDKs of
// Polar call.
func (a *api) listCustomerMembers(c *call) error {
	in, wrong := body.ReadMemberList(c.query())
	customer, err := a.customerOfMember(c)
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	q := directory.MemberQuery{
		Organization: customer.Organization.Key(), Customer: customer.ID.Key(),
		Sort: sorts(in.Sorting), Page: directoryPage(in.Paging),
	}
	if in.Role != nil {
		q.Role = directory.Role(*in.Role)
	}
	members, total, err := a.Directory.Members(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, members, total, in.Paging, wireMember)
}

// filterCustomer returns the key of the customer that a list is filtered by, or 0 if there is no such filter.
func (a *api) filterCustomer(c *call, id *[16]byte, externalID *string) (token.Key, error) {
	org := c.subject.organization
	var byID, byExternalID directory.Customer
	var err error
	if id != nil {
		if byID, err = a.Directory.Customer(c.Context(), org, *id); err != nil {
			return 0, err
		}
	}
	if externalID != nil {
		if byExternalID, err = a.Directory.CustomerByExternalID(c.Context(), org, *externalID); err != nil {
			return 0, err
		}
		if id != nil && byID.ID != byExternalID.ID {
			return 0, fault.New(fault.NotFound, "No customer has both ids. Send only one of them.")
		}
		return byExternalID.ID.Key(), nil
	}
	return byID.ID.Key(), nil
}

// createMember handles POST /v1/customers/{id}/members and POST /v1/customers/external/{external_id}/members.
func (a *api) createMember(c *call) error {
	in, wrong := body.ReadMemberCreateFromCustomer(c.body)
	m, badKey := create(a, c, wireMember)
	customer, err := a.customerOfMember(c)
	if err := body.Join(asInvalid(err), badKey, wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	return m.answer(a.Directory.CreateMember(c.Context(), c.subject.organization, customer.ID, directory.NewMember{
		Email: in.Email, Name: in.Name, ExternalID: in.ExternalID, Role: directory.Role(in.Role), Once: m.once,
	}))
}

// getMember handles GET /v1/customers/{id}/members/{member_id} and the same route with external ids.
func (a *api) getMember(c *call) error { return a.answerMember(c, a.memberInPath) }

// updateMember handles PATCH /v1/customers/{id}/members/{member_id} and the same route with external ids.
func (a *api) updateMember(c *call) error { return a.changeMember(c, a.memberInPath) }

// deleteMember handles DELETE /v1/customers/{id}/members/{member_id} and the same route with external ids.
func (a *api) deleteMember(c *call) error { return a.removeMember(c, a.memberInPath) }

// customerOfMember returns the customer that the path identifies. As on Polar, its error is not "Not found" but "Customer not found".
func (a *api) customerOfMember(c *call) (directory.Customer, error) {
	customer, err := a.customerInPath(c)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "Customer not found")
	}
	return customer, err
}

// memberInPath returns the customer and the member that the path identifies by their ids or external ids.
func (a *api) memberInPath(c *call) (directory.Customer, directory.Member, error) {
	var member directory.Member
	var find func(directory.Customer) error
	var wrong error
	if name := c.Param("member_external_id"); name != "" {
		var externalID string
		externalID, wrong = body.PathText("member_external_id", name)
		find = func(customer directory.Customer) (err error) {
			member, err = a.Directory.MemberByExternalID(c.Context(), customer, externalID)
			return err
		}
	} else {
		var id token.ID
		id, wrong = body.PathAnyUUID("member_id", c.Param("member_id"))
		find = func(customer directory.Customer) (err error) {
			member, err = a.Directory.Member(c.Context(), customer, id)
			return err
		}
	}
	customer, err := a.customerInPath(c)
	if wrong := body.Join(asInvalid(err), wrong); wrong != nil {
		return customer, member, wrong
	}
	if fault.Is(err, fault.NotFound) { // as on Polar, the error does not say whether the customer exists
		err = fault.New(fault.NotFound, "Member not found")
	}
	if err == nil {
		err = find(customer)
	}
	return customer, member, err
}

// role converts a role; nil stays nil.
func role(text *string) *directory.Role {
	if text == nil {
		return nil
	}
	r := directory.Role(*text)
	return &r
}
