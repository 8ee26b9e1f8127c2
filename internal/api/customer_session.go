package api

import (
	"github.com/postern-go/postern/internal/wirejson"
	"net/http"
	"net/url"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

// createSession is POST /v1/customer-sessions/.
func (a *api) createSession(c *call) error {
	in, err := body.ReadCustomerSessionCreate(c.body)
	if err != nil {
		return err
	}
	org := c.subject.organization
	holder, err := a.Directory.Holder(c.Context(), org, holderRef(in))
	if err != nil {
		return err
	}
	made, err := a.Sessions.Create(c.Context(), login.Grant(org, holder, in.ReturnURL))
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, wireSession(made, holder, a.portalLink(org, made.Token, holder)))
}

// portalLink leads the holder into the portal. The parameter has this name for members too.
func (a *api) portalLink(org directory.Organization, t token.Token, h directory.Holder) string {
	email := h.Customer.Email
	if h.Member != nil {
		email = h.Member.Email
	}
	link := a.PublicURL.JoinPath(org.Slug, "portal").String() + "?customer_session_token=" + t.Reveal()
	if email != nil {
		link += "&email=" + url.QueryEscape(*email)
	}
	return link
}

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
	s := &c.subject.session
	customer, err := a.Directory.CustomerByKey(c.Context(), s.Customer)
	if err != nil {
		return endedMeanwhile(err)
	}
	if s.Kind == token.Customer {
		if customer.Email == nil {
			return fault.Rule(fault.Field{Type: "value_error", Loc: []any{"body"},
				Msg: "Team customers must use member sessions. Create a customer session via the API with a member_id."})
		}
		return c.answer(http.StatusOK, wireCustomerUser(customer))
	}
	member, err := a.Directory.MemberByKey(c.Context(), s.Member)
	if err != nil {
		return endedMeanwhile(err)
	}
	return c.answer(http.StatusOK, wireMemberUser(customer, member))
}

// endedMeanwhile is for a holder who was deleted after the session was verified: the session has ended with it.
func endedMeanwhile(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.InvalidToken, "The session's holder is gone.").Because(err)
	}
	return err
}
