package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
)

// sendValid sends the valid request of an operation with another token; "" is none.
func (s *scene) sendValid(h *house, op openapi.Operation, token string) answer {
	r, _ := s.valid(op)
	if token == "" {
		return h.ask(op.Method, r.target(), r.body)
	}
	return h.as(token, op.Method, r.target(), r.body)
}

func ofPortal(op openapi.Operation) bool { return strings.HasPrefix(op.Path, "/v1/customer-portal/") }

// Every operation lets in the kind of token that is documented, and no other.
func TestKindsOfTokens(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	s := newScene(h, newMailroom(t, h.mail), h.org, "acme", h.token, 0)
	for _, op := range scoped() {
		if len(op.Scopes) == 0 {
			continue
		}
		wrong := map[string]string{"no token": "", "a member's session": s.owner, "a person's session": s.single}
		if ofPortal(op) {
			wrong = map[string]string{"no token": "", "an organization's token": s.token}
		}
		for name, token := range wrong {
			if a := s.sendValid(h, op, token); a.status != http.StatusUnauthorized || a.body != unauthorized {
				t.Errorf("%s with %s: %d %s", op.ID, name, a.status, a.body)
			}
		}
		if a := s.sendValid(h, op, s.update); a.status != http.StatusUnauthorized || a.body != invalidToken {
			t.Errorf("%s with the token of an email update: %d %s", op.ID, a.status, a.body)
		}
	}
}

// Every operation of an organization lets in each of the documented scopes alone, and not all others together.
func TestScopes(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	mails := newMailroom(t, h.mail)
	var every []string
	for _, op := range scoped() {
		if !ofPortal(op) {
			every = append(every, op.Scopes...)
		}
	}
	slices.Sort(every)
	every = slices.Compact(every)
	for i, op := range scoped() {
		if ofPortal(op) || len(op.Scopes) == 0 {
			continue
		}
		s := newScene(h, mails, h.org, "acme", h.token, i)
		others := slices.DeleteFunc(slices.Clone(every), func(scope string) bool { return slices.Contains(op.Scopes, scope) })
		a := s.sendValid(h, op, h.accessTokenOf(h.token, others...).Token)
		if want := `scope="` + op.Scopes[0]; a.status != http.StatusForbidden || !strings.Contains(a.header.Get("Www-Authenticate"), want) {
			t.Errorf("%s with all other scopes: %d %s", op.ID, a.status, a.header.Get("Www-Authenticate"))
		}
		for _, scope := range op.Scopes {
			if a := s.sendValid(h, op, h.accessTokenOf(h.token, scope).Token); a.status/100 != 2 && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s with %s alone: %d %s", op.ID, scope, a.status, a.body)
			}
		}
	}
}

// A token makes no other mightier than it is itself, and itself neither.
func TestAccessTokensDoNotGrow(t *testing.T) {
	h := newHouse(t, false)
	const tokens = "/v1/organization-access-tokens/"
	weak := h.accessTokenOf(h.token, "organization_access_tokens:write", "customers:read")
	for _, body := range []string{
		`{"comment":"","scopes":["customers:write"]}`, `{"comment":"","scopes":["customers:read","members:read"]}`,
		`{"comment":"","scopes":["organization_access_tokens:read"]}`,
	} {
		for _, to := range [][2]string{{"POST", tokens}, {"PATCH", tokens + weak.ID}} {
			if a := h.as(weak.Token, to[0], to[1], body); a.status != 422 || !strings.Contains(a.body, "does not have itself") {
				t.Errorf("%s %s: %d %s", to[0], body, a.status, a.body)
			}
		}
	}
	for _, body := range []string{`{"comment":"","scopes":["customer_portal:write"]}`, `{"comment":"","scopes":["*"]}`, `{"comment":"","scopes":["web:write"]}`} {
		if a := h.as(h.token, "POST", tokens, body); a.status != 422 {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	child := h.as(weak.Token, "POST", tokens, `{"comment":"","scopes":["customers:read","customers:read"]}`)
	if child.status != 201 || strings.Count(child.body, "customers:read") != 1 {
		t.Errorf("%d %s", child.status, child.body)
	}
}

// What a caller may not set is not set, whatever the body says.
func TestMassAssignment(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	s := newScene(h, newMailroom(t, h.mail), h.org, "acme", h.token, 0)
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
		{s.single, "PATCH", me, `{"email":"evil@evil.example","name":"evil.example","type":"team","external_id":"evil.example","metadata":{"a":"evil.example"},"locale":"evil.example",` + forged + `}`},
		{s.owner, "POST", teammates, `{"email":"z@acme.example","external_id":"evil.example",` + forged + `}`},
		{s.owner, "PATCH", teammates + "/" + s.member.ID, `{"email":"evil@evil.example","external_id":"evil.example",` + forged + `}`},
	} {
		a := h.as(tt.token, tt.method, tt.path, tt.body)
		if a.status/100 != 2 {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, a.status, a.body)
		}
		for _, forbidden := range []string{"00000000", "2020", `"email_verified":true`, "polar_oat_0\"", "evil.example", `"expires_at":null,"expires_at"`} {
			if strings.Contains(a.body, forbidden) {
				t.Errorf("%s %s has taken %s: %s", tt.method, tt.path, forbidden, a.body)
			}
		}
	}
	for _, tt := range []struct{ token, path, body string }{
		{s.token, customers, `{"email":"w@acme.example","organization_id":"00000000-0000-4000-8000-000000000000"}`},
		{s.token, member, `{"email":"w@acme.example","role":"owner"}`},
		{s.owner, teammates, `{"email":"w@acme.example","role":"owner"}`},
	} {
		if a := h.as(tt.token, "POST", tt.path, tt.body); a.status != 422 {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, a.status, a.body)
		}
	}
}

// Links lead to the server's own address, whatever a request says of it.
func TestHostsAreNotBelieved(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	newScene(h, newMailroom(t, h.mail), h.org, "acme", h.token, 0)
	for i, headers := range [][]string{
		{"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http"}, {"Forwarded", "host=evil.example"}, {"X-Original-URL", "/evil.example"},
		{"Origin", "https://evil.example", "Referer", "https://evil.example/"},
	} {
		a := h.as(h.token, "POST", sessions, `{"external_customer_id":"acme-person-0"}`, headers...)
		if a.status != 201 || strings.Contains(a.body, "evil.example") || !strings.Contains(a.body, "https://portal.example.com/acme/portal") {
			t.Errorf("%d: %d %s", i, a.status, a.body)
		}
	}
	if a := h.as(h.token, "POST", customers, `{"email":"q@acme.example"}`, "X-HTTP-Method-Override", "DELETE"); a.status != 201 {
		t.Errorf("another method in a header: %d", a.status)
	}
}
