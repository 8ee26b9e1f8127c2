package api

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// createSession is POST /v1/customer-sessions/.
func (a *api) createSession(c *call) error {
	in, err := body.ReadCustomerSessionCreate(c.body)
	key, wrong := body.ReadIdempotencyKey(c.Request.Header["Idempotency-Key"])
	if err := body.Join(wrong, err); err != nil {
		return err
	}
	org := c.subject.organization
	if err := withinPolicy(org.Policy, in.ExpiresIn); err != nil {
		return err
	}
	if err := org.Portal.CheckReturn(in.ReturnURL); err != nil {
		return err
	}
	holder, err := a.Directory.Holder(c.Context(), org, holderRef(in))
	if err != nil {
		return err
	}
	g := login.Grant(org, holder, in.ReturnURL)
	g.ReadOnly, g.Metadata, g.Creator, g.Client = in.ReadOnly, in.Metadata, c.subject.accessToken, a.client(c.Request)
	g.Lifetime, g.IdleTimeout = orDefault(in.ExpiresIn, g.Lifetime), orDefault(in.IdleTimeout, 0)
	g.Key, g.Request = key, c.bodyText
	made, err := a.Sessions.Create(c.Context(), g)
	if err != nil {
		return err
	}
	link, err := a.portalLink(c, made, holder, in.OneTimeLink)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, wireSession(made, holder, link))
}

// withinPolicy refuses a session that would live longer than the organization lets any.
func withinPolicy(p directory.Policy, lifetime *time.Duration) error {
	if lifetime == nil || *lifetime <= p.Longest() {
		return nil
	}
	seconds := int(*lifetime / time.Second)
	return fault.Rule(fault.Field{Type: "value_error", Loc: []any{"body", "expires_in"}, Input: wirejson.Append(nil, seconds),
		Msg: "Sessions of this organization last " + string(wirejson.Append(nil, int(p.Longest()/time.Second))) + " seconds at most."})
}

func orDefault(d *time.Duration, fallback time.Duration) time.Duration {
	if d == nil {
		return fallback
	}
	return *d
}

// portalLink leads the holder into the portal: with the token of the session, under a name that is the same for members, or
// with a ticket for it. Nobody has a ticket of a create that is repeated but whoever repeats it, so that gets another one.
func (a *api) portalLink(c *call, made session.Made, h directory.Holder, oneTime *bool) (string, error) {
	org := c.subject.organization
	query := "?customer_session_token=" + made.Token.Reveal()
	if oneTime == nil && org.Portal.OneTimeLinks || oneTime != nil && *oneTime {
		ticket, err := a.Sessions.NewTicket(c.Context(), made)
		if err != nil {
			return "", err
		}
		query = "?ticket=" + ticket.Reveal()
	}
	link := a.PublicURL.JoinPath(org.Slug, "portal").String() + query
	if email := h.Email(); email != nil {
		link += "&email=" + url.QueryEscape(*email)
	}
	return link, nil
}

// listSessions is GET /v1/customer-sessions/.
func (a *api) listSessions(c *call) error {
	in, err := body.ReadCustomerSessionList(c.query())
	if err != nil {
		return err
	}
	org := c.subject.organization
	q := session.Query{Organization: org.ID.Key(), Oldest: in.Oldest, Page: in.Page, Limit: in.Limit}
	if in.State != nil {
		q.State = session.State(*in.State)
	}
	customer, err := a.filterCustomer(c, in.CustomerID, in.ExternalCustomerID)
	if fault.Is(err, fault.NotFound) {
		return c.answer(http.StatusOK, wireList(nil, 0, in.Paging, a.wireSessionInfo))
	}
	if err != nil {
		return err
	}
	q.Customer = customer
	if in.MemberID != nil {
		if q.Member = token.ID(*in.MemberID).Key(); q.Member == 0 { // which is nobody's, and not everybody
			return c.answer(http.StatusOK, wireList(nil, 0, in.Paging, a.wireSessionInfo))
		}
	}
	page, total, err := a.Sessions.List(c.Context(), q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireList(page, total, in.Paging, a.wireSessionInfo))
}

// getSession is GET /v1/customer-sessions/{id}.
func (a *api) getSession(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	e, err := a.Sessions.Find(c.Context(), c.subject.organization.ID.Key(), id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

// updateSession is PATCH /v1/customer-sessions/{id}.
func (a *api) updateSession(c *call) error {
	in, wrong := body.ReadCustomerSessionUpdate(c.body)
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	org := c.subject.organization
	if err := withinPolicy(org.Policy, in.ExpiresIn); err != nil {
		return err
	}
	e, err := a.Sessions.Change(c.Context(), org.ID.Key(), id, session.Change{Lifetime: in.ExpiresIn, Metadata: in.Metadata})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

// revokedByIssuer is the reason of a session that its issuer has ended without giving one.
const revokedByIssuer = "revoked"

// revokeSession is DELETE /v1/customer-sessions/{id}. It answers with the session as it is then.
func (a *api) revokeSession(c *call) error {
	in, wrong := body.ReadCustomerSessionRevocation(c.query())
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	e, err := a.Sessions.Revoke(c.Context(), c.subject.organization.ID.Key(), id, reason(in.Reason))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireSessionInfo(e))
}

func reason(text string) string {
	if text == "" {
		return revokedByIssuer
	}
	return text
}

// revokeSessions is POST /v1/customer-sessions/revoke.
func (a *api) revokeSessions(c *call) error {
	in, err := body.ReadCustomerSessionRevoke(c.body)
	if err != nil {
		return err
	}
	org := c.subject.organization
	if in.All {
		err = a.Directory.EndSessions(c.Context(), org, reason(in.Reason))
	} else {
		err = a.revokeHolder(c, in)
	}
	if err != nil {
		return err
	}
	return c.noContent()
}

// revokeHolder ends the sessions of a customer, or of one of its members.
func (a *api) revokeHolder(c *call, in body.CustomerSessionRevoke) error {
	org := c.subject.organization
	ref := directory.HolderRef{
		Customer: in.CustomerID, ExternalCustomer: in.ExternalCustomerID, Member: in.MemberID, ExternalMember: in.ExternalMemberID,
	}
	customer, member, err := a.Directory.Named(c.Context(), org, ref)
	if err != nil {
		return err
	}
	if member != nil {
		return a.Directory.EndMemberSessions(c.Context(), customer, member.ID, reason(in.Reason))
	}
	return a.Directory.EndCustomerSessions(c.Context(), org, customer.ID, reason(in.Reason))
}

// inspectSession is POST /v1/customer-sessions/inspect.
func (a *api) inspectSession(c *call) error {
	in, err := body.ReadCustomerSessionInspect(c.body)
	if err != nil {
		return err
	}
	t, err := token.Check(in.Token)
	if err != nil {
		return c.answer(http.StatusOK, a.wireInspection("malformed", session.Standing{}))
	}
	standing, err := a.Sessions.Inspect(c.Context(), c.subject.organization.ID.Key(), t)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.wireInspection(statusOf(standing), standing))
}

// endStatuses are the reasons for an end that are statuses of their own.
var endStatuses = []string{directory.CustomerDeleted, directory.MemberDeleted, session.SecretRetired}

// statusOf is how a token is doing, in one word.
func statusOf(s session.Standing) string {
	switch {
	case !s.Known:
		return "unknown"
	case s.State == session.Revoked && slices.Contains(endStatuses, s.Entry.EndReason):
		return s.Entry.EndReason
	}
	return string(s.State)
}
