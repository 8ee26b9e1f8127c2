// Package testing shows how to test a program with polartest: read the tests. The program under test is an HTTP API whose
// customers log in with a code that arrives by email.
package testing

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// App is an HTTP API for the customers of one organization.
type App struct {
	Client         *polar.Client
	OrganizationID polar.OrganizationID
	Auth           *portalauth.Verifier
}

// Handler returns the handler of the API.
func (a App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", a.requestCode)
	mux.HandleFunc("POST /login/code", a.login)
	mux.Handle("GET /invoices", a.Auth.Require("customer_portal:read")(http.HandlerFunc(invoices)))
	return mux
}

// requestCode sends a login code to the address in the form field "email".
func (a App) requestCode(w http.ResponseWriter, r *http.Request) {
	err := a.Client.CustomerPortal.CustomerSession.Request(r.Context(), polar.CustomerSessionCodeRequest{
		Email: r.FormValue("email"), OrganizationID: a.OrganizationID,
	})
	if err != nil {
		http.Error(w, "The code could not be sent.", http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// login exchanges the code in the form field "code" for a session token.
func (a App) login(w http.ResponseWriter, r *http.Request) {
	session, err := a.Client.CustomerPortal.CustomerSession.Authenticate(r.Context(), polar.CustomerSessionCodeAuthenticate{Code: r.FormValue("code")})
	switch {
	case errors.Is(err, polar.ErrUnauthorized):
		http.Error(w, "The code is wrong or has expired.", http.StatusUnauthorized)
	case err != nil:
		http.Error(w, "The login failed.", http.StatusBadGateway)
	default:
		json.NewEncoder(w).Encode(map[string]string{"token": session.Token})
	}
}

func invoices(w http.ResponseWriter, r *http.Request) {
	identity, _ := portalauth.FromContext(r.Context())
	fmt.Fprintln(w, "invoices of", identity.CustomerID)
}
