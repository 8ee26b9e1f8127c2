package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

func TestCustomerList(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	b.get("/admin/customers").is(http.StatusOK, "There are no customers yet.", "0 customers")
	for i := range 120 {
		srv.CreateCustomer(fmt.Sprintf(`"type":"individual","email":"c%03d@example.com","name":"Customer %03d","external_id":"user_%03d"`, i, i, i))
		srv.Advance(time.Millisecond)
	}
	p := b.get("/admin/customers").is(http.StatusOK, "120 customers", "Customer 119", "Customer 070").without("Customer 069", "Previous", "First")
	p = b.get(p.link("Next")).is(http.StatusOK, "120 customers", "Customer 069", "Customer 020").without("Customer 070", "Customer 019")
	p = b.get(p.link("Next")).is(http.StatusOK, "Customer 019", "Customer 000").without("Customer 020", ">Next<", ">Last<")
	p = b.get(p.link("Previous")).is(http.StatusOK, "Customer 069", "Customer 020").without("Customer 070", "Customer 019")
	b.get(p.link("First")).is(http.StatusOK, "Customer 119").without("Customer 069", "Previous")
	b.get(p.link("Last")).is(http.StatusOK, "Customer 049", "Customer 000").without("Customer 050", ">Next<")
	b.get("/admin/customers?order=name").is(http.StatusOK, "Customer 000", "Customer 049", "order=name").without("Customer 050")
	b.get("/admin/customers?order=oldest").is(http.StatusOK, "Customer 000", "Customer 049").without("Customer 050")
	b.get("/admin/customers?q=user_05").is(http.StatusOK, "10 customers", "Customer 050", "Customer 059").without("Customer 060", "Previous")
	b.get("/admin/customers?q=%22%3E%3Cscript%3E").is(http.StatusOK, "No customer matches the search.").without("<script>")
	for _, odd := range []string{"after=0", "after=-1", "after=x", "before=99999999999999999999", "q=%00%0a%ff", "after=5&before=7&last=1", "order=x"} {
		b.get("/admin/customers?" + odd).is(http.StatusOK)
	}
}

// The search finds customers without accents, by ID and by the address of a member, and offers the sessions of an IP address.
func TestSearchCustomers(t *testing.T) {
	srv := newServer(t)
	leila := srv.CreateCustomer(`"type":"individual","email":"l@example.com","name":"Leïla Öz"`)
	srv.CreateCustomer(`"type":"team","name":"Engines","owner":{"email":"owner@engines.example","name":"Ada"}`)
	b := srv.operator(srv.Token)
	for q, want := range map[string]string{"leila": "Leïla", "LEILA%20OZ": "Leïla", "Le%C3%AFla": "Leïla", leila: "Leïla", "l@example": "Leïla", "owner@engines.example": "Engines", "engines": "Engines"} {
		p := b.get("/admin/customers?q="+q).is(http.StatusOK, "1 customer", want)
		if strings.Count(p.text, `data-test="customer-row"`) != 1 {
			t.Errorf("%s finds %s", q, p.text)
		}
	}
	for _, q := range []string{srv.OrgID, "nobody", "nobody@example.com"} {
		b.get("/admin/customers?q="+q).is(http.StatusOK, "No customer matches the search.")
	}
	b.get("/admin/customers?q=192.0.2.1").is(http.StatusOK, `href="/admin/sessions?q=192.0.2.1&amp;state=all"`)
	srv.operator(srv.AccessToken("customers:read").Token).get("/admin/customers?q=192.0.2.1").is(http.StatusOK).without("Search sessions by this address")
	srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken).get("/admin/customers?q="+leila).is(http.StatusOK, "0 customers")
}

func TestCustomerPageListsMembers(t *testing.T) {
	srv := newServer(t)
	team := srv.CreateCustomer(`"type":"team","email":"office@engines.example","name":"Engines","owner":{"email":"ada@engines.example","name":"Ada"}`)
	srv.Call(srv.Token, "POST", "/v1/customers/"+team+"/members", `{"email":"luigi@engines.example","role":"billing_manager"}`, &testserver.Created{})
	b := srv.operator(srv.Token)
	p := b.get("/admin/customers/"+team).is(http.StatusOK, "Engines", "office@engines.example", "Ada", "luigi@engines.example", "Billing manager", "Open the portal as Ada").
		without("Look at the portal as Engines")
	if n := strings.Count(p.text, `data-test="impersonate"`); n != 2 {
		t.Errorf("%d members can be impersonated, want 2", n)
	}
	b.post("/admin/customers/"+team+"/impersonate", nil).is(http.StatusConflict, "member_id is required for team customers.")
	b.post("/admin/customers/"+team+"/link", url.Values{"member": {"x"}}).is(http.StatusNotFound)
	b.get("/admin/customers/" + strings.ToUpper(team)).is(http.StatusNotFound)
}

// Only the page that creates a portal link shows the link. The link opens the portal.
func TestCreateLink(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	b := srv.operator(srv.Token)
	mint := func(form url.Values) string {
		t.Helper()
		p := b.revealing("POST", "/admin/customers/"+customer+"/link", form, "Sec-Fetch-Site", "same-origin").is(http.StatusOK, "it is shown only once.")
		link := p.value("link")
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"customer_session_token", "ticket"} {
			if text := u.Query().Get(name); text != "" {
				srv.AddSecret(text)
			}
		}
		return strings.TrimPrefix(link, "http://127.0.0.1:8787")
	}
	link := mint(nil)
	if !strings.HasPrefix(link, "/acme/portal?customer_session_token=polar_mst_") || !strings.HasSuffix(link, "&email=ada%40example.com") {
		t.Errorf("the link is %s", link)
	}
	for range 2 {
		c := srv.browser()
		c.get(link).leads("/acme/portal/overview")
		c.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace").without(`data-test="impersonated"`)
	}
	once := mint(url.Values{"one_time_link": {"yes"}, "read_only": {"yes"}, "expires_in": {"900"}})
	c := srv.browser()
	c.get(once).leads("/acme/portal/continue")
	_, digest, _ := strings.Cut(c.get("/acme/portal/continue").is(http.StatusOK).text, `name="link" value="`)
	c.post("/acme/portal/continue", url.Values{"link": {digest[:16]}}).leads("/acme/portal/overview")
	c.get("/acme/portal/overview").is(http.StatusOK, "Read-only")
	srv.browser().get(once).leads("/acme/portal/request")
	srv.Advance(15 * time.Minute)
	c.get("/acme/portal/overview").leads("/acme/portal/request")
	b.get("/admin/sessions?state=all").is(http.StatusOK, "2 sessions", "The first token")
	for _, wrong := range []string{"0", "59", "-60", "x", "99999999999", "31622401"} {
		b.post("/admin/customers/"+customer+"/link", url.Values{"expires_in": {wrong}}).is(http.StatusBadRequest)
	}
	srv.Call(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"max_expires_in":3600}`, &struct{}{})
	b.post("/admin/customers/"+customer+"/link", url.Values{"expires_in": {"3601"}}).is(http.StatusConflict, "Sessions of this organization last 3600 seconds at most.")
	b.get("/admin/customers/"+customer).is(http.StatusOK, `<option value="3600" selected>`).without(`<option value="86400"`)
}

// An operator opens the portal as the customer. Every page shows a banner, nothing can be changed, and the session names the
// operator's access token. The customer sees neither the operator's address nor the operator's browser.
func TestImpersonateIsReadOnly(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	srv.Call(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"max_sessions":1}`, &struct{}{})
	own := srv.session(customer)
	support := srv.AccessToken("customers:read", "customer_sessions:write")
	b := srv.operator(support.Token)
	b.post("/admin/customers/"+customer+"/impersonate", nil, "User-Agent", "Firefox/140 Linux").leads("/acme/portal/overview")
	srv.AddSecret(b.cookies[[2]string{"postern_session", "/acme/portal"}])
	const banner = "Acme’s team is looking at this account, read-only."
	for _, path := range []string{"overview", "settings", "sessions", "nowhere", "request"} {
		p := b.get("/acme/portal/" + path)
		p.is(p.status, banner, `data-test="impersonated-end"`)
	}
	b.get("/acme/portal/overview?locale=de").is(http.StatusOK, "Das Team von Acme")
	b.get("/acme/portal/overview?locale=en")
	b.post("/acme/portal/settings/billing", url.Values{"billing_name": {"Eve"}}).is(http.StatusForbidden, banner)
	b.post("/acme/portal/sessions", url.Values{"session": {own.ID}}).is(http.StatusForbidden)
	if !srv.IsLive(own.Token) {
		t.Error("the impersonation signed out the customer")
	}
	theirs := srv.browser()
	agent := []string{"User-Agent", "Safari"}
	theirs.send("GET", "/acme/portal?customer_session_token="+own.Token, nil, agent...).leads("/acme/portal/overview")
	theirs.send("GET", "/acme/portal/overview", nil, agent...).is(http.StatusOK)
	sessions := theirs.send("GET", "/acme/portal/sessions", nil, agent...).is(http.StatusOK, "Acme’s team, read-only").without(banner, "Firefox")
	if n := strings.Count(sessions.text, "127.0.0.1"); n != 1 {
		t.Errorf("the customer sees %d addresses, wanted only that of the own session: %s", n, sessions.text)
	}
	var seen struct{ Items []map[string]any }
	srv.Call(own.Token, "GET", "/v1/customer-portal/customer-sessions", "", &seen)
	for _, s := range seen.Items {
		if s["impersonated"] != (s["id"] != own.ID) || s["impersonated"] == true && (s["created_ip"] != nil || s["created_user_agent"] != nil || s["last_seen_ip"] != nil || s["last_seen_user_agent"] != nil) {
			t.Errorf("the customer sees %v", s)
		}
	}

	var list struct {
		Items []struct {
			ID           string
			CreatedBy    string `json:"created_by"`
			CreatedAgent string `json:"created_user_agent"`
			Scopes       []string
			Impersonated bool
			ExpiresAt    time.Time `json:"expires_at"`
		}
	}
	srv.Call(srv.Token, "GET", "/v1/customer-sessions/", "", &list)
	s := list.Items[0]
	if s.CreatedBy != support.ID || len(s.Scopes) != 1 || s.Scopes[0] != "customer_portal:read" || !s.Impersonated ||
		s.CreatedAgent != "Firefox/140 Linux" || !s.ExpiresAt.Equal(srv.Now().Add(15*time.Minute)) {
		t.Errorf("the session is %+v", s)
	}
	srv.operator(srv.Token).get("/admin/sessions").is(http.StatusOK, "Your team")
	srv.operator(srv.Token).get("/admin/sessions/"+s.ID).is(http.StatusOK, "Your team", "Firefox/140 Linux")
	for _, change := range []string{`{"expires_in":2592000}`, `{"metadata":{}}`, `{"expires_in":2592000,"metadata":{"impersonated":false}}`} {
		if status := srv.Call(srv.Token, "PATCH", "/v1/customer-sessions/"+s.ID, change, nil); status != http.StatusConflict {
			t.Errorf("%s: %d", change, status)
		}
	}

	b.post("/acme/portal/sign-out", nil).leads("/acme/portal/request")
	b.get("/acme/portal/overview").leads("/acme/portal/request")
	b.post("/admin/customers/"+customer+"/impersonate", nil).leads("/acme/portal/overview")
	srv.AddSecret(b.cookies[[2]string{"postern_session", "/acme/portal"}])
	srv.Advance(15 * time.Minute)
	b.get("/acme/portal/overview").leads("/acme/portal/request")

	// Revoking the access token ends the impersonation, but not the customer's own session.
	b.post("/admin/customers/"+customer+"/impersonate", nil).leads("/acme/portal/overview")
	srv.AddSecret(b.cookies[[2]string{"postern_session", "/acme/portal"}])
	b.get("/acme/portal/overview").is(http.StatusOK, banner)
	srv.Call(srv.Token, "DELETE", "/v1/organization-access-tokens/"+support.ID, "", nil)
	b.get("/acme/portal/overview").leads("/acme/portal/request")
	if !srv.IsLive(own.Token) {
		t.Error("revoking the operator's access token signed out the customer")
	}
}

func TestImpersonateCustomerWithoutMembers(t *testing.T) {
	srv := newServer(t)
	org := srv.CreateOrganization(testserver.NewOrganization{Slug: "plain", Name: "Plain", WithoutMembers: true})
	var c testserver.Created
	srv.Call(org.AccessToken, "POST", "/v1/customers/", `{"type":"individual","email":"ada@example.com","name":"Ada"}`, &c)
	b := srv.operator(org.AccessToken)
	b.get("/admin/customers/"+c.ID).is(http.StatusOK, "Open the portal as Ada", "No members.")
	b.post("/admin/customers/"+c.ID+"/impersonate", nil).leads("/plain/portal/overview")
	b.get("/plain/portal/overview").is(http.StatusOK, "Plain’s team is looking at this account, read-only.")
}
