package portal_test

import (
	"net/http"
	"strconv"
	"testing"
)

// The overview says what the account is, who manages it and how to reach the organization.
func TestOverviewOfATeam(t *testing.T) {
	e := newEngines(t)
	e.plain.get("/acme/portal/overview").is(http.StatusOK, `data-test="kind">Team<`, `<bdi>Ada Lovelace</bdi> <span class="soft small">Owner`, `<bdi>charles@example.com</bdi>`, "!<bdi>mary@example.com</bdi> <span", "!data-test=\"help\"", "! more</span>")
	for n := range 6 {
		e.member(e.team, "m"+strconv.Itoa(n)+"@example.com", "billing_manager")
	}
	e.plain.get("/acme/portal/overview").is(http.StatusOK, "<bdi>m2@example.com", "!<bdi>m3@example.com", "and 3 more</span>")

	b := e.enter(e.session(`"customer_id":"` + e.ada() + `"`))
	b.get("/acme/portal/overview").is(http.StatusOK, `data-test="kind">One person<`, `!data-test="managers"`)
}

func TestContactLinks(t *testing.T) {
	srv := newServer(t)
	srv.Call(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-portal-settings",
		`{"support_email":"help@example.com","support_url":"https://example.com/help?a=1&b=2","terms_url":"https://example.com/terms","privacy_url":"https://example.com/privacy"}`, nil)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	all := []string{`href="mailto:help@example.com"`, `href="https://example.com/help?a=1&amp;b=2"`, `href="https://example.com/terms"`, `href="https://example.com/privacy"`}
	b.get("/acme/portal/overview").is(http.StatusOK, append(all, `data-test="help"`)...)
	b.get("/acme/portal/settings").is(http.StatusOK, all...)
	srv.browser().get("/acme/portal/request").is(http.StatusOK, append(all, "Need help? Acme is here for you:")...)
	srv.browser().get("/acme/portal/authenticate").is(http.StatusOK, append(all, "Need help?")...)
}
