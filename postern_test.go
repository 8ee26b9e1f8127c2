package postern_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

// open opens a new store with the organization acme.
func open(t *testing.T, c postern.Config) (*postern.Server, postern.Organization) {
	t.Helper()
	c.DataDir = t.TempDir()
	if err := postern.Init(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s, err := postern.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	org, err := s.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	return s, org
}

// post sends a JSON body, with a bearer token unless token is "".
func post(s *postern.Server, path, token, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	s.Handler().ServeHTTP(w, r)
	return w
}
