package api_test

import (
	"fmt"
	"testing"
)

const (
	badRole = `{"error":"NotPermitted","detail":"Insufficient role for this operation"}`
	notTeam = `{"error":"NotPermitted","detail":"Member management is only available for team customers. Purchase a seat-based product to enable team features."}`
)

// Section 12 of the facts about Polar's wire: who of a team may manage the others in the portal.
func TestWire12PortalRoles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	plain := h.member(team, bob)
	routes := []struct{ method, path, body string }{
		{"GET", portalMembers, ""}, {"GET", portalMembers + "?limit=0", ""},
		{"POST", portalMembers, `{"email":"x@example.com"}`}, {"POST", portalMembers, `{}`},
		{"PATCH", portalMembers + "/" + boss, `{"role":"member"}`}, {"PATCH", portalMembers + "/nope", `{}`},
		{"DELETE", portalMembers + "/" + boss, ""}, {"DELETE", portalMembers + "/nope", ""},
	}
	for _, r := range routes { // the role comes before the shape
		h.as(plain, r.method, r.path, r.body).exactly(t, 403, badRole)
	}
	h.customer()
	individual := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	h.as(individual, "GET", portalMembers, "").exactly(t, 403, notTeam)
	h.as(individual, "POST", portalMembers, `{"email":"x@example.com"}`).exactly(t, 403, notTeam)
	h.as(individual, "POST", portalMembers, `{}`).is(t, 422, `"loc":["body","email"]`)
	h.as(individual, "PATCH", portalMembers+"/"+bob, `{"role":"member"}`).exactly(t, 403, notTeam)
	h.as(individual, "DELETE", portalMembers+"/"+bob, "").exactly(t, 403, notTeam)

	legacy := newHouse(t, true, limited("off"))
	legacy.customer()
	customer := legacy.create(sessions, `{"external_customer_id":"user_1"}`).Token
	for _, r := range routes { // a customer's own session is of the wrong kind
		a := legacy.as(customer, r.method, r.path, r.body)
		a.exactly(t, 401, unauthorized)
		a.headers(t, map[string]string{"Www-Authenticate": challengeUnauthorized})
	}
}

// What an owner and a billing manager may do, and what they may not.
func TestWire12PortalMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	owner := h.member(team, boss)
	path := func(id string) string { return portalMembers + "/" + id }
	onPath := func(msg, id string) string { return broken(ruleItem("value_error", `"path","id"`, msg, `"`+id+`"`)) }

	a := h.as(owner, "POST", portalMembers, `{"email":"meg@example.com","name":"Meg","role":"billing_manager"}`)
	meg := fmt.Sprint(a.at("id"))
	a.exactly(t, 201, `{"created_at":"2026-10-01T12:00:01.120000Z","modified_at":null,"id":"`+meg+`","email":"meg@example.com","name":"Meg","role":"billing_manager"}`)
	h.as(owner, "POST", portalMembers, `{"email":"MEG@example.com","role":"member"}`).is(t, 201, `"id":"`+meg+`"`, `"role":"billing_manager"`)
	h.as(owner, "POST", portalMembers, `{"email":"o@example.com","role":"owner"}`).exactly(t, 422,
		rule("role", "Cannot add a member as owner. There must be exactly one owner.", `"owner"`))
	h.as(owner, "POST", portalMembers, `{"email":"o@example.com","role":"robot"}`).is(t, 422, `"type":"enum","loc":["body","role"]`)
	h.as(owner, "PATCH", path(boss), `{"role":"member"}`).exactly(t, 422, onPath("You cannot modify your own role.", boss))
	h.as(owner, "PATCH", path(boss), `{"name":"Big Boss","role":"owner"}`).is(t, 200, `"name":"Big Boss","role":"owner"`)
	h.as(owner, "DELETE", path(boss), "").exactly(t, 422, onPath("You cannot remove yourself from the team.", boss))
	for _, id := range []string{nobody, "00000000-0000-1000-8000-000000000000"} {
		h.as(owner, "PATCH", path(id), `{}`).exactly(t, 404, refusal("ResourceNotFound", "Member not found"))
		h.as(owner, "DELETE", path(id), "").exactly(t, 404, refusal("ResourceNotFound", "Member not found"))
	}
	h.as(owner, "PATCH", path("nope"), `{"role":1}`).is(t, 422, `"loc":["path","id"]`, `"loc":["body","role"]`)

	manager := h.member(team, meg)
	h.as(manager, "PATCH", path(bob), `{"role":"owner"}`).exactly(t, 422, rule("role", "Only the owner can transfer ownership.", `"owner"`))
	h.as(manager, "PATCH", path(boss), `{"role":"member"}`).is(t, 422, "exactly one owner")
	h.as(manager, "DELETE", path(boss), "").exactly(t, 422, onPath("Cannot remove the only owner. Transfer ownership first.", boss))
	h.as(manager, "PATCH", path(bob), `{"name":"Robert","role":"billing_manager"}`).is(t, 200, `"name":"Robert","role":"billing_manager"`)
	bobSession := h.member(team, bob)
	h.as(bobSession, "GET", portalMembers, "").is(t, 200, `"total_count":3`)
	h.as(manager, "DELETE", path(bob), "").exactly(t, 204, "")
	h.as(bobSession, "GET", portalMembers, "").exactly(t, 401, invalidToken)

	// Another team's members are not there.
	other := h.create(customers, `{"type":"team","owner":{"email":"other@example.com"}}`)
	h.as(owner, "PATCH", path(h.owner(other.ID)), `{"name":"x"}`).is(t, 404, "Member not found")
	h.as(owner, "DELETE", path(h.owner(other.ID)), "").is(t, 404, "Member not found")

	// Who hands over ownership is a billing manager from then on.
	h.as(h.token, "PATCH", "/v1/organizations/"+h.org+"/customer-session-settings", `{"end_on_role_downgrade":false}`).is(t, 200) // as on Polar
	h.as(owner, "PATCH", path(meg), `{"role":"owner"}`).is(t, 200, `"role":"owner"`)
	h.as(owner, "GET", user, "").is(t, 200, `"role":"billing_manager"`)
	h.as(manager, "PATCH", path(boss), `{"role":"member"}`).is(t, 200)
	h.as(owner, "GET", portalMembers, "").exactly(t, 403, badRole)
}
