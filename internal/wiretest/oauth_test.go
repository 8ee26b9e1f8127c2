package wiretest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	oauthIntrospect = "/v1/oauth2/introspect"
	oauthRevoke     = "/v1/oauth2/revoke"
	inactive        = `{"active":false}`
	formType        = "application/x-www-form-urlencoded"
)

func encodeForm(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func basicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// postForm sends a form with a bearer token.
func postForm(srv *testserver.Server, path, bearer string, pairs ...string) testserver.Answer {
	srv.T.Helper()
	return srv.As(bearer, "POST", path, encodeForm(pairs...), "Content-Type", formType)
}

func TestOAuthIntrospection(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers))
		c := srv.Ada()
		s := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`)
		a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token, "token_type_hint", "refresh_token")
		wants := []string{`{"active":true,"scope":"customer_portal:write","client_id":"` + srv.OrgID + `","sub":"`, `","exp":1790859600,"iat":1790856000,"jti":"` + s.ID + `",`,
			`"token_type":"Bearer","iss":"https://portal.example.com","customer_id":"` + c.ID + `","member_id":`}
		if withoutMembers {
			wants = append(wants, `"sub":"`+c.ID+`"`, `"member_id":null}`)
		}
		for _, want := range wants {
			if a.Status != 200 || !strings.Contains(a.Body, want) {
				t.Errorf("%d %s, want %s", a.Status, a.Body, want)
			}
		}
		if strings.Contains(a.Body, `"sub":"`+c.ID+`"`) != withoutMembers || strings.Contains(a.Body, s.Token) {
			t.Errorf("the subject: %s", a.Body)
		}
		if cache := a.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("Cache-Control is %q", cache)
		}
		srv.Advance(time.Hour)
		if a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token); a.Status != 200 || a.Body != inactive {
			t.Errorf("an expired session: %d %s", a.Status, a.Body)
		}
	}
}

// A session of another organization is answered like garbage.
func TestOAuthIsLimitedToOneOrganization(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1","scopes":["customer_portal:read"]}`)
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	tokens := map[string]string{
		"another organization's": s.Token,
		"never issued":           "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO",
		"the key right":          s.Token[:21] + "ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO",
		"an access token":        other.AccessToken,
		"no token":               "\x00\xff%",
		"long":                   strings.Repeat("x", 60_000),
	}
	introspected, revoked := map[string]bool{}, map[string]bool{}
	for name, token := range tokens {
		a, b := postForm(srv, oauthIntrospect, other.AccessToken, "token", token), postForm(srv, oauthRevoke, other.AccessToken, "token", token)
		if a.Status != 200 || a.Body != inactive || b.Status != 200 || b.Body != "{}" {
			t.Errorf("%s: %d %s, %d %s", name, a.Status, a.Body, b.Status, b.Body)
		}
		for _, same := range []struct {
			seen map[string]bool
			a    testserver.Answer
		}{{introspected, a}, {revoked, b}} {
			same.a.Header.Del("Date")
			same.a.Header.Del("X-Request-Id")
			var text strings.Builder
			same.a.Header.Write(&text)
			same.seen[text.String()] = true
		}
	}
	if len(introspected) != 1 || len(revoked) != 1 {
		t.Errorf("answers differ between tokens: %v %v", introspected, revoked)
	}
	if a := srv.As(s.Token, "GET", introspect, ""); a.Status != 200 {
		t.Errorf("the request of another organization ended the session: %d", a.Status)
	}
	if a := srv.As(other.AccessToken, "GET", "/v1/organizations/", ""); a.Status != 200 {
		t.Errorf("the access token was ended: %d", a.Status)
	}
	if a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token); !strings.Contains(a.Body, `"scope":"customer_portal:read"`) {
		t.Errorf("a read-only session: %s", a.Body)
	}
}

func TestOAuthRevocation(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	for range 2 {
		if a := postForm(srv, oauthRevoke, srv.Token, "token", s.Token, "token_type_hint", "pat"); a.Status != 200 || a.Body != "{}" || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s %v", a.Status, a.Body, a.Header)
		}
	}
	if a := srv.As(s.Token, "GET", introspect, ""); a.Status != 401 {
		t.Errorf("the revoked session is live: %d", a.Status)
	}
	if a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token); a.Body != inactive {
		t.Errorf("the revoked session is active: %s", a.Body)
	}
	if a := srv.As(srv.Token, "GET", sessions+s.ID, ""); !strings.Contains(a.Body, `"end_reason":"revoked"`) {
		t.Errorf("the reason: %s", a.Body)
	}
}

func TestOAuthClients(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	reader, stranger := srv.AccessToken("customer_sessions:read").Token, srv.AccessToken("customers:read").Token
	unknown := "polar_oat_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"
	const client, request = `{"error":"invalid_client"}`, `{"error":"invalid_request"}`
	for _, tt := range []struct {
		name, path, authorization, body string
		status                          int
		want                            string
	}{
		{"a bearer", oauthIntrospect, "Bearer " + reader, encodeForm("token", s), 200, `{"active":true,`},
		{"a password", oauthIntrospect, basicAuth("anybody", reader), encodeForm("token", s), 200, `{"active":true,`},
		{"a password without a user", oauthIntrospect, basicAuth("", reader), encodeForm("token", s), 200, `{"active":true,`},
		{"a field", oauthIntrospect, "", encodeForm("token", s, "client_id", "x", "client_secret", reader), 200, `{"active":true,`},

		{"nobody", oauthIntrospect, "", encodeForm("token", s), 401, client},
		{"an unknown bearer", oauthIntrospect, "Bearer " + unknown, encodeForm("token", s), 401, client},
		{"garbage", oauthIntrospect, "Bearer garbage", encodeForm("token", s), 401, client},
		{"a password encoded as RFC 6749 asks", oauthIntrospect, basicAuth("anybody%2B", strings.ReplaceAll(reader, "_", "%5F")), encodeForm("token", s), 200, `{"active":true,`},
		{"a password with a broken escape", oauthIntrospect, basicAuth("x", reader+"%"), encodeForm("token", s), 401, client},
		{"an unknown password", oauthIntrospect, basicAuth("x", unknown), encodeForm("token", s), 401, client},
		{"an empty password", oauthIntrospect, basicAuth("x", ""), encodeForm("token", s), 401, client},
		{"the token as the user", oauthIntrospect, basicAuth(reader, ""), encodeForm("token", s), 401, client},
		{"a malformed password", oauthIntrospect, "Basic !!!", encodeForm("token", s), 401, client},
		{"an unknown field", oauthIntrospect, "", encodeForm("token", s, "client_secret", unknown), 401, client},
		{"the session itself", oauthIntrospect, "Bearer " + s, encodeForm("token", s), 401, client},
		{"the session as a password", oauthIntrospect, basicAuth("x", s), encodeForm("token", s), 401, client},
		{"the session as a field", oauthIntrospect, "", encodeForm("token", s, "client_secret", s), 401, client},
		{"in the query", oauthIntrospect + "?client_secret=" + reader, "", encodeForm("token", s), 401, client},
		{"no client and no token", oauthRevoke, "", "", 401, client},

		{"two kinds of credentials", oauthIntrospect, "Bearer " + reader, encodeForm("token", s, "client_secret", reader), 400, request},
		{"two kinds of credentials, one of them malformed", oauthIntrospect, "Digest x", encodeForm("token", s, "client_secret", reader), 400, request},
		{"no body", oauthIntrospect, "Bearer " + reader, "", 400, request},
		{"no token", oauthIntrospect, "Bearer " + reader, "a=b", 400, request},
		{"an empty token", oauthRevoke, "Bearer " + srv.Token, "token=", 400, request},
		{"a token in the query", oauthIntrospect + "?token=" + s, "Bearer " + reader, "", 400, request},
		{"two tokens", oauthIntrospect, "Bearer " + reader, encodeForm("token", s, "token", s), 400, request},
		{"a bad escape", oauthIntrospect, "Bearer " + reader, "token=%zz", 400, request},
		{"a semicolon", oauthIntrospect, "Bearer " + reader, "token=a;b=c", 400, request},
		{"too many fields", oauthIntrospect, "Bearer " + reader, "token=a" + strings.Repeat("&", 60_000), 400, request},

		{"without the read scope", oauthIntrospect, "Bearer " + stranger, encodeForm("token", s), 403, `"insufficient_scope"`},
		{"without the write scope", oauthRevoke, basicAuth("x", reader), encodeForm("token", s), 403, `"insufficient_scope"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Content-Type", formType}
			if tt.authorization != "" {
				headers = append(headers, "Authorization", tt.authorization)
			}
			a := srv.Request("POST", tt.path, tt.body, headers...)
			if a.Status != tt.status || !strings.HasPrefix(a.Body, tt.want) && tt.status != 403 || !strings.Contains(a.Body, tt.want) {
				t.Errorf("%d %s, want %d %s", a.Status, a.Body, tt.status, tt.want)
			}
			if cache := a.Header.Get("Cache-Control"); cache != "no-store" {
				t.Errorf("Cache-Control is %q", cache)
			}
			if challenges := a.Header.Values("Www-Authenticate"); tt.status == 401 && len(challenges) != 2 {
				t.Errorf("WWW-Authenticate is %q", challenges)
			}
		})
	}
	if a := srv.As(reader, "POST", oauthIntrospect, `{"token":"`+s+`"}`); a.Status != 400 || a.Body != request {
		t.Errorf("JSON: %d %s", a.Status, a.Body)
	}
	if a := srv.As(s, "GET", introspect, ""); a.Status != 200 {
		t.Errorf("the session has ended: %d", a.Status)
	}
}

// A client that sends its token as a password has its own rate, as with a bearer token.
func TestOAuthClientsAreRateLimited(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("default=3/h,pending=1/h"))
	ask := func(authorization string) int {
		return srv.Request("POST", oauthIntrospect, "token=x", "Content-Type", formType, "Authorization", authorization).Status
	}
	for i, want := range []int{200, 200, 200, 200, 429} { // the first request counts as pending
		if got := ask(basicAuth("x", srv.Token)); got != want {
			t.Errorf("request %d: %d, want %d", i+1, got, want)
		}
	}
	if got := ask("Bearer " + srv.Token); got != 429 {
		t.Errorf("the same token as a bearer token: %d", got)
	}
	if got := ask(basicAuth("x", "garbage")); got != 401 {
		t.Errorf("another client: %d", got)
	}
}

// Introspection by a gateway counts as a use of the session.
func TestOAuthIntrospectionExtendsIdleSessions(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1","idle_timeout":600}`)
	for range 3 {
		srv.Advance(9 * time.Minute)
		if a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token); !strings.HasPrefix(a.Body, `{"active":true,`) {
			t.Errorf("used nine minutes ago: %s", a.Body)
		}
	}
	srv.Advance(10 * time.Minute)
	if a := postForm(srv, oauthIntrospect, srv.Token, "token", s.Token); a.Body != inactive {
		t.Errorf("not used for ten minutes: %s", a.Body)
	}
}

// The issuer of the metadata is the one of introspections, and its endpoints are routes of this server.
func TestOAuthMetadata(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Ada()
	s := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`)
	for _, path := range []string{"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"} {
		a := srv.As("", "GET", path, "")
		var m map[string]any
		if err := json.Unmarshal([]byte(a.Body), &m); err != nil || a.Status != 200 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		var introspected struct{ Iss string }
		if err := json.Unmarshal([]byte(postForm(srv, oauthIntrospect, srv.Token, "token", s.Token).Body), &introspected); err != nil {
			t.Fatal(err)
		}
		if m["issuer"] != introspected.Iss {
			t.Errorf("the issuer is %v in the metadata and %q in an introspection", m["issuer"], introspected.Iss)
		}
		for field, body := range map[string]string{"introspection_endpoint": "token=x", "revocation_endpoint": "token=x", "jwks_uri": ""} {
			at, ok := strings.CutPrefix(m[field].(string), introspected.Iss)
			if !ok {
				t.Errorf("%s: %s is not below the issuer", path, m[field])
			}
			method := "GET"
			if body != "" {
				method = "POST"
			}
			if a := srv.As(srv.Token, method, at, body, "Content-Type", formType); a.Status != 200 {
				t.Errorf("%s: %s: %d %s", path, field, a.Status, a.Body)
			}
		}
		for _, absent := range []string{"authorization_endpoint", "token_endpoint"} {
			if m[absent] != nil {
				t.Errorf("%s: this server has no %s", path, absent)
			}
		}
	}
}
