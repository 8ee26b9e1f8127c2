package wiretest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// Every answer has some headers, and none has others (docs/wire.md, Headers).
func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	for _, a := range []testserver.Answer{
		srv.As(srv.Token, "GET", customers, "", "Polar-Version", "2026-10"),
		srv.As(srv.Token, "POST", customers, `{}`, "Polar-Version", "2026-10"),
		srv.As(srv.Token, "GET", customers+unknownID, "", "Polar-Version", "2026-10"),
		srv.Request("GET", "/v1/nowhere", "", "Polar-Version", "2026-10"),
		srv.Request("PUT", customers, "", "Polar-Version", "2026-10"),
		srv.Request("GET", "/v1/customers", "", "Polar-Version", "2026-10"),
		srv.Request("GET", introspect, "", "Polar-Version", "2026-10"),
		srv.As(srv.Token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Polar-Version", "2026-10"),
		srv.As(srv.Token, "DELETE", customers+c.ID, "", "Polar-Version", "2026-10"),
	} {
		a.HasHeaders(t, map[string]string{
			"Cache-Control": "private, no-store", "Polar-Version": "2026-10",
			"Polar-Organization": "", "X-Polar-Sandbox": "", "Ratelimit-Limit": "", "X-Ratelimit-Limit": "", "Vary": "",
		})
	}
	srv.As("garbage", "GET", introspect, "", "Polar-Version", "2026-10").HasHeaders(t, map[string]string{"Cache-Control": "no-store", "Polar-Version": "2026-10"})
	srv.Request("OPTIONS", customers, "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET", "Polar-Version", "2027-01").HasHeaders(t, map[string]string{"Polar-Version": "2027-01"})
}

// An empty answer has a content type, and the body of an accepted request is null.
func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	a := srv.As(srv.Token, "DELETE", customers+c.ID, "")
	a.Exactly(t, http.StatusNoContent, "")
	a.HasHeaders(t, map[string]string{"Content-Type": "application/json"})
	a = requestLoginCode(srv, "ada@example.com", "")
	a.Exactly(t, http.StatusAccepted, "null")
	a.HasHeaders(t, map[string]string{"Content-Type": "application/json", "Content-Length": "4"})
}

// Every route with a body refuses a request without Content-Length. The other routes do not read the body.
func TestContentLengthIsRequired(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	for _, op := range polarOperations() {
		if minimalBody(op.Method) == "" {
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), op.Method, srv.URL+concretePath(op.Path), io.MultiReader(strings.NewReader(`{}`)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a, err := testserver.ReadAnswer(response, op.Method+" "+op.Path)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		a.Exactly(t, 411, `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`)
		a.HasHeaders(t, map[string]string{"Cache-Control": "", "Polar-Version": "2026-10", "Content-Type": "application/json"})
	}
}

// The server serves the OpenAPI document, its page and a health check.
func TestDocumentRoutes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	for path, want := range map[string]string{
		"/healthz": "application/json", "/openapi.json": "application/json", "/docs": "text/html; charset=utf-8", "/docs/style.css": "text/css; charset=utf-8",
	} {
		a := srv.Request("GET", path, "")
		a.Is(t, 200)
		a.HasHeaders(t, map[string]string{"Content-Type": want})
	}
	srv.Request("GET", "/openapi.json", "").Is(t, 200, `"url": "https://portal.example.com"`, `"/v1/customer-sessions/"`)
}
