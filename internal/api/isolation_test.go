package api_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/openapi"
)

// Whatever is another organization's answers as if it were not there at all, byte for byte.
func TestOrganizationsDoNotSeeEachOther(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	mails := newMailroom(t, h.mail)
	org, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "bolt"})
	if err != nil {
		t.Fatal(err)
	}
	own := newScene(h, mails, h.org, "acme", h.token, 0)
	other := newScene(h, mails, org.ID, "bolt", org.AccessToken, 0)
	before := other.snapshot(h)

	ids := []string{other.org, other.team.ID, other.person.ID, other.member.ID, other.accessToken.ID}
	names := []string{*other.team.ExternalID, *other.member.ExternalID}
	unknown := func(text string) string {
		for _, id := range ids {
			text = strings.ReplaceAll(text, id, nobody)
		}
		for _, name := range names {
			text = strings.ReplaceAll(text, name, "nobody")
		}
		return text
	}
	compare := func(token, method, path, body string) {
		t.Helper()
		got, want := h.as(token, method, path, body), h.as(token, method, unknown(path), unknown(body))
		if got.status != want.status || unknown(got.body) != want.body {
			t.Errorf("%s %s %s:\n%d %s, and for nobody's\n%d %s", method, path, body, got.status, got.body, want.status, want.body)
		}
		if empty := strings.Contains(got.body, `"items":[]`); got.status/100 == 2 && !empty {
			t.Errorf("%s %s %s: %d %s", method, path, body, got.status, got.body)
		}
	}
	for _, op := range openapi.Operations() {
		if r, _ := other.valid(op); strings.Contains(op.Path, "{") && len(op.Scopes) > 0 && !ofPortal(op) {
			compare(own.token, op.Method, r.path, r.body)
		}
		if strings.Contains(op.Path, "{member") { // a customer of one's own, with another's member
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
	for _, session := range []string{own.owner, own.single} {
		compare(session, "PATCH", teammates+"/"+other.member.ID, `{"name":"Eve"}`)
		compare(session, "DELETE", teammates+"/"+other.member.ID, "")
	}
	if a := h.as(own.token, "GET", customers+own.team.ID, "", "Polar-Organization", other.org); a.status != 401 {
		t.Errorf("in the name of another organization: %d", a.status)
	}
	// A code is good for whom it was asked for, and asking for it elsewhere sends nothing.
	if a := h.ask("POST", authenticate, `{"code":"`+own.code+`","customer_id":"`+other.person.ID+`"}`); a.status != 401 {
		t.Errorf("a code for another organization's customer: %d %s", a.status, a.body)
	}
	if a := h.ask("POST", authenticate, `{"code":"`+own.code+`"}`); a.status != 200 {
		t.Errorf("the code has been spoiled: %d %s", a.status, a.body)
	}
	if after := other.snapshot(h); after != before {
		t.Errorf("the other organization was\n%s\nand is\n%s", before, after)
	}
}

// Within an organization, members of one customer have no power over those of another, and no more than their role over
// their own.
func TestMembersStayWithinTheirTeam(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	mails := newMailroom(t, h.mail)
	one := newScene(h, mails, h.org, "acme", h.token, 1)
	two := newScene(h, mails, h.org, "acme", h.token, 2)
	session := func(customer, member string) string {
		return h.create(sessions, `{"customer_id":"`+customer+`","member_id":"`+member+`"}`).Token
	}
	manager := session(one.team.ID, one.member.ID)
	plain := h.create(customers+one.team.ID+"/members", `{"email":"plain@acme.example"}`)
	plainSession := session(one.team.ID, plain.ID)
	boss := h.owner(one.team.ID)
	for _, tt := range []struct {
		name, token, method, path, body string
		status                          int
	}{
		{"another team's member", one.owner, "PATCH", teammates + "/" + two.member.ID, `{"name":"Eve"}`, 404},
		{"another team's member", one.owner, "DELETE", teammates + "/" + two.member.ID, ``, 404},
		{"another customer's member by its own customer's id", h.token, "GET", customers + one.team.ID + "/members/" + two.member.ID, ``, 404},
		{"another customer's member by its own customer's id", h.token, "PATCH", customers + one.team.ID + "/members/" + two.member.ID, `{"name":"Eve"}`, 404},
		{"another customer's member by its own customer's id", h.token, "DELETE", customers + one.team.ID + "/members/" + two.member.ID, ``, 404},
		{"another customer's member for a session", h.token, "POST", sessions, `{"customer_id":"` + one.team.ID + `","member_id":"` + two.member.ID + `"}`, 422},
		{"a plain member lists", plainSession, "GET", teammates, ``, 403},
		{"a plain member adds", plainSession, "POST", teammates, `{"email":"e@acme.example"}`, 403},
		{"a plain member promotes itself", plainSession, "PATCH", teammates + "/" + plain.ID, `{"role":"owner"}`, 403},
		{"a plain member removes the owner", plainSession, "DELETE", teammates + "/" + boss, ``, 403},
		{"a plain member changes the billing", plainSession, "PATCH", me, `{"billing_name":"Eve"}`, 403},
		{"a plain member changes the address", plainSession, "POST", emailUpdate + "request", `{"email":"eve@evil.example"}`, 403},
		{"a manager makes itself owner", manager, "PATCH", teammates + "/" + one.member.ID, `{"role":"owner"}`, 422},
		{"a manager makes somebody owner", manager, "PATCH", teammates + "/" + plain.ID, `{"role":"owner"}`, 422},
		{"a manager demotes the owner", manager, "PATCH", teammates + "/" + boss, `{"role":"member"}`, 422},
		{"a manager removes the owner", manager, "DELETE", teammates + "/" + boss, ``, 422},
		{"a manager removes itself", manager, "DELETE", teammates + "/" + one.member.ID, ``, 422},
		{"a manager changes a team's address", manager, "POST", emailUpdate + "request", `{"email":"eve@evil.example"}`, 422},
		{"a person has no team", one.single, "POST", teammates, `{"email":"e@acme.example"}`, 403},
	} {
		if a := h.as(tt.token, tt.method, tt.path, tt.body); a.status != tt.status {
			t.Errorf("%s: %s %s: %d %s, wanted %d", tt.name, tt.method, tt.path, a.status, a.body, tt.status)
		}
	}
	// What somebody may do is what they may do now, not what they might when their session began.
	if a := h.as(one.owner, "PATCH", teammates+"/"+one.member.ID, `{"role":"member"}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := h.as(manager, "DELETE", teammates+"/"+plain.ID, ""); a.status != 401 { // its sessions have ended with the role
		t.Errorf("a manager who was demoted: %d %s", a.status, a.body)
	}
	if a := h.as(one.owner, "DELETE", teammates+"/"+one.member.ID, ""); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := h.as(manager, "GET", introspect, ""); a.status != 401 || a.body != invalidToken {
		t.Errorf("a member who was removed: %d %s", a.status, a.body)
	}
}
