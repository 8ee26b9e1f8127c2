package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// The bytes of Polar's authentication errors.
const (
	unauthorized = `{"error":"Unauthorized","detail":"Unauthorized"}`
	invalidToken = `{"error": "invalid_token", "error_description": "The access token provided is expired, revoked, malformed, or invalid for other reasons."}`

	challengeUnauthorized = `Bearer realm="polar"`
	challengeInvalid      = `Bearer realm="polar", error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons."`
)

func TestAuthenticationErrors(t *testing.T) {
	h := newHouse(t, false)
	h.customer()
	live := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	stranger := "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO" // well-formed and unknown

	const anonymous, invalid = unauthorized, invalidToken
	for _, tt := range []struct {
		name, method, path, authorization, want string
	}{
		{"no header", "GET", introspect, "", anonymous},
		{"the scheme alone", "GET", introspect, "Bearer", anonymous},
		{"the scheme and a space", "GET", introspect, "Bearer ", anonymous},
		{"another scheme", "GET", introspect, "Basic x", anonymous},
		{"no scheme", "GET", introspect, live, anonymous},
		{"outside ASCII", "GET", introspect, "Bearer tökèn", anonymous},
		{"a registration token", "GET", introspect, "Bearer polar_crt_x", anonymous},
		{"an organization's token in the portal", "GET", introspect, "Bearer " + h.token, anonymous},
		{"a session on an organization's route", "POST", sessions, "Bearer " + live, anonymous},
		{"unknown", "GET", introspect, "Bearer " + stranger, invalid},
		{"a kind unknown here", "GET", introspect, "Bearer polar_pat_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", invalid},
		{"garbage", "GET", introspect, "Bearer garbage", invalid},
		{"the key right and the rest wrong", "GET", introspect, "Bearer " + live[:21] + stranger[21:], invalid},
		{"something after it", "GET", introspect, "Bearer " + live + " extra", invalid},
		{"a wrong one on an unknown path", "GET", "/nowhere", "Bearer garbage", invalid},
		{"a wrong one and a wrong method", "PUT", introspect, "Bearer garbage", invalid},
		{"a wrong one and a wrong slash", "GET", introspect + "/", "Bearer garbage", invalid},
		{"a wrong one on a public path", "GET", "/healthz", "Bearer garbage", invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.authorization != "" {
				headers = []string{"Authorization", tt.authorization}
			}
			body := ""
			if tt.method == "POST" {
				body = `{}`
			}
			a := h.ask(tt.method, tt.path, body, headers...)
			challenge, cache, pragma := challengeUnauthorized, "private, no-store", ""
			if tt.want == invalid {
				challenge, cache, pragma = challengeInvalid, "no-store", "no-cache"
			}
			if a.status != http.StatusUnauthorized || a.body != tt.want {
				t.Errorf("%d %s, wanted %s", a.status, a.body, tt.want)
			}
			for name, want := range map[string]string{
				"Www-Authenticate": challenge, "Cache-Control": cache, "Pragma": pragma,
				"Content-Type": "application/json", "Polar-Version": "2026-04",
			} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s is %q, wanted %q", name, got, want)
				}
			}
		})
	}
	if len(unauthorized) != 48 || len(invalidToken) != 138 {
		t.Errorf("the bodies have %d and %d bytes, wanted 48 and 138", len(unauthorized), len(invalidToken))
	}
	for _, authorization := range []string{"bearer " + live, "BEARER   " + live} {
		if a := h.ask("GET", introspect, "", "Authorization", authorization); a.status != 200 {
			t.Errorf("%q: %d", strings.Fields(authorization)[0], a.status)
		}
	}
}

func TestOrderOfChecks(t *testing.T) {
	h := newHouse(t, false)
	for _, tt := range []struct {
		name, method, path, body, token string
		status                          int
		want                            string
	}{
		{"malformed JSON comes before a missing token", "POST", sessions, `{"a":`, "", 422, `"type":"json_invalid","loc":["body",5],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}`},
		{"a missing token before missing fields", "POST", sessions, `{}`, "", 401, unauthorized},
		{"a missing token before a wrong path", "GET", customers + "nope", "", "", 401, unauthorized},
		{"a wrong path with a token", "GET", customers + "nope", "", h.token, 422, `"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID, invalid character: found ` + "`n`" + ` at 1","input":"nope","ctx":{"error":"invalid character: found ` + "`n`" + ` at 1"}`},
		{"an unknown customer", "GET", customers + "00000000-0000-4000-8000-000000000000", "", h.token, 404, `{"error":"ResourceNotFound","detail":"Not found"}`},
		{"an unknown path", "GET", "/v1/nowhere", "", h.token, 404, `{"detail":"Not Found"}`},
		{"two slashes", "GET", "/v1//customers/", "", "", 404, `{"detail":"Not Found"}`},
		{"a wrong method", "DELETE", introspect, "", "", 405, `{"detail":"Method Not Allowed"}`},
		{"the slash that is missing", "POST", "/v1/customer-sessions?x=1", `{}`, "", 307, ""},
		{"no body", "POST", sessions, "", h.token, 422, `{"error":"RequestValidationError","detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.token != "" {
				headers = []string{"Authorization", "Bearer " + tt.token}
			}
			a := h.ask(tt.method, tt.path, tt.body, headers...)
			if a.status != tt.status || !strings.Contains(a.body, tt.want) {
				t.Errorf("%d %s, wanted %d %s", a.status, a.body, tt.status, tt.want)
			}
			if tt.status == 307 && !strings.HasSuffix(a.header.Get("Location"), "/v1/customer-sessions/?x=1") {
				t.Errorf("redirected to %s", a.header.Get("Location"))
			}
			if tt.status == 405 && a.header.Get("Allow") != "GET" {
				t.Errorf("Allow is %q", a.header.Get("Allow"))
			}
		})
	}
	if a := h.ask("HEAD", introspect, ""); a.status != 405 {
		t.Errorf("HEAD: %d", a.status)
	}
	if a := h.as(h.token, "GET", customers+"nope", "", "Polar-Organization", "00000000-0000-4000-8000-000000000000"); a.status != 401 {
		t.Errorf("a foreign Polar-Organization: %d", a.status)
	}
	if a := h.ask("GET", "/api"+introspect, ""); a.status != 401 || a.header.Get("X-Polar-Deprecation-Notice") == "" {
		t.Errorf("the old root: %d %v", a.status, a.header)
	}
}
