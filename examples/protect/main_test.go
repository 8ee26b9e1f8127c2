package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
	"github.com/postern-go/postern/polar/portalauth"
)

func TestNotes(t *testing.T) {
	srv := polartest.New(t)
	auth, err := portalauth.New(srv.Client(), portalauth.Options{Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	api := handler(auth)
	ada, grace := srv.Session(), srv.Session()
	reader := srv.Session(polar.CustomerSessionCreate{
		Customer: ada.CustomerID, Scopes: []polar.Scope{polar.ScopeCustomerPortalRead},
	})
	for _, test := range []struct {
		name, method, path, token, body string
		status                          int
		wanted, forbidden               string
	}{
		{"public route", "GET", "/healthz", "", "", 200, "", ""},
		{"no token", "GET", "/notes", "", "", 401, "Unauthorized", ""},
		{"Ada writes", "POST", "/notes", ada.Token, `"a secret"`, 201, "", ""},
		{"Ada reads", "GET", "/notes", ada.Token, "", 200, "a secret", ""},
		{"Grace cannot read them", "GET", "/notes", grace.Token, "", 200, string(grace.CustomerID), "a secret"},
		{"read-only session reads", "GET", "/notes", reader.Token, "", 200, "a secret", ""},
		{"read-only session cannot write", "POST", "/notes", reader.Token, `"more"`, 403, "insufficient_scope", ""},
		{"invalid JSON", "POST", "/notes", ada.Token, `more`, 400, "JSON", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			if test.token != "" {
				r.Header.Set("Authorization", "Bearer "+test.token)
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			text := w.Body.String()
			if w.Code != test.status || !strings.Contains(text, test.wanted) || test.forbidden != "" && strings.Contains(text, test.forbidden) {
				t.Errorf("%d %s", w.Code, text)
			}
		})
	}
}

// A handler without the middleware refuses all requests.
func TestHandlersNeedMiddleware(t *testing.T) {
	n := &notes{of: map[polar.CustomerID][]string{}}
	for _, handler := range []http.HandlerFunc{n.list, n.add} {
		w := httptest.NewRecorder()
		handler(w, httptest.NewRequest("GET", "/notes", nil))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("status %d, want 500", w.Code)
		}
	}
}

// While the server is down, the health check fails. The verifier's events are counted.
func TestHealth(t *testing.T) {
	srv := polartest.New(t)
	auth, err := portalauth.New(srv.Client(), portalauth.Options{Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Close()
	status := func() int {
		w := httptest.NewRecorder()
		handler(auth).ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		return w.Code
	}
	if got := status(); got != http.StatusOK {
		t.Errorf("status %d of a working server, want 200", got)
	}
	srv.Fail(polartest.Always(), 503)
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("status %d while the server is down, want 503", got)
	}
	srv.Recover()
	if _, err := auth.Verify(t.Context(), srv.Session().Token); err != nil || events.Get(string(portalauth.EventLookup)) == nil {
		t.Errorf("%v, events: %v", err, events)
	}
}
