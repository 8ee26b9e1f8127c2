package wiretest_test

import (
	"fmt"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	badRole = `{"error":"NotPermitted","detail":"Insufficient role for this operation"}`
	notTeam = `{"error":"NotPermitted","detail":"Member management is only available for team customers. Purchase a seat-based product to enable team features."}`
)

// Owners and billing managers manage members in the portal; other members and sessions of a customer cannot.
func TestPortalMemberRoles(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	plain := memberToken(srv, team, bob)
	routes := []struct{ method, path, body string }{
		{"GET", portalMembers, ""}, {"GET", portalMembers + "?limit=0", ""},
		{"POST", portalMembers, `{"email":"x@example.com"}`}, {"POST", portalMembers, `{}`},
		{"PATCH", portalMembers + "/" + boss, `{"role":"member"}`}, {"PATCH", portalMembers + "/nope", `{}`},
		{"DELETE", portalMembers + "/" + boss, ""}, {"DELETE", portalMembers + "/nope", ""},
	}
	for _, r := range routes { // the role is checked before the body
		srv.As(plain, r.method, r.path, r.body).Exactly(t, 403, badRole)
	}
	srv.Ada()
	individual := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.As(individual, "GET", portalMembers, "").Exactly(t, 403, notTeam)
	srv.As(individual, "POST", portalMembers, `{"email":"x@example.com"}`).Exactly(t, 403, notTeam)
	srv.As(individual, "POST", portalMembers, `{}`).Is(t, 422, `"loc":["body","email"]`)
	srv.As(individual, "PATCH", portalMembers+"/"+bob, `{"role":"member"}`).Exactly(t, 403, notTeam)
	srv.As(individual, "DELETE", portalMembers+"/"+bob, "").Exactly(t, 403, notTeam)

	legacy := testserver.New(t, testserver.MemberModel(false), testserver.RateLimits("off"))
	legacy.Ada()
	customer := legacy.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	for _, r := range routes { // a session that a customer holds is of the wrong kind
		a := legacy.As(customer, r.method, r.path, r.body)
		a.Exactly(t, 401, unauthorized)
		a.HasHeaders(t, map[string]string{"Www-Authenticate": challengeUnauthorized})
	}
}

// Owners and billing managers can change members, but not every role.
func TestPortalMembers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	owner := memberToken(srv, team, boss)
	path := func(id string) string { return portalMembers + "/" + id }
	onPath := func(msg, id string) string {
		return businessErrors(errorItem("value_error", `"path","id"`, msg, `"`+id+`"`))
	}

	a := srv.As(owner, "POST", portalMembers, `{"email":"meg@example.com","name":"Meg","role":"billing_manager"}`)
	meg := fmt.Sprint(a.At("id"))
	a.Exactly(t, 201, `{"created_at":"2026-10-01T12:00:01.120000Z","modified_at":null,"id":"`+meg+`","email":"meg@example.com","name":"Meg","role":"billing_manager"}`)
	srv.As(owner, "POST", portalMembers, `{"email":"MEG@example.com","role":"member"}`).Is(t, 201, `"id":"`+meg+`"`, `"role":"billing_manager"`)
	srv.As(owner, "POST", portalMembers, `{"email":"o@example.com","role":"owner"}`).Exactly(t, 422,
		fieldError("role", "Cannot add a member as owner. There must be exactly one owner.", `"owner"`))
	srv.As(owner, "POST", portalMembers, `{"email":"o@example.com","role":"robot"}`).Is(t, 422, `"type":"enum","loc":["body","role"]`)
	srv.As(owner, "PATCH", path(boss), `{"role":"member"}`).Exactly(t, 422, onPath("You cannot modify your own role.", boss))
	srv.As(owner, "PATCH", path(boss), `{"name":"Big Boss","role":"owner"}`).Is(t, 200, `"name":"Big Boss","role":"owner"`)
	srv.As(owner, "DELETE", path(boss), "").Exactly(t, 422, onPath("You cannot remove yourself from the team.", boss))
	for _, id := range []string{unknownID, "00000000-0000-1000-8000-000000000000"} {
		srv.As(owner, "PATCH", path(id), `{}`).Exactly(t, 404, errorBody("ResourceNotFound", "Member not found"))
		srv.As(owner, "DELETE", path(id), "").Exactly(t, 404, errorBody("ResourceNotFound", "Member not found"))
	}
	srv.As(owner, "PATCH", path("nope"), `{"role":1}`).Is(t, 422, `"loc":["path","id"]`, `"loc":["body","role"]`)

	manager := memberToken(srv, team, meg)
	srv.As(manager, "PATCH", path(bob), `{"role":"owner"}`).Exactly(t, 422, fieldError("role", "Only the owner can transfer ownership.", `"owner"`))
	srv.As(manager, "PATCH", path(boss), `{"role":"member"}`).Is(t, 422, "exactly one owner")
	srv.As(manager, "DELETE", path(boss), "").Exactly(t, 422, businessErrors(errorItem("value_error", `"body"`, "Cannot delete the only owner. Transfer ownership first.", `"`+boss+`"`)))
	srv.As(manager, "PATCH", path(bob), `{"name":"Robert","role":"billing_manager"}`).Is(t, 200, `"name":"Robert","role":"billing_manager"`)
	bobSession := memberToken(srv, team, bob)
	srv.As(bobSession, "GET", portalMembers, "").Is(t, 200, `"total_count":3`)
	srv.As(manager, "DELETE", path(bob), "").Exactly(t, 204, "")
	srv.As(bobSession, "GET", portalMembers, "").Exactly(t, 401, invalidToken)

	// Members of another team are not found.
	other := srv.Create(customers, `{"type":"team","owner":{"email":"other@example.com"}}`)
	srv.As(owner, "PATCH", path(srv.Owner(other.ID)), `{"name":"x"}`).Is(t, 404, "Member not found")
	srv.As(owner, "DELETE", path(srv.Owner(other.ID)), "").Is(t, 404, "Member not found")

	// The old owner becomes a billing manager.
	srv.As(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_role_downgrade":false}`).Is(t, 200) // as on Polar
	srv.As(owner, "PATCH", path(meg), `{"role":"owner"}`).Is(t, 403, `"error":"SessionNotFresh"`)
	srv.Prove(owner)
	srv.As(owner, "PATCH", path(meg), `{"role":"owner"}`).Is(t, 200, `"role":"owner"`)
	srv.As(owner, "GET", user, "").Is(t, 200, `"role":"billing_manager"`)
	srv.As(manager, "PATCH", path(boss), `{"role":"member"}`).Is(t, 200)
	srv.As(owner, "GET", portalMembers, "").Exactly(t, 403, badRole)
}
