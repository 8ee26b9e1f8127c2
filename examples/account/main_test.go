package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func press(handler http.Handler, origin string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/account", nil)
	r.Header.Set("Sec-Fetch-Site", origin)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestButtonRedirectsToPortal(t *testing.T) {
	srv := polartest.New(t)
	shop := handler(srv.Client(), "http://127.0.0.1:3000/")

	w := httptest.NewRecorder()
	shop.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "Manage my account") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := press(shop, "same-origin"); w.Code != http.StatusNotFound { // user_1 is not yet a customer
		t.Errorf("%d %s", w.Code, w.Body)
	}
	srv.Customer(polar.CustomerIndividualCreate{Email: "ada@example.com", ExternalID: "user_1"})
	w = press(shop, "same-origin")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, srv.URL+"/acme/portal?") {
		t.Errorf("%d to %s", w.Code, to)
	}
	if w := press(shop, "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	srv.Fail(polartest.Next(1), 503)
	if w := press(shop, "same-origin"); w.Code != http.StatusBadGateway || strings.Contains(w.Body.String(), "polar") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
