package api_test

import "testing"

const many = 64

// Of many customers with one name, one is made, and all others are refused in the words of somebody who came later.
func TestWire12RaceForAName(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	for name, tt := range map[string]struct{ body, want string }{
		"an external id": {`{"type":"team","external_id":"same","owner":{"email":"boss@example.com"}}`, rule("external_id", externalTaken, `"same"`)},
		"an address":     {`{"email":"same@example.com"}`, rule("email", emailTaken, `"same@example.com"`)},
	} {
		answers := make([]answer, many)
		together(many, func(i int) { answers[i] = h.as(h.token, "POST", customers, tt.body) })
		won := 0
		for _, a := range answers {
			if a.status == 201 {
				won++
				continue
			}
			a.exactly(t, 422, tt.want)
		}
		if won != 1 {
			t.Errorf("%s: %d customers have it", name, won)
		}
	}
	h.as(h.token, "GET", customers, "").is(t, 200, `"total_count":2`)
}

// However many hand over ownership at once, there is one owner.
func TestWire12RaceForOwnership(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	meg := h.create(customers+team.ID+"/members", `{"email":"meg@example.com"}`).ID
	ids := []string{boss, bob, meg}
	answers := make([]answer, many)
	together(many, func(i int) {
		answers[i] = h.as(h.token, "PATCH", customers+team.ID+"/members/"+ids[i%3], `{"role":"owner"}`)
	})
	for _, a := range answers {
		a.is(t, 200, `"role":"owner"`)
	}
	h.as(h.token, "GET", "/v1/members/?role=owner&customer_id="+team.ID, "").is(t, 200, `"total_count":1`)
	h.as(h.token, "GET", "/v1/members/?role=billing_manager&customer_id="+team.ID, "").is(t, 200, `"total_count":2`)
}

// Of many members with one address, one is made, and everybody hears of that one.
func TestWire12RaceForMembership(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, _, _ := h.team()
	answers := make([]answer, many)
	together(many, func(i int) {
		answers[i] = h.as(h.token, "POST", customers+team.ID+"/members", `{"email":"new@example.com"}`)
	})
	for _, a := range answers {
		a.exactly(t, 201, answers[0].body)
	}
	h.as(h.token, "GET", "/v1/members/?customer_id="+team.ID, "").is(t, 200, `"total_count":3`)
}

// Of many who confirm one new address at once, one gets a session.
func TestWire12RaceForAnEmailUpdate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	token := h.emailUpdate(h.create(sessions, `{"external_customer_id":"user_1"}`).Token, "new@example.com")
	answers := make([]answer, many)
	together(many, func(i int) { answers[i] = h.verifyEmailUpdate(token) })
	in := 0
	for _, a := range answers {
		if a.status == 200 {
			in++
			continue
		}
		a.exactly(t, 401, badEmailUpdate)
	}
	if in != 1 {
		t.Errorf("one token let %d in", in)
	}
}

// A session that is being made while its holder is deleted does not outlive it.
func TestWire12RaceWithADeletion(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, _, bob := h.team()
	for _, gone := range []string{customers + team.ID + "/members/" + bob, customers + team.ID} {
		member := h.owner(team.ID)
		if gone != customers+team.ID {
			member = bob
		}
		tokens := make([]string, many)
		together(many, func(i int) {
			if i == many/2 {
				h.as(h.token, "DELETE", gone, "").is(t, 204)
				return
			}
			a := h.as(h.token, "POST", sessions, `{"customer_id":"`+team.ID+`","member_id":"`+member+`"}`)
			if a.status != 201 {
				a.is(t, 422, "does not exist")
			}
			tokens[i], _ = a.at("token").(string)
		})
		for _, token := range tokens {
			if token != "" {
				h.as(token, "GET", introspect, "").exactly(t, 401, invalidToken)
			}
		}
	}
}
