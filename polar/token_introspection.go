package polar

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
