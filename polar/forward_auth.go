package polar

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ForwardAuth is the holder of a session and its scopes.
//
// Route: GET /v1/customer-portal/forward-auth (Postern only).
type ForwardAuth struct {
	OrganizationID OrganizationID
	CustomerID     CustomerID
	// MemberID and Role are empty if the session belongs to the customer and not to one of its members.
	MemberID MemberID
	Role     MemberRole
	// Email is the address of the member or customer. It is empty if the member or customer has no address.
	Email string
	// Scopes are the rights of the session. The right to write includes the right to read.
	Scopes []Scope
	// ExpiresAt is the end of the session, in UTC. The session is live strictly before ExpiresAt.
	ExpiresAt time.Time
}

// ForwardAuthParams restricts which sessions are accepted. The zero value accepts every live session.
type ForwardAuthParams struct {
	// Organization is the slug of an organization. The sessions of other organizations are refused with
	// [ErrInvalidToken]. An empty Organization accepts the sessions of all organizations on the server.
	Organization string
	// Scope is a scope that the session must have; a session without it is refused with [ErrInsufficientScope]. An
	// empty Scope accepts every session.
	Scope Scope
}

var forwardAuth = operation{
	name: "get forward auth", method: http.MethodGet, path: "/v1/customer-portal/forward-auth", status: http.StatusOK,
}

// ForwardAuth returns the holder of a session and its scopes. It returns the errors of [IntrospectCustomerSession], and
// [ErrInsufficientScope].
//
// Route: GET /v1/customer-portal/forward-auth (Postern only).
func (s CustomerPortalService) ForwardAuth(ctx context.Context, security SessionSecurity, params ForwardAuthParams, opts ...Option) (*ForwardAuth, error) {
	f := filters{}
	f.addText("organization", params.Organization)
	f.addText("scope", string(params.Scope))
	c := call{op: &forwardAuth, security: security, query: url.Values(f)}
	x, err := c.prepare(ctx, s.core, opts)
	if err != nil {
		return nil, err
	}
	x.noContent = true // the result is in the response headers
	a, err := x.run(ctx)
	if err != nil {
		return nil, err
	}
	v, err := parseForwardAuth(a.header)
	if err != nil {
		return nil, x.decodeError(c.op.status, a, err)
	}
	return v, nil
}

// parseForwardAuth reads the response headers. The server percent-encodes every byte that is not visible ASCII.
func parseForwardAuth(h http.Header) (*ForwardAuth, error) {
	var wrong error
	get := func(name string) string {
		text, err := url.PathUnescape(h.Get("X-Postern-" + name))
		wrong = errors.Join(wrong, err)
		return text
	}
	v := &ForwardAuth{
		OrganizationID: OrganizationID(get("Organization-Id")), CustomerID: CustomerID(get("Customer-Id")), MemberID: MemberID(get("Member-Id")),
		Role: MemberRole(get("Role")), Email: get("Email"),
	}
	for scope := range strings.FieldsSeq(get("Scopes")) {
		v.Scopes = append(v.Scopes, Scope(scope))
	}
	expires, err := time.Parse(time.RFC3339Nano, get("Expires-At"))
	v.ExpiresAt = expires.UTC()
	if err = errors.Join(wrong, err); err != nil {
		return nil, errors.New("an X-Postern header is invalid")
	}
	if v.OrganizationID == "" || v.CustomerID == "" || len(v.Scopes) == 0 {
		return nil, errors.New("the header X-Postern-Organization-Id, X-Postern-Customer-Id or X-Postern-Scopes is missing")
	}
	return v, nil
}
