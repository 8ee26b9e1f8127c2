package portal_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/portal"
)

// auditedForms has every form of the portal, and the actor and the actions of the entries that it leaves, or "" if it changes
// nothing.
var auditedForms = map[string]string{
	"request":          "", // sends a mail
	"authenticate":     "member visitor: customer.updated session.signed_in",
	"continue":         "", // opens a session that the creator of the link has made
	"sign-out":         "member: session.ended",
	"switch":           "member: session.ended session.switched",
	"settings/billing": "member: customer.updated",
	"prove":            "member: session.proven",
	"prove/send":       "", // sends a mail
	"settings/email":   "member: customer.email_update_requested",
	"verify-email":     "member: customer.email_changed member.email_changed",
	"team/add":         "member: member.created",
	"team/change":      "member: member.role_changed member.updated",
	"team/transfer":    "member: customer.owner_changed member.role_changed member.role_changed",
	"team/remove":      "member: member.deleted",
	"sessions":         "member: session.ended",
	"sessions/others":  "member: session.ended",
}

// TestEveryFormIsAudited fails for a form without a row in auditedForms, sends the forms, and checks the entries that they leave.
func TestEveryFormIsAudited(t *testing.T) {
	paths := portal.FormPaths()
	slices.Sort(paths)
	if decided := slices.Sorted(maps.Keys(auditedForms)); !slices.Equal(paths, decided) {
		t.Fatalf("the portal has the forms\n%v\nauditedForms has\n%v", paths, decided)
	}
	team := newEngines(t)
	customer := team.CreateCustomer(`"type":"individual","email":"solo@example.com"`)
	signedIn := team.browser()
	signedIn.post("/acme/portal/request", "email", "solo@example.com").leads("/acme/portal/authenticate")
	code := team.code()
	account := team.CreateCustomer(`"type":"team","name":"Solo","owner":{"email":"solo@example.com"}`)
	second := team.session(`"customer_id":"` + customer + `"`)
	third := team.session(`"customer_id":"` + customer + `"`)
	seen := map[string]bool{}
	team.newEntries(seen)
	for _, step := range []struct {
		path string
		send func() page
	}{
		{"authenticate", func() page { return signedIn.post("/acme/portal/authenticate", "code", code, "customer", customer) }},
		{"prove/send", func() page { return signedIn.post("/acme/portal/prove/send", "for", "email") }},
		{"prove", func() page { return signedIn.post("/acme/portal/prove", "for", "email", "code", team.code()) }},
		{"settings/billing", func() page {
			return signedIn.post("/acme/portal/settings/billing", billing("billing_address.country", "DE", "billing_address.city", "Berlin")...)
		}},
		{"sessions", func() page { return signedIn.post("/acme/portal/sessions", "session", second.ID) }},
		{"sessions/others", func() page { return signedIn.post("/acme/portal/sessions/others") }},
		{"switch", func() page { return signedIn.post("/acme/portal/switch", "account", account) }},
		{"sign-out", func() page { return signedIn.post("/acme/portal/sign-out") }},
		{"team/add", func() page {
			added := team.owner.post("/acme/portal/team/add", "email", "grace@example.com", "role", "member")
			team.Mail.Next() // the invitation
			return added
		}},
		{"team/change", func() page {
			return team.owner.post("/acme/portal/team/change", "member", team.plainID, "name", "Mary Somerville", "role", "billing_manager")
		}},
		{"team/remove", func() page { return team.owner.post("/acme/portal/team/remove", "member", team.plainID) }},
		{"prove", func() page {
			team.owner.post("/acme/portal/prove/send", "for", "transfer", "member", team.managerID)
			return team.owner.post("/acme/portal/prove", "for", "transfer", "member", team.managerID, "code", team.code())
		}},
		{"team/transfer", func() page { return team.owner.post("/acme/portal/team/transfer", "member", team.managerID) }},
	} {
		if p := step.send(); p.status != 303 {
			t.Fatalf("%s: %d %s", step.path, p.status, p.text)
		}
		if got := team.newEntries(seen); got != auditedForms[step.path] {
			t.Errorf("%s leaves %q, want %q", step.path, got, auditedForms[step.path])
		}
	}
	if team.IsLive(third.Token) {
		t.Error("the third session is live")
	}
}

// newEntries returns the actors and actions of the entries that are not in seen, and adds the entries to seen.
func (srv *server) newEntries(seen map[string]bool) string {
	srv.T.Helper()
	var list struct {
		Items []struct {
			ID, Action string
			Actor      struct{ Type string }
			IPAddress  string `json:"ip_address"`
		}
	}
	srv.Call(srv.Token, "GET", "/v1/audit-log/?limit=100", "", &list)
	var actors, actions []string
	for _, e := range list.Items {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		if e.IPAddress == "" && e.Actor.Type != "server" {
			srv.T.Errorf("%s has no address", e.Action)
		}
		actors, actions = append(actors, e.Actor.Type), append(actions, e.Action)
	}
	if len(actions) == 0 {
		return ""
	}
	slices.Sort(actors)
	slices.Sort(actions)
	return strings.Join(slices.Compact(actors), " ") + ": " + strings.Join(actions, " ")
}
