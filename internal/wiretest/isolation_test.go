package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
)

// Requests for objects of another organization get the same bytes as requests for objects that do not exist.
func TestOrganizationsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	org := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	own := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, 0)
	other := newFixture(srv, mails, org.ID, "bolt", org.AccessToken, 0)
	before := other.snapshot(srv)

	ids := []string{other.org, other.team.ID, other.person.ID, other.member.ID, other.accessToken.ID}
	names := []string{*other.team.ExternalID, *other.member.ExternalID}
	unknown := func(text string) string {
		for _, id := range ids {
			text = strings.ReplaceAll(text, id, unknownID)
		}
		for _, name := range names {
			text = strings.ReplaceAll(text, name, "nobody")
		}
		return text
	}
	compare := func(token, method, path, body string) {
		t.Helper()
		got, want := srv.As(token, method, path, body), srv.As(token, method, unknown(path), unknown(body))
		if got.Status != want.Status || unknown(got.Body) != want.Body {
			t.Errorf("%s %s %s:\n%d %s, and for unknown IDs\n%d %s", method, path, body, got.Status, got.Body, want.Status, want.Body)
		}
		if empty := strings.Contains(got.Body, `"items":[]`); got.Status/100 == 2 && !empty {
			t.Errorf("%s %s %s: %d %s", method, path, body, got.Status, got.Body)
		}
	}
	for _, op := range openapi.Operations() {
		if r, _ := other.valid(op); strings.Contains(op.Path, "{") && len(op.Scopes) > 0 && !isPortalOperation(op) {
			compare(own.token, op.Method, r.path, r.body)
		}
		if strings.Contains(op.Path, "{member") { // the organization's customer with a member of the other organization
			r, _ := other.valid(op)
			path := strings.NewReplacer(other.team.ID, own.team.ID, *other.team.ExternalID, *own.team.ExternalID).Replace(r.path)
			compare(own.token, op.Method, path, r.body)
		}
	}
	for _, body := range []string{
		`{"customer_id":"` + other.person.ID + `"}`, `{"external_customer_id":"` + *other.team.ExternalID + `"}`,
		`{"customer_id":"` + own.team.ID + `","member_id":"` + other.member.ID + `"}`,
		`{"customer_id":"` + own.team.ID + `","external_member_id":"` + *other.member.ExternalID + `"}`,
	} {
		compare(own.token, "POST", sessions, body)
	}
	for _, path := range []string{
		"/v1/members/?customer_id=" + other.team.ID, "/v1/members/?external_customer_id=" + *other.team.ExternalID,
		customers + "?organization_id=" + other.org, "/v1/organization-access-tokens/?organization_id=" + other.org,
	} {
		compare(own.token, "GET", path, "")
	}
	for _, session := range []string{own.ownerSession, own.personSession} {
		compare(session, "PATCH", portalMembers+"/"+other.member.ID, `{"name":"Eve"}`)
		compare(session, "DELETE", portalMembers+"/"+other.member.ID, "")
	}
	if a := srv.As(own.token, "GET", customers+own.team.ID, "", "Polar-Organization", other.org); a.Status != 401 {
		t.Errorf("Polar-Organization with another organization: %d", a.Status)
	}
	// A login code works only for the customer that requested it.
	if a := srv.Request("POST", authenticate, `{"code":"`+own.code+`","customer_id":"`+other.person.ID+`"}`); a.Status != 401 {
		t.Errorf("a code for another organization's customer: %d %s", a.Status, a.Body)
	}
	if a := srv.Request("POST", authenticate, `{"code":"`+own.code+`"}`); a.Status != 200 {
		t.Errorf("the code no longer works: %d %s", a.Status, a.Body)
	}
	if after := other.snapshot(srv); after != before {
		t.Errorf("the other organization was\n%s\nand is\n%s", before, after)
	}
}

// Members cannot change members of another customer, and their role limits what they can change in their own customer.
func TestMembersStayWithinTheirTeam(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	one := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, 1)
	two := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, 2)
	session := func(customer, member string) string {
		return srv.Create(sessions, `{"customer_id":"`+customer+`","member_id":"`+member+`"}`).Token
	}
	manager := session(one.team.ID, one.member.ID)
	plain := srv.Create(customers+one.team.ID+"/members", `{"email":"plain@acme.example"}`)
	plainSession := session(one.team.ID, plain.ID)
	boss := srv.Owner(one.team.ID)
	for _, tt := range []struct {
		name, token, method, path, body string
		status                          int
	}{
		{"another team's member", one.ownerSession, "PATCH", portalMembers + "/" + two.member.ID, `{"name":"Eve"}`, 404},
		{"another team's member", one.ownerSession, "DELETE", portalMembers + "/" + two.member.ID, ``, 404},
		{"another customer's member on the path of this customer", srv.Token, "GET", customers + one.team.ID + "/members/" + two.member.ID, ``, 404},
		{"another customer's member on the path of this customer", srv.Token, "PATCH", customers + one.team.ID + "/members/" + two.member.ID, `{"name":"Eve"}`, 404},
		{"another customer's member on the path of this customer", srv.Token, "DELETE", customers + one.team.ID + "/members/" + two.member.ID, ``, 404},
		{"another customer's member for a session", srv.Token, "POST", sessions, `{"customer_id":"` + one.team.ID + `","member_id":"` + two.member.ID + `"}`, 422},
		{"a plain member lists", plainSession, "GET", portalMembers, ``, 403},
		{"a plain member adds", plainSession, "POST", portalMembers, `{"email":"e@acme.example"}`, 403},
		{"a plain member promotes itself", plainSession, "PATCH", portalMembers + "/" + plain.ID, `{"role":"owner"}`, 403},
		{"a plain member removes the owner", plainSession, "DELETE", portalMembers + "/" + boss, ``, 403},
		{"a plain member changes the billing", plainSession, "PATCH", portalCustomer, `{"billing_name":"Eve"}`, 403},
		{"a plain member changes the address", plainSession, "POST", emailUpdate + "request", `{"email":"eve@evil.example"}`, 403},
		{"a manager makes itself owner", manager, "PATCH", portalMembers + "/" + one.member.ID, `{"role":"owner"}`, 422},
		{"a manager makes another member owner", manager, "PATCH", portalMembers + "/" + plain.ID, `{"role":"owner"}`, 422},
		{"a manager demotes the owner", manager, "PATCH", portalMembers + "/" + boss, `{"role":"member"}`, 422},
		{"a manager removes the owner", manager, "DELETE", portalMembers + "/" + boss, ``, 422},
		{"a manager removes itself", manager, "DELETE", portalMembers + "/" + one.member.ID, ``, 422},
		{"a manager changes a team's address", manager, "POST", emailUpdate + "request", `{"email":"eve@evil.example"}`, 422},
		{"a person has no team", one.personSession, "POST", portalMembers, `{"email":"e@acme.example"}`, 403},
	} {
		if a := srv.As(tt.token, tt.method, tt.path, tt.body); a.Status != tt.status {
			t.Errorf("%s: %s %s: %d %s, want %d", tt.name, tt.method, tt.path, a.Status, a.Body, tt.status)
		}
	}
	// The role at the time of the request counts, not the role at the start of the session.
	if a := srv.As(one.ownerSession, "PATCH", portalMembers+"/"+one.member.ID, `{"role":"member"}`); a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := srv.As(manager, "DELETE", portalMembers+"/"+plain.ID, ""); a.Status != 401 { // a lower role has ended its sessions
		t.Errorf("a manager who was demoted: %d %s", a.Status, a.Body)
	}
	if a := srv.As(one.ownerSession, "DELETE", portalMembers+"/"+one.member.ID, ""); a.Status != 204 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := srv.As(manager, "GET", introspect, ""); a.Status != 401 || a.Body != invalidToken {
		t.Errorf("a member who was removed: %d %s", a.Status, a.Body)
	}
}
