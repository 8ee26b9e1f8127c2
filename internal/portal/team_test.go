package portal_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// engines is a team with a member of each role, and a browser for each member.
type engines struct {
	*server
	team, ownerID, managerID, plainID string
	owner, manager, plain             *browser
	ownerSession                      session
}

func newEngines(t *testing.T) *engines {
	t.Helper()
	srv := newServer(t)
	e := &engines{server: srv}
	e.team = srv.CreateCustomer(`"type":"team","name":"Analytical Engines","email":"office@example.com","owner":{"email":"ada@example.com","name":"Ada Lovelace"}`)
	e.managerID = srv.member(e.team, "charles@example.com", "billing_manager")
	e.plainID = srv.member(e.team, "mary@example.com", "member")
	e.ownerID = e.find("ada@example.com").ID
	with := func(member string) session {
		return srv.session(`"customer_id":"` + e.team + `","member_id":"` + member + `"`)
	}
	e.ownerSession = with(e.ownerID)
	e.owner, e.manager, e.plain = srv.enter(e.ownerSession), srv.enter(with(e.managerID)), srv.enter(with(e.plainID))
	return e
}

type teamMember struct {
	ID, Email, Role string
	Name            *string
}

// find returns the zero member if no member has the address.
func (e *engines) find(email string) teamMember {
	e.T.Helper()
	var list struct{ Items []teamMember }
	e.Call(e.Token, "GET", "/v1/customers/"+e.team+"/members", "", &list)
	for _, m := range list.Items {
		if m.Email == email {
			return m
		}
	}
	return teamMember{}
}

func TestTeamAccess(t *testing.T) {
	e := newEngines(t)
	visibleToAll := []string{"Ada Lovelace", "charles@example.com", "mary@example.com", "3 people"}
	e.owner.get("/acme/portal/team").is(http.StatusOK, append(visibleToAll, `id="add-form"`, `data-test="transfer"`)...)
	e.manager.get("/acme/portal/team").is(http.StatusOK, append(visibleToAll, `id="add-form"`, `!data-test="transfer"`)...)
	e.plain.get("/acme/portal/team").is(http.StatusOK, append(visibleToAll, `!id="add-form"`, `!data-test="remove"`)...)
	for path, form := range map[string][]string{
		"add": {"email", "x@example.com", "role", "member"}, "change": {"member", e.managerID, "role", "member"},
		"remove": {"member", e.managerID}, "transfer": {"member", e.plainID},
	} {
		e.plain.post("/acme/portal/team/"+path, form...).is(http.StatusForbidden, "Your role doesn’t allow this.")
	}
	for _, path := range []string{"remove", "transfer"} {
		e.plain.get("/acme/portal/team/" + path + "?member=" + e.managerID).is(http.StatusForbidden)
	}
	if e.find("x@example.com").ID != "" || e.find("charles@example.com").Role != "billing_manager" || e.find("ada@example.com").Role != "owner" {
		t.Error("a member has changed something")
	}
}

// Owners and billing managers change their own name, but not their own role. Other members see who can change their name.
func TestOwnName(t *testing.T) {
	e := newEngines(t)
	e.owner.get("/acme/portal/team").is(http.StatusOK, `id="name-`+e.ownerID+`"`, `!id="role-`+e.ownerID+`"`, "You are the owner. To change that")
	e.manager.get("/acme/portal/team").is(http.StatusOK, `id="name-`+e.managerID+`"`, `!id="role-`+e.managerID+`"`, `!id="name-`+e.ownerID+`"`, "You can’t change your own role.")
	e.owner.post("/acme/portal/team/change", "member", e.ownerID, "name", "Ada King").leads("/acme/portal/team")
	e.owner.get("/acme/portal/settings").is(http.StatusOK, `id="name-form"`, "Ada King")
	e.owner.post("/acme/portal/team/change", "member", e.ownerID, "name", "Ada Byron", "page", "settings").leads("/acme/portal/settings")
	e.owner.get("/acme/portal/settings").is(http.StatusOK, "Ada Byron has been updated.")
	e.manager.post("/acme/portal/team/change", "member", e.managerID, "role", "member").is(http.StatusUnprocessableEntity, "This change isn’t possible.")
	e.plain.get("/acme/portal/settings").is(http.StatusOK, `!id="name-form"`, "An owner or a billing manager of your account can change your name.")
	if m := e.find("ada@example.com"); m.Name == nil || *m.Name != "Ada Byron" || m.Role != "owner" {
		t.Errorf("%+v", m)
	}
}

// Individuals have no team page, and neither have customers without members.
func TestCustomersWithoutTeam(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	b.get("/acme/portal/overview").is(http.StatusOK, "!nav-team")
	b.get("/acme/portal/team").is(http.StatusNotFound, "Page not found")
	b.post("/acme/portal/team/add", "email", "x@example.com").is(http.StatusNotFound)
	b.get("/acme/portal/team/remove?member=" + srv.OrgID).is(http.StatusNotFound)
}

func TestAddMember(t *testing.T) {
	e := newEngines(t)
	e.manager.post("/acme/portal/team/add", "email", "Grace@Example.com", "name", "Grace Hopper", "role", "member").leads("/acme/portal/team")
	e.manager.get("/acme/portal/team").is(http.StatusOK, "Grace Hopper has been added to the team.", "4 people", "Grace@example.com")
	if m := e.find("Grace@example.com"); m.Role != "member" || *m.Name != "Grace Hopper" {
		t.Errorf("%+v", m)
	}
	if m := e.Mail.Next(); m.To != "Grace@example.com" || !strings.Contains(m.Text, "/acme/portal/request?customer="+e.team) || strings.Contains(m.Text, "postern_") {
		t.Errorf("the invitation to %s: %s", m.To, m.Text)
	}
	for _, c := range []struct {
		form  []string
		texts []string
	}{
		{[]string{"email", "grace@", "name", "Grace", "role", "member"}, []string{"Enter an email address", `href="#add-email"`, `value="Grace"`}},
		{[]string{"email", "y@example.com", "role", "owner"}, []string{"This change isn’t possible."}},
		{[]string{"email", "y@example.com", "role", "king"}, []string{"This change isn’t possible."}},
	} {
		e.owner.post("/acme/portal/team/add", c.form...).is(http.StatusUnprocessableEntity, append(c.texts, "<title>Error: Team")...)
	}
	if e.find("y@example.com").ID != "" {
		t.Error("there is another owner")
	}
	// Adding an existing member does not change the member.
	e.owner.post("/acme/portal/team/add", "email", "mary@example.com", "role", "billing_manager").leads("/acme/portal/team")
	if m := e.find("mary@example.com"); m.Role != "member" {
		t.Errorf("%+v", m)
	}
	// A new member can sign in.
	b := e.browser()
	b.post("/acme/portal/request", "email", "grace@example.com").leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", e.code()).leads("/acme/portal/overview")
	e.AddSecret(b.cookie("postern_session", "/acme/portal/"))
}

func TestChangeMember(t *testing.T) {
	e := newEngines(t)
	e.owner.post("/acme/portal/team/change", "member", e.plainID, "name", "Mary Somerville", "role", "billing_manager").leads("/acme/portal/team")
	e.owner.get("/acme/portal/team").is(http.StatusOK, "Mary Somerville has been updated.")
	if m := e.find("mary@example.com"); m.Role != "billing_manager" || *m.Name != "Mary Somerville" {
		t.Errorf("%+v", m)
	}
	// Members cannot change their own role or the owner's, and the form for roles cannot make a member the owner.
	e.manager.post("/acme/portal/team/change", "member", e.managerID, "role", "member").is(http.StatusUnprocessableEntity, "This change isn’t possible.")
	e.manager.post("/acme/portal/team/change", "member", e.ownerID, "role", "member").is(http.StatusUnprocessableEntity)
	e.owner.post("/acme/portal/team/change", "member", e.plainID, "role", "owner").is(http.StatusBadRequest)
	e.owner.post("/acme/portal/team/change", "member", e.plainID, "role", "king").is(http.StatusUnprocessableEntity)
	e.owner.post("/acme/portal/team/change", "role", "member").is(http.StatusBadRequest)
	e.owner.post("/acme/portal/team/change", "member", e.OrgID, "role", "member").leads("/acme/portal/team")
	e.owner.get("/acme/portal/team").is(http.StatusOK, "This person isn’t in the team any more.")
}

func TestRemoveMember(t *testing.T) {
	e := newEngines(t)
	e.owner.get("/acme/portal/team/remove?member="+e.plainID).is(http.StatusOK, "mary@example.com will no longer be able", `value="`+e.plainID+`"`, `aria-current="page" data-test="nav-team"`)
	if e.find("mary@example.com").ID == "" {
		t.Error("opening the confirmation page removed the member")
	}
	e.owner.post("/acme/portal/team/remove", "member", e.plainID).leads("/acme/portal/team")
	e.owner.get("/acme/portal/team").is(http.StatusOK, "mary@example.com has been removed from the team.", "2 people")
	e.plain.get("/acme/portal/overview").leads("/acme/portal/request") // signed out at once
	e.owner.post("/acme/portal/team/remove", "member", e.plainID).leads("/acme/portal/team")
	e.owner.get("/acme/portal/team").is(http.StatusOK, "This person isn’t in the team any more.")
	e.manager.post("/acme/portal/team/remove", "member", e.ownerID).is(http.StatusUnprocessableEntity, "This change isn’t possible.")
	e.owner.post("/acme/portal/team/remove", "member", e.ownerID).is(http.StatusUnprocessableEntity)
	e.owner.get("/acme/portal/team/remove?member=nobody").is(http.StatusNotFound)
	e.owner.get("/acme/portal/team/remove?member=" + e.OrgID).leads("/acme/portal/team")
}

func TestTransferOwnership(t *testing.T) {
	e := newEngines(t)
	e.manager.prove()
	e.manager.post("/acme/portal/team/transfer", "member", e.managerID).is(http.StatusUnprocessableEntity, "This change isn’t possible.")
	e.owner.prove()
	e.owner.get("/acme/portal/team/transfer?member="+e.managerID).is(http.StatusOK, "charles@example.com will become the owner")
	e.owner.post("/acme/portal/team/transfer", "member", e.managerID).leads("/acme/portal/request")
	e.owner.get("/acme/portal/request").is(http.StatusOK, "Ownership has been transferred.", `value="ada@example.com"`)
	if e.IsLive(e.ownerSession.Token) || e.find("charles@example.com").Role != "owner" || e.find("ada@example.com").Role != "billing_manager" {
		t.Errorf("%+v", e.find("ada@example.com"))
	}
	e.manager.get("/acme/portal/overview").is(http.StatusOK, "Owner")
}

// If a change of role does not end sessions, the former owner stays signed in.
func TestTransferOwnershipKeepsSession(t *testing.T) {
	e := newEngines(t)
	if status := e.Call(e.Token, "PATCH", "/v1/organizations/"+e.OrgID+"/customer-session-settings", `{"end_on_role_downgrade":false}`, nil); status != http.StatusOK {
		t.Fatal(status)
	}
	e.owner.prove()
	e.owner.post("/acme/portal/team/transfer", "member", e.managerID).leads("/acme/portal/team")
	e.owner.get("/acme/portal/team").is(http.StatusOK, "charles@example.com is the owner now.", `!data-test="transfer"`)
}

// A person whose address has another account accepts an invitation with a code that the invitation's link requests. Until then, the
// login to the other account is as before.
func TestInvitation(t *testing.T) {
	e := newEngines(t)
	own := e.CreateCustomer(`"email":"grace@example.com","name":"Grace Hopper"`)
	e.owner.post("/acme/portal/team/add", "email", "grace@example.com", "role", "member").leads("/acme/portal/team")
	shown := e.owner.get("/acme/portal/team").is(http.StatusOK, "Invited", `data-test="invitation"`)
	e.plain.get("/acme/portal/team").is(http.StatusOK, "Invited", `!data-test="invitation"`)
	link := html.UnescapeString(regexp.MustCompile(`href="[^"]*(/acme/portal/request\?[^"]+)" data-test="invitation"`).FindStringSubmatch(shown.text)[1])
	if m := e.Mail.Next(); m.To != "grace@example.com" || !strings.Contains(m.Text, "/acme/portal/request?customer="+e.team) {
		t.Errorf("the invitation to %s: %s", m.To, m.Text)
	}

	grace := e.browser()
	grace.post("/acme/portal/request", "email", "grace@example.com").leads("/acme/portal/authenticate")
	grace.post("/acme/portal/authenticate", "code", e.code()).leads("/acme/portal/overview")
	grace.get("/acme/portal/overview").is(http.StatusOK, "Grace Hopper", "!Analytical Engines")

	grace = e.browser()
	grace.get(link).is(http.StatusOK, `value="grace@example.com"`, `name="customer" value="`+e.team+`"`, "!"+own)
	grace.post("/acme/portal/request", "email", "grace@example.com", "customer", e.team).leads("/acme/portal/authenticate")
	grace.get("/acme/portal/authenticate").is(http.StatusOK, `name="customer" value="`+e.team+`"`) // to send another code
	grace.post("/acme/portal/authenticate", "code", e.code()).leads("/acme/portal/overview")
	grace.get("/acme/portal/team").is(http.StatusOK, "Analytical Engines", "!Invited")
	e.browser().get("/acme/portal/request?customer=%22nonsense").is(http.StatusOK, `!name="customer"`)
}
