package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

// Section 11 and 12 of the facts about Polar's wire: access tokens, which here may be made with another one.
func TestWire12AccessToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.advance(time.Second)
	a := h.as(h.token, "POST", accessTokens, `{"comment":"CI","scopes":["customers:read","members:read","customers:read"],"expires_in":"PT1H"}`)
	id, token := fmt.Sprint(a.at("organization_access_token", "id")), fmt.Sprint(a.at("token"))
	const second, end = "2026-10-01T12:00:01.120000Z", "2026-10-01T13:00:01.120000Z"
	made := func(modified, scopes, comment, used string) string {
		return `{"created_at":"` + second + `","modified_at":` + modified + `,"id":"` + id + `","scopes":[` + scopes + `],"expires_at":"` + end +
			`","comment":"` + comment + `","last_used_at":` + used + `,"organization_id":"` + h.org + `"}`
	}
	a.exactly(t, 201, `{"organization_access_token":`+made("null", `"customers:read","members:read"`, "CI", "null")+`,"token":"`+token+`"}`)
	list := h.as(h.token, "GET", accessTokens+"?sorting=-created_at", "")
	list.is(t, 200, `{"items":[`+made("null", `"customers:read","members:read"`, "CI", "null")+`,{"created_at":"`+startText, `"total_count":2,"max_page":1`)
	list.lacks(t, token, h.token)
	h.as(token, "GET", customers, "").is(t, 200)
	h.as(token, "POST", customers, `{"email":"x@example.com"}`).exactly(t, 403, insufficientScope)
	h.as(token, "GET", accessTokens, "").exactly(t, 403, insufficientScope)
	h.advance(time.Second)
	h.as(h.token, "PATCH", accessTokens+id, `{"scopes":["customers:write"],"comment":"Deploy"}`).exactly(t, 200,
		made(`"2026-10-01T12:00:02.120000Z"`, `"customers:write"`, "Deploy", `"`+second+`"`))
	h.as(token, "POST", customers, `{"email":"x@example.com"}`).is(t, 201) // what it may do is looked up with every request
	h.as(token, "GET", "/v1/members/", "").exactly(t, 403, insufficientScope)
	h.as(h.token, "PATCH", accessTokens+id, `{"scopes":null,"comment":null}`).is(t, 200, `"scopes":["customers:write"]`, `"comment":"Deploy"`)
	h.as(h.token, "DELETE", accessTokens+id, "").exactly(t, 204, "")
	h.as(token, "GET", customers, "").exactly(t, 401, invalidToken)
	h.as(h.token, "DELETE", accessTokens+id, "").exactly(t, 404, refusal("ResourceNotFound", "Not found"))
	h.as(h.token, "PATCH", accessTokens+id, `{"comment":"x"}`).exactly(t, 404, refusal("ResourceNotFound", "Not found"))
	h.as(h.token, "GET", accessTokens, "").is(t, 200, `"total_count":1,"max_page":1`)
	// A token may end itself.
	self := fmt.Sprint(h.as(h.token, "GET", accessTokens, "").at("items", 0, "id"))
	h.as(h.token, "DELETE", accessTokens+self, "").is(t, 204)
	h.as(h.token, "GET", accessTokens, "").exactly(t, 401, invalidToken)
}

// A token lives as long as was said.
func TestWire12AccessTokenExpires(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	mint := func(expires string) string {
		return h.create(accessTokens, `{"comment":"a test","scopes":["customers:read"],"expires_in":`+expires+`}`).Token
	}
	minute, day, forever := mint(`60`), mint(`"P1D"`), mint(`null`)
	alive := func(token string, status int) {
		t.Helper()
		h.as(token, "GET", customers, "").is(t, status)
	}
	h.advance(time.Minute - time.Microsecond)
	alive(minute, 200)
	h.advance(time.Microsecond)
	h.as(minute, "GET", customers, "").exactly(t, 401, invalidToken)
	alive(day, 200)
	h.advance(24 * time.Hour)
	alive(day, 401)
	h.advance(50 * 365 * 24 * time.Hour)
	alive(forever, 200)
	const rightTime = "An access token lives for more than no time, and for at most a hundred years."
	for expires, input := range map[string]string{`0`: "0", `-5`: "-5", `"P101Y"`: "3185136000"} {
		h.as(h.token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"expires_in":`+expires+`}`).exactly(t, 422, rule("expires_in", rightTime, input))
	}
	h.as(h.token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"expires_in":"soon"}`).is(t, 422, `"type":"time_delta_parsing","loc":["body","expires_in"]`)
}

// Nobody gives away what they do not have: a token that leaked must not make a mightier one.
func TestWire12AccessTokenScopes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	poor := h.accessToken("organization_access_tokens:write", "customers:read")
	const mightier = "An access token cannot grant a scope that it does not have itself."
	for _, scopes := range []string{`["customers:write"]`, `["customers:read","customers:write"]`} {
		h.as(poor, "POST", accessTokens, `{"comment":"x","scopes":`+scopes+`}`).is(t, 422, `"error":"PolarRequestValidationError"`, `"msg":"`+mightier+`","input":"customers:write"`)
	}
	h.as(poor, "POST", accessTokens, `{"comment":"x","scopes":["customers:read","members:read","customer_sessions:write"]}`).exactly(t, 422, broken(
		ruleItem("value_error", `"body","scopes",1`, mightier, `"members:read"`), ruleItem("value_error", `"body","scopes",2`, mightier, `"customer_sessions:write"`)))
	a := h.as(poor, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`)
	a.is(t, 201)
	id := fmt.Sprint(a.at("organization_access_token", "id"))
	h.as(poor, "PATCH", accessTokens+id, `{"scopes":["customers:write"]}`).is(t, 422, mightier)
	for _, scope := range []string{"robots:write", "customer_portal:write"} { // a session's scope is no access token's
		h.as(h.token, "POST", accessTokens, `{"comment":"x","scopes":["`+scope+`"]}`).is(t, 422, `"type":"enum","loc":["body","scopes",0]`)
		h.as(h.token, "PATCH", accessTokens+id, `{"scopes":["`+scope+`"]}`).is(t, 422, `"type":"enum","loc":["body","scopes",0]`)
	}
	h.as(h.token, "POST", accessTokens, `{}`).is(t, 422, `"loc":["body","comment"]`, `"loc":["body","scopes"]`)
	h.as(h.token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"organization_id":"`+h.org+`"}`).is(t, 422, `"type":"organization_token"`)
	h.as(h.token, "PATCH", accessTokens+"nope", `{"comment":1}`).is(t, 422, `"loc":["path","id"]`, `"loc":["body","comment"]`)
	// Another organization's tokens are not there.
	theirs := h.organization(postern.NewOrganization{Slug: "theirs"})
	h.as(theirs.AccessToken, "PATCH", accessTokens+id, `{"comment":"x"}`).is(t, 404)
	h.as(theirs.AccessToken, "DELETE", accessTokens+id, "").is(t, 404)
	h.as(theirs.AccessToken, "GET", accessTokens, "").is(t, 200, `"total_count":1,"max_page":1`)
}

// When a token was last used is told to the minute.
func TestWire12LastUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	a := h.as(h.token, "POST", accessTokens, `{"comment":"used","scopes":["customers:read"]}`)
	token := fmt.Sprint(a.at("token"))
	used := func() any {
		t.Helper()
		return h.as(h.token, "GET", accessTokens+"?sorting=-comment", "").at("items", 0, "last_used_at")
	}
	if at := used(); at != nil {
		t.Errorf("never used, and last at %v", at)
	}
	for _, step := range []struct {
		wait time.Duration
		want string
	}{{0, startText}, {59 * time.Second, startText}, {time.Second, "2026-10-01T12:01:00.120000Z"}, {time.Hour, "2026-10-01T13:01:00.120000Z"}} {
		h.advance(step.wait)
		h.as(token, "GET", customers, "").is(t, 200)
		if at := used(); at != step.want {
			t.Errorf("last used at %v, wanted %s", at, step.want)
		}
	}
	h.as(h.token, "GET", accessTokens+"?sorting=comment", "").is(t, 200, `"comment":"The first token"`)
	h.as(h.token, "GET", accessTokens+"?sorting=-last_used_at&limit=1", "").is(t, 200, `"total_count":2,"max_page":2`)
	h.as(h.token, "GET", accessTokens+"?organization_id="+nobody, "").is(t, 200, `"items":[]`)
	h.as(h.token, "GET", accessTokens+"?organization_id="+h.org+"&sorting=organization_id", "").is(t, 200, `"total_count":2`)
}
