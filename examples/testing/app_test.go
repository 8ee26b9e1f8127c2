package testing_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	example "github.com/postern-go/postern/examples/testing"
	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
	"github.com/postern-go/postern/polar/portalauth"
)

// newApp returns the program under test. It uses the test server instead of Polar, and the clock of the test server.
func newApp(t *testing.T, srv *polartest.Server) http.Handler {
	auth, err := portalauth.New(srv.Client(), portalauth.Options{Now: srv.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { auth.Close() })
	return example.App{Client: srv.Client(), OrganizationID: srv.OrganizationID, Auth: auth}.Handler()
}

func send(app http.Handler, method, path, token string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

// The test moves the clock instead of waiting until a session expires.
func TestSessionExpires(t *testing.T) {
	srv := polartest.New(t)
	app := newApp(t, srv)
	session := srv.Session(polar.CustomerSessionCreate{Customer: srv.Customer().ID, ExpiresIn: time.Hour})
	if w := send(app, "GET", "/invoices", session.Token, nil); w.Code != 200 || !strings.Contains(w.Body.String(), string(session.CustomerID)) {
		t.Errorf("live session: %d %s", w.Code, w.Body)
	}
	srv.Advance(time.Hour)
	if w := send(app, "GET", "/invoices", session.Token, nil); w.Code != 401 {
		t.Errorf("expired session: %d %s", w.Code, w.Body)
	}
}

// The test reads the login code from the mail that the server has sent.
func TestLoginByEmail(t *testing.T) {
	srv := polartest.New(t)
	app := newApp(t, srv)
	email := *srv.Customer().Email
	if w := send(app, "POST", "/login", "", url.Values{"email": {email}}); w.Code != 202 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := send(app, "POST", "/login/code", "", url.Values{"code": {srv.MailTo(email).Code}})
	var session struct{ Token string }
	if err := json.Unmarshal(w.Body.Bytes(), &session); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := send(app, "GET", "/invoices", session.Token, nil); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A login code is valid for 10 minutes.
func TestLoginCodeExpires(t *testing.T) {
	srv := polartest.New(t)
	app := newApp(t, srv)
	email := *srv.Customer().Email
	send(app, "POST", "/login", "", url.Values{"email": {email}})
	code := srv.MailTo(email).Code
	srv.Advance(10 * time.Minute)
	if w := send(app, "POST", "/login/code", "", url.Values{"code": {code}}); w.Code != 401 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The test makes the server fail to see how the program handles it.
func TestServerFails(t *testing.T) {
	srv := polartest.New(t)
	app := newApp(t, srv)
	srv.Fail(polartest.Next(1), 500)
	if w := send(app, "POST", "/login", "", url.Values{"email": {"ada@example.com"}}); w.Code != 502 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
