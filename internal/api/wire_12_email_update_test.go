package api_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

const badEmailUpdate = `{"error":"InvalidCustomerEmailUpdate","detail":"This email update request is invalid or has expired."}`

var emailUpdateTokens = regexp.MustCompile(`https://portal\.example\.com/acme/portal/verify-email\?token=(polar_cev_[0-9A-Za-z]{43})`)

// emailUpdate asks for another address, and returns the token that is mailed there.
func (h *house) emailUpdate(session, email string) string {
	h.t.Helper()
	h.as(session, "POST", emailUpdate+"request", `{"email":"`+email+`"}`).exactly(h.t, 202, "null")
	l := h.mail.next()
	found := emailUpdateTokens.FindStringSubmatch(l.text)
	if found == nil || l.to != email {
		h.t.Fatalf("no link in the mail to %s: %s", l.to, l.text)
	}
	return found[1]
}

func (h *house) checkEmailUpdate(token string) answer {
	h.t.Helper()
	return h.ask("GET", emailUpdate+"check?token="+url.QueryEscape(token), "")
}

func (h *house) verifyEmailUpdate(token string) answer {
	h.t.Helper()
	return h.ask("POST", emailUpdate+"verify", `{"token":"`+token+`"}`)
}

// refusedEmailUpdate fails the test unless the token confirms nothing, wherever it is sent.
func (h *house) refusedEmailUpdate(token string) {
	h.t.Helper()
	for _, a := range []answer{h.checkEmailUpdate(token), h.verifyEmailUpdate(token)} {
		a.exactly(h.t, 401, badEmailUpdate)
		a.headers(h.t, map[string]string{"Www-Authenticate": "", "Content-Type": "application/json"})
	}
}

// Section 12 of the facts about Polar's wire: a customer changes its email address, and whoever reads the old one is out.
func TestWire12EmailUpdate(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		h := newHouse(t, withoutMembers, limited("off"))
		c := h.customer()
		s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
		token := h.emailUpdate(s, "new@example.com")
		a := h.checkEmailUpdate(token)
		a.exactly(t, 204, "")
		a.headers(t, map[string]string{"Content-Type": "application/json"})
		h.as(s, "GET", introspect, "").is(t, 200)
		h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email":"ada@example.com"`)
		a = h.verifyEmailUpdate(token)
		own := fmt.Sprint(a.at("token"))
		a.exactly(t, 200, `{"token":"`+own+`"}`)
		if !strings.HasPrefix(own, "polar_cst_") {
			t.Errorf("the session that goes on is %s", own)
		}
		h.as(s, "GET", introspect, "").exactly(t, 401, invalidToken)
		h.as(own, "GET", user, "").is(t, 200, `"type":"customer"`, `"email":"new@example.com"`, `"customer_id":"`+c.ID+`"`)
		h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email":"new@example.com","email_verified":true`)
		h.refusedEmailUpdate(token)
		if !withoutMembers { // an individual's owner goes along
			h.as(h.token, "GET", "/v1/members/?customer_id="+c.ID, "").is(t, 200, `"email":"new@example.com"`, `"role":"owner"`)
		}
		h.redeem(h.mailed("new@example.com", ""), "").is(t, 200)
	}
}

// What confirms nothing.
func TestWire12BadEmailUpdates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	first := h.emailUpdate(s, "new@example.com")
	unknown := strings.Repeat("a", 37)
	for _, token := range []string{"", "nope", "polar_cev_", first[:52], s, h.token, strings.ToLower(first) + "x", "polar_cev_" + unknown + checksum(unknown)} {
		h.refusedEmailUpdate(token)
	}
	h.as(first, "GET", introspect, "").exactly(t, 401, invalidToken) // it lets nobody in
	h.ask("GET", emailUpdate+"check", "").is(t, 422, `"type":"missing","loc":["query","token"]`)
	h.ask("POST", emailUpdate+"verify", `{}`).exactly(t, 422, invalid(ruleItem("missing", `"body","token"`, "Field required", "{}")))
	h.advance(30*time.Minute - time.Microsecond)
	h.checkEmailUpdate(first).is(t, 204)
	second := h.emailUpdate(s, "later@example.com")
	h.advance(time.Microsecond)
	h.refusedEmailUpdate(first)
	h.checkEmailUpdate(second).is(t, 204)
	// Somebody else has the address by now: it is told to whoever reads its mail, and nothing changes.
	later := h.create(customers, `{"email":"Later@example.com"}`)
	h.verifyEmailUpdate(second).exactly(t, 422, rule("email", emailTaken, `"later@example.com"`))
	h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email":"ada@example.com"`)
	h.as(s, "GET", introspect, "").is(t, 200)
	// And the mail is not used up by it.
	h.as(h.token, "DELETE", customers+later.ID, "").is(t, 204)
	h.verifyEmailUpdate(second).is(t, 200)
	s = h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	// A customer who is gone changes nothing any more.
	third := h.emailUpdate(s, "third@example.com")
	h.as(h.token, "DELETE", customers+c.ID, "").is(t, 204)
	h.verifyEmailUpdate(third).exactly(t, 401, badEmailUpdate)
}

// Who can change an address, and to what.
func TestWire12EmailUpdateRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	team, boss, _ := h.team()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	request := func(session, email string) answer {
		t.Helper()
		return h.as(session, "POST", emailUpdate+"request", `{"email":"`+email+`"}`)
	}
	request(s, "ADA@example.com").exactly(t, 422, rule("email", "New email is the same as your current email.", `"ADA@example.com"`))
	request(h.member(team, boss), "x@example.com").exactly(t, 422, rule("email", "Only individual customers can change their email.", `"x@example.com"`))
	request(s, "nope").is(t, 422, `"loc":["body","email"]`)
	closed := h.organization(postern.NewOrganization{Slug: "closed", WithoutEmailChange: true})
	h.token = closed.AccessToken
	h.customer()
	s = h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	request(s, "new@example.com").exactly(t, 403, refusal("NotPermitted", "Email changes are not enabled for this organization."))
	if !h.mail.empty() {
		t.Errorf("there is a mail: %+v", h.mail.next())
	}
}
