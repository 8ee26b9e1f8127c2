package api_test

import (
	"testing"
	"time"

	"github.com/postern-go/postern"
)

const (
	individualOnly = "Individual customers can only have one member (the owner). Upgrade to a team customer to add more members."
	memberExists   = "A member with this email address already exists for this customer."
)

// team is a customer with an owner, boss, and a member, bob.
func (h *house) team() (team made, boss, bob string) {
	h.t.Helper()
	team = h.create(customers, `{"type":"team","name":"Team","external_id":"team","owner":{"email":"boss@example.com","name":"Boss","external_id":"boss"}}`)
	h.advance(time.Second)
	bob = h.create(customers+team.ID+"/members", `{"email":"bob@example.com","name":"Bob","external_id":"bob"}`).ID
	return team, h.owner(team.ID), bob
}

// member makes a session of a member.
func (h *house) member(team made, id string) string {
	h.t.Helper()
	return h.create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+id+`"}`).Token
}

// Section 12 of the facts about Polar's wire: who can be made a member.
func TestWire12CreateMember(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	team, _, bob := h.team()
	members := customers + team.ID + "/members"
	for _, path := range []string{customers + c.ID + "/members", customers + "external/user_1/members"} {
		h.as(h.token, "POST", path, `{"email":"b@example.com"}`).exactly(t, 403, refusal("NotPermitted", individualOnly))
	}
	// Who is there already is answered as it is.
	for _, path := range []string{members, customers + "external/team/members"} {
		h.as(h.token, "POST", path, `{"email":"BOB@example.com","name":"Other","role":"billing_manager","external_id":"other"}`).is(t, 201,
			`"id":"`+bob+`"`, `"email":"bob@example.com","name":"Bob","external_id":"bob","role":"member"`)
	}
	h.as(h.token, "GET", "/v1/members/?customer_id="+team.ID, "").is(t, 200, `"total_count":2`)
	h.as(h.token, "POST", customers+"external/team/members", `{"email":"eve@example.com","external_id":" "}`).is(t, 201, `"name":null,"external_id":null,"role":"member"`)
	h.as(h.token, "POST", members, `{"email":"new@example.com","external_id":"bob"}`).exactly(t, 422,
		rule("external_id", "A member with this external ID already exists for this customer.", `"bob"`))
	for _, role := range []string{`"owner"`, `"robot"`, `null`, `1`} {
		h.as(h.token, "POST", members, `{"email":"new@example.com","role":`+role+`}`).is(t, 422, `"type":"literal_error","loc":["body","role"]`)
	}
	h.as(h.token, "POST", members, `{}`).exactly(t, 422, invalid(ruleItem("missing", `"body","email"`, "Field required", "{}")))
	h.as(h.token, "POST", customers+"nope/members", `{"email":"x"}`).is(t, 422, `"loc":["path","id"]`, `"loc":["body","email"]`)
	// An individual that becomes a team can have more.
	h.as(h.token, "PATCH", customers+c.ID, `{"type":"team"}`).is(t, 200)
	h.as(h.token, "POST", customers+c.ID+"/members", `{"email":"b@example.com"}`).is(t, 201)

	legacy := h.organization(postern.NewOrganization{Slug: "legacy", WithoutMembers: true})
	h.token = legacy.AccessToken
	team = h.create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	h.as(h.token, "POST", customers+team.ID+"/members", `{"email":"b@example.com"}`).exactly(t, 403,
		refusal("NotPermitted", "Member management is not enabled for this organization"))
	h.as(h.token, "GET", "/v1/members/", "").exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
}

// There is exactly one owner, and a role is read with every request.
func TestWire12Roles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	h.as(h.token, "PATCH", "/v1/organizations/"+h.org+"/customer-session-settings", `{"end_on_role_downgrade":false}`).is(t, 200) // as on Polar
	bossPath, bobPath := customers+team.ID+"/members/"+boss, customers+"external/team/members/bob"
	bossSession, bobSession := h.member(team, boss), h.member(team, bob)
	const oneOwner = "Cannot change role. Customer must have exactly one owner."
	h.as(h.token, "PATCH", bossPath, `{"role":"member"}`).exactly(t, 422, rule("role", oneOwner, `"member"`))
	h.as(h.token, "PATCH", bossPath, `{"role":"owner","name":"B"}`).is(t, 200, `"role":"owner"`)
	h.as(h.token, "DELETE", bossPath, "").exactly(t, 422, broken(ruleItem("value_error", `"body"`, "Cannot delete the only owner. Transfer ownership first.", `"`+boss+`"`)))
	h.as(h.token, "DELETE", customers+"external/team/members/boss", "").is(t, 422)
	h.as(bobSession, "GET", portalMembers, "").exactly(t, 403, refusal("NotPermitted", "Insufficient role for this operation"))
	h.as(h.token, "PATCH", bobPath, `{"role":"owner"}`).is(t, 200, `"role":"owner"`)
	h.as(bobSession, "GET", user, "").is(t, 200, `"role":"owner"`)
	h.as(bobSession, "GET", portalMembers, "").is(t, 200, `"total_count":2`)
	h.as(bossSession, "GET", user, "").is(t, 200, `"role":"billing_manager"`)
	h.as(h.token, "GET", "/v1/members/?role=owner&customer_id="+team.ID, "").is(t, 200, `"id":"`+bob+`"`, `"total_count":1`)
	h.as(h.token, "PATCH", bossPath, `{"role":"member"}`).is(t, 200, `"role":"member"`)
	h.as(bossSession, "GET", portalMembers, "").is(t, 403)
	h.as(h.token, "DELETE", bossPath, "").exactly(t, 204, "")
	h.as(bossSession, "GET", introspect, "").exactly(t, 401, invalidToken)
	h.as(bobSession, "GET", introspect, "").is(t, 200)
	h.as(h.token, "GET", bossPath, "").exactly(t, 404, refusal("ResourceNotFound", "Member not found"))
}

// A member's sessions end with the member, and with its address; the others of its team stay in.
func TestWire12ChangeMember(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	bobPath := customers + team.ID + "/members/" + bob
	bossSession, bobSession := h.member(team, boss), h.member(team, bob)
	h.as(bobSession, "GET", introspect, "").is(t, 200)
	h.as(h.token, "PATCH", bobPath, `{"email":"BOB@example.com","name":null}`).is(t, 200, `"email":"bob@example.com","name":"Bob"`)
	h.as(h.token, "PATCH", bobPath, `{"email":"Boss@example.com"}`).exactly(t, 422, rule("email", memberExists, `"Boss@example.com"`))
	h.as(h.token, "PATCH", bobPath, `{"role":"robot"}`).is(t, 422, `"type":"enum","loc":["body","role"]`)
	h.as(bobSession, "GET", introspect, "").is(t, 200)
	h.as(h.token, "PATCH", bobPath, `{"email":"robert@example.com","name":"Robert"}`).is(t, 200, `"email":"robert@example.com","name":"Robert"`)
	h.as(bobSession, "GET", introspect, "").exactly(t, 401, invalidToken)
	bobSession = h.member(team, bob)
	h.as(bobSession, "GET", user, "").is(t, 200, `"email":"robert@example.com"`)
	h.as(h.token, "DELETE", customers+"external/team/members/bob", "").exactly(t, 204, "")
	h.as(bobSession, "GET", user, "").exactly(t, 401, invalidToken)
	h.as(bobSession, "GET", portalCustomer, "").exactly(t, 401, invalidToken)
	h.as(bossSession, "GET", introspect, "").is(t, 200)
	h.as(h.token, "DELETE", bobPath, "").exactly(t, 404, refusal("ResourceNotFound", "Member not found"))
	// Both names are free again, and it is another member who has them.
	if again := h.create(customers+"external/team/members", `{"email":"robert@example.com","external_id":"bob"}`); again.ID == bob {
		t.Error("the new member has the id of the old one")
	}
	h.as(bobSession, "GET", introspect, "").exactly(t, 401, invalidToken)
}

// How members are looked for.
func TestWire12ListMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	team, _, _ := h.team()
	h.advance(time.Second)
	h.create(customers+team.ID+"/members", `{"email":"meg@example.com","external_id":"meg","role":"billing_manager"}`)
	for query, want := range map[string]string{
		"?sorting=created_at&customer_id=" + team.ID:        "boss bob meg",
		"?customer_id=" + team.ID:                           "meg bob boss",
		"?external_customer_id=team":                        "meg bob boss",
		"?external_customer_id=team&customer_id=" + team.ID: "meg bob boss",
		"?external_customer_id=team&customer_id=" + c.ID:    "",
		"?external_customer_id=nobody":                      "",
		"?customer_id=" + nobody:                            "",
		"?customer_id=00000000-0000-1000-8000-000000000000": "",
		"?external_customer_id=team&role=owner":             "boss",
		"?external_customer_id=team&role=member":            "bob",
		"?external_customer_id=team&role=billing_manager":   "meg",
		"?external_customer_id=team&limit=2&page=2":         "boss",
		"?customer_id=" + c.ID:                              "user_1",
	} {
		a := h.as(h.token, "GET", "/v1/members/"+query, "")
		a.is(t, 200)
		if got := a.all("external_id"); got != want {
			t.Errorf("%s: %q, wanted %q", a.asked, got, want)
		}
	}
	h.as(h.token, "GET", "/v1/members/?role=robot", "").is(t, 422, `"type":"enum","loc":["query","role"]`)
	h.send("GET", "/v1/members/?customer_id=nope", "", "Authorization", "Bearer "+h.token).exactly(t, 404, refusal("ResourceNotFound", "Invalid customer ID format"))
	h.as(h.token, "GET", "/v1/members/", "").is(t, 200, `"total_count":4`)
}

// The members of one customer have a list of their own, as Polar's newer SDKs ask for it.
func TestMembersOfACustomer(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	for _, path := range []string{customers + team.ID + "/members", customers + "external/team/members"} {
		h.as(h.token, "GET", path+"?sorting=created_at", "").is(t, 200, `"total_count":2`, `{"items":[{"id":"`+boss+`"`, `{"id":"`+bob+`"`)
		h.as(h.token, "GET", path+"?role=owner", "").is(t, 200, `"total_count":1`, boss)
		h.as(h.token, "GET", path+"?limit=1&page=2&sorting=created_at", "").is(t, 200, `"max_page":2`, bob)
		h.as(h.token, "GET", path+"?role=robot", "").is(t, 422, `"loc":["query","role"]`)
	}
	h.as(h.token, "GET", customers+nobody+"/members", "").exactly(t, 404, refusal("ResourceNotFound", "Customer not found"))
	h.as(h.token, "GET", customers+"external/nobody/members", "").exactly(t, 404, refusal("ResourceNotFound", "Customer not found"))
	h.as(h.token, "GET", customers+"nope/members?page=0", "").is(t, 422, `"loc":["path","id"]`, `"loc":["query","page"]`)
}
