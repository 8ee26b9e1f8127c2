package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var accountButton = regexp.MustCompile(`name="account" value="([0-9a-f-]{36})"`)

// accounts returns the IDs of the accounts to which the browser's customer can switch.
func (b *browser) accounts() string {
	b.T.Helper()
	var ids []string
	for _, m := range accountButton.FindAllStringSubmatch(b.get("/acme/portal/overview").is(http.StatusOK).text, -1) {
		ids = append(ids, m[1])
	}
	return strings.Join(ids, " ")
}

// signInAs signs in with a code and chooses one of several customers.
func (b *browser) signInAs(email, customer string) {
	b.T.Helper()
	b.post("/acme/portal/request", "email", email).leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", b.code(), "customer", customer).leads("/acme/portal/overview")
	b.AddSecret(b.cookie("postern_session", "/acme/portal/"))
}

func (b *browser) switchTo(customer string) page {
	b.T.Helper()
	p := b.post("/acme/portal/switch", "account", customer)
	b.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	return p
}

// Whoever has entered a code can open every account with the address, and nobody else's. Switching ends the session before.
func TestSwitchAccount(t *testing.T) {
	srv := newServer(t)
	ada := srv.ada()
	team := srv.CreateCustomer(`"type":"team","name":"Engines","owner":{"email":"charles@example.com"}`)
	srv.member(team, "ada@example.com", "billing_manager")
	inviting := srv.CreateCustomer(`"type":"team","name":"Stranger","owner":{"email":"stranger@example.com"}`)
	owner := srv.enter(srv.session(`"customer_id":"` + inviting + `","member_id":"` + srv.Owner(inviting) + `"`))
	owner.post("/acme/portal/team/add", "email", "ada@example.com", "role", "member").leads("/acme/portal/team")
	srv.Mail.Next() // the invitation
	other := &server{srv.Neighbor("bolt")}
	theirs := other.CreateCustomer(`"type":"individual","email":"ada@example.com"`)

	b := srv.browser()
	b.signInAs("ada@example.com", ada)
	if got := b.accounts(); got != team {
		t.Fatalf("accounts %q, want only the team %s", got, team)
	}
	b.get("/acme/portal/overview").is(http.StatusOK, "Your other accounts", "Engines", "Billing manager", "!Stranger")
	before := b.cookie("postern_session", "/acme/portal/")
	b.switchTo(team).leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "You’ve switched to Engines.", `href="/acme/portal/team"`)
	if srv.IsLive(before) {
		t.Error("the session before the switch is live")
	}
	if got := b.accounts(); got != ada {
		t.Errorf("accounts of the team's member %q, want %s", got, ada)
	}
	for name, account := range map[string]string{"a pending membership": inviting, "another organization's": theirs, "the current one": team} {
		if p := b.post("/acme/portal/switch", "account", account); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	b.post("/acme/portal/switch", "account", "x").is(http.StatusBadRequest)
}

// Switching back and forth extends neither the session nor the proof of the address.
func TestSwitchExtendsNothing(t *testing.T) {
	srv := newServer(t)
	ada := srv.ada()
	team := srv.CreateCustomer(`"type":"team","name":"Engines","owner":{"email":"ada@example.com"}`)
	b := srv.browser()
	b.signInAs("ada@example.com", ada)
	for range 3 {
		srv.Advance(15 * time.Minute)
		b.switchTo(team).leads("/acme/portal/overview")
		b.switchTo(ada).leads("/acme/portal/overview")
	}
	b.get("/acme/portal/settings").is(http.StatusOK, `href="/acme/portal/prove?for=email"`)
	srv.Advance(15 * time.Minute)
	b.get("/acme/portal/overview").leads("/acme/portal/request")
}

// A session whose holder has not proved its address shows no other account, and neither does one whose address was changed.
func TestSwitchNeedsProof(t *testing.T) {
	srv := newServer(t)
	ada := srv.ada()
	team := srv.CreateCustomer(`"type":"team","name":"Engines","owner":{"email":"ada@example.com"}`)
	b := srv.enter(srv.session(`"customer_id":"` + ada + `"`))
	if got := b.accounts(); got != "" {
		t.Errorf("a session of the API shows %q", got)
	}
	b.post("/acme/portal/switch", "account", team).is(http.StatusNotFound)
	b.prove()
	if got := b.accounts(); got != team {
		t.Errorf("after a proof: %q", got)
	}

	srv.Must(200, srv.As(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_email_change":false}`))
	victim := srv.CreateCustomer(`"type":"team","name":"Victim","owner":{"email":"victim@example.com"}`)
	srv.Must(200, srv.As(srv.Token, "PATCH", "/v1/customers/"+ada, `{"email":"victim@example.com"}`))
	if got := b.accounts(); got != "" {
		t.Errorf("after the address changed: %q", got)
	}
	b.post("/acme/portal/switch", "account", victim).is(http.StatusNotFound)
}
