package api_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
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
