package polar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ForwardAuth is the holder of a session and its scopes.
//
// Route: GET /v1/customer-portal/forward-auth (Postern only).
type ForwardAuth struct {
	// Principal is who holds the session: a member of the customer, or the customer itself.
	Principal      Principal
	OrganizationID OrganizationID
	CustomerID     CustomerID
	// MemberID and Role are set exactly if Principal is PrincipalMember.
	MemberID MemberID
	Role     MemberRole
	// Email is the address of the member or customer. It is empty if the member or customer has no address.
	Email string
	// Scopes are the rights of the session. The right to write includes the right to read.
	Scopes []Scope
	// ExpiresAt is the end of the session, in UTC. The session is live strictly before ExpiresAt.
	ExpiresAt time.Time
}

// Principal is the kind of holder of a session.
type Principal string

// The kinds of holders. A session of a customer has all rights of the customer. A session of a member has the rights of the
// member's role.
const (
	PrincipalCustomer Principal = "customer"
	PrincipalMember   Principal = "member"
)

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
	v, err := ParseForwardAuth(a.header)
	if err != nil {
		return nil, x.decodeError(c.op.status, a, err)
	}
	return v, nil
}

// ParseForwardAuth reads the X-Postern headers of a request that a proxy with forward authentication has passed on. It returns an
// error unless each header occurs exactly once and is valid, because a proxy that is not configured as documented may pass on or
// delete headers at the wish of its client. Trust the result only if the application is reachable through the proxy alone; to
// trust Postern instead of the proxy, use [ForwardAuthKeys.Verify].
func ParseForwardAuth(h http.Header) (*ForwardAuth, error) {
	var wrong error
	get := func(name string) string {
		name = "X-Postern-" + name
		values := h[name]
		if len(values) != 1 || values[0] == "" {
			wrong = errors.Join(wrong, fmt.Errorf("the header %s occurs %d times; it must occur once", name, len(values)))
			return ""
		}
		text, err := url.PathUnescape(values[0]) // the server percent-encodes every byte that is not visible ASCII
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("the header %s is not percent-encoded", name))
		}
		return text
	}
	orEmpty := func(text string) string {
		if text == "-" { // the server sends every header
			return ""
		}
		return text
	}
	v := &ForwardAuth{
		Principal: Principal(get("Principal")), OrganizationID: OrganizationID(get("Organization-Id")), CustomerID: CustomerID(get("Customer-Id")),
		MemberID: MemberID(orEmpty(get("Member-Id"))), Role: MemberRole(orEmpty(get("Role"))), Email: orEmpty(get("Email")),
	}
	for scope := range strings.FieldsSeq(get("Scopes")) {
		v.Scopes = append(v.Scopes, Scope(scope))
	}
	expires, err := time.Parse(time.RFC3339Nano, get("Expires-At"))
	if v.ExpiresAt = expires.UTC(); err != nil {
		wrong = errors.Join(wrong, errors.New("the header X-Postern-Expires-At is not a time"))
	}
	if wrong = errors.Join(wrong, v.check()); wrong != nil {
		return nil, wrong
	}
	return v, nil
}

// check returns an error unless the identity is complete.
func (v *ForwardAuth) check() error {
	isMember := v.MemberID != "" && v.Role != ""
	switch {
	case v.OrganizationID == "" || v.CustomerID == "" || len(v.Scopes) == 0:
		return errors.New("the identity has no organization, customer or scope")
	case v.Principal == PrincipalMember && isMember, v.Principal == PrincipalCustomer && v.MemberID == "" && v.Role == "":
		return nil
	}
	return fmt.Errorf("the identity of the principal %q does not agree with its member and role", v.Principal)
}
