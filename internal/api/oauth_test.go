package api_test

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

const (
	oauthIntrospect = "/v1/oauth2/introspect"
	oauthRevoke     = "/v1/oauth2/revoke"
	inactive        = `{"active":false}`
	formType        = "application/x-www-form-urlencoded"
)

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// fill sends a form as the bearer.
func (h *house) fill(path, bearer string, pairs ...string) answer {
	h.t.Helper()
	return h.as(bearer, "POST", path, form(pairs...), "Content-Type", formType)
}

// narrow is an access token with few scopes.
func (h *house) narrow(slug string, scopes ...string) string {
	h.t.Helper()
	_, org, err := h.postern.CreateAccessToken(h.t.Context(), slug, postern.NewAccessToken{Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return org.AccessToken
}

func TestOAuthIntrospection(t *testing.T) {
	for _, withoutMembers := range []bool{false, true} {
		h := newHouse(t, withoutMembers)
		c := h.customer()
		s := h.create(sessions, `{"customer_id":"`+c.ID+`"}`)
		a := h.fill(oauthIntrospect, h.token, "token", s.Token, "token_type_hint", "refresh_token")
		wants := []string{`{"active":true,"scope":"customer_portal:write","client_id":"` + h.org + `","sub":"`, `","exp":1790859600,"iat":1790856000,"jti":"` + s.ID + `",`,
			`"token_type":"Bearer","iss":"https://portal.example.com/","customer_id":"` + c.ID + `","member_id":`}
		if withoutMembers {
			wants = append(wants, `"sub":"`+c.ID+`"`, `"member_id":null}`)
		}
		for _, want := range wants {
			if a.status != 200 || !strings.Contains(a.body, want) {
				t.Errorf("%d %s, wanted %s", a.status, a.body, want)
			}
		}
		if strings.Contains(a.body, `"sub":"`+c.ID+`"`) != withoutMembers || strings.Contains(a.body, s.Token) {
			t.Errorf("the subject: %s", a.body)
		}
		if cache := a.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("Cache-Control is %q", cache)
		}
		h.advance(time.Hour)
		if a := h.fill(oauthIntrospect, h.token, "token", s.Token); a.status != 200 || a.body != inactive {
			t.Errorf("an expired session: %d %s", a.status, a.body)
		}
	}
}

// A session is its own organization's affair: of another's, nothing is said that is not said of garbage.
func TestOAuthKnowsOneOrganization(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1","scopes":["customer_portal:read"]}`)
	other, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "bolt"})
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{
		"another organization's": s.Token,
		"never issued":           "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO",
		"the key right":          s.Token[:21] + "ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO",
		"an access token":        other.AccessToken,
		"no token":               "\x00\xff%",
		"long":                   strings.Repeat("x", 1<<16),
	}
	introspected, revoked := map[string]bool{}, map[string]bool{}
	for name, token := range tokens {
		a, b := h.fill(oauthIntrospect, other.AccessToken, "token", token), h.fill(oauthRevoke, other.AccessToken, "token", token)
		if a.status != 200 || a.body != inactive || b.status != 200 || b.body != "" {
			t.Errorf("%s: %d %s, %d %s", name, a.status, a.body, b.status, b.body)
		}
		for _, same := range []struct {
			seen map[string]bool
			a    answer
		}{{introspected, a}, {revoked, b}} {
			same.a.header.Del("Date")
			var text strings.Builder
			same.a.header.Write(&text)
			same.seen[text.String()] = true
		}
	}
	if len(introspected) != 1 || len(revoked) != 1 {
		t.Errorf("answers tell tokens apart: %v %v", introspected, revoked)
	}
	if a := h.as(s.Token, "GET", introspect, ""); a.status != 200 {
		t.Errorf("another organization has ended the session: %d", a.status)
	}
	if a := h.as(other.AccessToken, "GET", "/v1/organizations/", ""); a.status != 200 {
		t.Errorf("the access token has ended: %d", a.status)
	}
	if a := h.fill(oauthIntrospect, h.token, "token", s.Token); !strings.Contains(a.body, `"scope":"customer_portal:read"`) {
		t.Errorf("a read-only session: %s", a.body)
	}
}

func TestOAuthRevocation(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`)
	for range 2 {
		if a := h.fill(oauthRevoke, h.token, "token", s.Token, "token_type_hint", "pat"); a.status != 200 || a.body != "" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s %v", a.status, a.body, a.header)
		}
	}
	if a := h.as(s.Token, "GET", introspect, ""); a.status != 401 {
		t.Errorf("it goes on: %d", a.status)
	}
	if a := h.fill(oauthIntrospect, h.token, "token", s.Token); a.body != inactive {
		t.Errorf("it is active: %s", a.body)
	}
	if a := h.as(h.token, "GET", sessions+s.ID, ""); !strings.Contains(a.body, `"end_reason":"revoked"`) {
		t.Errorf("the reason: %s", a.body)
	}
}

func TestOAuthClients(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	reader, stranger := h.narrow("acme", "customer_sessions:read"), h.narrow("acme", "customers:read")
	unknown := "polar_oat_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"
	const client, request = `{"error":"invalid_client"}`, `{"error":"invalid_request"}`
	for _, tt := range []struct {
		name, path, authorization, body string
		status                          int
		want                            string
	}{
		{"a bearer", oauthIntrospect, "Bearer " + reader, form("token", s), 200, `{"active":true,`},
		{"a password", oauthIntrospect, basic("anybody", reader), form("token", s), 200, `{"active":true,`},
		{"a password without a user", oauthIntrospect, basic("", reader), form("token", s), 200, `{"active":true,`},
		{"a field", oauthIntrospect, "", form("token", s, "client_id", "x", "client_secret", reader), 200, `{"active":true,`},

		{"nobody", oauthIntrospect, "", form("token", s), 401, client},
		{"an unknown bearer", oauthIntrospect, "Bearer " + unknown, form("token", s), 401, client},
		{"garbage", oauthIntrospect, "Bearer garbage", form("token", s), 401, client},
		{"an unknown password", oauthIntrospect, basic("x", unknown), form("token", s), 401, client},
		{"an empty password", oauthIntrospect, basic("x", ""), form("token", s), 401, client},
		{"the token as the user", oauthIntrospect, basic(reader, ""), form("token", s), 401, client},
		{"what is not Basic", oauthIntrospect, "Basic !!!", form("token", s), 401, client},
		{"an unknown field", oauthIntrospect, "", form("token", s, "client_secret", unknown), 401, client},
		{"the session itself", oauthIntrospect, "Bearer " + s, form("token", s), 401, client},
		{"the session as a password", oauthIntrospect, basic("x", s), form("token", s), 401, client},
		{"the session as a field", oauthIntrospect, "", form("token", s, "client_secret", s), 401, client},
		{"in the query", oauthIntrospect + "?client_secret=" + reader, "", form("token", s), 401, client},
		{"nobody, and nothing to revoke", oauthRevoke, "", "", 401, client},

		{"two ways", oauthIntrospect, "Bearer " + reader, form("token", s, "client_secret", reader), 400, request},
		{"two ways, one of them broken", oauthIntrospect, "Digest x", form("token", s, "client_secret", reader), 400, request},
		{"no body", oauthIntrospect, "Bearer " + reader, "", 400, request},
		{"no token", oauthIntrospect, "Bearer " + reader, "a=b", 400, request},
		{"an empty token", oauthRevoke, "Bearer " + h.token, "token=", 400, request},
		{"a token in the query", oauthIntrospect + "?token=" + s, "Bearer " + reader, "", 400, request},
		{"two tokens", oauthIntrospect, "Bearer " + reader, form("token", s, "token", s), 400, request},
		{"a bad escape", oauthIntrospect, "Bearer " + reader, "token=%zz", 400, request},
		{"a semicolon", oauthIntrospect, "Bearer " + reader, "token=a;b=c", 400, request},
		{"very many fields", oauthIntrospect, "Bearer " + reader, "token=a" + strings.Repeat("&", 1<<20), 400, request},

		{"no right to read", oauthIntrospect, "Bearer " + stranger, form("token", s), 403, `"insufficient_scope"`},
		{"no right to revoke", oauthRevoke, basic("x", reader), form("token", s), 403, `"insufficient_scope"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Content-Type", formType}
			if tt.authorization != "" {
				headers = append(headers, "Authorization", tt.authorization)
			}
			a := h.ask("POST", tt.path, tt.body, headers...)
			if a.status != tt.status || !strings.HasPrefix(a.body, tt.want) && tt.status != 403 || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s, wanted %d %s", a.status, a.body, tt.status, tt.want)
			}
			if cache := a.header.Get("Cache-Control"); cache != "no-store" {
				t.Errorf("Cache-Control is %q", cache)
			}
			if challenges := a.header.Values("Www-Authenticate"); tt.status == 401 && len(challenges) != 2 {
				t.Errorf("WWW-Authenticate is %q", challenges)
			}
		})
	}
	if a := h.as(reader, "POST", oauthIntrospect, `{"token":"`+s+`"}`); a.status != 400 || a.body != request {
		t.Errorf("JSON: %d %s", a.status, a.body)
	}
	if a := h.as(s, "GET", introspect, ""); a.status != 200 {
		t.Errorf("the session has ended: %d", a.status)
	}
}

// A client that sends its token as a password has a rate for itself, as with a bearer.
func TestOAuthClientsAreCounted(t *testing.T) {
	h := newHouse(t, false, limited("default=3/h,pending=1/h"))
	ask := func(authorization string) int {
		return h.ask("POST", oauthIntrospect, "token=x", "Content-Type", formType, "Authorization", authorization).status
	}
	for i, want := range []int{200, 200, 200, 200, 429} { // the first one is pending
		if got := ask(basic("x", h.token)); got != want {
			t.Errorf("request %d: %d, wanted %d", i+1, got, want)
		}
	}
	if got := ask("Bearer " + h.token); got != 429 {
		t.Errorf("the same as a bearer: %d", got)
	}
	if got := ask(basic("x", "garbage")); got != 401 {
		t.Errorf("somebody else: %d", got)
	}
}

// A gateway that asks in this way asks because the holder came.
func TestOAuthIntrospectionIsAUse(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1","idle_timeout":600}`)
	for range 3 {
		h.advance(9 * time.Minute)
		if a := h.fill(oauthIntrospect, h.token, "token", s.Token); !strings.HasPrefix(a.body, `{"active":true,`) {
			t.Errorf("used nine minutes ago: %s", a.body)
		}
	}
	h.advance(10 * time.Minute)
	if a := h.fill(oauthIntrospect, h.token, "token", s.Token); a.body != inactive {
		t.Errorf("not used for ten minutes: %s", a.body)
	}
}
