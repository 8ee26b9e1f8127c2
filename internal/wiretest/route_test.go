package wiretest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi/openapitest"
	"github.com/postern-go/postern/internal/testserver"
)

// A path that differs only in its last slash is redirected, unless the bearer token is bad (docs/wire.md, Routes and methods).
func TestSlashRedirects(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for _, op := range polarOperations() {
		path := concretePath(op.Path)
		other := strings.TrimSuffix(path, "/")
		if other == path {
			other += "/"
		}
		a := srv.Request(op.Method, other+"?a=b%20c&d", minimalBody(op.Method))
		a.Exactly(t, http.StatusTemporaryRedirect, "")
		a.HasHeaders(t, map[string]string{"Content-Length": "0", "Content-Type": ""})
		wantLocation(t, a, srv.URL+other, srv.URL+path+"?a=b%20c&d")
		srv.As("garbage", op.Method, other, minimalBody(op.Method)).Exactly(t, 401, invalidToken)
		srv.Request(op.Method, strings.Replace(path, "/", "//", 1), minimalBody(op.Method)).Exactly(t, 404, `{"detail":"Not Found"}`)
	}
	for _, path := range []string{"/", "/v1", "/v1/", "/v1/nowhere", "/v1/member-sessions/", "/v1/customers//members", "/v1/customers//"} {
		srv.Request("GET", path, "").Exactly(t, 404, `{"detail":"Not Found"}`)
	}
	a := srv.Request("GET", introspect+"//", "") // all slashes at the end are removed
	a.Exactly(t, http.StatusTemporaryRedirect, "")
	wantLocation(t, a, srv.URL+introspect+"//", srv.URL+introspect)
}

// wantLocation checks where a redirect leads from a URL.
func wantLocation(t *testing.T, a testserver.Answer, from, want string) {
	t.Helper()
	u, err := url.Parse(from)
	if err != nil {
		t.Fatal(err)
	}
	if to, err := u.Parse(a.Header.Get("Location")); err != nil || to.String() != want {
		t.Errorf("%s is redirected to %q, want %s", from, a.Header.Get("Location"), want)
	}
}

// Allow lists all methods of a path (RFC 9110, section 15.5.6); Polar lists one. HEAD on a GET route is a wrong method.
func TestWrongMethods(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	methods := map[string][]string{}
	for _, at := range polarOperations() {
		if methods[at.Path] != nil {
			continue
		}
		for _, method := range []string{"DELETE", "GET", "PATCH", "POST", "PUT"} { // of every documented path that matches
			if openapitest.OperationID(method, concretePath(at.Path)) != "" {
				methods[at.Path] = append(methods[at.Path], method)
			}
		}
	}
	for path, served := range methods {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if slices.Contains(served, method) {
				continue
			}
			a := srv.Request(method, concretePath(path), minimalBody(method))
			body := `{"detail":"Method Not Allowed"}`
			if method == "HEAD" {
				body = ""
			}
			a.Exactly(t, 405, body)
			a.HasHeaders(t, map[string]string{"Allow": strings.Join(served, ", "), "Content-Type": "application/json", "Cache-Control": "private, no-store"})
			srv.As("garbage", method, concretePath(path), minimalBody(method)).Is(t, 401)
		}
	}
}

// The old root of the API gives the same answers, with a notice.
func TestOldAPIRoot(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const notice = "The API root has moved from /api/v1 to /v1. Please update your integration."
	for _, op := range polarOperations() {
		path, body := concretePath(op.Path), minimalBody(op.Method)
		old := srv.Request(op.Method, "/api"+path, body)
		if !strings.HasPrefix(path, "/v1/") {
			old.Exactly(t, 404, `{"detail":"Not Found"}`)
			old.HasHeaders(t, map[string]string{"X-Polar-Deprecation-Notice": ""})
			continue
		}
		now := srv.Request(op.Method, path, body)
		old.Exactly(t, now.Status, now.Body)
		old.HasHeaders(t, map[string]string{"X-Polar-Deprecation-Notice": notice})
		now.HasHeaders(t, map[string]string{"X-Polar-Deprecation-Notice": ""})
	}
}

// The 404 of an unknown object names its kind.
func TestUnknownObjects(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	object := errorBody("ResourceNotFound", "Not found")
	member := errorBody("ResourceNotFound", "Member not found")
	customer := errorBody("ResourceNotFound", "Customer not found")
	newMember := `{"email":"m@example.com"}`
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", customers + unknownID, "", object},
		{"PATCH", customers + unknownID, `{}`, object},
		{"DELETE", customers + unknownID, "", object},
		{"GET", customers + "external/nobody", "", object},
		{"PATCH", customers + "external/nobody", `{}`, object},
		{"DELETE", customers + "external/nobody", "", object},
		{"POST", customers + unknownID + "/members", newMember, customer},
		{"POST", customers + "external/nobody/members", newMember, customer},
		{"GET", customers + unknownID + "/members/" + unknownID, "", member},
		{"GET", customers + c.ID + "/members/" + unknownID, "", member},
		{"PATCH", customers + c.ID + "/members/" + unknownID, `{}`, member},
		{"DELETE", customers + c.ID + "/members/" + unknownID, "", member},
		{"GET", customers + "external/nobody/members/nobody", "", member},
		{"GET", customers + "external/user_1/members/nobody", "", member},
		{"PATCH", customers + "external/user_1/members/nobody", `{}`, member},
		{"DELETE", customers + "external/user_1/members/nobody", "", member},
		{"GET", "/v1/organizations/" + unknownID, "", object},
		{"PATCH", accessTokens + unknownID, `{}`, object},
		{"DELETE", accessTokens + unknownID, "", object},
	} {
		srv.As(srv.Token, tt.method, tt.path, tt.body).Exactly(t, 404, tt.want)
	}
	srv.Request("GET", "/v1/customer-portal/organizations/nobody", "").Exactly(t, 404, object)
}

// An external ID may be any text, even one that looks like a segment of another path. It is escaped in a path.
func TestExternalIDs(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for i, name := range []string{"a/b", "ü ?#%&+;=", "members", "external", unknownID, "..", "100%", strings.Repeat("x", 500)} {
		owner := "owner/" + name
		quoted, _ := json.Marshal(name)
		team := srv.Create(customers, fmt.Sprintf(`{"type":"team","external_id":%s,"owner":{"email":"c%d@example.com","external_id":"owner/"}}`, quoted, i))
		path := customers + "external/" + url.PathEscape(name)
		a := srv.As(srv.Token, "GET", path, "")
		a.Is(t, 200)
		if a.At("id") != team.ID || a.At("external_id") != name {
			t.Errorf("%s: %v is %v", a.Request, a.At("external_id"), a.At("id"))
		}
		srv.As(srv.Token, "PATCH", path, `{"name":"Found"}`).Is(t, 200, `"name":"Found"`)
		quoted, _ = json.Marshal(owner)
		srv.As(srv.Token, "POST", path+"/members", fmt.Sprintf(`{"email":"m%d@example.com","external_id":%s}`, i, quoted)).Is(t, 201)
		srv.As(srv.Token, "GET", path+"/members/"+url.PathEscape(owner), "").Is(t, 200, `"customer_id":"`+team.ID+`"`, `"role":"member"`)
		srv.As(srv.Token, "GET", "/v1/members/?role=owner&external_customer_id="+url.QueryEscape(name), "").Is(t, 200, `"external_id":"owner/"`, `"total_count":1`)
		srv.As(srv.Token, "DELETE", path, "").Is(t, 204)
	}
	srv.As(srv.Token, "GET", customers+"external/a%00b", "").Is(t, 422, `"loc":["path","external_id"],"msg":"Value error, This value contains invalid characters"`)
	srv.As(srv.Token, "POST", customers+"external/members", `{"email":"x@example.com"}`).Is(t, 422, `"loc":["path","id"]`) // "external" is no id
}
