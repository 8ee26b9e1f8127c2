package body

// ForwardAuth is the query of GET /v1/customer-portal/forward-auth.
type ForwardAuth struct {
	// Organization is the slug of the organization whose sessions are accepted. "" accepts the sessions of all organizations.
	Organization string
	// Scope is a scope that the session must have. "" accepts a session with any scope.
	Scope string
	// Login redirects browsers without a session to the login page.
	Login bool
}

// ReadForwardAuth reads the query of a forward-auth request.
func ReadForwardAuth(values Query) (in ForwardAuth, err error) {
	q := openQuery(values)
	if slug := q.text("organization"); slug != nil {
		in.Organization = *slug
	}
	if scope := q.choice("scope", "customer_portal:read", "customer_portal:write"); scope != nil {
		in.Scope = *scope
	}
	in.Login = q.choice("login", "redirect") != nil
	if in.Login && len(values.Values["organization"]) == 0 {
		q.refuse(Value{}, "missing", "Field required", nil, "organization")
	}
	return result(in, q.object)
}
