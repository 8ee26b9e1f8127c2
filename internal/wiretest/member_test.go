package wiretest_test

import (
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	individualOnly = "Individual customers can only have one member (the owner). Upgrade to a team customer to add more members."
	memberExists   = "A member with this email already exists for this customer."
)

// teamWithMember creates a team with an owner, boss, and a member, bob.
func teamWithMember(srv *testserver.Server) (team testserver.Created, boss, bob string) {
	srv.T.Helper()
	team = srv.Create(customers, `{"type":"team","name":"Team","external_id":"team","owner":{"email":"boss@example.com","name":"Boss","external_id":"boss"}}`)
	srv.Advance(time.Second)
	bob = srv.Create(customers+team.ID+"/members", `{"email":"bob@example.com","name":"Bob","external_id":"bob"}`).ID
	return team, srv.Owner(team.ID), bob
}

// memberToken creates a session of a member and returns its token.
func memberToken(srv *testserver.Server, team testserver.Created, id string) string {
	srv.T.Helper()
	return srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+id+`"}`).Token
}

// Teams can have several members, individuals only their owner (docs/wire.md, Customers and members).
func TestCreateMember(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	team, _, bob := teamWithMember(srv)
	members := customers + team.ID + "/members"
	for _, path := range []string{customers + c.ID + "/members", customers + "external/user_1/members"} {
		srv.As(srv.Token, "POST", path, `{"email":"b@example.com"}`).Exactly(t, 403, errorBody("NotPermitted", individualOnly))
	}
	// A member with the same address is returned unchanged.
	for _, path := range []string{members, customers + "external/team/members"} {
		srv.As(srv.Token, "POST", path, `{"email":"BOB@example.com","name":"Other","role":"billing_manager","external_id":"other"}`).Is(t, 201,
			`"id":"`+bob+`"`, `"email":"bob@example.com","name":"Bob","external_id":"bob","role":"member"`)
	}
	srv.As(srv.Token, "GET", "/v1/members/?customer_id="+team.ID, "").Is(t, 200, `"total_count":2`)
	srv.As(srv.Token, "POST", customers+"external/team/members", `{"email":"eve@example.com","external_id":" "}`).Is(t, 201, `"name":null,"external_id":null,"role":"member"`)
	srv.As(srv.Token, "POST", members, `{"email":"new@example.com","external_id":"bob"}`).Exactly(t, 422,
		fieldError("external_id", "A member with this external ID already exists for this customer.", `"bob"`))
	for _, role := range []string{`"owner"`, `"robot"`, `null`, `1`} {
		srv.As(srv.Token, "POST", members, `{"email":"new@example.com","role":`+role+`}`).Is(t, 422, `"type":"literal_error","loc":["body","role"]`)
	}
	srv.As(srv.Token, "POST", members, `{}`).Exactly(t, 422, validationErrors(errorItem("missing", `"body","email"`, "Field required", "{}")))
	srv.As(srv.Token, "POST", customers+"nope/members", `{"email":"x"}`).Is(t, 422, `"loc":["path","id"]`, `"loc":["body","email"]`)
	// An individual that becomes a team can have more members.
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"type":"team"}`).Is(t, 200)
	srv.As(srv.Token, "POST", customers+c.ID+"/members", `{"email":"b@example.com"}`).Is(t, 201)

	legacy := srv.CreateOrganization(testserver.NewOrganization{Slug: "legacy", WithoutMembers: true})
	srv.Token = legacy.AccessToken
	team = srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	srv.As(srv.Token, "POST", customers+team.ID+"/members", `{"email":"b@example.com"}`).Exactly(t, 403,
		errorBody("NotPermitted", "Member management is not enabled for this organization"))
	srv.As(srv.Token, "GET", "/v1/members/", "").Exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
}

// A customer has exactly one owner, and the role is read on every request.
func TestMemberRoles(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	srv.As(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_role_downgrade":false}`).Is(t, 200) // as on Polar
	bossPath, bobPath := customers+team.ID+"/members/"+boss, customers+"external/team/members/bob"
	bossSession, bobSession := memberToken(srv, team, boss), memberToken(srv, team, bob)
	const oneOwner = "Cannot change role. Customer must have exactly one owner."
	srv.As(srv.Token, "PATCH", bossPath, `{"role":"member"}`).Exactly(t, 422, fieldError("role", oneOwner, `"member"`))
	srv.As(srv.Token, "PATCH", bossPath, `{"role":"owner","name":"B"}`).Is(t, 200, `"role":"owner"`)
	srv.As(srv.Token, "DELETE", bossPath, "").Exactly(t, 422, businessErrors(errorItem("value_error", `"body"`, "Cannot delete the only owner. Transfer ownership first.", `"`+boss+`"`)))
	srv.As(srv.Token, "DELETE", customers+"external/team/members/boss", "").Is(t, 422)
	srv.As(bobSession, "GET", portalMembers, "").Exactly(t, 403, errorBody("NotPermitted", "Insufficient role for this operation"))
	srv.As(srv.Token, "PATCH", bobPath, `{"role":"owner"}`).Is(t, 200, `"role":"owner"`)
	srv.As(bobSession, "GET", user, "").Is(t, 200, `"role":"owner"`)
	srv.As(bobSession, "GET", portalMembers, "").Is(t, 200, `"total_count":2`)
	srv.As(bossSession, "GET", user, "").Is(t, 200, `"role":"billing_manager"`)
	srv.As(srv.Token, "GET", "/v1/members/?role=owner&customer_id="+team.ID, "").Is(t, 200, `"id":"`+bob+`"`, `"total_count":1`)
	srv.As(srv.Token, "PATCH", bossPath, `{"role":"member"}`).Is(t, 200, `"role":"member"`)
	srv.As(bossSession, "GET", portalMembers, "").Is(t, 403)
	srv.As(srv.Token, "DELETE", bossPath, "").Exactly(t, 204, "")
	srv.As(bossSession, "GET", introspect, "").Exactly(t, 401, invalidToken)
	srv.As(bobSession, "GET", introspect, "").Is(t, 200)
	srv.As(srv.Token, "GET", bossPath, "").Exactly(t, 404, errorBody("ResourceNotFound", "Member not found"))
}

// A member's sessions end if the member is deleted or gets another address. Sessions of other members stay live.
func TestChangeMember(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	bobPath := customers + team.ID + "/members/" + bob
	bossSession, bobSession := memberToken(srv, team, boss), memberToken(srv, team, bob)
	srv.As(bobSession, "GET", introspect, "").Is(t, 200)
	srv.As(srv.Token, "PATCH", bobPath, `{"email":"BOB@example.com","name":null}`).Is(t, 200, `"email":"BOB@example.com","name":"Bob"`)
	srv.As(srv.Token, "PATCH", bobPath, `{"email":"Boss@example.com"}`).Exactly(t, 422, fieldError("email", memberExists, `"Boss@example.com"`))
	srv.As(srv.Token, "PATCH", bobPath, `{"role":"robot"}`).Is(t, 422, `"type":"enum","loc":["body","role"]`)
	srv.As(bobSession, "GET", introspect, "").Is(t, 200)
	srv.As(srv.Token, "PATCH", bobPath, `{"email":"robert@example.com","name":"Robert"}`).Is(t, 200, `"email":"robert@example.com","name":"Robert"`)
	srv.As(bobSession, "GET", introspect, "").Exactly(t, 401, invalidToken)
	bobSession = memberToken(srv, team, bob)
	srv.As(bobSession, "GET", user, "").Is(t, 200, `"email":"robert@example.com"`)
	srv.As(srv.Token, "DELETE", customers+"external/team/members/bob", "").Exactly(t, 204, "")
	srv.As(bobSession, "GET", user, "").Exactly(t, 401, invalidToken)
	srv.As(bobSession, "GET", portalCustomer, "").Exactly(t, 401, invalidToken)
	srv.As(bossSession, "GET", introspect, "").Is(t, 200)
	srv.As(srv.Token, "DELETE", bobPath, "").Exactly(t, 404, errorBody("ResourceNotFound", "Member not found"))
	// The address and the external ID are free for a new member, which does not get the old sessions.
	if again := srv.Create(customers+"external/team/members", `{"email":"robert@example.com","external_id":"bob"}`); again.ID == bob {
		t.Error("the new member has the id of the old one")
	}
	srv.As(bobSession, "GET", introspect, "").Exactly(t, 401, invalidToken)
}

// Members can be filtered by customer and role, and sorted.
func TestListMembers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	team, _, _ := teamWithMember(srv)
	srv.Advance(time.Second)
	srv.Create(customers+team.ID+"/members", `{"email":"meg@example.com","external_id":"meg","role":"billing_manager"}`)
	for query, want := range map[string]string{
		"?sorting=created_at&customer_id=" + team.ID:        "boss bob meg",
		"?customer_id=" + team.ID:                           "meg bob boss",
		"?external_customer_id=team":                        "meg bob boss",
		"?external_customer_id=team&customer_id=" + team.ID: "meg bob boss",
		"?external_customer_id=team&customer_id=" + c.ID:    "",
		"?external_customer_id=nobody":                      "",
		"?customer_id=" + unknownID:                         "",
		"?customer_id=00000000-0000-1000-8000-000000000000": "",
		"?external_customer_id=team&role=owner":             "boss",
		"?external_customer_id=team&role=member":            "bob",
		"?external_customer_id=team&role=billing_manager":   "meg",
		"?external_customer_id=team&limit=2&page=2":         "boss",
		"?customer_id=" + c.ID:                              "user_1",
	} {
		a := srv.As(srv.Token, "GET", "/v1/members/"+query, "")
		a.Is(t, 200)
		if got := a.All("external_id"); got != want {
			t.Errorf("%s: %q, want %q", a.Request, got, want)
		}
	}
	srv.As(srv.Token, "GET", "/v1/members/?role=robot", "").Is(t, 422, `"type":"enum","loc":["query","role"]`)
	// The filter takes the forms that Python's UUID takes: dashes can be anywhere.
	for _, id := range []string{"00000000-0000-4000-8000-000000000000", "0000000000004000800000000000-0-0-0-0", "%7B00000000000040008000000000000000%7D", "00000000-0000-1000-8000-000000000000"} {
		srv.Send("GET", "/v1/members/?customer_id="+id, "", "Authorization", "Bearer "+srv.Token).Exactly(t, 200, `{"items":[],"pagination":{"total_count":0,"max_page":0}}`)
	}
	for _, id := range []string{"", "%00", "0000000000004000800000000000000", "0000000000004000800000000000000g"} {
		srv.Send("GET", "/v1/members/?customer_id="+id, "", "Authorization", "Bearer "+srv.Token).Exactly(t, 404, errorBody("ResourceNotFound", "Invalid customer ID format"))
	}
	srv.Send("GET", "/v1/members/?customer_id=nope", "", "Authorization", "Bearer "+srv.Token).Exactly(t, 404, errorBody("ResourceNotFound", "Invalid customer ID format"))
	srv.As(srv.Token, "GET", "/v1/members/", "").Is(t, 200, `"total_count":4`)
}

// Polar's newer SDKs list the members of one customer with a route of its own.
func TestMembersOfACustomer(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	for _, path := range []string{customers + team.ID + "/members", customers + "external/team/members"} {
		srv.As(srv.Token, "GET", path+"?sorting=created_at", "").Is(t, 200, `"total_count":2`, `{"items":[{"id":"`+boss+`"`, `{"id":"`+bob+`"`)
		srv.As(srv.Token, "GET", path+"?role=owner", "").Is(t, 200, `"total_count":1`, boss)
		srv.As(srv.Token, "GET", path+"?limit=1&page=2&sorting=created_at", "").Is(t, 200, `"max_page":2`, bob)
		srv.As(srv.Token, "GET", path+"?role=robot", "").Is(t, 422, `"loc":["query","role"]`)
	}
	srv.As(srv.Token, "GET", customers+unknownID+"/members", "").Exactly(t, 404, errorBody("ResourceNotFound", "Customer not found"))
	srv.As(srv.Token, "GET", customers+"external/nobody/members", "").Exactly(t, 404, errorBody("ResourceNotFound", "Customer not found"))
	srv.As(srv.Token, "GET", customers+"nope/members?page=0", "").Is(t, 422, `"loc":["path","id"]`, `"loc":["query","page"]`)
}

// The address of an individual customer's owner is the customer's. A change of the owner alone is refused.
func TestOwnerOfAnIndividualKeepsTheCustomersAddress(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	owner := customers + c.ID + "/members/" + srv.Owner(c.ID)
	for _, email := range []string{"new@example.com", "ADA@example.com"} {
		srv.As(srv.Token, "PATCH", owner, `{"email":"`+email+`"}`).Exactly(t, 422,
			fieldError("email", "Cannot change the email of an individual customer's owner. Update the customer's email instead.", `"`+email+`"`))
	}
	srv.As(srv.Token, "PATCH", owner, `{"email":"ada@example.com","name":"Ada L."}`).Is(t, 200, `"email":"ada@example.com","name":"Ada L."`)
}
