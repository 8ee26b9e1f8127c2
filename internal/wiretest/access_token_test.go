package wiretest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// An access token is created, used, changed and deleted with another access token.
func TestAccessTokenLife(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Advance(time.Second)
	a := srv.As(srv.Token, "POST", accessTokens, `{"comment":"CI","scopes":["customers:read","members:read","customers:read"],"expires_in":"PT1H"}`)
	id, token := fmt.Sprint(a.At("organization_access_token", "id")), fmt.Sprint(a.At("token"))
	root := rootToken(srv)
	const second, end = "2026-10-01T12:00:01.120000Z", "2026-10-01T13:00:01.120000Z"
	made := func(modified, scopes, comment, used string) string {
		return `{"created_at":"` + second + `","modified_at":` + modified + `,"id":"` + id + `","scopes":[` + scopes + `],"expires_at":"` + end +
			`","comment":"` + comment + `","last_used_at":` + used + `,"organization_id":"` + srv.OrgID + `","parent_id":"` + root + `"}`
	}
	a.Exactly(t, 201, `{"organization_access_token":`+made("null", `"customers:read","members:read"`, "CI", "null")+`,"token":"`+token+`"}`)
	list := srv.As(srv.Token, "GET", accessTokens+"?sorting=-created_at", "")
	list.Is(t, 200, `{"items":[`+made("null", `"customers:read","members:read"`, "CI", "null")+`,{"created_at":"`+startText, `"total_count":2,"max_page":1`)
	list.Lacks(t, token, srv.Token)
	srv.As(token, "GET", customers, "").Is(t, 200)
	srv.As(token, "POST", customers, `{"email":"x@example.com"}`).Exactly(t, 403, insufficientScope)
	srv.As(token, "GET", accessTokens, "").Exactly(t, 403, insufficientScope)
	srv.Advance(time.Second)
	srv.As(srv.Token, "PATCH", accessTokens+id, `{"scopes":["customers:write"],"comment":"Deploy"}`).Exactly(t, 200,
		made(`"2026-10-01T12:00:02.120000Z"`, `"customers:write"`, "Deploy", `"`+second+`"`))
	srv.As(token, "POST", customers, `{"email":"x@example.com"}`).Is(t, 201) // the scopes are read on every request
	srv.As(token, "GET", "/v1/members/", "").Exactly(t, 403, insufficientScope)
	srv.As(srv.Token, "PATCH", accessTokens+id, `{"scopes":null,"comment":null}`).Is(t, 200, `"scopes":["customers:write"]`, `"comment":"Deploy"`)
	srv.As(srv.Token, "DELETE", accessTokens+id, "").Exactly(t, 204, "")
	srv.As(token, "GET", customers, "").Exactly(t, 401, invalidToken)
	srv.As(srv.Token, "DELETE", accessTokens+id, "").Exactly(t, 404, errorBody("ResourceNotFound", "Not found"))
	srv.As(srv.Token, "PATCH", accessTokens+id, `{"comment":"x"}`).Exactly(t, 404, errorBody("ResourceNotFound", "Not found"))
	srv.As(srv.Token, "GET", accessTokens, "").Is(t, 200, `"total_count":1,"max_page":1`)
	// A token can delete itself.
	self := fmt.Sprint(srv.As(srv.Token, "GET", accessTokens, "").At("items", 0, "id"))
	srv.As(srv.Token, "DELETE", accessTokens+self, "").Is(t, 204)
	srv.As(srv.Token, "GET", accessTokens, "").Exactly(t, 401, invalidToken)
}

// A token expires after expires_in, or never.
func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mint := func(expires string) string {
		return srv.Create(accessTokens, `{"comment":"a test","scopes":["customers:read"],"expires_in":`+expires+`}`).Token
	}
	minute, day, forever := mint(`60`), mint(`"P1D"`), mint(`null`)
	alive := func(token string, status int) {
		t.Helper()
		srv.As(token, "GET", customers, "").Is(t, status)
	}
	srv.Advance(time.Minute - time.Microsecond)
	alive(minute, 200)
	srv.Advance(time.Microsecond)
	srv.As(minute, "GET", customers, "").Exactly(t, 401, invalidToken)
	alive(day, 200)
	srv.Advance(24 * time.Hour)
	alive(day, 401)
	srv.Advance(50 * 365 * 24 * time.Hour)
	alive(forever, 200)
	const rightTime = "An access token is valid for more than 0 seconds and for at most 100 years."
	for expires, input := range map[string]string{`0`: "0", `-5`: "-5", `"P101Y"`: "3185136000"} {
		srv.As(srv.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"expires_in":`+expires+`}`).Exactly(t, 422, fieldError("expires_in", rightTime, input))
	}
	srv.As(srv.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"expires_in":"soon"}`).Is(t, 422, `"type":"time_delta_parsing","loc":["body","expires_in"]`)
}

// A token cannot grant a scope that it does not have, so that a leaked token cannot create a stronger one.
func TestAccessTokenScopesAreValidated(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	poor := srv.AccessToken("organization_access_tokens:write", "customers:read").Token
	const mightier = "An access token cannot grant a scope that it does not have itself."
	for _, scopes := range []string{`["customers:write"]`, `["customers:read","customers:write"]`} {
		srv.As(poor, "POST", accessTokens, `{"comment":"x","scopes":`+scopes+`}`).Is(t, 422, `"error":"PolarRequestValidationError"`, `"msg":"`+mightier+`","input":"customers:write"`)
	}
	srv.As(poor, "POST", accessTokens, `{"comment":"x","scopes":["customers:read","members:read","customer_sessions:write"]}`).Exactly(t, 422, businessErrors(
		errorItem("value_error", `"body","scopes",1`, mightier, `"members:read"`), errorItem("value_error", `"body","scopes",2`, mightier, `"customer_sessions:write"`)))
	a := srv.As(poor, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`)
	a.Is(t, 201)
	id := fmt.Sprint(a.At("organization_access_token", "id"))
	srv.As(poor, "PATCH", accessTokens+id, `{"scopes":["customers:write"]}`).Is(t, 422, mightier)
	for _, scope := range []string{"robots:write", "customer_portal:write"} { // the scope of sessions is not one of access tokens
		srv.As(srv.Token, "POST", accessTokens, `{"comment":"x","scopes":["`+scope+`"]}`).Is(t, 422, `"type":"enum","loc":["body","scopes",0]`)
		srv.As(srv.Token, "PATCH", accessTokens+id, `{"scopes":["`+scope+`"]}`).Is(t, 422, `"type":"enum","loc":["body","scopes",0]`)
	}
	srv.As(srv.Token, "POST", accessTokens, `{}`).Is(t, 422, `"loc":["body","comment"]`, `"loc":["body","scopes"]`)
	srv.As(srv.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"],"organization_id":"`+srv.OrgID+`"}`).Is(t, 422, `"type":"organization_token"`)
	srv.As(srv.Token, "PATCH", accessTokens+"nope", `{"comment":1}`).Is(t, 422, `"loc":["path","id"]`, `"loc":["body","comment"]`)
	// Tokens of another organization are not found.
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs"})
	srv.As(theirs.AccessToken, "PATCH", accessTokens+id, `{"comment":"x"}`).Is(t, 404)
	srv.As(theirs.AccessToken, "DELETE", accessTokens+id, "").Is(t, 404)
	srv.As(theirs.AccessToken, "GET", accessTokens, "").Is(t, 200, `"total_count":1,"max_page":1`)
}

// last_used_at has a resolution of one minute.
func TestAccessTokenLastUse(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	a := srv.As(srv.Token, "POST", accessTokens, `{"comment":"used","scopes":["customers:read"]}`)
	token := fmt.Sprint(a.At("token"))
	used := func() any {
		t.Helper()
		return srv.As(srv.Token, "GET", accessTokens+"?sorting=-comment", "").At("items", 0, "last_used_at")
	}
	if at := used(); at != nil {
		t.Errorf("last_used_at of an unused token is %v", at)
	}
	for _, step := range []struct {
		wait time.Duration
		want string
	}{{0, startText}, {59 * time.Second, startText}, {time.Second, "2026-10-01T12:01:00.120000Z"}, {time.Hour, "2026-10-01T13:01:00.120000Z"}} {
		srv.Advance(step.wait)
		srv.As(token, "GET", customers, "").Is(t, 200)
		if at := used(); at != step.want {
			t.Errorf("last used at %v, want %s", at, step.want)
		}
	}
	srv.As(srv.Token, "GET", accessTokens+"?sorting=comment", "").Is(t, 200, `"comment":"The first token"`)
	srv.As(srv.Token, "GET", accessTokens+"?sorting=-last_used_at&limit=1", "").Is(t, 200, `"total_count":2,"max_page":2`)
	srv.As(srv.Token, "GET", accessTokens+"?organization_id="+unknownID, "").Is(t, 200, `"items":[]`)
	srv.As(srv.Token, "GET", accessTokens+"?organization_id="+srv.OrgID+"&sorting=organization_id", "").Is(t, 200, `"total_count":2`)
}
