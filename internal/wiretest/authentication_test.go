package wiretest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

const insufficientScope = `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`

func needsPortalScope(scopes []string) bool { return slices.Contains(scopes, "customer_portal:write") }

// Every route refuses bad credentials with the same bytes (docs/wire.md, Authentication).
func TestEveryRouteRefusesBadCredentials(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	session := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	anonymous := map[string]string{"Www-Authenticate": challengeUnauthorized, "Content-Type": "application/json", "Cache-Control": "private, no-store", "Pragma": ""}
	bad := map[string]string{"Www-Authenticate": challengeInvalid, "Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
	for _, op := range polarOperations() {
		path, body := concretePath(op.Path), minimalBody(op.Method)
		a := srv.As("garbage", op.Method, path, body)
		a.Exactly(t, 401, invalidToken)
		a.HasHeaders(t, bad)
		if len(op.Scopes) == 0 {
			continue
		}
		wrongKind := session
		if needsPortalScope(op.Scopes) {
			wrongKind = srv.Token
		}
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic x", "Bearer tökèn", "Bearer polar_crt_x", wrongKind, "Bearer " + wrongKind} {
			a := srv.Request(op.Method, path, body, "Authorization", authorization)
			a.Exactly(t, 401, unauthorized)
			a.HasHeaders(t, anonymous)
		}
	}
}

// Every route that requires a scope refuses a token without it as RFC 6750 says. One of the scopes that a route names is enough.
func TestEveryRouteRequiresAScope(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for _, op := range polarOperations() {
		if len(op.Scopes) == 0 || needsPortalScope(op.Scopes) { // every session has this scope
			continue
		}
		var others []string
		for _, scope := range directory.AllScopes() {
			if !slices.Contains(op.Scopes, string(scope)) {
				others = append(others, string(scope))
			}
		}
		path, body := concretePath(op.Path), minimalBody(op.Method)
		a := srv.As(srv.AccessToken(others...).Token, op.Method, path, body)
		a.Exactly(t, 403, insufficientScope)
		a.HasHeaders(t, map[string]string{
			"Www-Authenticate": `Bearer realm="polar", scope="` + strings.Join(op.Scopes, " ") + `", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`,
			"Content-Type":     "application/json", "Cache-Control": "no-store", "Pragma": "no-cache",
		})
		for _, scope := range op.Scopes {
			if a := srv.As(srv.AccessToken(scope).Token, op.Method, path, body); a.Status == 401 || a.Status == 403 {
				t.Errorf("%s with %s: %d %s", a.Request, scope, a.Status, a.Body)
			}
		}
	}
}

// A bearer token is checked first, then the syntax of the body, then the caller (docs/wire.md, Order of checks).
func TestOrderOfChecksOnEveryRoute(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	session := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	poor := srv.AccessToken("organizations:read").Token
	broken := validationErrors(errorItemWithContext("json_invalid", `"body",5`, "JSON decode error", "{}", `{"error":"Expecting value"}`))
	for _, op := range polarOperations() {
		if minimalBody(op.Method) == "" {
			continue
		}
		path := concretePath(op.Path)
		srv.Request(op.Method, path, `{"a":`).Exactly(t, 422, broken)
		srv.As("garbage", op.Method, path, `{"a":`).Exactly(t, 401, invalidToken)
		switch {
		case needsPortalScope(op.Scopes):
			srv.As(session, op.Method, path, `{"a":`).Exactly(t, 422, broken)
		case len(op.Scopes) > 0:
			srv.As(poor, op.Method, path, `{"a":`).Exactly(t, 422, broken)
			srv.As(poor, op.Method, strings.ReplaceAll(path, unknownID, "nope"), `{}`).Exactly(t, 403, insufficientScope)
		}
		if len(op.Scopes) > 0 {
			srv.Request(op.Method, strings.ReplaceAll(path, unknownID, "nope"), `[]`).Exactly(t, 401, unauthorized)
		}
	}
	// One answer reports the errors of the path, the query and the body.
	srv.As(srv.Token, "PATCH", customers+"nope", `{"name":1,"email":"x"}`).Is(t, 422, `"loc":["path","id"]`, `"loc":["body","email"]`, `"loc":["body","name"]`)
	srv.As(srv.Token, "DELETE", customers+"nope?anonymize=perhaps", "").Is(t, 422, `"loc":["path","id"]`, `"loc":["query","anonymize"]`)
	// Shapes are checked before rules.
	srv.As(srv.Token, "POST", customers, `{"email":"ada@example.com","name":1}`).Is(t, 422, `"error":"RequestValidationError"`)
	srv.As(srv.Token, "PATCH", customers+unknownID, `{"name":1}`).Is(t, 422, `"loc":["body","name"]`)
}

// The scheme may be in any case, and the rest of the header is the token.
func TestAuthorizationHeaderSyntax(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	for _, authorization := range []string{"bearer " + srv.Token, "BEARER " + srv.Token, "Bearer    " + srv.Token} {
		srv.Request("GET", customers, "", "Authorization", authorization).Is(t, 200)
	}
	for _, authorization := range []string{"Bearer " + srv.Token + " extra", "Bearer " + srv.Token[10:], "Bearer x" + srv.Token} {
		srv.Request("GET", customers, "", "Authorization", authorization).Exactly(t, 401, invalidToken)
	}
	srv.Request("GET", customers+"?access_token="+srv.Token, "").Exactly(t, 401, unauthorized)
}

// A request may name its organization (docs/wire.md, Polar-Organization).
func TestPolarOrganizationHeader(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	srv.Ada()
	session := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	for _, own := range []string{srv.OrgID, strings.ToUpper(srv.OrgID)} {
		srv.As(srv.Token, "GET", customers, "", "Polar-Organization", own).Is(t, 200)
	}
	srv.As(srv.Token, "GET", customers, "", "Polar-Organization", unknownID).Exactly(t, 401, invalidToken)
	srv.As(session, "GET", introspect, "", "Polar-Organization", unknownID).Is(t, 200)
}

// The bodies of Polar's authentication errors, and their challenges.
const (
	unauthorized = `{"error":"Unauthorized","detail":"Unauthorized"}`
	invalidToken = `{"error": "invalid_token", "error_description": "The access token provided is expired, revoked, malformed, or invalid for other reasons."}`

	challengeUnauthorized = `Bearer realm="polar"`
	challengeInvalid      = `Bearer realm="polar", error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons."`
)

func TestAuthenticationErrors(t *testing.T) {
	srv := testserver.New(t)
	srv.Ada()
	live := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
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
		{"an organization's token in the portal", "GET", introspect, "Bearer " + srv.Token, anonymous},
		{"a session on an organization's route", "POST", sessions, "Bearer " + live, anonymous},
		{"unknown", "GET", introspect, "Bearer " + stranger, invalid},
		{"a personal access token", "GET", introspect, "Bearer polar_pat_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", invalid},
		{"garbage", "GET", introspect, "Bearer garbage", invalid},
		{"a live token's key with another secret", "GET", introspect, "Bearer " + live[:21] + stranger[21:], invalid},
		{"text after the token", "GET", introspect, "Bearer " + live + " extra", invalid},
		{"a bad token on an unknown path", "GET", "/nowhere", "Bearer garbage", invalid},
		{"a bad token and a wrong method", "PUT", introspect, "Bearer garbage", invalid},
		{"a bad token and a wrong slash", "GET", introspect + "/", "Bearer garbage", invalid},
		{"a bad token on a public path", "GET", "/healthz", "Bearer garbage", invalid},
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
			a := srv.Request(tt.method, tt.path, body, headers...)
			challenge, cache, pragma := challengeUnauthorized, "private, no-store", ""
			if tt.want == invalid {
				challenge, cache, pragma = challengeInvalid, "no-store", "no-cache"
			}
			if a.Status != http.StatusUnauthorized || a.Body != tt.want {
				t.Errorf("%d %s, want %s", a.Status, a.Body, tt.want)
			}
			for name, want := range map[string]string{
				"Www-Authenticate": challenge, "Cache-Control": cache, "Pragma": pragma,
				"Content-Type": "application/json", "Polar-Version": "2026-10",
			} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
	if len(unauthorized) != 48 || len(invalidToken) != 138 {
		t.Errorf("the bodies have %d and %d bytes, want 48 and 138", len(unauthorized), len(invalidToken))
	}
	for _, authorization := range []string{"bearer " + live, "BEARER   " + live} {
		if a := srv.Request("GET", introspect, "", "Authorization", authorization); a.Status != 200 {
			t.Errorf("%q: %d", strings.Fields(authorization)[0], a.Status)
		}
	}
}

func TestOrderOfChecksOnExamples(t *testing.T) {
	srv := testserver.New(t)
	for _, tt := range []struct {
		name, method, path, body, token string
		status                          int
		want                            string
	}{
		{"malformed JSON comes before a missing token", "POST", sessions, `{"a":`, "", 422, `"type":"json_invalid","loc":["body",5],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}`},
		{"a missing token before missing fields", "POST", sessions, `{}`, "", 401, unauthorized},
		{"a missing token before a wrong path", "GET", customers + "nope", "", "", 401, unauthorized},
		{"a wrong path with a token", "GET", customers + "nope", "", srv.Token, 422, `"type":"uuid_parsing","loc":["path","id"],"msg":"Input should be a valid UUID, invalid character: found ` + "`n`" + ` at 1","input":"nope","ctx":{"error":"invalid character: found ` + "`n`" + ` at 1"}`},
		{"an unknown customer", "GET", customers + "00000000-0000-4000-8000-000000000000", "", srv.Token, 404, `{"error":"ResourceNotFound","detail":"Not found"}`},
		{"an unknown path", "GET", "/v1/nowhere", "", srv.Token, 404, `{"detail":"Not Found"}`},
		{"two slashes", "GET", "/v1//customers/", "", "", 404, `{"detail":"Not Found"}`},
		{"a wrong method", "DELETE", introspect, "", "", 405, `{"detail":"Method Not Allowed"}`},
		{"a missing slash", "POST", "/v1/customer-sessions?x=1", `{}`, "", 307, ""},
		{"no body", "POST", sessions, "", srv.Token, 422, `{"error":"RequestValidationError","detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.token != "" {
				headers = []string{"Authorization", "Bearer " + tt.token}
			}
			a := srv.Request(tt.method, tt.path, tt.body, headers...)
			if a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
				t.Errorf("%d %s, want %d %s", a.Status, a.Body, tt.status, tt.want)
			}
			if tt.status == 307 && a.Header.Get("Location") != "./customer-sessions/?x=1" {
				t.Errorf("redirected to %s", a.Header.Get("Location"))
			}
			if tt.status == 405 && a.Header.Get("Allow") != "GET" {
				t.Errorf("Allow is %q", a.Header.Get("Allow"))
			}
		})
	}
	if a := srv.Request("HEAD", introspect, ""); a.Status != 405 {
		t.Errorf("HEAD: %d", a.Status)
	}
	if a := srv.As(srv.Token, "GET", customers+"nope", "", "Polar-Organization", "00000000-0000-4000-8000-000000000000"); a.Status != 401 {
		t.Errorf("a foreign Polar-Organization: %d", a.Status)
	}
	if a := srv.Request("GET", "/api"+introspect, ""); a.Status != 401 || a.Header.Get("X-Polar-Deprecation-Notice") == "" {
		t.Errorf("the old root: %d %v", a.Status, a.Header)
	}
}
