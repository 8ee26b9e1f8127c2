package api

import (
	"net/http"
	"net/url"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// ofAnOrganization is the kind of callers whose logins are limited to their organization. Sessions have no effect on logins.
var ofAnOrganization = []kind{ofOrganization}

var errForeignLogin = fault.New(fault.NotPermitted, "An access token can request login codes for its own organization only. "+
	"Use an access token of that organization, or none.")

// requestLogin handles POST /v1/customer-portal/customer-session/request.
func (a *api) requestLogin(c *call) error {
	in, err := body.ReadCustomerSessionCodeRequest(c.body)
	if err != nil {
		return err
	}
	if c.subject.is(ofAnOrganization) && c.subject.organization.ID != token.ID(in.OrganizationID) {
		return errForeignLogin
	}
	choices, err := a.Login.Request(c.Context(), login.Request{
		Organization: in.OrganizationID, Email: in.Email, Customer: orZero(in.CustomerID), Language: language(c.Request),
	})
	if err != nil {
		return err
	}
	if choices != nil {
		return c.answer(http.StatusConflict, wireSelection(choices))
	}
	return c.send(http.StatusAccepted, []byte(`null`))
}

// authenticateLogin handles POST /v1/customer-portal/customer-session/authenticate.
func (a *api) authenticateLogin(c *call) error {
	in, err := body.ReadCustomerSessionCodeAuthenticate(c.body)
	if err != nil {
		return err
	}
	attempt := login.Attempt{Code: in.Code, Customer: orZero(in.CustomerID), Client: a.client(c.Request), RequestID: c.RequestID()}
	if c.subject.is(ofAnOrganization) {
		attempt.Organization, attempt.ByOrganization = c.subject.organization.ID, true
	}
	issued, choices, err := a.Login.Authenticate(c.Context(), attempt)
	if err != nil {
		return err
	}
	if choices != nil {
		return c.answer(http.StatusConflict, wireSelection(choices))
	}
	return c.answer(http.StatusOK, polar.SessionToken{Token: issued.Token.Reveal()})
}

// redeemTicket handles POST /v1/customer-portal/customer-session/redeem. It exchanges a ticket of the sign-in page for the token of the
// session.
func (a *api) redeemTicket(c *call) error {
	in, err := body.ReadCustomerSessionRedeem(c.body)
	if err != nil {
		return err
	}
	callback, err := url.Parse(in.ReturnURL)
	if err != nil {
		return fault.New(fault.InvalidToken, "The return URL is not a URL.").Because(err)
	}
	tok, err := a.Login.RedeemTicket(c.Context(), in.Ticket, callback, in.State, in.Verifier)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, polar.SessionToken{Token: tok.Reveal()})
}

func orZero(id *[16]byte) token.ID {
	if id == nil {
		return token.ID{}
	}
	return *id
}

func wireSelection(choices []login.Choice) polar.CustomerSelectionRequired {
	w := polar.CustomerSelectionRequired{
		ErrorCode: "customer_selection_required", Detail: "Multiple customers found for this email. Please select one.",
	}
	for _, choice := range choices {
		w.Customers = append(w.Customers, polar.CustomerSelectionOption{ID: polar.CustomerID(choice.ID.String()), Name: choice.Name})
	}
	return w
}
