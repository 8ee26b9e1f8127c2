package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

const insufficientScope = `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`

// headers fails the test unless the answer has the headers; "" stands for none.
func (a answer) headers(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := a.header.Get(name); got != value {
			t.Errorf("%s: %s is %q, wanted %q", a.asked, name, got, value)
		}
	}
}

func isPortal(scopes []string) bool { return slices.Contains(scopes, "customer_portal:write") }

// Section 1 of the facts about Polar's wire: the bytes with which every route refuses a caller.
func TestWire1Credentials(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	session := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	anonymous := map[string]string{"Www-Authenticate": challengeUnauthorized, "Content-Type": "application/json", "Cache-Control": "private, no-store", "Pragma": ""}
	bad := map[string]string{"Www-Authenticate": challengeInvalid, "Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
	for _, op := range polars() {
		path, body := concrete(op.Path), emptyBody(op.Method)
		a := h.as("garbage", op.Method, path, body)
		a.exactly(t, 401, invalidToken)
		a.headers(t, bad)
		if len(op.Scopes) == 0 {
			continue
		}
		wrongKind := session
		if isPortal(op.Scopes) {
			wrongKind = h.token
		}
		for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic x", "Bearer tökèn", "Bearer polar_crt_x", wrongKind, "Bearer " + wrongKind} {
			a := h.ask(op.Method, path, body, "Authorization", authorization)
			a.exactly(t, 401, unauthorized)
			a.headers(t, anonymous)
		}
	}
}

// Section 1.1: a token without the scope is refused in RFC 6750's words, on every route that asks for one; any one of those
// that a route names suffices.
func TestWire1InsufficientScope(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for _, op := range polars() {
		if len(op.Scopes) == 0 || isPortal(op.Scopes) { // a session has the scope of the portal, always
			continue
		}
		var others []string
		for _, scope := range directory.AllScopes() {
			if !slices.Contains(op.Scopes, string(scope)) {
				others = append(others, string(scope))
			}
		}
		path, body := concrete(op.Path), emptyBody(op.Method)
		a := h.as(h.accessToken(others...), op.Method, path, body)
		a.exactly(t, 403, insufficientScope)
		a.headers(t, map[string]string{
			"Www-Authenticate": `Bearer realm="polar", scope="` + strings.Join(op.Scopes, " ") + `", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`,
			"Content-Type":     "application/json", "Cache-Control": "no-store", "Pragma": "no-cache",
		})
		for _, scope := range op.Scopes {
			if a := h.as(h.accessToken(scope), op.Method, path, body); a.status == 401 || a.status == 403 {
				t.Errorf("%s with %s: %d %s", a.asked, scope, a.status, a.body)
			}
		}
	}
}

// accessToken makes an access token that has the scopes.
func (h *house) accessToken(scopes ...string) string {
	h.t.Helper()
	list, _ := json.Marshal(scopes)
	return h.create(accessTokens, `{"comment":"a test","scopes":`+string(list)+`}`).Token
}

// Section 1.3 and 1.4: what is looked at first. A body is parsed before anybody is asked who they are, and a bearer is read
// before anything.
func TestWire1OrderOfChecks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	session := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	poor := h.accessToken("organizations:read")
	broken := invalid(item("json_invalid", `"body",5`, "JSON decode error", "{}", `{"error":"Expecting value"}`))
	for _, op := range polars() {
		if emptyBody(op.Method) == "" {
			continue
		}
		path := concrete(op.Path)
		h.ask(op.Method, path, `{"a":`).exactly(t, 422, broken)
		h.as("garbage", op.Method, path, `{"a":`).exactly(t, 401, invalidToken)
		switch {
		case isPortal(op.Scopes):
			h.as(session, op.Method, path, `{"a":`).exactly(t, 422, broken)
		case len(op.Scopes) > 0:
			h.as(poor, op.Method, path, `{"a":`).exactly(t, 422, broken)
			h.as(poor, op.Method, strings.ReplaceAll(path, nobody, "nope"), `{}`).exactly(t, 403, insufficientScope)
		}
		if len(op.Scopes) > 0 {
			h.ask(op.Method, strings.ReplaceAll(path, nobody, "nope"), `[]`).exactly(t, 401, unauthorized)
		}
	}
	// The path, the query and the body are told of together.
	h.as(h.token, "PATCH", customers+"nope", `{"name":1,"email":"x"}`).is(t, 422, `"loc":["path","id"]`, `"loc":["body","email"]`, `"loc":["body","name"]`)
	h.as(h.token, "DELETE", customers+"nope?anonymize=perhaps", "").is(t, 422, `"loc":["path","id"]`, `"loc":["query","anonymize"]`)
	// A shape comes before a rule: who is not there is not looked for.
	h.as(h.token, "POST", customers, `{"email":"ada@example.com","name":1}`).is(t, 422, `"error":"RequestValidationError"`)
	h.as(h.token, "PATCH", customers+nobody, `{"name":1}`).is(t, 422, `"loc":["body","name"]`)
}

// Section 1.2: how the header is read.
func TestWire1Header(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	for _, authorization := range []string{"bearer " + h.token, "BEARER " + h.token, "Bearer    " + h.token} {
		h.ask("GET", customers, "", "Authorization", authorization).is(t, 200)
	}
	for _, authorization := range []string{"Bearer " + h.token + " extra", "Bearer " + h.token[10:], "Bearer x" + h.token} {
		h.ask("GET", customers, "", "Authorization", authorization).exactly(t, 401, invalidToken)
	}
	h.ask("GET", customers+"?access_token="+h.token, "").exactly(t, 401, unauthorized)
}

// Section 17: an access token is its organization's, and may say so.
func TestWire17PolarOrganization(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	h.customer()
	session := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	for _, own := range []string{h.org, strings.ToUpper(h.org)} {
		h.as(h.token, "GET", customers, "", "Polar-Organization", own).is(t, 200)
	}
	h.as(h.token, "GET", customers, "", "Polar-Organization", nobody).exactly(t, 401, invalidToken)
	h.as(session, "GET", introspect, "", "Polar-Organization", nobody).is(t, 200)
}
