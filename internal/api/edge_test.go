package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestCORS(t *testing.T) {
	h := newHouse(t, false)
	a := h.ask("GET", introspect, "", "Origin", "https://example.com")
	if a.status != 401 || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Expose-Headers") != "Polar-Version" ||
		a.header.Get("Vary") != "" || a.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	for _, tt := range []struct {
		headers, body string
		status        int
	}{
		{"authorization, content-type, polar-version", "OK", 200},
		{"", "OK", 200},
		{"authorization, x-other", "Disallowed CORS headers", 400},
	} {
		a := h.ask("OPTIONS", introspect, "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", tt.headers)
		if a.status != tt.status || a.body != tt.body || a.header.Get("Content-Type") != "text/plain; charset=utf-8" ||
			a.header.Get("Access-Control-Max-Age") != "600" || a.header.Get("Polar-Version") != "2026-04" ||
			a.header.Get("Access-Control-Allow-Methods") != "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT" ||
			a.header.Get("Access-Control-Allow-Headers") != "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version" {
			t.Errorf("preflight for %q: %d %s %v", tt.headers, a.status, a.body, a.header)
		}
	}
	if a := h.ask("OPTIONS", introspect, ""); a.status != 405 {
		t.Errorf("a plain OPTIONS: %d", a.status)
	}
	if a := h.ask("GET", introspect, ""); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("a request without an origin is answered with CORS")
	}
}

// A body must tell its length, and a short one, before any of it is read. net/http's client would not send these.
func TestBodySize(t *testing.T) {
	h := newHouse(t, false)
	for _, tt := range []struct {
		header, want string
		status       int
	}{
		{"Transfer-Encoding: chunked", `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`, 411},
		{"Content-Length: 10485761", `{"error": "RequestBodyTooLarge", "detail": "Request body exceeded the maximum allowed size of 10485760 bytes."}`, 413},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.server.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", sessions, tt.header)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, len(tt.want))
		n, _ := response.Body.Read(body)
		if response.StatusCode != tt.status || string(body[:n]) != tt.want || response.Header.Get("Cache-Control") != "" || response.Header.Get("Polar-Version") == "" {
			t.Errorf("%s: %d %s %v", tt.header, response.StatusCode, body[:n], response.Header)
		}
	}
}

// The bytes of a 429: nothing but when to come back.
func TestTooMany(t *testing.T) {
	h := newHouse(t, false, limited("default=3/m,pending=1/m"))
	for range 3 {
		if a := h.ask("GET", introspect, ""); a.status != 401 {
			t.Errorf("within the rate: %d", a.status)
		}
	}
	for _, tt := range []struct{ method, path, body string }{
		{"GET", introspect, ""}, {"POST", sessions, `{"a":`}, {"GET", "/v1/nowhere", ""}, {"HEAD", introspect, ""}, {"DELETE", introspect, ""},
	} {
		a := h.ask(tt.method, tt.path, tt.body, "Origin", "https://example.com")
		if a.status != 429 || a.body != "" {
			t.Errorf("%s %s: %d %q", tt.method, tt.path, a.status, a.body)
		}
		a.header.Del("Date")
		want := http.Header{
			"Retry-After": {"60"}, "Content-Length": {"0"}, "Polar-Version": {"2026-04"},
			"Access-Control-Allow-Origin": {"*"}, "Access-Control-Expose-Headers": {"Polar-Version"},
		}
		if !reflect.DeepEqual(a.header, want) {
			t.Errorf("%s %s: %v, wanted %v", tt.method, tt.path, a.header, want)
		}
	}
	for path, want := range map[string]int{"/healthz": 200, "/nowhere": 404, "/api" + introspect: 429} {
		if a := h.ask("GET", path, ""); a.status != want {
			t.Errorf("%s: %d, wanted %d", path, a.status, want)
		}
	}
	if a := h.as("garbage", "GET", introspect, ""); a.status != 401 {
		t.Errorf("an unverified bearer: %d", a.status)
	}
	if a := h.as("garbage", "GET", introspect, ""); a.status != 429 || a.header.Get("Retry-After") != "60" {
		t.Errorf("an unverified bearer again: %d", a.status)
	}
	h.advance(time.Minute)
	if a := h.ask("GET", introspect, ""); a.status != 401 {
		t.Errorf("a minute later: %d", a.status)
	}
}

// Two sessions of one member are one caller, its organization is another, and so is a session of another member.
func TestSessionsOfOneHolderShareARate(t *testing.T) {
	for _, withoutMembers := range []bool{false, true} {
		h := newHouse(t, withoutMembers, limited("default=10/m,pending=5/m"))
		h.customer()
		first := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
		second := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
		h.create(customers, `{"email":"bob@example.com","external_id":"user_2"}`)
		third := h.create(sessions, `{"external_customer_id":"user_2"}`).Token
		for _, token := range []string{first, second, third} {
			if a := h.as(token, "GET", introspect, ""); a.status != 200 {
				t.Errorf("the first request of a session: %d", a.status)
			}
		}
		for i := range 11 {
			want := 200
			if i == 10 {
				want = 429
			}
			if a := h.as([]string{first, second}[i%2], "GET", introspect, ""); a.status != want {
				t.Errorf("request %d of two sessions: %d, wanted %d", i+1, a.status, want)
			}
		}
		if a := h.as(third, "GET", introspect, ""); a.status != 200 {
			t.Errorf("another holder: %d", a.status)
		}
		h.create(sessions, `{"external_customer_id":"user_1"}`)
	}
}
