package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Section 3 of the facts about Polar's wire: a path that only differs in its last slash is redirected, whatever the method,
// unless the bearer is a bad one.
func TestWire3Slashes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for _, op := range polars() {
		path := concrete(op.Path)
		other := strings.TrimSuffix(path, "/")
		if other == path {
			other += "/"
		}
		a := h.ask(op.Method, other+"?a=b%20c&d", emptyBody(op.Method))
		a.exactly(t, http.StatusTemporaryRedirect, "")
		a.headers(t, map[string]string{"Location": h.server.URL + path + "?a=b%20c&d", "Content-Length": "0", "Content-Type": ""})
		h.as("garbage", op.Method, other, emptyBody(op.Method)).exactly(t, 401, invalidToken)
		h.ask(op.Method, strings.Replace(path, "/", "//", 1), emptyBody(op.Method)).exactly(t, 404, `{"detail":"Not Found"}`)
	}
	for _, path := range []string{"/", "/v1", "/v1/", "/v1/nowhere", "/v1/member-sessions/", "/v1/customers//members", introspect + "//"} {
		h.ask("GET", path, "").exactly(t, 404, `{"detail":"Not Found"}`)
	}
}

// A wrong method is told all that there are (RFC 9110, section 15.5.6), where Polar names the first. A HEAD is not a GET.
func TestWire3Methods(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	methods := map[string][]string{}
	for _, at := range polars() {
		if methods[at.Path] != nil {
			continue
		}
		for _, op := range operations() { // two paths may both fit
			if fits(op.Path, concrete(at.Path)) {
				methods[at.Path] = append(methods[at.Path], op.Method)
			}
		}
	}
	for path, served := range methods {
		slices.Sort(served)
		served = slices.Compact(served)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if slices.Contains(served, method) {
				continue
			}
			a := h.ask(method, concrete(path), emptyBody(method))
			body := `{"detail":"Method Not Allowed"}`
			if method == "HEAD" {
				body = ""
			}
			a.exactly(t, 405, body)
			a.headers(t, map[string]string{"Allow": strings.Join(served, ", "), "Content-Type": "application/json", "Cache-Control": "private, no-store"})
			h.as("garbage", method, concrete(path), emptyBody(method)).is(t, 401)
		}
	}
}

// The old root of the API leads to the same answers, with a notice.
func TestWire3OldRoot(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	const notice = "The API root has moved from /api/v1 to /v1. Please update your integration."
	for _, op := range polars() {
		path, body := concrete(op.Path), emptyBody(op.Method)
		old := h.ask(op.Method, "/api"+path, body)
		if !strings.HasPrefix(path, "/v1/") {
			old.exactly(t, 404, `{"detail":"Not Found"}`)
			old.headers(t, map[string]string{"X-Polar-Deprecation-Notice": ""})
			continue
		}
		now := h.ask(op.Method, path, body)
		old.exactly(t, now.status, now.body)
		old.headers(t, map[string]string{"X-Polar-Deprecation-Notice": notice})
		now.headers(t, map[string]string{"X-Polar-Deprecation-Notice": ""})
	}
}

// What there is not, in the words of its kind.
func TestWire3UnknownObjects(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	object := refusal("ResourceNotFound", "Not found")
	member := refusal("ResourceNotFound", "Member not found")
	customer := refusal("ResourceNotFound", "Customer not found")
	newMember := `{"email":"m@example.com"}`
	for _, tt := range []struct{ method, path, body, want string }{
		{"GET", customers + nobody, "", object},
		{"PATCH", customers + nobody, `{}`, object},
		{"DELETE", customers + nobody, "", object},
		{"GET", customers + "external/nobody", "", object},
		{"PATCH", customers + "external/nobody", `{}`, object},
		{"DELETE", customers + "external/nobody", "", object},
		{"POST", customers + nobody + "/members", newMember, customer},
		{"POST", customers + "external/nobody/members", newMember, customer},
		{"GET", customers + nobody + "/members/" + nobody, "", customer},
		{"GET", customers + c.ID + "/members/" + nobody, "", member},
		{"PATCH", customers + c.ID + "/members/" + nobody, `{}`, member},
		{"DELETE", customers + c.ID + "/members/" + nobody, "", member},
		{"GET", customers + "external/nobody/members/nobody", "", customer},
		{"GET", customers + "external/user_1/members/nobody", "", member},
		{"PATCH", customers + "external/user_1/members/nobody", `{}`, member},
		{"DELETE", customers + "external/user_1/members/nobody", "", member},
		{"GET", "/v1/organizations/" + nobody, "", object},
		{"PATCH", accessTokens + nobody, `{}`, object},
		{"DELETE", accessTokens + nobody, "", object},
	} {
		h.as(h.token, tt.method, tt.path, tt.body).exactly(t, 404, tt.want)
	}
	h.ask("GET", "/v1/customer-portal/organizations/nobody", "").exactly(t, 404, object)
}

// An external id may be any text, and stands escaped in a path. Some look like parts of other paths.
func TestWire3ExternalIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for i, name := range []string{"a/b", "ü ?#%&+;=", "members", "external", nobody, "..", "100%", strings.Repeat("x", 500)} {
		owner := "owner/" + name
		quoted, _ := json.Marshal(name)
		team := h.create(customers, fmt.Sprintf(`{"type":"team","external_id":%s,"owner":{"email":"c%d@example.com","external_id":"owner/"}}`, quoted, i))
		path := customers + "external/" + url.PathEscape(name)
		a := h.as(h.token, "GET", path, "")
		a.is(t, 200)
		if a.at("id") != team.ID || a.at("external_id") != name {
			t.Errorf("%s: %v is %v", a.asked, a.at("external_id"), a.at("id"))
		}
		h.as(h.token, "PATCH", path, `{"name":"Found"}`).is(t, 200, `"name":"Found"`)
		quoted, _ = json.Marshal(owner)
		h.as(h.token, "POST", path+"/members", fmt.Sprintf(`{"email":"m%d@example.com","external_id":%s}`, i, quoted)).is(t, 201)
		h.as(h.token, "GET", path+"/members/"+url.PathEscape(owner), "").is(t, 200, `"customer_id":"`+team.ID+`"`, `"role":"member"`)
		h.as(h.token, "GET", "/v1/members/?role=owner&external_customer_id="+url.QueryEscape(name), "").is(t, 200, `"external_id":"owner/"`, `"total_count":1`)
		h.as(h.token, "DELETE", path, "").is(t, 204)
	}
	h.as(h.token, "GET", customers+"external/a%00b", "").is(t, 422, `"loc":["path","external_id"],"msg":"Value error, This value contains invalid characters"`)
	h.as(h.token, "POST", customers+"external/members", `{"email":"x@example.com"}`).is(t, 422, `"loc":["path","id"]`) // "external" is no id
}
