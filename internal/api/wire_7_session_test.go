package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

// Section 7 of the facts about Polar's wire: a new session, byte for byte.
func TestWire7CreateSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.create(customers, `{"email":"ada+post@example.com","name":"Ada","external_id":"user_1"}`)
	customer := h.as(h.token, "GET", customers+c.ID, "").body
	for _, body := range []string{
		`{"customer_id":"` + c.ID + `"}`, `{"external_customer_id":"user_1"}`, `{"customer_external_id":"user_1"}`,
		`{"customer_id":"` + c.ID + `","member_id":"` + h.owner(c.ID) + `"}`, `{"customer_id":"` + c.ID + `","external_member_id":"user_1"}`,
	} {
		a := h.as(h.token, "POST", sessions, body)
		id, _ := a.at("id").(string)
		token, _ := a.at("token").(string)
		a.exactly(t, 201, `{"created_at":"2026-10-01T12:00:00.120000Z","modified_at":null,"id":"`+id+`","token":"`+token+
			`","expires_at":"2026-10-01T13:00:00.120000Z","return_url":null,"customer_portal_url":"https://portal.example.com/acme/portal?customer_session_token=`+
			token+`&email=ada%2Bpost%40example.com","customer_id":"`+c.ID+`","customer":`+customer+`}`)
		if !strings.HasPrefix(token, "polar_mst_") || len(id) != 36 {
			t.Errorf("%s made %s with %s", body, id, token)
		}
	}
	// The time is fixed: neither use nor another session makes it longer.
	first := h.create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	h.advance(59 * time.Minute)
	second := h.create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	h.as(first, "GET", introspect, "").is(t, 200, `"expires_at":"2026-10-01T13:00:00.120000Z"`)
	h.advance(time.Minute)
	h.as(first, "GET", introspect, "").exactly(t, 401, invalidToken)
	h.as(second, "GET", introspect, "").is(t, 200, `"expires_at":"2026-10-01T13:59:00.120000Z"`)
	if first == second {
		t.Error("two sessions have one token")
	}
}

// A session is for a member: the one that is named, or an individual's owner.
func TestWire7Members(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	team := h.create(customers, `{"type":"team","external_id":"team","owner":{"email":"boss@example.com","external_id":"boss"}}`)
	bob := h.create(customers+team.ID+"/members", `{"email":"bob@example.com","name":"Bob","external_id":"bob"}`)
	gone := h.create(customers+team.ID+"/members", `{"email":"gone@example.com","external_id":"gone"}`)
	h.as(h.token, "DELETE", customers+team.ID+"/members/"+gone.ID, "").is(t, 204)
	const unknown = "Member does not exist for this customer."
	for body, want := range map[string]string{
		`{"customer_id":"` + team.ID + `"}`:                                                         rule("member_id", "member_id is required for team customers.", "null"),
		`{"external_customer_id":"team"}`:                                                           rule("member_id", "member_id is required for team customers.", "null"),
		`{"customer_id":"` + team.ID + `","member_id":"` + nobody + `"}`:                            rule("member_id", unknown, `"`+nobody+`"`),
		`{"customer_id":"` + team.ID + `","member_id":"` + gone.ID + `"}`:                           rule("member_id", unknown, `"`+gone.ID+`"`),
		`{"customer_id":"` + team.ID + `","external_member_id":"gone"}`:                             rule("external_member_id", unknown, `"gone"`),
		`{"customer_id":"` + c.ID + `","member_id":"` + bob.ID + `"}`:                               rule("member_id", unknown, `"`+bob.ID+`"`),
		`{"customer_id":"` + c.ID + `","external_member_id":"bob"}`:                                 rule("external_member_id", unknown, `"bob"`),
		`{"customer_id":"` + team.ID + `","member_id":"` + nobody + `","external_member_id":"bob"}`: rule("member_id", unknown, `"`+nobody+`"`),
	} {
		h.as(h.token, "POST", sessions, body).exactly(t, 422, want)
	}
	for _, body := range []string{
		`{"customer_id":"` + team.ID + `","member_id":"` + bob.ID + `","external_member_id":"boss"}`, // the id wins
		`{"external_customer_id":"team","external_member_id":"bob"}`,
		`{"external_customer_id":"team","member_id":"` + strings.ToUpper(bob.ID) + `"}`,
	} {
		s := h.create(sessions, body)
		if !strings.HasSuffix(s.CustomerPortalURL, "&email=bob%40example.com") {
			t.Errorf("%s leads to %s", body, s.CustomerPortalURL)
		}
		h.as(s.Token, "GET", user, "").exactly(t, 200,
			`{"type":"member","name":"Bob","email":"bob@example.com","customer_id":"`+team.ID+`","member_id":"`+bob.ID+`","role":"member"}`)
	}
}

// A customer who is deleted, or another organization's, is not there.
func TestWire7ForeignCustomers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	theirs := h.organization(postern.NewOrganization{Slug: "theirs"})
	absent := func(token string) {
		t.Helper()
		h.as(token, "POST", sessions, `{"customer_id":"`+c.ID+`"}`).exactly(t, 422, rule("customer_id", "Customer does not exist.", `"`+c.ID+`"`))
		h.as(token, "POST", sessions, `{"external_customer_id":"user_1"}`).exactly(t, 422, rule("external_customer_id", "Customer does not exist.", `"user_1"`))
	}
	absent(theirs.AccessToken)
	h.as(theirs.AccessToken, "GET", customers+c.ID, "").is(t, 404)
	h.as(theirs.AccessToken, "PATCH", customers+c.ID, `{"name":"x"}`).is(t, 404)
	h.as(theirs.AccessToken, "DELETE", customers+c.ID, "").is(t, 404)
	h.as(theirs.AccessToken, "GET", customers+c.ID+"/members/"+h.owner(c.ID), "").is(t, 404)
	h.as(theirs.AccessToken, "GET", "/v1/members/?customer_id="+c.ID, "").is(t, 200, `"items":[]`)
	h.as(theirs.AccessToken, "GET", customers, "").is(t, 200, `"items":[]`)
	h.as(h.token, "DELETE", customers+c.ID, "").is(t, 204)
	absent(h.token)
}

// Section 8: who holds a session. A customer's own session says so, unless the customer has no address to say.
func TestWire8User(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, limited("off"))
	h.create(customers, `{"type":"team","external_id":"team","owner":{"email":"boss@example.com"}}`)
	s := h.create(sessions, `{"external_customer_id":"team","member_id":"`+nobody+`","external_member_id":"x"}`) // no members: ignored
	if !strings.HasPrefix(s.Token, "polar_cst_") || strings.Contains(s.CustomerPortalURL, "email") {
		t.Errorf("made %+v", s)
	}
	h.as(s.Token, "GET", user, "").exactly(t, 422, broken(ruleItem("value_error", `"body"`,
		"Team customers must use member sessions. Create a customer session via the API with a member_id.", "null")))
	h.as(s.Token, "GET", introspect, "").is(t, 200)
	members := h.organization(postern.NewOrganization{Slug: "members"})
	h.token = members.AccessToken
	team := h.create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	manager := h.create(customers+team.ID+"/members", `{"email":"m@example.com","role":"billing_manager"}`)
	s = h.create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+manager.ID+`"}`)
	h.as(s.Token, "GET", user, "").exactly(t, 200,
		`{"type":"member","name":null,"email":"m@example.com","customer_id":"`+team.ID+`","member_id":"`+manager.ID+`","role":"billing_manager"}`)
}
