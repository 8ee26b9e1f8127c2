package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// manager returns the holder of the caller's session. It returns an error if the holder may not manage members. It does not
// check whether the customer is a team, because Polar checks that after it has validated the request.
func (a *api) manager(c *call) (directory.Holder, error) {
	h, err := a.holder(c)
	if err == nil {
		err = directory.ManageMembers(h)
	}
	return h, err
}

// listPortalMembers handles GET /v1/customer-portal/members.
func (a *api) listPortalMembers(c *call) error {
	h, err := a.manager(c)
	if err != nil {
		return err
	}
	in, err := body.ReadPortalMemberList(c.query())
	if err != nil {
		return err
	}
	members, total, err := a.Directory.TeamMembers(c.Context(), h, directoryPage(in.Paging))
	if err != nil {
		return err
	}
	return answerList(c, members, total, in.Paging, wirePortalMember)
}

// addPortalMember handles POST /v1/customer-portal/members.
func (a *api) addPortalMember(c *call) error {
	h, err := a.manager(c)
	if err != nil {
		return err
	}
	in, wrong := body.ReadCustomerPortalMemberCreate(c.body)
	m, err := create(a, c, wirePortalMember)
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	return m.answer(a.Directory.AddTeamMember(c.Context(), h, directory.NewMember{
		Email: in.Email, Name: in.Name, Role: directory.Role(in.Role), Once: m.once,
	}))
}

// updatePortalMember handles PATCH /v1/customer-portal/members/{id}.
func (a *api) updatePortalMember(c *call) error {
	if _, err := a.manager(c); err != nil {
		return err
	}
	in, wrong := body.ReadCustomerPortalMemberUpdate(c.body)
	id, err := body.PathAnyUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	change := directory.MemberChange{Role: role(in.Role.Value)}
	if in.Name.Value != nil {
		change.Name = directory.Patch[string]{Set: true, Value: in.Name.Value}
	}
	h, err := a.Login.Holder(c.Context(), &c.subject.session)
	if err != nil {
		return err
	}
	member, err := a.Directory.ChangeTeamMember(c.Context(), h, id, change)
	if err != nil {
		return idInPath(err)
	}
	return c.answer(http.StatusOK, wirePortalMember(member))
}

// removePortalMember handles DELETE /v1/customer-portal/members/{id}.
func (a *api) removePortalMember(c *call) error {
	h, err := a.manager(c)
	if err != nil {
		return err
	}
	id, err := body.PathAnyUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	if err := a.Directory.RemoveTeamMember(c.Context(), h, id); err != nil {
		return idInPath(err)
	}
	return c.noContent()
}

// idInPath marks a refused member id as a part of the path, because package directory does not know in which part of the
// request the id was.
func idInPath(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok && len(f.Fields) == 1 && slices.Equal(f.Fields[0].Name, []any{"id"}) {
		f.Fields[0].In = fault.Path
	}
	return err
}
