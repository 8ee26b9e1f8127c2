package wiretest_test

import (
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

func TestCORS(t *testing.T) {
	srv := testserver.New(t)
	a := srv.Request("GET", introspect, "", "Origin", "https://example.com")
	if a.Status != 401 || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Expose-Headers") != "Polar-Version, X-Request-Id" ||
		a.Header.Get("Vary") != "" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	for _, tt := range []struct {
		headers, body string
		status        int
	}{
		{"authorization, content-type, polar-version", "OK", 200},
		{"", "Disallowed CORS headers", 400},
		{"authorization, x-other", "Disallowed CORS headers", 400},
	} {
		a := srv.Request("OPTIONS", introspect, "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", tt.headers)
		if a.Status != tt.status || a.Body != tt.body || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" ||
			a.Header.Get("Access-Control-Max-Age") != "600" || a.Header.Get("Polar-Version") != "2026-10" ||
			a.Header.Get("Access-Control-Allow-Methods") != "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" ||
			a.Header.Get("Access-Control-Allow-Headers") != "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version" {
			t.Errorf("preflight for %q: %d %s %v", tt.headers, a.Status, a.Body, a.Header)
		}
	}
	if a := srv.Request("OPTIONS", introspect, ""); a.Status != 405 {
		t.Errorf("a plain OPTIONS: %d", a.Status)
	}
	if a := srv.Request("GET", introspect, ""); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a request without an origin is answered with CORS")
	}
}

// A 429 has an empty body and only a few headers (docs/wire.md, Rate limits).
func TestRateLimits(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("default=3/m,pending=1/m"))
	for range 3 {
		if a := srv.Request("GET", introspect, ""); a.Status != 401 {
			t.Errorf("within the rate: %d", a.Status)
		}
	}
	for _, tt := range []struct{ method, path, body string }{
		{"GET", introspect, ""}, {"POST", sessions, `{"a":`}, {"GET", "/v1/nowhere", ""}, {"HEAD", introspect, ""}, {"DELETE", introspect, ""},
	} {
		a := srv.Request(tt.method, tt.path, tt.body, "Origin", "https://example.com")
		if a.Status != 429 || a.Body != "" {
			t.Errorf("%s %s: %d %q", tt.method, tt.path, a.Status, a.Body)
		}
		a.Header.Del("Date")
		a.Header.Del("X-Request-Id")
		want := http.Header{
			"Retry-After": {"60"}, "Content-Length": {"0"}, "Polar-Version": {"2026-10"},
			"Access-Control-Allow-Origin": {"*"}, "Access-Control-Expose-Headers": {"Polar-Version, X-Request-Id"},
			"Strict-Transport-Security": {"max-age=31536000"}, "Cache-Control": {"private, no-store"}, "X-Content-Type-Options": {"nosniff"},
		}
		if !reflect.DeepEqual(a.Header, want) {
			t.Errorf("%s %s: %v, want %v", tt.method, tt.path, a.Header, want)
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/nowhere": 404, "/api" + introspect: 429} {
		if a := srv.Request("GET", path, ""); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
	if a := srv.As("garbage", "GET", introspect, ""); a.Status != 401 {
		t.Errorf("an unverified bearer: %d", a.Status)
	}
	if a := srv.As("garbage", "GET", introspect, ""); a.Status != 429 || a.Header.Get("Retry-After") != "60" {
		t.Errorf("an unverified bearer again: %d", a.Status)
	}
	srv.Advance(time.Minute)
	if a := srv.Request("GET", introspect, ""); a.Status != 401 {
		t.Errorf("a minute later: %d", a.Status)
	}
}

func TestRateLimitedAnswersAreLikePolarsInStrictMode(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("default=1/m"), func(c *testserver.Options) { c.StrictPolar = true })
	srv.Request("GET", introspect, "").Is(t, 401)
	a := srv.Request("GET", introspect, "")
	a.Is(t, 429)
	a.HasHeaders(t, map[string]string{"Cache-Control": ""})
}

// Two sessions of one member share a rate. Other members and the organization have their own.
func TestSessionsOfOneHolderShareARate(t *testing.T) {
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers), testserver.RateLimits("default=10/m,pending=5/m"))
		srv.Ada()
		first := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
		second := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
		srv.Create(customers, `{"email":"bob@example.com","external_id":"user_2"}`)
		third := srv.Create(sessions, `{"external_customer_id":"user_2"}`).Token
		for _, token := range []string{first, second, third} {
			if a := srv.As(token, "GET", introspect, ""); a.Status != 200 {
				t.Errorf("the first request of a session: %d", a.Status)
			}
		}
		for i := range 11 {
			want := 200
			if i == 10 {
				want = 429
			}
			if a := srv.As([]string{first, second}[i%2], "GET", introspect, ""); a.Status != want {
				t.Errorf("request %d of two sessions: %d, want %d", i+1, a.Status, want)
			}
		}
		if a := srv.As(third, "GET", introspect, ""); a.Status != 200 {
			t.Errorf("another holder: %d", a.Status)
		}
		srv.Create(sessions, `{"external_customer_id":"user_1"}`)
	}
}
