package web_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

func TestVersions(t *testing.T) {
	b := newTestStack(t, "http://example.com", routes()...)
	for asked, want := range map[string]string{"": "2026-04", "2026-04": "2026-04", "2026-10": "2026-10", "2027-01": "2027-01"} {
		wants(t, b.ask("GET", "/v1/introspect", "Polar-Version", asked), http.StatusOK, "Polar-Version", want)
		wants(t, b.ask("GET", "/v1/nowhere", "Polar-Version", asked), http.StatusBadRequest, "Polar-Version", want)
	}
	wants(t, b.ask("GET", "/v1/introspect"), http.StatusOK, "Polar-Version", "2026-04")
	for _, asked := range []string{"2026-4", "2026-05", "latest", " 2026-04x", "2026-04,2026-10", "ä"} {
		r := b.ask("GET", "/v1/introspect", "Polar-Version", asked, "Origin", "https://shop.example")
		wants(t, r, http.StatusNotFound, "Polar-Version", "", "Access-Control-Allow-Origin", "", "Cache-Control", "", "Content-Type", "application/json")
		if got := body(t, r); got != `{"detail":"Not Found"}` {
			t.Errorf("version %q answers %q", asked, got)
		}
	}
}

func TestCORS(t *testing.T) {
	b := newTestStack(t, "http://example.com", routes()...)
	wants(t, b.ask("GET", "/v1/introspect"), http.StatusOK, "Access-Control-Allow-Origin", "", "Access-Control-Expose-Headers", "")
	for _, target := range []string{"/v1/introspect", "/v1/introspect/", "/v1/nowhere"} {
		r := b.ask("GET", target, "Origin", "https://shop.example")
		wants(t, r, r.StatusCode, "Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "Polar-Version",
			"Access-Control-Allow-Credentials", "", "Vary", "", "Access-Control-Allow-Methods", "")
	}
	// Without Access-Control-Request-Method it is not a preflight.
	wants(t, b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example"), http.StatusBadRequest, "Allow", "GET")
	wants(t, b.ask("OPTIONS", "/v1/introspect", "Access-Control-Request-Method", "GET"), http.StatusBadRequest, "Allow", "GET")
}

func TestPreflight(t *testing.T) {
	b := newTestStack(t, "http://example.com", routes()...)
	for _, tt := range []struct {
		headers string
		status  int
		body    string
	}{
		{"", http.StatusOK, "OK"},
		{"authorization", http.StatusOK, "OK"},
		{"Authorization, content-type,polar-version", http.StatusOK, "OK"},
		{"x-custom", http.StatusBadRequest, "Disallowed CORS headers"},
		{"authorization, x-custom", http.StatusBadRequest, "Disallowed CORS headers"},
	} {
		r := b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", tt.headers)
		wants(t, r, tt.status,
			"Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
			"Access-Control-Max-Age", "600", "Content-Type", "text/plain; charset=utf-8", "Polar-Version", "2026-04",
			"Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version",
			"Access-Control-Allow-Credentials", "")
		if got := body(t, r); got != tt.body {
			t.Errorf("a preflight for %q answers %q", tt.headers, got)
		}
	}
	for headers, status := range map[string]int{"polar-organization": http.StatusOK, "Polar-Organization, x-custom": http.StatusBadRequest} {
		r := b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", headers)
		wants(t, r, status, "Access-Control-Allow-Headers",
			"Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version, Polar-Organization")
	}
}

func TestBodyRequiresALength(t *testing.T) {
	b := newTestStack(t, "http://example.com", web.Route{Method: "POST", Path: "/v1/sessions/", Handle: says("created")})
	for _, tt := range []struct {
		method string
		length int64
		want   string
	}{
		{"POST", 0, "created"},
		{"POST", web.MaxBody, "created"},
		{"POST", web.MaxBody + 1, "too_large"},
		{"POST", -1, "length_required"},
		{"PUT", -1, "length_required"},
		{"PATCH", -1, "length_required"},
		{"DELETE", -1, "wrong_method"},
		{"GET", web.MaxBody + 1, "wrong_method"},
	} {
		r := httptest.NewRequest(tt.method, "/v1/sessions/", nil)
		r.ContentLength = tt.length
		got := b.send(r)
		if text := body(t, got); text != tt.want {
			t.Errorf("%s of length %d answers %q, want %q", tt.method, tt.length, text, tt.want)
		}
	}
}

func TestReadBody(t *testing.T) {
	for _, tt := range []struct {
		name   string
		body   io.Reader
		length int64
		want   string
		code   fault.Code
	}{
		{"none", http.NoBody, 0, "", ""},
		{"whole", strings.NewReader("{}"), 2, "{}", ""},
		{"at the limit", bytes.NewReader(make([]byte, web.MaxBody)), web.MaxBody, strings.Repeat("\x00", web.MaxBody), ""},
		{"over it", bytes.NewReader(make([]byte, web.MaxBody+1)), -1, "", fault.TooLarge},
		{"broken off", strings.NewReader("{"), 2, "", fault.Malformed},
		{"failing", io.MultiReader(strings.NewReader("{"), iotest.ErrReader(errors.New("reset"))), 2, "", fault.Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", tt.body)
			r.ContentLength = tt.length
			got, err := web.ReadBody(r)
			if fault.CodeOf(err) != tt.code || string(got) != tt.want {
				t.Errorf("got %d bytes and %v, want %d and %q", len(got), err, len(tt.want), tt.code)
			}
		})
	}
}
