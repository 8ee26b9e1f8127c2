package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Section 4 of the facts about Polar's wire: what every answer carries, and what none does.
func TestWire4Headers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	for _, a := range []answer{
		h.as(h.token, "GET", customers, "", "Polar-Version", "2026-10"),
		h.as(h.token, "POST", customers, `{}`, "Polar-Version", "2026-10"),
		h.as(h.token, "GET", customers+nobody, "", "Polar-Version", "2026-10"),
		h.ask("GET", "/v1/nowhere", "", "Polar-Version", "2026-10"),
		h.ask("PUT", customers, "", "Polar-Version", "2026-10"),
		h.ask("GET", "/v1/customers", "", "Polar-Version", "2026-10"),
		h.ask("GET", introspect, "", "Polar-Version", "2026-10"),
		h.as(h.token, "POST", sessions, `{"external_customer_id":"user_1"}`, "Polar-Version", "2026-10"),
		h.as(h.token, "DELETE", customers+c.ID, "", "Polar-Version", "2026-10"),
	} {
		a.headers(t, map[string]string{
			"Cache-Control": "private, no-store", "Polar-Version": "2026-10",
			"X-Request-Id": "", "Polar-Organization": "", "X-Polar-Sandbox": "", "Ratelimit-Limit": "", "X-Ratelimit-Limit": "", "Vary": "",
		})
	}
	h.as("garbage", "GET", introspect, "", "Polar-Version", "2026-10").headers(t, map[string]string{"Cache-Control": "no-store", "Polar-Version": "2026-10"})
	h.ask("OPTIONS", customers, "", "Origin", "https://example.com", "Access-Control-Request-Method", "GET", "Polar-Version", "2027-01").headers(t, map[string]string{"Polar-Version": "2027-01"})
}

// Nothing at all has a content type, and "accepted" is four bytes.
func TestWire4EmptyAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	a := h.as(h.token, "DELETE", customers+c.ID, "")
	a.exactly(t, http.StatusNoContent, "")
	a.headers(t, map[string]string{"Content-Type": "application/json"})
	a = h.request("ada@example.com", "")
	a.exactly(t, http.StatusAccepted, "null")
	a.headers(t, map[string]string{"Content-Type": "application/json", "Content-Length": "4"})
}

// Section 2.2: a body whose length nobody told, on every route that takes one. The routes without a body never read it.
func TestWire2LengthRequired(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for _, op := range polars() {
		if emptyBody(op.Method) == "" {
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), op.Method, h.server.URL+concrete(op.Path), io.MultiReader(strings.NewReader(`{}`)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		a := answer{response.StatusCode, response.Header, string(body), op.Method + " " + op.Path}
		a.exactly(t, 411, `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`)
		a.headers(t, map[string]string{"Cache-Control": "", "Polar-Version": "2026-04", "Content-Type": "application/json"})
	}
}

// What is served about the API itself.
func TestWire4Documents(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false)
	for path, want := range map[string]string{
		"/healthz": "application/json", "/openapi.json": "application/json", "/docs": "text/html; charset=utf-8", "/docs/style.css": "text/css; charset=utf-8",
	} {
		a := h.ask("GET", path, "")
		a.is(t, 200)
		a.headers(t, map[string]string{"Content-Type": want})
	}
	h.ask("GET", "/openapi.json", "").is(t, 200, `"url": "https://portal.example.com"`, `"/v1/customer-sessions/"`)
}
