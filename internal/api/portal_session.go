package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/wirejson"
)

// introspect handles GET /v1/customer-portal/customer-session/introspect. It builds its JSON without package encoding/json,
// because this is the most frequent request.
func (a *api) introspect(c *call) error {
	s := &c.subject.session
	b := make([]byte, 0, 128)
	b = append(b, `{"expires_at":`...)
	b = wirejson.AppendTime(b, s.ExpiresAt)
	b = append(b, `,"return_url":`...)
	if s.ReturnURL == "" {
		b = append(b, `null`...)
	} else {
		b = wirejson.AppendString(b, s.ReturnURL)
	}
	return c.send(http.StatusOK, append(b, '}'))
}

// sessionUser handles GET /v1/customer-portal/customer-session/user.
func (a *api) sessionUser(c *call) error {
	h, err := a.holder(c)
	switch {
	case err != nil:
		return err
	case h.Member != nil:
		return c.answer(http.StatusOK, wireMemberUser(h.Customer, *h.Member))
	case h.Customer.Email == nil:
		return fault.Rule(fault.Field{Type: "value_error",
			Msg: "Team customers must use member sessions. Create a customer session via the API with a member_id."})
	}
	return c.answer(http.StatusOK, wireCustomerUser(h.Customer))
}

// holder returns the holder of the caller's session.
func (a *api) holder(c *call) (directory.Holder, error) {
	return a.Directory.HolderByKeys(c.Context(), c.subject.session.Customer, c.subject.session.Member)
}

// signOut handles DELETE /v1/customer-portal/customer-session. Read-only sessions can sign out too.
func (a *api) signOut(c *call) error {
	if err := a.Sessions.SignOut(c.Context(), &c.subject.session); err != nil {
		return err
	}
	return c.noContent()
}

// listOwnSessions handles GET /v1/customer-portal/customer-sessions.
func (a *api) listOwnSessions(c *call) error {
	in, err := body.ReadPortalMemberList(c.query())
	if err != nil {
		return err
	}
	page, total, err := a.Sessions.ListOwn(c.Context(), &c.subject.session, in.Page, in.Limit, after(in.Paging))
	if err != nil {
		return err
	}
	return answerList(c, page, total, in.Paging, c.wireOwnSession)
}

// endOwnSession handles DELETE /v1/customer-portal/customer-sessions/{id}.
func (a *api) endOwnSession(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	if err := a.Sessions.RevokeOwn(c.Context(), &c.subject.session, id); err != nil {
		return err
	}
	return c.noContent()
}
