package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/polar"
)

var (
	errInvalidClient = fault.New(fault.InvalidClient, "An organization's access token is needed.")
	errTwoClients    = fault.New(fault.InvalidForm, "The client authenticates itself in two ways.")
)

// basicPassword is the access token of a client that sends it as a password (RFC 6749, section 2.3.1). Its user name may be
// any.
func basicPassword(r *http.Request) string {
	_, password, _ := r.BasicAuth()
	return password
}

// invalidClient answers as RFC 6749 does (section 5.2), and does not say what is wrong.
func invalidClient(_ *web.Exchange, _ *http.Request, err error) error {
	if fault.Is(err, fault.InvalidToken) || fault.Is(err, fault.Unauthenticated) {
		return errInvalidClient.Because(err)
	}
	return err
}

// formClient finds the caller in the form, where authentication has found none: it cannot read the form.
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

// oauthIntrospect is POST /v1/oauth2/introspect (RFC 7662). It asks on behalf of whoever showed the token, so it is a use of
// the session; where that one is, it cannot know.
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

// introspected is the live session that the text opens, of the caller's own organization; or fault.InvalidToken.
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
		Active: true, Scope: string(scopesOf(&s)[0]), ClientID: org.ID.String(), Subject: h.Customer.ID.String(), TokenType: "Bearer",
		ExpiresAt: s.ExpiresAt.Unix(), IssuedAt: s.CreatedAt.Unix(), ID: s.ID.String(), Issuer: a.PublicURL.String(),
		CustomerID: h.Customer.ID.String(),
	}
	if h.Member != nil {
		id := h.Member.ID.String()
		w.Subject, w.MemberID = id, &id
	}
	return w
}

// oauthRevoke is POST /v1/oauth2/revoke (RFC 7009). Whether there was anything to revoke, nobody learns.
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
	c.Exchange.Header().Set("Content-Length", "0")
	c.WriteHeader(http.StatusOK)
	return nil
}

// noStore is what OAuth 2.0 asks of every answer about tokens (RFC 6749, section 5.1).
func (c *call) noStore() {
	c.Exchange.Header().Set("Cache-Control", "no-store")
	c.Exchange.Header().Set("Pragma", "no-cache")
}
