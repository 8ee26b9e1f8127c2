package api

import (
	"net/http"
	"net/url"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/polar"
)

var (
	errInvalidClient = fault.New(fault.InvalidClient, "An access token of an organization is required.")
	errTwoClients    = fault.New(fault.InvalidForm, "The client uses two authentication methods.")
)

// basicPassword returns the password of HTTP Basic authentication, which is the access token of a client, or none. It ignores the
// user name. Clients encode the password like a form value (RFC 6749, section 2.3.1), or send it as it is. No access token contains
// a percent sign or a plus sign, so decoding does not change a password of the second kind.
func basicPassword(r *http.Request) []string {
	_, password, _ := r.BasicAuth()
	if password == "" {
		return nil
	}
	if decoded, err := url.QueryUnescape(password); err == nil {
		password = decoded
	}
	return []string{password}
}

// invalidClient converts an authentication error to the error invalid_client of RFC 6749, section 5.2, which does not contain
// the reason.
func invalidClient(_ *web.Exchange, _ *http.Request, err error) error {
	if fault.Is(err, fault.InvalidToken) || fault.Is(err, fault.Unauthenticated) {
		return errInvalidClient.Because(err)
	}
	return err
}

// formClient authenticates a caller that sends its access token as client_secret in the form.
func (a *api) formClient(c *call) error {
	secret := c.form.Get("client_secret")
	if secret == "" {
		return nil
	}
	if c.Request.Header.Get("Authorization") != "" {
		return errTwoClients
	}
	s, err := a.identify(c.Request, secret)
	if err != nil {
		return invalidClient(c.Exchange, c.Request, err)
	}
	c.subject = s
	return nil
}

// oauthIntrospect handles POST /v1/oauth2/introspect (RFC 7662). Introspection counts as a use of the session, without
// an IP address or user agent, because the caller is a server and not the holder.
func (a *api) oauthIntrospect(c *call) error {
	text, err := c.form.Require("token")
	if err != nil {
		return err
	}
	live, holder, err := a.introspected(c, text)
	c.noStore()
	switch {
	case fault.Is(err, fault.InvalidToken):
		return c.send(http.StatusOK, []byte(`{"active":false}`))
	case err != nil:
		return err
	}
	if live.UseDue(a.Now()) {
		a.Sessions.RecordUse(&live, session.Client{})
	}
	return c.answer(http.StatusOK, a.wireIntrospection(c.subject.organization, live, holder))
}

// introspected returns the live session of a token and its holder. It returns fault.InvalidToken if the caller's organization
// has no live session with the token.
func (a *api) introspected(c *call, text string) (live session.Session, h directory.Holder, err error) {
	t, err := token.Check(text)
	if err != nil {
		return live, h, err
	}
	if live, err = a.Sessions.Verify(c.Context(), t); err != nil {
		return live, h, err
	}
	if live.Organization != c.subject.organization.ID.Key() {
		return live, h, errOtherOrg
	}
	h, err = a.Directory.HolderByKeys(c.Context(), live.Customer, live.Member)
	return live, h, err
}

func (a *api) wireIntrospection(org directory.Organization, s session.Session, h directory.Holder) polar.TokenIntrospection {
	w := polar.TokenIntrospection{
		Active: true, Scope: string(scopesOf(&s)[0]), ClientID: polar.OrganizationID(org.ID.String()), Subject: h.Customer.ID.String(), TokenType: "Bearer",
		ExpiresAt: polar.UnixTime(s.ExpiresAt.Unix()), IssuedAt: polar.UnixTime(s.CreatedAt.Unix()), ID: polar.SessionID(s.ID.String()), Issuer: a.issuer(),
		CustomerID: polar.CustomerID(h.Customer.ID.String()),
	}
	if h.Member != nil {
		id := h.Member.ID.String()
		w.Subject, w.MemberID = id, (*polar.MemberID)(&id)
	}
	return w
}

// oauthRevoke handles POST /v1/oauth2/revoke (RFC 7009). The answer does not reveal whether the token belonged to a session.
func (a *api) oauthRevoke(c *call) error {
	text, err := c.form.Require("token")
	if err != nil {
		return err
	}
	if t, wrong := token.Check(text); wrong == nil {
		if _, err := a.Sessions.RevokeToken(c.Context(), c.subject.organization.ID.Key(), t, session.RevokedByIssuer); err != nil {
			return err
		}
	}
	c.noStore()
	return c.send(http.StatusOK, []byte(`{}`)) // RFC 7009 leaves the body open; Polar's SDKs parse it
}

// noStore sets the caching headers that OAuth 2.0 requires for answers about tokens (RFC 6749, section 5.1).
func (c *call) noStore() {
	c.Exchange.Header().Set("Cache-Control", "no-store")
	c.Exchange.Header().Set("Pragma", "no-cache")
}
