package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

// twoCustomers are an individual and a team that have one address.
func (h *house) twoCustomers() (individual, team made) {
	h.t.Helper()
	return h.customer(), h.create(customers, `{"type":"team","name":"Team","owner":{"email":"Ada@example.com"},"email":"team@example.com"}`)
}

// asksToChoose fails the test unless the answer offers the two customers.
func (a answer) asksToChoose(t *testing.T, individual, team made) {
	t.Helper()
	one, two := `{"id":"`+individual.ID+`","name":"Ada"}`, `{"id":"`+team.ID+`","name":"Team"}`
	want := `{"error":"customer_selection_required","detail":"Multiple customers found for this email. Please select one.","customers":[`
	if a.body != want+two+","+one+"]}" {
		a.exactly(t, 409, want+one+","+two+"]}")
	}
	if a.status != 409 {
		t.Errorf("%s: %d", a.asked, a.status)
	}
}

// Section 9 of the facts about Polar's wire, the other way round: who has an account is told to whoever reads its mail.
func TestWire9ChoiceAfterProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	individual, team := h.twoCustomers()
	code := h.mailed("ada@example.com", "")
	h.redeem(code, "").asksToChoose(t, individual, team)
	h.redeem(code, "").asksToChoose(t, individual, team) // the code stays good
	refusedCode(t, h.redeem(code, nobody))
	a := h.redeem(code, team.ID)
	a.is(t, 200)
	h.as(fmt.Sprint(a.at("token")), "GET", user, "").is(t, 200, `"customer_id":"`+team.ID+`"`, `"role":"owner"`)
	refusedCode(t, h.redeem(code, individual.ID))
	// The owner reads its own mail, and not that of the team's address.
	h.as(h.token, "GET", customers+team.ID, "").is(t, 200, `"email_verified":false`)
	h.as(h.token, "GET", customers+individual.ID, "").is(t, 200, `"email_verified":false`)
	// A code that was asked for with a customer is good for that one.
	code = h.mailed("ada@example.com", individual.ID)
	refusedCode(t, h.redeem(code, team.ID))
	a = h.redeem(code, "")
	a.is(t, 200)
	h.as(fmt.Sprint(a.at("token")), "GET", user, "").is(t, 200, `"customer_id":"`+individual.ID+`"`)
	h.as(h.token, "GET", customers+individual.ID, "").is(t, 200, `"email_verified":true`)
	// Nobody chooses for somebody else: a customer who is deleted is no choice.
	h.as(h.token, "DELETE", customers+individual.ID, "").is(t, 204)
	h.redeem(h.mailed("ada@example.com", ""), "").is(t, 200)
}

// Where it is configured, the choice comes first, as on Polar.
func TestWire9ChoiceBeforeProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"), func(c *postern.Config) { c.Login.BeforeProof = true })
	individual, team := h.twoCustomers()
	h.request("ADA@example.com", "").asksToChoose(t, individual, team)
	h.request("nobody@example.com", "").exactly(t, 202, "null")
	h.request("team@example.com", "").exactly(t, 202, "null") // a team's own address lets nobody in: its members have theirs
	h.request("ada@example.com", nobody).exactly(t, 202, "null")
	a := h.redeem(h.mailed("ada@example.com", team.ID), "")
	a.is(t, 200, `{"token":"polar_mst_`)
	h.as(fmt.Sprint(a.at("token")), "GET", user, "").is(t, 200, `"customer_id":"`+team.ID+`"`)
	if !h.mail.empty() {
		t.Errorf("there is another mail: %+v", h.mail.next())
	}
}

// A length that is configured is the code's, and the least is six.
func TestWire9CodeLength(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"), func(c *postern.Config) { c.Login.CodeLength = 10 })
	h.customer()
	h.request("ada@example.com", "").exactly(t, 202, "null")
	for line := range strings.Lines(h.mail.next().text) {
		if line = strings.TrimSpace(line); len(line) == 10 && strings.ToUpper(line) == line {
			h.redeem(line, "").is(t, 200)
			return
		}
	}
	t.Error("no code of ten characters has come")
}
