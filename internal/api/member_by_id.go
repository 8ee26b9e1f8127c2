package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// The routes under /v1/members identify a member without its customer in the path. Polar calls them deprecated in favor of those
// under /v1/customers/{id}/members; SDKs of 2025 and 2026 call them.

// createMemberOf handles POST /v1/members/.
func (a *api) createMemberOf(c *call) error {
	in, wrong := body.ReadMemberCreate(c.body)
	m, badKey := create(a, c, wireMember)
	if err := body.Join(badKey, wrong); err != nil {
		return err
	}
	return m.answer(a.Directory.CreateMember(c.Context(), c.subject.organization, in.CustomerID, directory.NewMember{
		Email: in.Email, Name: in.Name, ExternalID: in.ExternalID, Role: directory.Role(in.Role), Once: m.once,
	}))
}

// getMemberByID handles GET /v1/members/{id}.
func (a *api) getMemberByID(c *call) error { return a.answerMember(c, a.memberByID) }

// updateMemberByID handles PATCH /v1/members/{id}.
func (a *api) updateMemberByID(c *call) error { return a.changeMember(c, a.memberByID) }

// deleteMemberByID handles DELETE /v1/members/{id}.
func (a *api) deleteMemberByID(c *call) error { return a.removeMember(c, a.memberByID) }

// getMemberByExternalID handles GET /v1/members/external/{external_id}.
func (a *api) getMemberByExternalID(c *call) error { return a.answerMember(c, a.memberByExternalID) }

// updateMemberByExternalID handles PATCH /v1/members/external/{external_id}.
func (a *api) updateMemberByExternalID(c *call) error { return a.changeMember(c, a.memberByExternalID) }

// deleteMemberByExternalID handles DELETE /v1/members/external/{external_id}.
func (a *api) deleteMemberByExternalID(c *call) error { return a.removeMember(c, a.memberByExternalID) }

// findMember returns the customer and the member that a request identifies.
type findMember func(c *call) (directory.Customer, directory.Member, error)

// memberByID finds a member of the caller's organization by its id.
func (a *api) memberByID(c *call) (customer directory.Customer, member directory.Member, err error) {
	id, err := body.PathAnyUUID("id", c.Param("id"))
	if err != nil {
		return customer, member, err
	}
	return a.Directory.MemberOf(c.Context(), c.subject.organization, id)
}

var (
	errNoCustomerOfMember = fault.Rule(fault.Field{
		Type: "missing", In: fault.Query, Msg: "One of customer_id or external_customer_id must be provided.",
	})
	errTwoCustomersOfMember = fault.Rule(fault.Field{
		Type: "value_error", In: fault.Query, Msg: "Only one of customer_id or external_customer_id may be provided.",
	})
)

// memberByExternalID finds a member by its external id, which is unique within the customer that the query identifies.
func (a *api) memberByExternalID(c *call) (customer directory.Customer, member directory.Member, err error) {
	externalID, wrong := body.PathText("external_id", c.Param("external_id"))
	in, err := body.ReadMemberLookup(c.query())
	if err := body.Join(wrong, err); err != nil {
		return customer, member, err
	}
	switch {
	case in.CustomerID == nil && in.ExternalCustomerID == nil:
		return customer, member, errNoCustomerOfMember
	case in.CustomerID != nil && in.ExternalCustomerID != nil:
		return customer, member, errTwoCustomersOfMember
	case in.CustomerID != nil:
		customer, err = a.Directory.Customer(c.Context(), c.subject.organization, token.ID(*in.CustomerID))
	default:
		customer, err = a.Directory.CustomerByExternalID(c.Context(), c.subject.organization, *in.ExternalCustomerID)
	}
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "Member not found")
	}
	if err == nil {
		member, err = a.Directory.MemberByExternalID(c.Context(), customer, externalID)
	}
	return customer, member, err
}

// answerMember answers with a member.
func (a *api) answerMember(c *call, find findMember) error {
	_, member, err := find(c)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireMember(member))
}

// changeMember changes a member as the body says, and answers with it. It reports all validation errors together.
func (a *api) changeMember(c *call, find findMember) error {
	in, wrong := body.ReadMemberUpdate(c.body)
	customer, member, err := find(c)
	if err := body.Join(asInvalid(err), wrong); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	change := directory.MemberChange{Email: in.Email.Value, Role: role(in.Role.Value)}
	if in.Name.Value != nil { // a null name changes nothing, as on Polar
		change.Name = directory.Patch[string]{Set: true, Value: in.Name.Value}
	}
	if member, err = a.Directory.ChangeMember(c.Context(), customer, member.ID, change); err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireMember(member))
}

// removeMember deletes a member.
func (a *api) removeMember(c *call, find findMember) error {
	customer, member, err := find(c)
	if err != nil {
		return err
	}
	if err := a.Directory.DeleteMember(c.Context(), customer, member.ID); err != nil {
		return err
	}
	return c.noContent()
}
