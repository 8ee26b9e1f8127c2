package polartest_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
	"github.com/postern-go/postern/polar/portalauth"
)

var t *testing.T // set by TestExamples

// A handler accepts a session until the session expires.
func Example() {
	srv := polartest.New(t)
	auth, err := portalauth.New(srv.Client(), portalauth.Options{Now: srv.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(auth.Close)
	app := auth.Require("customer_portal:read")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("invoices"))
	}))

	session := srv.Session()
	get := func() int {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/invoices", nil)
		r.Header.Set("Authorization", "Bearer "+session.Token)
		app.ServeHTTP(w, r)
		return w.Code
	}
	if status := get(); status != http.StatusOK {
		t.Errorf("a live session: %d", status)
	}
	srv.Advance(2 * time.Hour)
	if status := get(); status != http.StatusUnauthorized {
		t.Errorf("an expired session: %d", status)
	}
}

// A customer logs in with the code from the mail.
func ExampleServer_MailTo() {
	srv := polartest.New(t)
	ada := srv.Customer()
	session := srv.Client().CustomerPortal.CustomerSession
	err := session.Request(t.Context(), polar.CustomerSessionCodeRequest{Email: *ada.Email, OrganizationID: srv.OrganizationID})
	if err != nil {
		t.Fatal(err)
	}
	code := srv.MailTo(*ada.Email).Code
	if _, err := session.Authenticate(t.Context(), polar.CustomerSessionCodeAuthenticate{Code: code}); err != nil {
		t.Error(err)
	}
}

// A client without retries returns every error.
func ExampleServer_Fail() {
	srv := polartest.New(t)
	fault := srv.Fail(polartest.Next(1).On("POST /v1/customers/"), http.StatusServiceUnavailable)
	_, err := srv.Client().Customers.Create(t.Context(), polar.CustomerIndividualCreate{Email: "ada@example.com"})
	if refused, ok := errors.AsType[*polar.Error](err); !ok || refused.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %v, want 503", err)
	}
	if fault.Applied() != 1 {
		t.Errorf("the client sent %d requests, want 1", fault.Applied())
	}
}

// TestExamples runs the examples with a test.
func TestExamples(test *testing.T) {
	for name, example := range map[string]func(){"session": Example, "mail": ExampleServer_MailTo, "fail": ExampleServer_Fail} {
		test.Run(name, func(test *testing.T) {
			t = test
			example()
		})
	}
}
