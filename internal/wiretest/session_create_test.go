package wiretest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// The bytes of a new session (docs/wire.md, Sessions).
func TestSessionCreate(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada+post@example.com","name":"Ada","external_id":"user_1"}`)
	customer := srv.As(srv.Token, "GET", customers+c.ID, "").Body
	for _, body := range []string{
		`{"customer_id":"` + c.ID + `"}`, `{"external_customer_id":"user_1"}`, `{"customer_external_id":"user_1"}`,
		`{"customer_id":"` + c.ID + `","member_id":"` + srv.Owner(c.ID) + `"}`, `{"customer_id":"` + c.ID + `","external_member_id":"user_1"}`,
	} {
		a := srv.As(srv.Token, "POST", sessions, body)
		id, _ := a.At("id").(string)
		token, _ := a.At("token").(string)
		a.Exactly(t, 201, `{"created_at":"2026-10-01T12:00:00.120000Z","modified_at":null,"id":"`+id+`","token":"`+token+
			`","expires_at":"2026-10-01T13:00:00.120000Z","return_url":null,"customer_portal_url":"https://portal.example.com/acme/portal?customer_session_token=`+
			token+`&email=ada%2Bpost%40example.com","customer_id":"`+c.ID+`","customer":`+customer+`}`)
		if !strings.HasPrefix(token, "polar_mst_") || len(id) != 36 {
			t.Errorf("%s made %s with %s", body, id, token)
		}
	}
	// Neither use nor another session extends the lifetime.
	first := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	srv.Advance(59 * time.Minute)
	second := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	srv.As(first, "GET", introspect, "").Is(t, 200, `"expires_at":"2026-10-01T13:00:00.120000Z"`)
	srv.Advance(time.Minute)
	srv.As(first, "GET", introspect, "").Exactly(t, 401, invalidToken)
	srv.As(second, "GET", introspect, "").Is(t, 200, `"expires_at":"2026-10-01T13:59:00.120000Z"`)
	if first == second {
		t.Error("two sessions have one token")
	}
}

// The holder of a session is the named member or the owner of an individual.
func TestSessionCreateForMembers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	team := srv.Create(customers, `{"type":"team","external_id":"team","owner":{"email":"boss@example.com","external_id":"boss"}}`)
	bob := srv.Create(customers+team.ID+"/members", `{"email":"bob@example.com","name":"Bob","external_id":"bob"}`)
	deleted := srv.Create(customers+team.ID+"/members", `{"email":"gone@example.com","external_id":"gone"}`)
	srv.As(srv.Token, "DELETE", customers+team.ID+"/members/"+deleted.ID, "").Is(t, 204)
	const unknown = "Member does not exist for this customer."
	for body, want := range map[string]string{
		`{"customer_id":"` + team.ID + `"}`:                                                            fieldError("member_id", "member_id is required for team customers.", "null"),
		`{"external_customer_id":"team"}`:                                                              fieldError("member_id", "member_id is required for team customers.", "null"),
		`{"customer_id":"` + team.ID + `","member_id":"` + unknownID + `"}`:                            fieldError("member_id", unknown, `"`+unknownID+`"`),
		`{"customer_id":"` + team.ID + `","member_id":"` + deleted.ID + `"}`:                           fieldError("member_id", unknown, `"`+deleted.ID+`"`),
		`{"customer_id":"` + team.ID + `","external_member_id":"gone"}`:                                fieldError("external_member_id", unknown, `"gone"`),
		`{"customer_id":"` + team.ID + `","external_member_id":""}`:                                    fieldError("external_member_id", unknown, `""`),
		`{"customer_id":"` + c.ID + `","external_member_id":""}`:                                       fieldError("external_member_id", unknown, `""`),
		`{"customer_id":"` + c.ID + `","member_id":"` + bob.ID + `"}`:                                  fieldError("member_id", unknown, `"`+bob.ID+`"`),
		`{"customer_id":"` + c.ID + `","external_member_id":"bob"}`:                                    fieldError("external_member_id", unknown, `"bob"`),
		`{"customer_id":"` + team.ID + `","member_id":"` + unknownID + `","external_member_id":"bob"}`: fieldError("member_id", unknown, `"`+unknownID+`"`),
	} {
		srv.As(srv.Token, "POST", sessions, body).Exactly(t, 422, want)
	}
	for _, body := range []string{
		`{"customer_id":"` + team.ID + `","member_id":"` + bob.ID + `","external_member_id":"boss"}`, // member_id is used
		`{"external_customer_id":"team","external_member_id":"bob"}`,
		`{"external_customer_id":"team","member_id":"` + strings.ToUpper(bob.ID) + `"}`,
	} {
		s := srv.Create(sessions, body)
		if !strings.HasSuffix(s.CustomerPortalURL, "&email=bob%40example.com") {
			t.Errorf("%s leads to %s", body, s.CustomerPortalURL)
		}
		srv.As(s.Token, "GET", user, "").Exactly(t, 200,
			`{"type":"member","name":"Bob","email":"bob@example.com","customer_id":"`+team.ID+`","member_id":"`+bob.ID+`","role":"member"}`)
	}
}

// A deleted customer, or one of another organization, does not exist for the caller.
func TestSessionCreateForForeignCustomers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs"})
	absent := func(token string) {
		t.Helper()
		srv.As(token, "POST", sessions, `{"customer_id":"`+c.ID+`"}`).Exactly(t, 422, fieldError("customer_id", "Customer does not exist.", `"`+c.ID+`"`))
		srv.As(token, "POST", sessions, `{"external_customer_id":"user_1"}`).Exactly(t, 422, fieldError("external_customer_id", "Customer does not exist.", `"user_1"`))
	}
	absent(theirs.AccessToken)
	srv.As(theirs.AccessToken, "GET", customers+c.ID, "").Is(t, 404)
	srv.As(theirs.AccessToken, "PATCH", customers+c.ID, `{"name":"x"}`).Is(t, 404)
	srv.As(theirs.AccessToken, "DELETE", customers+c.ID, "").Is(t, 404)
	srv.As(theirs.AccessToken, "GET", customers+c.ID+"/members/"+srv.Owner(c.ID), "").Is(t, 404)
	srv.As(theirs.AccessToken, "GET", "/v1/members/?customer_id="+c.ID, "").Is(t, 200, `"items":[]`)
	srv.As(theirs.AccessToken, "GET", customers, "").Is(t, 200, `"items":[]`)
	srv.As(srv.Token, "DELETE", customers+c.ID, "").Is(t, 204)
	absent(srv.Token)
}

// The user route returns the holder of a session. A customer without an address gets an error.
func TestPortalUser(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.MemberModel(false), testserver.RateLimits("off"))
	srv.Create(customers, `{"type":"team","external_id":"team","owner":{"email":"boss@example.com"}}`)
	s := srv.Create(sessions, `{"external_customer_id":"team","member_id":"`+unknownID+`","external_member_id":"x"}`) // ignored without the member model
	if !strings.HasPrefix(s.Token, "polar_cst_") || strings.Contains(s.CustomerPortalURL, "email") {
		t.Errorf("made %+v", s)
	}
	srv.As(s.Token, "GET", user, "").Exactly(t, 422, businessErrors(errorItem("value_error", `"body"`,
		"Team customers must use member sessions. Create a customer session via the API with a member_id.", "null")))
	srv.As(s.Token, "GET", introspect, "").Is(t, 200)
	members := srv.CreateOrganization(testserver.NewOrganization{Slug: "members"})
	srv.Token = members.AccessToken
	team := srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	manager := srv.Create(customers+team.ID+"/members", `{"email":"m@example.com","role":"billing_manager"}`)
	s = srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+manager.ID+`"}`)
	srv.As(s.Token, "GET", user, "").Exactly(t, 200,
		`{"type":"member","name":null,"email":"m@example.com","customer_id":"`+team.ID+`","member_id":"`+manager.ID+`","role":"billing_manager"}`)
}

// A body with both ids is valid in both schemas. Which customer gets the session depends on the other fields.
func TestSessionCreateWithBothIDs(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada, bob := srv.Create(customers, `{"email":"ada@example.com","external_id":"ada"}`), srv.Create(customers, `{"email":"bob@example.com","external_id":"bob"}`)
	owner := srv.Owner(ada.ID)
	const absent = "Customer does not exist."
	for rest, want := range map[string]string{
		``:                                    bob.ID,
		`,"return_url":null`:                  bob.ID,
		`,"member_id":null`:                   bob.ID,
		`,"external_member_id":"bob"`:         bob.ID,
		`,"metadata":{"a":1}`:                 bob.ID,
		`,"return_url":"https://example.com"`: ada.ID,
		`,"member_id":"` + owner + `"`:        ada.ID,
	} {
		body := `{"customer_id":"` + ada.ID + `","external_customer_id":"bob"` + rest + `}`
		srv.As(srv.Token, "POST", sessions, body).Is(t, 201, `"customer_id":"`+want+`"`)
	}
	for body, want := range map[string]string{
		`{"customer_id":"` + ada.ID + `","external_customer_id":""}`:                                  fieldError("external_customer_id", absent, `""`),
		`{"customer_external_id":""}`:                                                                 fieldError("external_customer_id", absent, `""`),
		`{"customer_id":"` + unknownID + `","external_customer_id":"bob","return_url":"https://a.b"}`: fieldError("customer_id", absent, `"`+unknownID+`"`),
	} {
		srv.As(srv.Token, "POST", sessions, body).Exactly(t, 422, want)
	}
	srv.As(srv.Token, "POST", sessions, `{"customer_id":"nope","external_customer_id":"bob"}`).Is(t, 201, `"customer_id":"`+bob.ID+`"`)
	srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+ada.ID+`","external_customer_id":1}`).Is(t, 201, `"customer_id":"`+ada.ID+`"`)
}
