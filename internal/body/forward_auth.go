package body

import "net/url"

// ForwardAuth is the query of GET /v1/customer-portal/forward-auth.
type ForwardAuth struct {
	// Organization is the slug of the one whose sessions are let in; "" lets all in.
	Organization string
	// Scope is one that the session must have; "" asks for none.
	Scope string
	// Login is whether browsers are sent to the login.
	Login bool
}

// ReadForwardAuth reads the query.
func ReadForwardAuth(values url.Values) (in ForwardAuth, err error) {
	q := openQuery(values)
	if slug := q.text("organization"); slug != nil {
		in.Organization = *slug
	}
	if scope := q.choice("scope", "customer_portal:read", "customer_portal:write"); scope != nil {
		in.Scope = *scope
	}
	in.Login = q.choice("login", "redirect") != nil
	if in.Login && len(values["organization"]) == 0 {
		q.refuse(Value{}, "missing", "Field required", nil, "organization")
	}
	return result(in, q.object)
}
