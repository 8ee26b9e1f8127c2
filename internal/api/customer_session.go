package api

import (
	"cmp"
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// createSession handles POST /v1/customer-sessions/.
func (a *api) createSession(c *call) error {
	var holder directory.Holder
	org := c.subject.organization
	fields, app := body.TakeAppURL(c.body, "return_url", org.Portal.AllowsReturn)
	in, wrong := body.ReadCustomerSessionCreate(fields)
	in.ReturnURL = cmp.Or(app, in.ReturnURL)
	m, err := create(a, c, func(issued session.Issued) polar.CustomerSession {
		return wireSession(issued, holder, a.Login.PortalLink(org, issued, holder))
	})
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	if err := org.Policy.CheckLifetime(in.ExpiresIn); err != nil {
		return err
	}
	if err := org.Portal.CheckReturn(in.ReturnURL); err != nil {
		return err
	}
	holder, err = a.Directory.Holder(c.Context(), org, holderRef(in))
	if err != nil {
		return err
	}
	g := login.Grant(org, holder, in.ReturnURL)
	g.ReadOnly, g.Metadata, g.Creator, g.Client = in.ReadOnly, in.Metadata, c.subject.accessToken, a.client(c.Request)
	g.Lifetime, g.IdleTimeout = orDefault(in.ExpiresIn, g.Lifetime), orDefault(in.IdleTimeout, 0)
	g.Ticket = in.OneTimeLink != nil && *in.OneTimeLink || in.OneTimeLink == nil && org.Portal.OneTimeLinks
	g.Once = m.once
	return m.answer(a.Sessions.Create(c.Context(), g))
}

func orDefault(d *time.Duration, fallback time.Duration) time.Duration {
	if d == nil {
		return fallback
	}
	return *d
}

// listSessions handles GET /v1/customer-sessions/.
func (a *api) listSessions(c *call) error {
	in, err := body.ReadCustomerSessionList(c.query())
	if err != nil {
		return err
	}
	org := c.subject.organization
	q := session.Query{Organization: org.ID.Key(), Oldest: in.Oldest, Page: in.Page, Limit: in.Limit, After: after(in.Paging)}
	if in.State != nil {
		q.State = session.State(*in.State)
	}
	customer, err := a.filterCustomer(c, in.CustomerID, in.ExternalCustomerID)
	if fault.Is(err, fault.NotFound) {
		return answerList(c, nil, 0, in.Paging, a.wireSessionInfo)
	}
	if err != nil {
		return err
	}
	q.Customer = customer
	q.MemberID = (*token.ID)(in.MemberID)
	page, total, err := a.Sessions.List(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, page, total, in.Paging, a.wireSessionInfo)
}

// getSession handles GET /v1/customer-sessions/{id}.
func (a *api) getSession(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	e, err := a.Sessions.Get(c.Context(), c.subject.organization.ID.Key(), id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

// updateSession handles PATCH /v1/customer-sessions/{id}.
func (a *api) updateSession(c *call) error {
	in, wrong := body.ReadCustomerSessionUpdate(c.body)
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	org := c.subject.organization
	if err := org.Policy.CheckLifetime(in.ExpiresIn); err != nil {
		return err
	}
	e, err := a.Sessions.Change(c.Context(), org.ID.Key(), id, session.Change{Lifetime: in.ExpiresIn, Metadata: in.Metadata})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

// revokeSession handles DELETE /v1/customer-sessions/{id}. The answer is the ended session.
func (a *api) revokeSession(c *call) error {
	in, wrong := body.ReadCustomerSessionRevocation(c.query())
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	e, err := a.Sessions.Revoke(c.Context(), c.subject.organization.ID.Key(), id, session.ReasonOrDefault(in.Reason))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

// revokeSessions handles POST /v1/customer-sessions/revoke.
func (a *api) revokeSessions(c *call) error {
	in, err := body.ReadCustomerSessionRevoke(c.body)
	if err != nil {
		return err
	}
	org := c.subject.organization
	if in.All {
		err = a.Directory.EndSessions(c.Context(), org, session.ReasonOrDefault(in.Reason))
	} else {
		err = a.revokeHolder(c, in)
	}
	if err != nil {
		return err
	}
	return c.noContent()
}

// revokeHolder ends the sessions of a customer or of one of its members.
func (a *api) revokeHolder(c *call, in body.CustomerSessionRevoke) error {
	org := c.subject.organization
	ref := directory.HolderRef{
		Customer: in.CustomerID, ExternalCustomer: in.ExternalCustomerID, Member: in.MemberID, ExternalMember: in.ExternalMemberID,
	}
	customer, member, err := a.Directory.ResolveHolder(c.Context(), org, ref)
	if err != nil {
		return err
	}
	if member != nil {
		return a.Directory.EndMemberSessions(c.Context(), customer, member.ID, session.ReasonOrDefault(in.Reason))
	}
	return a.Directory.EndCustomerSessions(c.Context(), org, customer.ID, session.ReasonOrDefault(in.Reason))
}

// inspectSession handles POST /v1/customer-sessions/inspect.
func (a *api) inspectSession(c *call) error {
	in, err := body.ReadCustomerSessionInspect(c.body)
	if err != nil {
		return err
	}
	t, err := token.Check(in.Token)
	if err != nil {
		return c.answer(http.StatusOK, a.wireInspection("malformed", session.Inspection{}))
	}
	inspection, err := a.Sessions.Inspect(c.Context(), c.subject.organization.ID.Key(), t)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireInspection(statusOf(inspection), inspection))
}

// statusOf returns the status of an inspected token.
func statusOf(s session.Inspection) string {
	switch {
	case !s.Known:
		return "unknown"
	case s.State == session.Revoked && s.Entry.EndReason.Inspection() != "":
		return string(s.Entry.EndReason)
	}
	return string(s.State)
}
