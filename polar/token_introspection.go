package polar

import (
	"context"
	"net/http"
	"net/url"
)

// TokenIntrospection is the answer of an OAuth 2.0 introspection endpoint (RFC 7662, section 2.2). If the token does
// not belong to a live session of the organization, Active is false and all other fields have their zero value.
//
// Route: POST /v1/oauth2/introspect (Postern only).
type TokenIntrospection struct {
	Active bool `json:"active"`
	// Scope contains the scopes of the session, separated by spaces.
	Scope string `json:"scope"`
	// ClientID is the ID of the organization.
	ClientID OrganizationID `json:"client_id"`
	// Subject is the ID of the member, or of the customer if the session belongs to the customer itself.
	Subject string `json:"sub"`
	// ExpiresAt and IssuedAt are rounded down to whole seconds.
	ExpiresAt UnixTime `json:"exp"`
	IssuedAt  UnixTime `json:"iat"`
	// ID is the ID of the session.
	ID        SessionID `json:"jti"`
	TokenType string    `json:"token_type"`
	// Issuer is the public URL of the server.
	Issuer     string     `json:"iss"`
	CustomerID CustomerID `json:"customer_id"`
	// MemberID is nil if the session belongs to the customer and not to one of its members.
	MemberID *MemberID `json:"member_id"`
}

// OAuth2Service groups the operations under /v1/oauth2, which follow OAuth 2.0. The organization is the OAuth client,
// and its access token is the client's credential. Only Postern servers have these routes.
type OAuth2Service struct{ core *Core }

var (
	oauthIntrospect = operation{
		name: "introspect token", method: http.MethodPost, path: "/v1/oauth2/introspect", status: http.StatusOK, auth: organizationAuth, repeatable: true,
	}
	oauthRevoke = operation{
		name: "revoke token", method: http.MethodPost, path: "/v1/oauth2/revoke", status: http.StatusOK, auth: organizationAuth, repeatable: true,
	}
)

// Introspect returns the state of a session token. If the session is not live, the result has Active false, and the error is
// nil. The call counts as a use of the session.
//
// Route: POST /v1/oauth2/introspect (Postern only).
func (s OAuth2Service) Introspect(ctx context.Context, token string, opts ...Option) (*TokenIntrospection, error) {
	return fetch[TokenIntrospection](ctx, s.core, call{op: &oauthIntrospect, form: url.Values{"token": {token}}, secrets: []string{token}}, opts)
}

// Revoke revokes the session of a token. It returns nil if there is no such session (RFC 7009, section 2.2).
//
// Route: POST /v1/oauth2/revoke (Postern only).
func (s OAuth2Service) Revoke(ctx context.Context, token string, opts ...Option) error {
	return call{op: &oauthRevoke, form: url.Values{"token": {token}}, secrets: []string{token}}.send(ctx, s.core, opts)
}
