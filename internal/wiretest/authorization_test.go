package wiretest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
)

// sendValid sends a valid request of an operation with another token. With "", it sends no token.
func (s *fixture) sendValid(srv *testserver.Server, op openapi.Operation, token string) testserver.Answer {
	r, _ := s.valid(op)
	if token == "" {
		return srv.Request(op.Method, r.target(), r.body)
	}
	return srv.As(token, op.Method, r.target(), r.body)
}

func isPortalOperation(op openapi.Operation) bool {
	return strings.HasPrefix(op.Path, "/v1/customer-portal/")
}

// Every operation accepts the documented kind of token and no other.
func TestEveryRouteAcceptsOneKindOfToken(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	s := newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	for _, op := range scopedOperations() {
		if len(op.Scopes) == 0 {
			continue
		}
		wrong := map[string]string{"no token": "", "a member's session": s.ownerSession, "a person's session": s.personSession}
		if isPortalOperation(op) {
			wrong = map[string]string{"no token": "", "an organization's token": s.token}
		}
		for name, token := range wrong {
			if a := s.sendValid(srv, op, token); a.Status != http.StatusUnauthorized || a.Body != unauthorized {
				t.Errorf("%s with %s: %d %s", op.ID, name, a.Status, a.Body)
			}
		}
		if a := s.sendValid(srv, op, s.updateToken); a.Status != http.StatusUnauthorized || a.Body != invalidToken {
			t.Errorf("%s with the token of an email update: %d %s", op.ID, a.Status, a.Body)
		}
	}
}

// Every operation of an organization accepts each of its documented scopes, and refuses a token with all other scopes.
func TestEveryRouteAcceptsItsScopesOnly(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	var every []string
	for _, op := range scopedOperations() {
		if !isPortalOperation(op) {
			every = append(every, op.Scopes...)
		}
	}
	slices.Sort(every)
	every = slices.Compact(every)
	for i, op := range scopedOperations() {
		if isPortalOperation(op) || len(op.Scopes) == 0 {
			continue
		}
		s := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, i)
		others := slices.DeleteFunc(slices.Clone(every), func(scope string) bool { return slices.Contains(op.Scopes, scope) })
		a := s.sendValid(srv, op, srv.AccessToken(others...).Token)
		if want := `scope="` + op.Scopes[0]; a.Status != http.StatusForbidden || !strings.Contains(a.Header.Get("Www-Authenticate"), want) {
			t.Errorf("%s with all other scopes: %d %s", op.ID, a.Status, a.Header.Get("Www-Authenticate"))
		}
		for _, scope := range op.Scopes {
			if a := s.sendValid(srv, op, srv.AccessToken(scope).Token); a.Status/100 != 2 && a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %s alone: %d %s", op.ID, scope, a.Status, a.Body)
			}
		}
	}
}

// An access token can give neither another token nor itself a scope that it does not have.
func TestAccessTokenCannotGrantMoreThanItsScopes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	const tokens = "/v1/organization-access-tokens/"
	weak := srv.AccessToken("organization_access_tokens:write", "customers:read")
	for _, body := range []string{
		`{"comment":"","scopes":["customers:write"]}`, `{"comment":"","scopes":["customers:read","members:read"]}`,
		`{"comment":"","scopes":["organization_access_tokens:read"]}`,
	} {
		for _, to := range [][2]string{{"POST", tokens}, {"PATCH", tokens + weak.ID}} {
			if a := srv.As(weak.Token, to[0], to[1], body); a.Status != 422 || !strings.Contains(a.Body, "does not have itself") {
				t.Errorf("%s %s: %d %s", to[0], body, a.Status, a.Body)
			}
		}
	}
	for _, body := range []string{`{"comment":"","scopes":["customer_portal:write"]}`, `{"comment":"","scopes":["*"]}`, `{"comment":"","scopes":["web:write"]}`} {
		if a := srv.As(srv.Token, "POST", tokens, body); a.Status != 422 {
			t.Errorf("%s: %d", body, a.Status)
		}
	}
	child := srv.As(weak.Token, "POST", tokens, `{"comment":"","scopes":["customers:read","customers:read"]}`)
	if child.Status != 201 || strings.Count(child.Body, "customers:read") != 1 {
		t.Errorf("%d %s", child.Status, child.Body)
	}
}

// Fields that a caller must not set are ignored.
func TestMassAssignment(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	s := newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	const forged = `"id":"00000000-0000-4000-8000-000000000000","created_at":"2020-01-01T00:00:00Z","modified_at":"2020-01-01T00:00:00Z",` +
		`"deleted_at":"2020-01-01T00:00:00Z","generation":7,"email_verified":true,"customer_id":"00000000-0000-4000-8000-000000000000",` +
		`"token":"polar_oat_0","last_used_at":"2020-01-01T00:00:00Z","avatar_url":"https://evil.example/"`
	member := customers + s.team.ID + "/members"
	for _, tt := range []struct{ token, method, path, body string }{
		{s.token, "POST", customers, `{"email":"x@acme.example",` + forged + `}`},
		{s.token, "PATCH", customers + s.person.ID, `{"organization_id":"00000000-0000-4000-8000-000000000000",` + forged + `}`},
		{s.token, "POST", member, `{"email":"y@acme.example","organization_id":"00000000-0000-4000-8000-000000000000",` + forged + `}`},
		{s.token, "PATCH", member + "/" + s.member.ID, `{"external_id":"evil.example",` + forged + `}`},
		{s.token, "POST", "/v1/organization-access-tokens/", `{"comment":"","scopes":["customers:read"],` + forged + `}`},
		{s.token, "PATCH", "/v1/organization-access-tokens/" + s.accessToken.ID, `{"expires_at":null,"organization_id":"00000000-0000-4000-8000-000000000000",` + forged + `}`},
		{s.personSession, "PATCH", portalCustomer, `{"email":"evil@evil.example","name":"evil.example","type":"team","external_id":"evil.example","metadata":{"a":"evil.example"},"locale":"evil.example",` + forged + `}`},
		{s.ownerSession, "POST", portalMembers, `{"email":"z@acme.example","external_id":"evil.example",` + forged + `}`},
		{s.ownerSession, "PATCH", portalMembers + "/" + s.member.ID, `{"email":"evil@evil.example","external_id":"evil.example",` + forged + `}`},
	} {
		a := srv.As(tt.token, tt.method, tt.path, tt.body)
		if a.Status/100 != 2 {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, a.Status, a.Body)
		}
		for _, forbidden := range []string{"00000000", "2020", `"email_verified":true`, "polar_oat_0\"", "evil.example", `"expires_at":null,"expires_at"`} {
			if strings.Contains(a.Body, forbidden) {
				t.Errorf("%s %s stored %s: %s", tt.method, tt.path, forbidden, a.Body)
			}
		}
	}
	for _, tt := range []struct{ token, path, body string }{
		{s.token, customers, `{"email":"w@acme.example","organization_id":"00000000-0000-4000-8000-000000000000"}`},
		{s.token, member, `{"email":"w@acme.example","role":"owner"}`},
		{s.ownerSession, portalMembers, `{"email":"w@acme.example","role":"owner"}`},
	} {
		if a := srv.As(tt.token, "POST", tt.path, tt.body); a.Status != 422 {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, a.Status, a.Body)
		}
	}
}

// Links have the configured public URL, whatever host a request names.
func TestHostHeadersAreIgnored(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	newFixture(srv, newMailIndex(t, srv.Mail), srv.OrgID, "acme", srv.Token, 0)
	for i, headers := range [][]string{
		{"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http"}, {"Forwarded", "host=evil.example"}, {"X-Original-URL", "/evil.example"},
		{"Origin", "https://evil.example", "Referer", "https://evil.example/"},
	} {
		a := srv.As(srv.Token, "POST", sessions, `{"external_customer_id":"acme-person-0"}`, headers...)
		if a.Status != 201 || strings.Contains(a.Body, "evil.example") || !strings.Contains(a.Body, "https://portal.example.com/acme/portal") {
			t.Errorf("%d: %d %s", i, a.Status, a.Body)
		}
	}
	if a := srv.As(srv.Token, "POST", customers, `{"email":"q@acme.example"}`, "X-HTTP-Method-Override", "DELETE"); a.Status != 201 {
		t.Errorf("another method in a header: %d", a.Status)
	}
}
