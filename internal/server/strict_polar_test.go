package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/server"
)

// preflight returns the status of a CORS preflight for Polar-Organization, which only the server's own default allows.
func preflight(p *server.Server) int {
	r := httptest.NewRequest("OPTIONS", "/v1/customers/", nil)
	r.Header.Set("Origin", "https://shop.example")
	r.Header.Set("Access-Control-Request-Method", "GET")
	r.Header.Set("Access-Control-Request-Headers", "Polar-Organization")
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w.Code
}

func TestStrictPolar(t *testing.T) {
	for strict, want := range map[bool]int{false: http.StatusOK, true: http.StatusBadRequest} {
		p, _, _ := open(t, server.Config{StrictPolar: strict, Login: login.Options{Disclosure: login.AfterProof}})
		if got := preflight(p); got != want {
			t.Errorf("strict %t: a preflight is answered with %d, want %d", strict, got, want)
		}
	}
}

func TestAPIVersionDefault(t *testing.T) {
	for byDefault, want := range map[string]string{"": "2026-10", "2026-04": "2026-04", "2027-01": "2027-01"} {
		p, _, _ := open(t, server.Config{APIVersionDefault: byDefault})
		w := httptest.NewRecorder()
		p.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/v1/customers/", nil))
		if got := w.Header().Get("Polar-Version"); got != want {
			t.Errorf("the default %q answers with version %q, want %q", byDefault, got, want)
		}
	}
}

// In strict mode, the routes that Polar got later do not exist.
func TestStrictPolarHasNoRecentRoutes(t *testing.T) {
	for strict, want := range map[bool]int{false: http.StatusUnauthorized, true: http.StatusMethodNotAllowed} {
		p, _, _ := open(t, server.Config{StrictPolar: strict})
		for _, path := range []string{"/v1/customers/00000000-0000-4000-8000-000000000000/members", "/v1/customers/external/x/members"} {
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != want {
				t.Errorf("strict %t: %s is answered with %d, want %d", strict, path, w.Code, want)
			}
		}
	}
}
