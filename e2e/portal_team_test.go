package e2e

// row is the one of the team's rows that is about an address.
func (v *visitor) row(email string) string {
	v.t.Helper()
	id := get[string](v.tab, "[...document.querySelectorAll('[data-test=member-row]')].find(row => row.innerText.includes("+quote(email)+"))?.id ?? ''")
	if id == "" {
		v.t.Fatalf("%s is not on the page\n%s", email, v)
	}
	return "#" + id
}

// managesTeam invites somebody, who signs in, gets another role, and is removed.
func (v *visitor) managesTeam() {
	c := v.newCrew(v.t, "Analytical Engines")
	v.open(v.issueTo(v.t, c, c.owner).CustomerPortalURL)
	v.follow("[data-test=nav-team]")
	v.reads("main", "3 people")

	v.fill("#add-email", "grace@")
	v.follow("#add-submit")
	v.reads("#errors", "Enter an email address")
	grace := v.somebody("grace")
	v.fill("#add-email", grace)
	v.fill("#add-name", "Grace Hopper")
	v.choose("#add-role", "member")
	v.follow("#add-submit")
	v.isAt(at(v.org, "/team"))
	v.reads("[data-test=notice]", "Grace Hopper is in the team now.")

	hers := &visitor{v.premises, newTab(v.t, phone, v.script), v.t, v.script}
	hers.fillCode(grace)
	hers.open(at(v.org, "/team"))
	if hers.has("#add-form") {
		v.t.Error("a member can add members")
	}

	row := v.row(grace)
	v.click(row + " summary")
	v.choose(row+" select", "billing_manager")
	v.follow(row + " [data-test=save-member]")
	v.reads("[data-test=notice]", "Grace Hopper has been updated.")
	v.reads(v.row(grace)+" .tag", "Billing manager")
	hers.open(at(v.org, "/team")) // at once
	if !hers.has("#add-form") {
		v.t.Error("a billing manager cannot add members")
	}

	v.click(row + " summary")
	v.follow(row + " [data-test=remove]")
	v.reads("main", "Grace Hopper will no longer be able")
	v.follow("#confirm-cancel")
	v.isAt(at(v.org, "/team"))
	v.click(row + " summary")
	v.follow(row + " [data-test=remove]")
	v.follow("#confirm-submit")
	v.reads("[data-test=notice]", "Grace Hopper has been removed")
	v.reads("main", "3 people")
	v.ended(v.t, hers.token())
	hers.open(at(v.org, "/team"))
	hers.isAt(at(v.org, "/request"))
	hers.reads("[data-test=notice]", "Your session has ended.")
}

// fillCode signs in by email.
func (v *visitor) fillCode(email string) {
	v.t.Helper()
	v.fill("#code", v.requestsCode(v.org, email))
	v.follow("#code-submit")
	v.isAt(at(v.org, "/overview"))
}

func (v *visitor) transfersTeam() {
	c := v.newCrew(v.t, "Analytical Engines")
	v.open(v.issueTo(v.t, c, c.owner).CustomerPortalURL)
	v.open(at(v.org, "/team"))
	row := v.row(c.manager)
	v.click(row + " summary")
	v.follow(row + " [data-test=transfer]")
	v.reads("main", "Max Manager will become the owner")
	v.follow("#confirm-submit")
	v.reads("[data-test=notice]", "")

	his := &visitor{v.premises, newTab(v.t, phone, v.script), v.t, v.script}
	his.open(v.issueTo(v.t, c, c.manager).CustomerPortalURL)
	his.reads("[data-test=role]", "Owner")
	his.open(at(v.org, "/team"))
	his.reads(his.row(c.owner)+" .tag", "Billing manager")
}

// seesTeam is a member, who sees everybody and changes nobody.
func (v *visitor) seesTeam() {
	c := v.newCrew(v.t, "Analytical Engines")
	v.open(v.issueTo(v.t, c, c.member).CustomerPortalURL)
	v.follow("[data-test=nav-team]")
	v.reads("main", "Owners and billing managers can change the team.")
	v.reads(v.row(c.member), "You")
	if v.has("#add-form") || v.has("main details") || v.has("main form") {
		v.t.Error("there is something to change")
	}
	v.posts(at(v.org, "/team/add"), "email", "mallory@example.com")
	v.reads("h1", "You can’t do this")
	v.open(at(v.org, "/settings"))
	v.reads("main", "Owners and billing managers can change these details.")
	if v.has("#billing-form") {
		v.t.Error("a member can change what stands on invoices")
	}
}
