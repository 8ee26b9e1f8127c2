package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// clockPortal is a test server without TLS whose clock can be advanced, and a browser tab.
type clockPortal struct {
	*server
	*tab
	t      *testing.T
	script bool
	org    organization
}

func TestPortalClock(t *testing.T) {
	t.Parallel()
	for name, flow := range map[string]func(m *clockPortal){
		"expired code":       (*clockPortal).typesExpiredCode,
		"another code":       (*clockPortal).waitsForAnotherCode,
		"session ends":       (*clockPortal).seesWarningAndEnd,
		"session is renewed": (*clockPortal).renewsSession,
		"form after the end": (*clockPortal).submitsAfterExpiry,
	} {
		for _, mode := range modes {
			t.Run(name+", "+mode.name, func(t *testing.T) {
				t.Parallel()
				c := config{env: []string{"TMPDIR=" + t.TempDir()}}
				m := &clockPortal{t: t, script: mode.script}
				m.server = start(t, c.command(context.Background(), "dev", "--test-api", "--listen", "127.0.0.1:0"))
				m.control("POST", "/_test/organizations", object{"name": "Acme"}, &m.org)
				m.tab = newTab(t, mode.screen, mode.script)
				flow(m)
			})
		}
	}
}

// control sends a request to the test API.
func (m *clockPortal) control(method, path string, body, answer any) {
	m.t.Helper()
	status, text, err := m.call(method, path, "", body)
	if err == nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || status >= 300 {
		m.t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
}

// advance moves the clock of the server.
func (m *clockPortal) advance(d time.Duration) {
	m.t.Helper()
	var now any
	m.control("POST", "/_test/clock/advance", object{"seconds": d.Seconds()}, &now)
}

func (m *clockPortal) at(page string) string {
	return m.server.url + "/" + m.org.Slug + "/portal" + page
}

// signsInForAnHour creates a customer and opens the portal with a session that lives for an hour.
func (m *clockPortal) signsInForAnHour() (email string, began time.Time) {
	m.t.Helper()
	email = "ada@example.com"
	m.create(email)
	var session issued
	if status, text, err := m.call("POST", "/v1/customer-sessions/", m.org.AccessToken, object{"external_customer_id": "ada"}); err != nil ||
		status != http.StatusCreated || json.Unmarshal(text, &session) != nil {
		m.t.Fatalf("a session: %d %s %v", status, text, err)
	}
	m.open(session.CustomerPortalURL)
	m.wantURL(m.at("/overview"))
	return email, time.Now()
}

func (m *clockPortal) create(email string) {
	m.t.Helper()
	if status, text, err := m.call("POST", "/v1/customers/", m.org.AccessToken, object{"email": email, "name": "Ada", "external_id": "ada"}); err != nil || status != http.StatusCreated {
		m.t.Fatalf("a customer: %d %s %v", status, text, err)
	}
}

func (m *clockPortal) code(email string) string {
	m.t.Helper()
	var mail struct{ Code string }
	m.control("GET", "/_test/mail/latest?to="+url.QueryEscape(email)+"&organization="+m.org.Slug, nil, &mail)
	return mail.Code
}

// requestsCode submits the email address on the current page and returns the code from the mail.
func (m *clockPortal) requestsCode(email string) string {
	m.t.Helper()
	m.fill("#email", email)
	m.follow("#request-submit")
	m.wantURL(m.at("/authenticate"))
	return m.code(email)
}

// typesExpiredCode types a code that is 30 minutes old, and then requests another one.
func (m *clockPortal) typesExpiredCode() {
	email := "ada@example.com"
	m.create(email)
	m.open(m.at(""))
	old := m.requestsCode(email)
	m.advance(30 * time.Minute)
	m.entersCode(old)
	m.wantText("#code-error", "This code has expired.")
	m.follow("#resend")
	m.entersCode(m.code(email))
	m.wantURL(m.at("/overview"))
	if c, found := m.cookie("postern_session"); !found || c.Secure || !c.HTTPOnly { // the server has no TLS
		m.t.Errorf("session cookie is %+v", c)
	}
}

// waitsForAnotherCode waits until the button for another code is enabled.
func (m *clockPortal) waitsForAnotherCode() {
	email := "ada@example.com"
	m.create(email)
	m.open(m.at(""))
	first := m.requestsCode(email)
	m.advance(29 * time.Second)
	m.open(m.at("/authenticate"))
	if m.script {
		m.await("!document.getElementById('resend').disabled")
	}
	m.wantText("#resend", "Send another code")
	m.follow("#resend")
	if second := m.code(email); second == first {
		m.t.Error("the second code equals the first")
	}
}

// advanceToEnd moves the clock to the given time before the end of a session that began at began.
func (m *clockPortal) advanceToEnd(began time.Time, in time.Duration) {
	m.t.Helper()
	m.advance(time.Hour - in - time.Since(began))
}

// seesWarningAndEnd leaves a page open: first it shows a warning, then it redirects to the sign-in page.
func (m *clockPortal) seesWarningAndEnd() {
	_, began := m.signsInForAnHour()
	m.await("document.getElementById('ending').hidden")
	m.advanceToEnd(began, 5*time.Minute+2*time.Second)
	m.open(m.at("/overview"))
	m.await("document.getElementById('ending') && !document.getElementById('ending').hidden")
	m.wantText("#ending", "Your session ends soon.")
	if live := get[string](m.tab, "document.getElementById('ending').parentElement.getAttribute('aria-live')"); live != "polite" {
		m.t.Errorf("aria-live of the warning is %q, want polite", live)
	}

	m.advance(5*time.Minute - 2*time.Second)
	m.open(m.at("/overview"))
	m.await("location.pathname.endsWith('/portal/request')")
	m.wantText("[data-test=notice]", "Your session has ended.")
	m.entersCode(m.requestsCode("ada@example.com")) // sign in again
	m.wantURL(m.at("/overview"))
}

// renewsSession follows the link in the warning, signs in, and returns to the same page with a new session.
func (m *clockPortal) renewsSession() {
	email, began := m.signsInForAnHour()
	m.advanceToEnd(began, 4*time.Minute)
	m.open(m.at("/settings"))
	m.wantText("#ending", "3 minutes left")
	m.follow("#stay")
	if got := get[string](m.tab, "document.getElementById('email').value"); got != email {
		m.t.Errorf("email field of the sign-in page is %q", got)
	}
	m.entersCode(m.requestsCode(email))
	m.wantURL(m.at("/settings"))
	if !get[bool](m.tab, "document.getElementById('ending').hidden") {
		m.t.Error("the new session shows a warning")
	}
}

// submitsAfterExpiry submits a form after the session has ended.
func (m *clockPortal) submitsAfterExpiry() {
	m.signsInForAnHour()
	m.open(m.at("/settings"))
	m.advance(time.Hour)
	m.fill("#billing-name", "Ada")
	m.follow("#billing-submit")
	m.wantURL(m.at("/request"))
	m.wantText("[data-test=notice]", "nothing was saved")
	if strings.Contains(fmt.Sprint(m.history()), "token") {
		m.t.Error("the history contains a token")
	}
}
