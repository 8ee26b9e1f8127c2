package e2e

import "strings"

// row returns the selector of the row for the member with an email address.
func (v *visitor) row(email string) string {
	v.t.Helper()
	id := get[string](v.tab, "[...document.querySelectorAll('[data-test=member-row]')].find(row => row.innerText.includes("+quote(email)+"))?.id ?? ''")
	if id == "" {
		v.t.Fatalf("the page has no row for %s\n%s", email, v)
	}
	return "#" + id
}

// managesTeam adds a member, who signs in, changes the member's role, and removes the member.
func (v *visitor) managesTeam() {
	c := v.createTeam(v.t, "Analytical Engines")
	v.open(v.issueToMember(v.t, c, c.owner).CustomerPortalURL)
	v.follow("[data-test=nav-team]")
	v.wantText("main", "3 people")

	v.fill("#add-email", "grace@")
	v.follow("#add-submit")
	v.wantText("#errors", "Enter an email address")
	grace := v.newEmail("grace")
	v.fill("#add-email", grace)
	v.fill("#add-name", "Grace Hopper")
	v.choose("#add-role", "member")
	v.follow("#add-submit")
	v.wantURL(at(v.org, "/team"))
	v.wantText("[data-test=notice]", "Grace Hopper has been added to the team.")

	hers := &visitor{v.portalServer, newTab(v.t, phone, v.script), v.t, v.script}
	invitation := v.mail(v.t, grace)
	_, query, found := strings.Cut(invitation, at(v.org, "/request")+"?")
	if !found {
		v.t.Fatalf("the invitation has no link: %s", invitation)
	}
	hers.open(at(v.org, "/request") + "?" + strings.Fields(query)[0])
	hers.follow("#request-submit") // the link fills in the address
	hers.entersCode(v.code(v.t, grace))
	hers.wantURL(at(v.org, "/overview"))
	hers.open(at(v.org, "/team"))
	if hers.has("#add-form") {
		v.t.Error("a member can add members")
	}

	row := v.row(grace)
	v.click(row + " summary")
	v.choose(row+" select", "billing_manager")
	v.follow(row + " [data-test=save-member]")
	v.wantText("[data-test=notice]", "Grace Hopper has been updated.")
	v.wantText(v.row(grace)+" .tag", "Billing manager")
	hers.open(at(v.org, "/team"))
	if !hers.has("#add-form") {
		v.t.Error("a billing manager cannot add members")
	}

	v.click(row + " summary")
	v.follow(row + " [data-test=remove]")
	v.wantText("main", "Grace Hopper will no longer be able")
	v.follow("#confirm-cancel")
	v.wantURL(at(v.org, "/team"))
	v.click(row + " summary")
	v.follow(row + " [data-test=remove]")
	v.follow("#confirm-submit")
	v.wantText("[data-test=notice]", "Grace Hopper has been removed")
	v.wantText("main", "3 people")
	v.wantEnded(v.t, hers.token())
	hers.open(at(v.org, "/team"))
	hers.wantURL(at(v.org, "/request"))
	hers.wantText("[data-test=notice]", "Your session has ended.")
}

func (v *visitor) transfersTeam() {
	c := v.createTeam(v.t, "Analytical Engines")
	v.open(v.issueToMember(v.t, c, c.owner).CustomerPortalURL)
	v.open(at(v.org, "/team"))
	row := v.row(c.manager)
	v.click(row + " summary")
	v.follow(row + " [data-test=transfer]")
	v.wantText("h1", "Confirm that it’s you")
	v.proves(c.owner)
	v.wantText("main", "Max Manager will become the owner")
	v.follow("#confirm-submit")
	v.wantText("[data-test=notice]", "")

	his := &visitor{v.portalServer, newTab(v.t, phone, v.script), v.t, v.script}
	his.open(v.issueToMember(v.t, c, c.manager).CustomerPortalURL)
	his.wantText("[data-test=role]", "Owner")
	his.open(at(v.org, "/team"))
	his.wantText(his.row(c.owner)+" .tag", "Billing manager")
}

// seesTeam opens the team page as a member, who can see everything and change nothing.
func (v *visitor) seesTeam() {
	c := v.createTeam(v.t, "Analytical Engines")
	v.open(v.issueToMember(v.t, c, c.member).CustomerPortalURL)
	v.follow("[data-test=nav-team]")
	v.wantText("main", "Owners and billing managers can change the team.")
	v.wantText(v.row(c.member), "You")
	if v.has("#add-form") || v.has("main details") || v.has("main form") {
		v.t.Error("the page has a form")
	}
	v.posts(at(v.org, "/team/add"), "email", "mallory@example.com")
	v.wantText("h1", "You can’t do this")
	v.open(at(v.org, "/settings"))
	v.wantText("main", "Owners and billing managers can change these details.")
	if v.has("#billing-form") {
		v.t.Error("a member can change billing details")
	}
}
