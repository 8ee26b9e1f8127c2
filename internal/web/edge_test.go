package web_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

func TestVersions(t *testing.T) {
	const (
		introduced = "2026-11-28T00:00:00Z"
		lastSecond = "2027-01-03T23:59:59Z"
		end        = "2027-01-04T00:00:00Z"

		deprecated = "@1790812800"                   // 2026-10-01
		sunset     = "Mon, 04 Jan 2027 00:00:00 GMT" // RFC 8594 has the format of Date
		none       = ""
	)
	for _, tt := range []struct {
		now, byDefault, asked       string
		want, deprecation, sunsetAt string
	}{
		{introduced, "", "", "2026-10", none, none},
		{introduced, "", "2026-04", "2026-04", deprecated, sunset},
		{introduced, "", "2026-10", "2026-10", none, none},
		{introduced, "", "2027-01", "2027-01", none, none},
		{"2026-09-30T23:59:59Z", "", "2026-04", "2026-04", none, none},
		{lastSecond, "", "2026-04", "2026-04", deprecated, sunset},
		{end, "", "2026-04", none, none, none},
		{end, "", "", "2026-10", none, none},
		{"2040-01-01T00:00:00Z", "", "", "2026-10", none, none}, // the default never moves by the clock
		{introduced, "2026-04", "", "2026-04", deprecated, none},
		{end, "2026-04", "", "2026-04", deprecated, none},
		{end, "2026-04", "2026-04", "2026-04", deprecated, none},
		{end, "2026-04", "2026-10", "2026-10", none, none},
		{introduced, "2027-01", "", "2027-01", none, none},
		{end, "2027-01", "2026-04", none, none, none},
	} {
		b := newTestStack(t, "http://example.com", routes()...)
		b.DefaultVersion = tt.byDefault
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		b.Now = func() time.Time { return now }
		r := b.ask("GET", "/v1/introspect", "Polar-Version", tt.asked)
		status := http.StatusOK
		if tt.want == none {
			status = http.StatusNotFound
		}
		wants(t, r, status, "Polar-Version", tt.want, "Deprecation", tt.deprecation, "Sunset", tt.sunsetAt)
	}
	b := newTestStack(t, "http://example.com", routes()...)
	wants(t, b.ask("GET", "/v1/introspect"), http.StatusOK, "Polar-Version", web.DefaultVersion)
	wants(t, b.ask("GET", "/v1/nowhere", "Polar-Version", "2027-01"), http.StatusBadRequest, "Polar-Version", "2027-01")
	for _, asked := range []string{"2026-4", "2026-05", "latest", " 2026-10x", "2026-04,2026-10", "ä"} {
		r := b.ask("GET", "/v1/introspect", "Polar-Version", asked, "Origin", "https://shop.example")
		wants(t, r, http.StatusNotFound, "Polar-Version", "", "Access-Control-Allow-Origin", "", "Cache-Control", "private, no-store",
			"X-Content-Type-Options", "nosniff", "Content-Type", "application/json")
		b.Strict = true
		wants(t, b.ask("GET", "/v1/introspect", "Polar-Version", asked), http.StatusNotFound, "Cache-Control", "")
		b.Strict = false
		if got := body(t, r); got != `{"detail":"Not Found"}` {
			t.Errorf("version %q answers %q", asked, got)
		}
	}
	if err := web.CheckVersion("2026-05"); err == nil || !strings.Contains(err.Error(), `"2026-04" "2026-10" "2027-01"`) {
		t.Error(err)
	}
	for _, v := range web.Versions() {
		if err := web.CheckVersion(v.Name); err != nil {
			t.Error(err)
		}
	}
}

func TestCORS(t *testing.T) {
	b := newTestStack(t, "http://example.com", routes()...)
	wants(t, b.ask("GET", "/v1/introspect"), http.StatusOK, "Access-Control-Allow-Origin", "", "Access-Control-Expose-Headers", "")
	for _, target := range []string{"/v1/introspect", "/v1/introspect/", "/v1/nowhere"} {
		r := b.ask("GET", target, "Origin", "https://shop.example")
		wants(t, r, r.StatusCode, "Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "Polar-Version, X-Request-Id",
			"Access-Control-Allow-Credentials", "", "Vary", "", "Access-Control-Allow-Methods", "")
	}
	b.Strict = true
	r := b.ask("GET", "/v1/introspect", "Origin", "https://shop.example")
	wants(t, r, r.StatusCode, "Access-Control-Expose-Headers", "Polar-Version")
	b.Strict = false
	// Without Access-Control-Request-Method it is not a preflight.
	wants(t, b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example"), http.StatusBadRequest, "Allow", "GET")
	wants(t, b.ask("OPTIONS", "/v1/introspect", "Access-Control-Request-Method", "GET"), http.StatusBadRequest, "Allow", "GET")
}

func TestPreflight(t *testing.T) {
	const (
		listed    = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version"
		noMethod  = "Disallowed CORS method"
		noHeaders = "Disallowed CORS headers"
		absent    = "-"
	)
	for _, tt := range []struct{ method, headers, want string }{
		{"GET", absent, "OK"}, {"DELETE", absent, "OK"}, {"HEAD", absent, "OK"}, {"OPTIONS", absent, "OK"}, {"PATCH", absent, "OK"},
		{"POST", absent, "OK"}, {"PUT", absent, "OK"},
		{"TRACE", absent, noMethod}, {"CONNECT", absent, noMethod}, {"get", absent, noMethod}, {"", absent, noMethod}, {"GET, POST", absent, noMethod},
		{"GET", "authorization", "OK"},
		{"GET", "Authorization, content-type,polar-version", "OK"},
		{"GET", "  AUTHORIZATION ", "OK"},
		{"GET", "x-custom", noHeaders},
		{"GET", "authorization, x-custom", noHeaders},
		{"GET", "content-type;x", noHeaders},
		{"GET", "idempotency-key", noHeaders},
		{"GET", "", noHeaders},
		{"GET", ",", noHeaders},
		{"GET", "authorization, ", noHeaders},
		{"GET", "authorization,,content-type", noHeaders},
		{"TRACE", "x-custom", "Disallowed CORS method, headers"},
	} {
		for _, origin := range []string{"https://shop.example", "null", "", "x"} {
			b := newTestStack(t, "http://example.com", routes()...)
			headers := []string{"Origin", origin, "Access-Control-Request-Method", tt.method}
			if tt.headers != absent {
				headers = append(headers, "Access-Control-Request-Headers", tt.headers)
			}
			r := b.ask("OPTIONS", "/v1/introspect", headers...)
			status := http.StatusBadRequest
			if tt.want == "OK" {
				status = http.StatusOK
			}
			wants(t, r, status,
				"Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
				"Access-Control-Max-Age", "600", "Content-Type", "text/plain; charset=utf-8", "Polar-Version", web.DefaultVersion,
				"Access-Control-Allow-Headers", listed, "Access-Control-Allow-Credentials", "")
			if got := body(t, r); got != tt.want {
				t.Errorf("a preflight from %q for %s %q answers %q, want %q", origin, tt.method, tt.headers, got, tt.want)
			}
		}
	}
	for _, tt := range []struct {
		strict        bool
		headers, list string
		status        int
	}{
		{false, "polar-organization", listed + ", Polar-Organization", http.StatusOK},
		{false, "Polar-Organization, x-custom", listed + ", Polar-Organization", http.StatusBadRequest},
		{false, "x-polar-organization", listed, http.StatusBadRequest},
		{true, "polar-organization", listed, http.StatusBadRequest},
	} {
		b := newTestStack(t, "http://example.com", routes()...)
		b.Strict = tt.strict
		r := b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET",
			"Access-Control-Request-Headers", tt.headers)
		wants(t, r, tt.status, "Access-Control-Allow-Headers", tt.list)
	}
	b := newTestStack(t, "http://example.com", routes()...)
	r := b.ask("OPTIONS", "/v1/introspect", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET",
		"Access-Control-Request-Private-Network", "true")
	if got := body(t, r); r.StatusCode != http.StatusBadRequest || got != "Disallowed CORS private-network" {
		t.Errorf("a preflight of a private network: %d %q", r.StatusCode, got)
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
		{"GET", 1, "wrong_method"},
		{"GET", web.MaxBody + 1, "too_large"},
		{"DELETE", web.MaxBody + 1, "too_large"},
	} {
		r := httptest.NewRequest(tt.method, "/v1/sessions/", nil)
		r.ContentLength = tt.length
		got := b.send(r)
		if text := body(t, got); text != tt.want {
			t.Errorf("%s of length %d answers %q, want %q", tt.method, tt.length, text, tt.want)
		}
	}
	for method, want := range map[string]string{"POST": "length_required", "PUT": "length_required", "PATCH": "length_required", "DELETE": "wrong_method", "GET": "wrong_method"} {
		w := httptest.NewRecorder() // without the header, which b.send adds
		b.ServeHTTP(w, httptest.NewRequest(method, "/v1/sessions/", nil))
		if got := w.Body.String(); got != want {
			t.Errorf("%s without Content-Length answers %q, want %q", method, got, want)
		}
	}
}

func TestReadBody(t *testing.T) {
	whole := strings.Repeat("x", 20_000)
	for _, tt := range []struct {
		name   string
		body   io.Reader
		length int64
		want   string
		code   fault.Code
	}{
		{"none", http.NoBody, 0, "", ""},
		{"short", strings.NewReader("{}"), 2, "{}", ""},
		{"at the limit", strings.NewReader(whole), 20_000, whole, ""},
		{"over it", strings.NewReader(whole + "x"), 20_001, "", fault.TooLarge},
		{"without a length", strings.NewReader("{}"), -1, "", fault.LengthRequired},
		{"broken off", strings.NewReader("{"), 2, "", fault.Malformed},
		{"empty", strings.NewReader(""), 2, "", fault.Malformed},
		{"failing", io.MultiReader(strings.NewReader("{"), iotest.ErrReader(errors.New("reset"))), 2, "", fault.Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", tt.body)
			r.ContentLength = tt.length
			got, err := web.ReadBody(&web.Exchange{ResponseWriter: httptest.NewRecorder()}, r, nil, true, 20_000)
			if fault.CodeOf(err) != tt.code || string(got) != tt.want {
				t.Errorf("got %d bytes and %v, want %d and %q", len(got), err, len(tt.want), tt.code)
			}
		})
	}
}
