package wiretest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// invite adds a member with the session of a team's owner, and returns the team's ID.
func invite(t *testing.T, srv *testserver.Server, owner, email string) (team string) {
	t.Helper()
	c := srv.Create(customers, `{"type":"team","name":"Team of `+owner+`","owner":{"email":"`+owner+`"}}`)
	session := redeemCode(srv, mailedCode(srv, owner, ""), "")
	session.Is(t, 200)
	srv.As(fmt.Sprint(session.At("token")), "POST", portalMembers, `{"email":"`+email+`"}`).Is(t, 201, `"email":"`+email+`"`)
	return c.ID
}

// customerOf returns the customer of the session in an answer.
func customerOf(t *testing.T, srv *testserver.Server, a testserver.Answer) string {
	t.Helper()
	a.Is(t, 200)
	return fmt.Sprint(srv.As(fmt.Sprint(a.At("token")), "GET", user, "").At("customer_id"))
}

// A team that adds somebody's address changes nothing for the account with this address, until its holder accepts with a code that was
// requested for the team.
func TestPendingMembershipDoesNotChangeLogins(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada := srv.Ada()
	team := invite(t, srv, "eve@example.com", "ada@example.com")

	code := mailedCode(srv, "ada@example.com", "")
	expectCodeRefused(t, redeemCode(srv, code, team)) // the code was not requested for the team
	if got := customerOf(t, srv, redeemCode(srv, code, "")); got != ada.ID {
		t.Errorf("the ordinary code opens %s", got)
	}
	forTeam := mailedCode(srv, "ada@example.com", team)
	// The team's owner cannot delete Ada's codes by ending the membership.
	ordinary := mailedCode(srv, "ada@example.com", "")
	if got := customerOf(t, srv, redeemCode(srv, forTeam, "")); got != team {
		t.Errorf("the team's code opens %s", got)
	}
	expectCodeRefused(t, redeemCode(srv, ordinary, "")) // a sibling
	// The membership is accepted now, so that the login has a choice.
	a := redeemCode(srv, mailedCode(srv, "ada@example.com", ""), "")
	if a.Status != 409 || !strings.Contains(a.Body, team) || !strings.Contains(a.Body, ada.ID) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// An address that has no other account accepts with an ordinary code. Members that the organization adds are not pending.
func TestOnlyMembershipIsAcceptedByAnOrdinaryCode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team := invite(t, srv, "eve@example.com", "new@example.com")
	if got := customerOf(t, srv, redeemCode(srv, mailedCode(srv, "new@example.com", ""), "")); got != team {
		t.Errorf("the code opens %s", got)
	}
	second := invite(t, srv, "mallory@example.com", "new@example.com")
	if got := customerOf(t, srv, redeemCode(srv, mailedCode(srv, "new@example.com", ""), "")); got != team {
		t.Errorf("a second invitation changed the login: %s", got)
	}
	srv.Create(customers+team+"/members", `{"email":"bob@example.com"}`)
	srv.Create(customers+second+"/members", `{"email":"bob@example.com"}`)
	redeemCode(srv, mailedCode(srv, "bob@example.com", ""), "").Is(t, 409, team, second)
}

// Ending the sessions of a pending member, and removing it, does not delete the codes of another account with its address.
func TestPendingMemberCannotDeleteCodes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada := srv.Ada()
	team := invite(t, srv, "eve@example.com", "ada@example.com")
	code := mailedCode(srv, "ada@example.com", "")
	srv.As(srv.Token, "POST", "/v1/customer-sessions/revoke", `{"customer_id":"`+team+`"}`)
	srv.As(srv.Token, "DELETE", customers+team, "").Is(t, 204)
	if got := customerOf(t, srv, redeemCode(srv, code, "")); got != ada.ID {
		t.Errorf("the code opens %s", got)
	}
}

// In strict mode, a membership counts from the start, as on Polar.
func TestPendingMembershipInStrictMode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), func(c *testserver.Options) { c.StrictPolar = true })
	ada := srv.Ada()
	team := invite(t, srv, "eve@example.com", "ada@example.com")
	requestLoginCode(srv, "ada@example.com", "").Is(t, 409, team, ada.ID)
}
