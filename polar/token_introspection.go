package polar

import (
	"context"
	"net/http"
	"net/url"
)

// TokenIntrospection is what an OAuth 2.0 introspection endpoint says of a live session (RFC 7662, section 2.2; Postern: POST
// /v1/oauth2/introspect). Of any other token it says that active is false, and nothing else.
type TokenIntrospection struct {
	Active bool `json:"active"`
	// Scope is what the session may do, with spaces between several.
	Scope string `json:"scope"`
	// ClientID is the id of the organization.
	ClientID string `json:"client_id"`
	// Subject is the id of the member; of the customer, for a session that it holds itself.
	Subject string `json:"sub"`
	// ExpiresAt and IssuedAt are in seconds since 1970, rounded down.
	ExpiresAt int64 `json:"exp"`
	IssuedAt  int64 `json:"iat"`
	// ID is the id of the session.
	ID        string `json:"jti"`
	TokenType string `json:"token_type"`
	// Issuer is the public URL of the server.
	Issuer     string `json:"iss"`
	CustomerID string `json:"customer_id"`
	// MemberID is nil for a session that the customer holds itself.
	MemberID *string `json:"member_id"`
}

// OAuth2Service groups the operations under /v1/oauth2, in which the organization is the client, and its access token the
// client's credential.
type OAuth2Service struct{ core *Core }

var (
	oauthIntrospect = operation{
		name: "introspect token", method: http.MethodPost, path: "/v1/oauth2/introspect", status: http.StatusOK, auth: organizationAuth,
	}
	oauthRevoke = operation{
		name: "revoke token", method: http.MethodPost, path: "/v1/oauth2/revoke", status: http.StatusOK, auth: organizationAuth,
	}
)

// Introspect says what a token is; that it is not active is no error. It counts as a use of the session (Postern: POST
// /v1/oauth2/introspect).
func (s OAuth2Service) Introspect(ctx context.Context, token string, opts ...Option) (*TokenIntrospection, error) {
	return fetch[TokenIntrospection](ctx, s.core, call{op: &oauthIntrospect, form: url.Values{"token": {token}}, secrets: []string{token}}, opts)
}

// Revoke ends the session of a token for good. There is no error when there was none to end (Postern: POST /v1/oauth2/revoke;
// RFC 7009, section 2.2).
func (s OAuth2Service) Revoke(ctx context.Context, token string, opts ...Option) error {
	return call{op: &oauthRevoke, form: url.Values{"token": {token}}, secrets: []string{token}}.send(ctx, s.core, opts)
}
