package polar

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ForwardAuth is who holds a session, and what the session may do, in one answer (Postern: GET /v1/customer-portal/forward-auth).
type ForwardAuth struct {
	OrganizationID string
	CustomerID     string
	// MemberID and Role are "" for a session that the customer holds itself.
	MemberID string
	Role     MemberRole
	// Email is that of the member, or of the customer; "" when there is none.
	Email string
	// Scopes are what the session may do; to write is also to read.
	Scopes []Scope
	// ExpiresAt is when the session ends, in UTC. It is live strictly before.
	ExpiresAt time.Time
}

// ForwardAuthParams say which sessions are wanted; the zero value is all that are live.
type ForwardAuthParams struct {
	// Organization is the name in URLs of the organization whose sessions are wanted: another one's are [ErrInvalidToken]. "" for
	// those of all on the server.
	Organization string
	// Scope is what the session must be allowed to do: [ErrInsufficientScope] if it is not. "" for nothing.
	Scope Scope
}

var forwardAuth = operation{
	name: "ask for forward auth", method: http.MethodGet, path: "/v1/customer-portal/forward-auth", status: http.StatusOK,
}

// ForwardAuth returns who holds a session, as a proxy would be told. Its errors are those of Introspect; of a server that has no
// such route, as Polar's, it is [ErrNotFound].
func (s CustomerPortalService) ForwardAuth(ctx context.Context, security SessionSecurity, params ForwardAuthParams, opts ...Option) (*ForwardAuth, error) {
	f := filters{}
	f.addText("organization", params.Organization)
	f.addText("scope", string(params.Scope))
	c := call{op: &forwardAuth, security: security, query: url.Values(f)}
	x, err := c.prepare(ctx, s.core, opts)
	if err != nil {
		return nil, err
	}
	x.noContent = true // what it says is in its headers
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

// forwarded reads the headers, in which whatever is no visible ASCII is escaped as in a URL.
func parseForwardAuth(h http.Header) (*ForwardAuth, error) {
	var wrong error
	get := func(name string) string {
		text, err := url.PathUnescape(h.Get("X-Postern-" + name))
		wrong = errors.Join(wrong, err)
		return text
	}
	v := &ForwardAuth{
		OrganizationID: get("Organization-Id"), CustomerID: get("Customer-Id"), MemberID: get("Member-Id"),
		Role: MemberRole(get("Role")), Email: get("Email"),
	}
	for scope := range strings.FieldsSeq(get("Scopes")) {
		v.Scopes = append(v.Scopes, Scope(scope))
	}
	expires, err := time.Parse(time.RFC3339Nano, get("Expires-At"))
	v.ExpiresAt = expires.UTC()
	if err = errors.Join(wrong, err); err != nil {
		return nil, errors.New("a header X-Postern-… is damaged")
	}
	if v.OrganizationID == "" || v.CustomerID == "" || len(v.Scopes) == 0 {
		return nil, errors.New("X-Postern-Organization-Id, -Customer-Id or -Scopes is missing")
	}
	return v, nil
}
