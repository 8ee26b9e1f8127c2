package web_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/postern-go/postern/internal/web"
)

func routes() []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/v1/sessions/", Handle: says("created")},
		{Method: "GET", Path: "/v1/introspect", Handle: says("introspected")},
		{Method: "GET", Path: "/v1/customers/me", Handle: says("me")},
		{Method: "GET", Path: "/v1/customers/{id}", Handle: says("got ")},
		{Method: "PATCH", Path: "/v1/customers/{id}", Handle: says("changed ")},
		{Method: "DELETE", Path: "/v1/customers/{id}/", Handle: says("never ")},
		{Method: "GET", Path: "/v1/customers/{id}/state", Handle: says("state of ")},
	}
}

func TestRouter(t *testing.T) {
	b := newTestStack(t, "https://portal.example.com", routes()...)
	for _, tt := range []struct {
		method, target string
		want           string
	}{
		{"POST", "/v1/sessions/", "created"},
		{"GET", "/v1/introspect", "introspected"},
		{"GET", "/v1/introspect?x=1", "introspected"},
		{"GET", "/v1/customers/me", "me"},
		{"GET", "/v1/customers/7", "got 7"},
		{"PATCH", "/v1/customers/7", "changed 7"},
		{"PATCH", "/v1/customers/me", "changed me"}, // the first path that matches serves no PATCH, the second does
		{"GET", "/v1/customers/7/state", "state of 7"},
		{"GET", "/v1/customers/a%20b", "got a b"},
		{"GET", "/v1/%63ustomers/%6De", "me"},
		{"GET", "/v1/customers%2F7", "got 7"},
		{"GET", "/v1/customers/7%2fstate", "state of 7"},
		{"GET", "/v1/customers/a%2Fb", "got a/b"}, // no path matches the unescaped path
		{"GET", "/v1/customers/a%2Fb/state", "state of a/b"},
		{"GET", "/v1/customers/a%252Fb", "got a%2Fb"},
		{"GET", "/v1/customers/%C3%A4", "got ä"},
		{"GET", "/v1/customers/a+b", "got a+b"},
		{"GET", "/v1/customers/%2E%2E", "got .."},
		{"GET", "/v1/nowhere", "no_route"},
		{"GET", "/", "no_route"},
		{"GET", "/v1", "no_route"},
		{"GET", "//v1/introspect", "no_route"},
		{"GET", "/v1//introspect", "no_route"},
		{"GET", "/v1/customers//state", "no_route"},
		{"GET", "/v1/customers/", "no_route"},
		{"GET", "/V1/introspect", "no_route"},
		{"GET", "/v1/introspect/x", "no_route"},
	} {
		r := b.ask(tt.method, "http://portal.example.com"+tt.target)
		if got := body(t, r); got != tt.want {
			t.Errorf("%s %s answers %q, want %q (status %d, Location %s)", tt.method, tt.target, got, tt.want, r.StatusCode, r.Header.Get("Location"))
		}
		if r.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s %s may be cached: %q", tt.method, tt.target, r.Header.Get("Cache-Control"))
		}
	}
}

func TestWrongMethod(t *testing.T) {
	b := newTestStack(t, "https://portal.example.com", routes()...)
	for _, tt := range []struct{ method, target, allow string }{
		{"GET", "/v1/sessions/", "POST"},
		{"POST", "/v1/introspect", "GET"},
		{"HEAD", "/v1/introspect", "GET"}, // HEAD is not served by GET routes
		{"OPTIONS", "/v1/introspect", "GET"},
		{"DELETE", "/v1/customers/7", "GET, PATCH"},  // all methods of the path
		{"DELETE", "/v1/customers/me", "GET, PATCH"}, // of both paths that match
		{"QUERY", "/v1/introspect", "GET"},
	} {
		r := b.ask(tt.method, tt.target)
		wants(t, r, http.StatusBadRequest, "Allow", tt.allow)
		if got := body(t, r); got != "wrong_method" {
			t.Errorf("%s %s answers %q", tt.method, tt.target, got)
		}
	}
}

// In strict mode, an escaped slash separates segments, as on Polar.
func TestStrictRouter(t *testing.T) {
	strict := web.NewRouter(nil, true, routes())
	b := newTestStack(t, "http://example.com")
	b.Routes = strict
	for target, want := range map[string]string{
		"/v1/customers/a%2Fb": "no_route", "/v1/customers/a%2Fb/state": "no_route", "/v1/customers/7%2Fstate": "state of 7", "/v1/customers/7": "got 7",
	} {
		if got := body(t, b.ask("GET", target)); got != want {
			t.Errorf("%s answers %q, want %q", target, got, want)
		}
	}
}

func TestRequestLineThatPolarsParserRefuses(t *testing.T) {
	b := newTestStack(t, "http://example.com", routes()...)
	for _, tt := range []struct{ method, target string }{
		{"get", "/v1/introspect"}, {"FOO", "/v1/introspect"}, {"GET", "/v1/customers/ä"}, {"GET", "/v1/introspect?q=ä"},
	} {
		r := b.ask(tt.method, tt.target)
		wants(t, r, http.StatusBadRequest, "Content-Type", "text/plain; charset=utf-8", "Polar-Version", "", "Cache-Control", "", "Connection", "close")
		if got := body(t, r); got != "Invalid HTTP request received." {
			t.Errorf("%s %s answers %q", tt.method, tt.target, got)
		}
	}
}

func TestSlashRedirect(t *testing.T) {
	b := newTestStack(t, "https://portal.example.com", routes()...)
	for _, tt := range []struct{ method, target, want string }{
		{"POST", "http://portal.example.com/v1/sessions", "https://portal.example.com/v1/sessions/"},
		{"GET", "http://portal.example.com/v1/introspect/", "https://portal.example.com/v1/introspect"},
		{"GET", "http://PORTAL.example.com/v1/introspect/", "https://portal.example.com/v1/introspect"},
		{"GET", "http://evil.example/v1/introspect/", "../introspect"}, // not the public host
		{"GET", "http://evil.example/v1/introspect//", "../../introspect"},
		{"POST", "http://evil.example/v1/sessions?a=1", "./sessions/?a=1"},
		{"GET", "http://postern:8787/v1/customers/a:b/state/", "../state"},
		{"GET", "http://portal.example.com/v1/introspect/?a=1&b=%2F&a=2", "https://portal.example.com/v1/introspect?a=1&b=%2F&a=2"},
		{"GET", "http://portal.example.com/v1/customers/a%2Fb/state/", "https://portal.example.com/v1/customers/a%2Fb/state"},
		{"GET", "http://portal.example.com/v1/%69ntrospect/", "https://portal.example.com/v1/introspect"},
		{"GET", "http://portal.example.com/v1/introspect//", "https://portal.example.com/v1/introspect"},
		{"GET", "http://portal.example.com/v1/customers/%C3%A4%20(b)/state/", "https://portal.example.com/v1/customers/%C3%A4%20(b)/state"},
		{"DELETE", "http://portal.example.com/v1/introspect/", "https://portal.example.com/v1/introspect"}, // any method is redirected
		{"GET", "http://portal.example.com/api/v1/introspect/", "https://portal.example.com/v1/introspect"},
	} {
		r := b.ask(tt.method, tt.target)
		wants(t, r, http.StatusTemporaryRedirect, "Location", tt.want, "Content-Length", "0", "Content-Type", "")
		if got := body(t, r); got != "" {
			t.Errorf("%s %s has a body: %q", tt.method, tt.target, got)
		}
	}

	secure := httptest.NewRequest("GET", "https://elsewhere.example/v1/introspect/", nil)
	secure.TLS = &tls.ConnectionState{}
	wants(t, b.send(secure), http.StatusTemporaryRedirect, "Location", "../introspect")
}

// A proxy may send its own name for this server as Host, such as the address that it connects to. Its clients cannot open that address.
func TestSlashRedirectNamesNoOtherHost(t *testing.T) {
	b := newTestStack(t, "https://portal.example.com", routes()...)
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8787}
	for _, host := range []string{"127.0.0.1:8787", "127.0.0.1", "localhost:8787"} {
		r := httptest.NewRequest("GET", "http://"+host+"/v1/introspect/", nil)
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		wants(t, b.send(r), http.StatusTemporaryRedirect, "Location", "../introspect")
	}
	v6 := newTestStack(t, "http://[2001:db8::1]:8787", routes()...)
	wants(t, v6.ask("GET", "http://[2001:db8::1]:8787/v1/introspect/"), http.StatusTemporaryRedirect, "Location", "http://[2001:db8::1]:8787/v1/introspect")
}

// Behind a proxy that removes a path, the redirect stays below this path, so that no neighbor on the same host gets the token.
func TestSlashRedirectKeepsThePathOfAProxy(t *testing.T) {
	b := newTestStack(t, "https://example.com/postern/", routes()...)
	for host, want := range map[string]string{"example.com": "https://example.com/postern/v1/sessions/?x=1", "backend:8787": "./sessions/?x=1"} {
		wants(t, b.ask("POST", "http://"+host+"/v1/sessions?x=1"), http.StatusTemporaryRedirect, "Location", want)
	}
	for _, tt := range [][3]string{{"https://h/p/v1/sessions", "./sessions/", "https://h/p/v1/sessions/"}, {"https://h/p/v1/a/", "../a", "https://h/p/v1/a"}, {"https://h/p/v1/a//", "../../a", "https://h/p/v1/a"}} {
		u, err := url.Parse(tt[0])
		if err != nil {
			t.Fatal(err)
		}
		if to, err := u.Parse(tt[1]); err != nil || to.String() != tt[2] {
			t.Errorf("%s from %s is %v, %v", tt[1], tt[0], to, err)
		}
	}
}

func TestOldAPIRoot(t *testing.T) {
	const notice = "The API root has moved from /api/v1 to /v1. Please update your integration."
	b := newTestStack(t, "https://portal.example.com", routes()...)
	for _, tt := range []struct{ target, want, notice string }{
		{"/api/v1/introspect", "introspected", notice},
		{"/api/v1/customers/a%2Fb?x=1", "got a/b", notice},
		{"/api/v1/nowhere", "no_route", notice},
		{"/api/v1", "no_route", notice},
		{"/api/v1x", "no_route", notice},
		{"/%61pi/v1/customers/b", "got b", notice},
		{"/api/v2/introspect", "no_route", ""},
		{"/api/api/v1/introspect", "no_route", ""},
		{"/v1/introspect", "introspected", ""},
	} {
		r := b.ask("GET", tt.target)
		wants(t, r, r.StatusCode, "X-Polar-Deprecation-Notice", tt.notice)
		if got := body(t, r); got != tt.want {
			t.Errorf("%s answers %q, want %q", tt.target, got, tt.want)
		}
	}
}
