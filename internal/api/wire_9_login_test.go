package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

const (
	requestLogin = "/v1/customer-portal/customer-session/request"
	authenticate = "/v1/customer-portal/customer-session/authenticate"

	badCode = `{"error":"CustomerSessionCodeInvalidOrExpired","detail":"This customer session code is invalid or has expired."}`
)

// request asks for a login code in the house's organization; customer "" names none.
func (h *house) request(email, customer string) answer {
	h.t.Helper()
	body := `{"email":"` + email + `","organization_id":"` + h.org + `"`
	if customer != "" {
		body += `,"customer_id":"` + customer + `"`
	}
	return h.ask("POST", requestLogin, body+"}")
}

// mailed asks for a login code and waits for the mail that brings it.
func (h *house) mailed(email, customer string) string {
	h.t.Helper()
	h.request(email, customer).exactly(h.t, 202, "null")
	return h.mail.code()
}

// redeem exchanges a login code; customer "" names none.
func (h *house) redeem(code, customer string) answer {
	h.t.Helper()
	body := `{"code":"` + code + `"`
	if customer != "" {
		body += `,"customer_id":"` + customer + `"`
	}
	return h.ask("POST", authenticate, body+"}")
}

// refusedCode fails the test unless a code was refused, in words that do not say why, and without a challenge.
func refusedCode(t *testing.T, a answer) {
	t.Helper()
	a.exactly(t, 401, badCode)
	a.headers(t, map[string]string{"Www-Authenticate": "", "Content-Type": "application/json"})
}

// Section 9 of the facts about Polar's wire: login by email code.
func TestWire9Login(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email_verified":false`)
	h.request("ADA@Example.com", "").exactly(t, 202, "null")
	l := h.mail.next()
	if l.from != "login@example.com" || l.subject != "Access your acme purchases" || l.to != "ada@example.com" || !strings.Contains(l.text, "https://portal.example.com/acme/portal/authenticate") {
		t.Errorf("the mail to %s: %s\n%s", l.to, l.subject, l.text)
	}
	found := codes.FindStringSubmatch(l.text)
	if found == nil || !strings.Contains(l.html, found[1]) {
		t.Fatalf("no code in %s", l.text)
	}
	code := found[1]
	a := h.redeem(code, "")
	token, _ := a.at("token").(string)
	a.exactly(t, 200, `{"token":"`+token+`"}`)
	if !strings.HasPrefix(token, "polar_mst_") {
		t.Errorf("the token is %q", token)
	}
	h.as(token, "GET", introspect, "").exactly(t, 200, `{"expires_at":"2026-10-01T13:00:00.120000Z","return_url":null}`)
	h.as(token, "GET", user, "").is(t, 200, `"type":"member"`, `"customer_id":"`+c.ID+`"`, `"role":"owner"`)
	h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email_verified":true`)
	refusedCode(t, h.redeem(code, ""))
	h.as(token, "GET", introspect, "").is(t, 200)
}

// What no code is, and what is none any more.
func TestWire9BadCodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	first := h.mailed("ada@example.com", "")
	for _, code := range []string{"", "A", "ABC123", "codé12", "ÄÖÜ", first + "A", first[:5], " " + first, strings.Repeat("A", 100000)} {
		refusedCode(t, h.redeem(code, ""))
	}
	if lower := strings.ToLower(first); lower != first {
		refusedCode(t, h.redeem(lower, ""))
	}
	h.ask("POST", authenticate, `{}`).exactly(t, 422, invalid(ruleItem("missing", `"body","code"`, "Field required", "{}")))
	h.ask("POST", authenticate, `{"code":1}`).exactly(t, 422, invalid(ruleItem("string_type", `"body","code"`, "Input should be a valid string", "1")))
	// An older code stays good when there is a new one, and each has a time of its own.
	h.advance(20 * time.Minute)
	second := h.mailed("ada@example.com", "")
	h.advance(10*time.Minute - time.Microsecond)
	third := h.mailed("ada@example.com", "")
	h.redeem(first, "").is(t, 200)
	h.advance(20 * time.Minute)
	h.redeem(second, "").is(t, 200)
	h.advance(10 * time.Minute)
	refusedCode(t, h.redeem(third, ""))
}

// Whoever asks learns nothing: an organization, an address or a customer that there is not is answered like one that there
// is, and brings no mail.
func TestWire9RequestTellsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	gone := h.create(customers, `{"email":"gone@example.com"}`)
	other := h.create(customers, `{"email":"other@example.com"}`)
	h.as(h.token, "DELETE", customers+gone.ID, "").is(t, 204)
	theirs := h.organization(postern.NewOrganization{Slug: "theirs"})
	for _, body := range []string{
		`{"email":"ada@example.com","organization_id":"` + nobody + `"}`,
		`{"email":"ada@example.com","organization_id":"` + theirs.ID + `"}`,
		`{"email":"nobody@example.com","organization_id":"` + h.org + `"}`,
		`{"email":"gone@example.com","organization_id":"` + h.org + `"}`,
		`{"email":"ada@example.com","organization_id":"` + h.org + `","customer_id":"` + nobody + `"}`,
		`{"email":"ada@example.com","organization_id":"` + h.org + `","customer_id":"` + other.ID + `"}`,
	} {
		a := h.ask("POST", requestLogin, body)
		a.exactly(t, 202, "null")
		a.headers(t, map[string]string{"Content-Type": "application/json", "Cache-Control": "private, no-store"})
	}
	for range 6 { // whatever was to be sent before, is sent before all of these are
		h.request("ada@example.com", "").exactly(t, 202, "null")
	}
	for range 6 {
		h.mail.next()
	}
	if !h.mail.empty() {
		t.Errorf("there is another mail: %+v", h.mail.next())
	}
	h.ask("POST", requestLogin, `{}`).exactly(t, 422, invalid(
		ruleItem("missing", `"body","email"`, "Field required", "{}"), ruleItem("missing", `"body","organization_id"`, "Field required", "{}")))
	h.request("nobody", "nope").is(t, 422, `"loc":["body","email"]`, `"loc":["body","customer_id"]`)
}

// Of many who use one code at once, one gets in.
func TestWire9OneUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	code := h.mailed("ada@example.com", "")
	answers := make([]answer, 64)
	together(len(answers), func(i int) { answers[i] = h.redeem(code, "") })
	in := 0
	for _, a := range answers {
		if a.status == 200 {
			in++
			continue
		}
		refusedCode(t, a)
	}
	if in != 1 {
		t.Errorf("one code let %d in", in)
	}
}

// A code is good for nobody once its customer, or its member, is gone.
func TestWire9HolderIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	team := h.create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	member := h.create(customers+team.ID+"/members", `{"email":"bob@example.com"}`)
	ada, bob := h.mailed("ada@example.com", ""), h.mailed("bob@example.com", "")
	h.as(h.token, "DELETE", customers+c.ID, "").is(t, 204)
	h.as(h.token, "DELETE", customers+team.ID+"/members/"+member.ID, "").is(t, 204)
	refusedCode(t, h.redeem(ada, ""))
	refusedCode(t, h.redeem(bob, ""))
	// A code that was sent to an address is not good for the customer who has left that address.
	h.create(customers, `{"email":"eve@example.com","external_id":"eve"}`)
	eve := h.mailed("eve@example.com", "")
	h.as(h.token, "PATCH", customers+"external/eve", `{"email":"eva@example.com"}`).is(t, 200)
	refusedCode(t, h.redeem(eve, ""))
}

// Where the organization has no members, customers themselves get in.
func TestWire9WithoutMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, limited("off"))
	c := h.customer()
	a := h.redeem(h.mailed("ada@example.com", nobody), nobody) // no other customer can have the address: ignored
	a.is(t, 200, `{"token":"polar_cst_`)
	h.as(fmt.Sprint(a.at("token")), "GET", user, "").exactly(t, 200,
		`{"type":"customer","name":"Ada","email":"ada@example.com","customer_id":"`+c.ID+`","member_id":null,"role":null}`)
	h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"email_verified":true`)
}

// Nobody's mailbox is filled: an address has a few live codes at most, however often and from wherever they are asked for.
func TestLiveCodesAreFew(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	h.customer()
	h.create(customers, `{"email":"bob@example.com"}`)
	for range 20 {
		h.request("ADA@example.com", "").exactly(t, 202, "null")
	}
	for range 6 {
		h.request("bob@example.com", "").exactly(t, 202, "null")
	}
	letters := map[string]int{}
	for letters["bob@example.com"] < 6 {
		letters[h.mail.next().to]++
	}
	if n := letters["ada@example.com"]; n < 6 || n > 9 { // four may be counted at the same time
		t.Errorf("one address got %d codes of 20", n)
	}
}
