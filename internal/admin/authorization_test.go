package admin_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/admin"
	"github.com/postern-go/postern/internal/testserver"
)

// authorization has the accepted scopes of every page and every form. An operator needs one of them; "any" means that every operator
// may open the page, and "open" that no sign-in is needed.
var authorization = map[string]string{
	"GET ":                            "any",
	"GET activity":                    "customer_sessions:read customer_sessions:write",
	"GET sign-in":                     "open",
	"POST sign-in":                    "open",
	"POST sign-out":                   "open",
	"GET customers.csv":               "customers:read customers:write",
	"GET customers":                   "customers:read customers:write",
	"GET customers/{id}":              "customers:read customers:write",
	"POST customers/{id}/link":        "customer_sessions:write",
	"POST customers/{id}/impersonate": "customer_sessions:write",
	"GET customers/{id}/end":          "customer_sessions:write",
	"POST customers/{id}/end":         "customer_sessions:write",
	"GET sessions.csv":                "customer_sessions:read customer_sessions:write",
	"GET sessions":                    "customer_sessions:read customer_sessions:write",
	"GET sessions/end":                "customer_sessions:write",
	"POST sessions/end":               "customer_sessions:write",
	"GET sessions/{id}":               "customer_sessions:read customer_sessions:write",
	"GET sessions/{id}/end":           "customer_sessions:write",
	"POST sessions/{id}/end":          "customer_sessions:write",
	"GET access-tokens":               "organization_access_tokens:read organization_access_tokens:write",
	"POST access-tokens":              "organization_access_tokens:write",
	"GET access-tokens/{id}":          "organization_access_tokens:write",
	"POST access-tokens/{id}":         "organization_access_tokens:write",
	"GET access-tokens/{id}/rotate":   "organization_access_tokens:write",
	"POST access-tokens/{id}/rotate":  "organization_access_tokens:write",
	"GET access-tokens/{id}/revoke":   "organization_access_tokens:write",
	"POST access-tokens/{id}/revoke":  "organization_access_tokens:write",
	"GET sign-ins":                    "organization_access_tokens:read organization_access_tokens:write",
	"GET sign-ins/{id}/end":           "organization_access_tokens:write",
	"POST sign-ins/{id}/end":          "organization_access_tokens:write",
	"GET audit-log.csv":               "audit_log:read",
	"GET audit-log":                   "audit_log:read",
	"GET deliveries":                  "webhooks:read webhooks:write",
	"POST deliveries/{id}/resend":     "webhooks:write",
	"GET failed-mails":                "customers:read customers:write",
	"GET settings":                    "organizations:read organizations:write",
	"POST settings/portal":            "organizations:write",
	"POST settings/sessions":          "organizations:write",
}

// TestAuthorizationMatrix opens every page and sends every form without a sign-in, with all scopes but the accepted ones, with each
// accepted scope, and as another organization. It fails for a route without a row.
func TestAuthorizationMatrix(t *testing.T) {
	if want, got := slices.Sorted(maps.Keys(authorization)), admin.Routes(); !slices.Equal(want, got) {
		t.Fatalf("the routes are\n%q\nthe table has\n%q", got, want)
	}
	var every []string
	for _, scopes := range authorization {
		every = append(every, strings.Fields(scopes)...)
	}
	slices.Sort(every)
	every = slices.DeleteFunc(slices.Compact(every), func(scope string) bool { return scope == "any" || scope == "open" })
	srv := newServer(t)
	srv.endpoint()
	stranger := srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken)
	for route, scopes := range authorization {
		t.Run(strings.ReplaceAll(route, "/", " "), func(t *testing.T) {
			srv.T = t
			method, path, _ := strings.Cut(route, " ")
			customer := srv.CreateCustomer(fmt.Sprintf(`"type":"individual","email":"%x@example.com"`, route))
			s, token := srv.session(customer), srv.AccessToken("customers:read")
			srv.operator(token.Token)
			ids := map[string]string{"customers": customer, "sessions": s.ID, "access-tokens": token.ID, "sign-ins": srv.signInOf(token.Token), "deliveries": srv.event()}
			first, _, _ := strings.Cut(path, "/")
			at := strings.TrimSuffix("/admin/"+strings.Replace(path, "{id}", ids[first], 1), "/")
			send := func(b *browser) page {
				if method == "GET" {
					return b.revealing(method, at, nil)
				}
				return b.revealing(method, at, url.Values{"scopes": {"customers:read"}}, "Sec-Fetch-Site", "same-origin")
			}
			if p := send(srv.browser()); scopes != "open" && (p.status != http.StatusSeeOther || !strings.Contains(p.header.Get("Location"), "/admin/sign-in")) {
				t.Errorf("without a sign-in: %d to %q", p.status, p.header.Get("Location"))
			}
			if scopes == "open" || scopes == "any" {
				return
			}
			accepted := strings.Fields(scopes)
			others := slices.DeleteFunc(slices.Clone(every), func(scope string) bool { return slices.Contains(accepted, scope) })
			if p := send(srv.operator(srv.AccessToken(others...).Token)); p.status != http.StatusForbidden || !strings.Contains(p.text, accepted[0]) {
				t.Errorf("with all other scopes: %d", p.status)
			}
			if p := send(stranger); strings.Contains(p.text, customer) && !strings.Contains(path, "{id}") || strings.Contains(path, "{id}") && p.status != http.StatusNotFound && p.status != http.StatusConflict {
				t.Errorf("another organization: %d", p.status)
			}
			if !srv.IsLive(s.Token) {
				t.Error("a refused request ended a session")
			}
			for _, scope := range accepted {
				// The form may be refused for its fields.
				granted := []string{scope, "customers:read"} // a token can change only tokens that are not stronger
				if p := send(srv.operator(srv.AccessToken(granted...).Token)); p.status == http.StatusForbidden || p.status == http.StatusNotFound || p.status >= 500 {
					t.Errorf("with %s: %d", scope, p.status)
				}
			}
		})
	}
}
