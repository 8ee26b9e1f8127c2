package api

import (
	"context"
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// introspect is GET /v1/customer-portal/customer-session/introspect, the hottest path: its answer is put together by hand.
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

// sessionUser is GET /v1/customer-portal/customer-session/user.
func (a *api) sessionUser(c *call) error {
	h, err := a.holder(c)
	switch {
	case err != nil:
		return err
	case h.Member != nil:
		return c.answer(http.StatusOK, wireMemberUser(h.Customer, *h.Member))
	case h.Customer.Email == nil:
		return fault.Rule(fault.Field{Type: "value_error", Loc: []any{"body"},
			Msg: "Team customers must use member sessions. Create a customer session via the API with a member_id."})
	}
	return c.answer(http.StatusOK, wireCustomerUser(h.Customer))
}

// holder is who holds the caller's session. Its role and its customer are as they are now, not as they were when it began.
func (a *api) holder(c *call) (directory.Holder, error) {
	return a.holderOf(c.Context(), &c.subject.session)
}

func (a *api) holderOf(ctx context.Context, s *session.Session) (h directory.Holder, err error) {
	if h.Customer, err = a.Directory.CustomerByKey(ctx, s.Customer); err != nil || s.Member == 0 {
		return h, endedMeanwhile(err)
	}
	member, err := a.Directory.MemberByKey(ctx, s.Member)
	h.Member = &member
	return h, endedMeanwhile(err)
}

// endedMeanwhile is for a holder who was deleted after the session was verified: the session has ended with it.
func endedMeanwhile(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.InvalidToken, "The session's holder is gone.").Because(err)
	}
	return err
}

// signOut is DELETE /v1/customer-portal/customer-session. A read-only session may end itself too.
func (a *api) signOut(c *call) error {
	s := &c.subject.session
	if _, err := a.Sessions.Revoke(c.Context(), s.Organization, s.ID, session.SignedOut); err != nil {
		return err
	}
	return c.noContent()
}

// ownSessions asks for those of the caller's holder: those of the same member, or those of the customer itself.
func (c *call) ownSessions() session.Query {
	s := &c.subject.session
	return session.Query{Organization: s.Organization, Customer: s.Customer, Member: s.Member, MembersOwn: true, State: session.Live}
}

// listOwnSessions is GET /v1/customer-portal/customer-sessions.
func (a *api) listOwnSessions(c *call) error {
	in, err := body.ReadPortalMemberList(c.query())
	if err != nil {
		return err
	}
	q := c.ownSessions()
	q.Page, q.Limit = in.Page, in.Limit
	page, total, err := a.Sessions.List(c.Context(), q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireList(page, total, in.Paging, c.wireOwnSession))
}

// endOwnSession is DELETE /v1/customer-portal/customer-sessions/{id}.
func (a *api) endOwnSession(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	s := &c.subject.session
	e, err := a.Sessions.Find(c.Context(), s.Organization, id)
	if err != nil {
		return err
	}
	if e.Customer != s.Customer || e.Member != s.Member {
		return fault.New(fault.NotFound, "Not found")
	}
	if _, err := a.Sessions.Revoke(c.Context(), s.Organization, token.ID(id), session.SignedOut); err != nil {
		return err
	}
	return c.noContent()
}
