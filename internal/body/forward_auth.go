package body

// ForwardAuth is the query of GET /v1/customer-portal/forward-auth.
type ForwardAuth struct {
	// Organization is the slug of the organization whose sessions are accepted. "" accepts the sessions of all organizations.
	Organization string
	// Scope is a scope that the session must have. "" accepts a session with any scope.
	Scope string
	// Audience is the application for which the identity is signed. "" signs none.
	Audience string
	// Login redirects browsers without a session to the login page.
	Login bool
	// CookieFirst looks for the session in the cookies before the bearer token.
	CookieFirst bool
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
	q.describe("audience", false, Schema{Type: "string", Nullable: true, MaxLength: maxAudience})
	if audience := q.text("audience"); audience != nil {
		in.Audience = *audience
		if v, _ := q.last("audience"); !isAudience(in.Audience) {
			q.refuse(v, "value_error", "Value error, Must be 1 to 255 visible ASCII characters without quotes and backslashes.", noContext, "audience")
		}
	}
	in.Login = q.choice("login", "redirect") != nil
	if in.Login && len(values.Values["organization"]) == 0 {
		q.refuse(Value{}, "missing", "Field required", nil, "organization")
	}
	first := q.choice("first", "bearer", "cookie")
	in.CookieFirst = first != nil && *first == "cookie"
	return result(in, q.object)
}

// maxAudience is the maximum length of an audience in bytes.
const maxAudience = 255

// isAudience reports whether a text names an application, such as app.example.com or https://app.example.com.
func isAudience(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7F || c == '"' || c == '\'' || c == '\\' {
			return false
		}
	}
	return text != "" && len(text) <= maxAudience
}
