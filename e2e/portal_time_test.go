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

// meantime is a server whose clock can be moved, at an address of this machine, without TLS: for one visitor.
type meantime struct {
	*server
	*tab
	t      *testing.T
	script bool
	org    organization
}

// What happens as time goes by.
func TestPortalTime(t *testing.T) {
	t.Parallel()
	for name, flow := range map[string]func(m *meantime){
		"a code expires":          (*meantime).typesOldCode,
		"another code":            (*meantime).waitsForAnotherCode,
		"a session ends":          (*meantime).seesTheEnd,
		"a session goes on":       (*meantime).goesOn,
		"a session ends unwarned": (*meantime).missesTheEnd,
	} {
		for _, way := range ways {
			t.Run(name+", "+way.name, func(t *testing.T) {
				t.Parallel()
				h := home{env: []string{"TMPDIR=" + t.TempDir()}}
				m := &meantime{t: t, script: way.script}
				m.server = start(t, h.postern(context.Background(), "dev", "--test-api", "--listen", "127.0.0.1:0"))
				m.control("POST", "/_test/organizations", object{"name": "Acme"}, &m.org)
				m.tab = newTab(t, way.screen, way.script)
				flow(m)
			})
		}
	}
}

// control asks the test API.
func (m *meantime) control(method, path string, body, answer any) {
	m.t.Helper()
	status, text, err := m.call(method, path, "", body)
	if err == nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || status >= 300 {
		m.t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
}

// advance lets the time pass that the test does not wait for.
func (m *meantime) advance(d time.Duration) {
	m.t.Helper()
	var now any
	m.control("POST", "/_test/clock/advance", object{"seconds": d.Seconds()}, &now)
}

func (m *meantime) at(page string) string { return m.server.url + "/" + m.org.Slug + "/portal" + page }

// arrives makes a customer who has a session for an hour.
func (m *meantime) arrives() (email string, began time.Time) {
	m.t.Helper()
	email = "ada@example.com"
	m.create(email)
	var session pass
	if status, text, err := m.call("POST", "/v1/customer-sessions/", m.org.AccessToken, object{"external_customer_id": "ada"}); err != nil ||
		status != http.StatusCreated || json.Unmarshal(text, &session) != nil {
		m.t.Fatalf("a session: %d %s %v", status, text, err)
	}
	m.open(session.CustomerPortalURL)
	m.isAt(m.at("/overview"))
	return email, time.Now()
}

func (m *meantime) create(email string) {
	m.t.Helper()
	if status, text, err := m.call("POST", "/v1/customers/", m.org.AccessToken, object{"email": email, "name": "Ada", "external_id": "ada"}); err != nil || status != http.StatusCreated {
		m.t.Fatalf("a customer: %d %s %v", status, text, err)
	}
}

func (m *meantime) code(email string) string {
	m.t.Helper()
	var mail struct{ Code string }
	m.control("GET", "/_test/mail/latest?to="+url.QueryEscape(email)+"&organization="+m.org.Slug, nil, &mail)
	return mail.Code
}

// requests asks for a code on the page that the window is on.
func (m *meantime) requests(email string) string {
	m.t.Helper()
	m.fill("#email", email)
	m.follow("#request-submit")
	m.isAt(m.at("/authenticate"))
	return m.code(email)
}

// typesOldCode types one that has come half an hour ago, and asks for another.
func (m *meantime) typesOldCode() {
	email := "ada@example.com"
	m.create(email)
	m.open(m.at(""))
	old := m.requests(email)
	m.advance(30 * time.Minute)
	m.fill("#code", old)
	m.follow("#code-submit")
	m.reads("#code-error", "This code has expired.")
	m.follow("#resend")
	m.fill("#code", m.code(email))
	m.follow("#code-submit")
	m.isAt(m.at("/overview"))
	if c, found := m.cookie("postern_session"); !found || c.Secure || !c.HTTPOnly { // there is no TLS
		m.t.Errorf("the cookie is %+v", c)
	}
}

// waitsForAnotherCode until the button lets it ask.
func (m *meantime) waitsForAnotherCode() {
	email := "ada@example.com"
	m.create(email)
	m.open(m.at(""))
	first := m.requests(email)
	m.advance(29 * time.Second)
	m.open(m.at("/authenticate"))
	if m.script {
		m.await("!document.getElementById('resend').disabled")
	}
	m.reads("#resend", "Send another code")
	m.follow("#resend")
	if second := m.code(email); second == first {
		m.t.Error("no other code has come")
	}
}

// ends moves the clock to so long before the end of a session that began then.
func (m *meantime) ends(began time.Time, in time.Duration) {
	m.t.Helper()
	m.advance(time.Hour - in - time.Since(began))
}

// seesTheEnd is warned, in a page that is left alone, and then led away.
func (m *meantime) seesTheEnd() {
	_, began := m.arrives()
	m.await("document.getElementById('ending').hidden")
	m.ends(began, 5*time.Minute+2*time.Second)
	m.open(m.at("/overview"))
	m.await("document.getElementById('ending') && !document.getElementById('ending').hidden")
	m.reads("#ending", "Your session ends soon.")
	if live := get[string](m.tab, "document.getElementById('ending').parentElement.getAttribute('aria-live')"); live != "polite" {
		m.t.Errorf("the warning is %q", live)
	}

	m.advance(5*time.Minute - 2*time.Second)
	m.open(m.at("/overview"))
	m.await("location.pathname.endsWith('/portal/request')")
	m.reads("[data-test=notice]", "Your session has ended.")
	m.fill("#code", m.requests("ada@example.com")) // and comes back
	m.follow("#code-submit")
	m.isAt(m.at("/overview"))
}

// goesOn follows the warning's link, and finds itself where it was, with more time.
func (m *meantime) goesOn() {
	email, began := m.arrives()
	m.ends(began, 4*time.Minute)
	m.open(m.at("/settings"))
	m.reads("#ending", "3 minutes left")
	m.follow("#stay")
	if got := get[string](m.tab, "document.getElementById('email').value"); got != email {
		m.t.Errorf("the sign-in is for %q", got)
	}
	m.fill("#code", m.requests(email))
	m.follow("#code-submit")
	m.isAt(m.at("/settings"))
	if !get[bool](m.tab, "document.getElementById('ending').hidden") {
		m.t.Error("the new session ends soon")
	}
}

// missesTheEnd fills in a form for too long.
func (m *meantime) missesTheEnd() {
	m.arrives()
	m.open(m.at("/settings"))
	m.advance(time.Hour)
	m.fill("#billing-name", "Ada")
	m.follow("#billing-submit")
	m.isAt(m.at("/request"))
	m.reads("[data-test=notice]", "nothing was saved")
	if strings.Contains(fmt.Sprint(m.history()), "token") {
		m.t.Error("the history has a token")
	}
}
