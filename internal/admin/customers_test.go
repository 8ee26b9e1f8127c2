package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

func TestCustomers(t *testing.T) {
	h := newHouse(t)
	b := h.operator(h.token)
	b.get("/admin/customers").is(http.StatusOK, "There are no customers yet.", "0 customers")
	for i := range 120 {
		h.customer(fmt.Sprintf(`"type":"individual","email":"c%03d@example.com","name":"Customer %03d","external_id":"user_%03d"`, i, i, i))
		h.advance(time.Millisecond)
	}
	b.get("/admin/customers").is(http.StatusOK, "120 customers", "Page 1 of 3", "Customer 119", "Customer 070", `href="/admin/customers?page=2"`).without("Customer 069", "Previous")
	b.get("/admin/customers?page=3").is(http.StatusOK, "Customer 000", "Customer 019", `href="/admin/customers?page=2"`).without("Customer 020", ">Next<")
	b.get("/admin/customers?q=user_05").is(http.StatusOK, "10 customers", "Customer 050", "Customer 059").without("Customer 060", "Page 1")
	b.get("/admin/customers?q=%22%3E%3Cscript%3E").is(http.StatusOK, "Nobody is called that.").without("<script>")
	for _, odd := range []string{"page=0", "page=-1", "page=x", "page=99999999999999999999", "q=%00%0a%ff"} {
		b.get("/admin/customers?" + odd).is(http.StatusOK)
	}
	b.get("/admin/customers?page=99").is(http.StatusOK, `href="/admin/customers?page=3"`)
}

func TestCustomerWithMembers(t *testing.T) {
	h := newHouse(t)
	team := h.customer(`"type":"team","email":"office@engines.example","name":"Engines","owner":{"email":"ada@engines.example","name":"Ada"}`)
	h.api(h.token, "POST", "/v1/customers/"+team+"/members", `{"email":"luigi@engines.example","role":"billing_manager"}`, &made{})
	b := h.operator(h.token)
	p := b.get("/admin/customers/"+team).is(http.StatusOK, "Engines", "office@engines.example", "Ada", "luigi@engines.example", "Billing manager", "Look at the portal as Ada").
		without("Look at the portal as Engines")
	if n := strings.Count(p.text, `data-test="impersonate"`); n != 2 {
		t.Errorf("%d members can be looked at, wanted 2", n)
	}
	b.post("/admin/customers/"+team+"/impersonate", nil).is(http.StatusConflict, "member_id is required for team customers.")
	b.post("/admin/customers/"+team+"/link", url.Values{"member": {"x"}}).is(http.StatusNotFound)
	b.get("/admin/customers/" + strings.ToUpper(team)).is(http.StatusNotFound)
}

// A link is shown once, and lets its holder in.
func TestLinks(t *testing.T) {
	h := newHouse(t)
	customer := h.ada()
	b := h.operator(h.token)
	mint := func(form url.Values) string {
		t.Helper()
		p := b.revealing("POST", "/admin/customers/"+customer+"/link", form, "Sec-Fetch-Site", "same-origin").is(http.StatusOK, "It is shown here once.")
		link := p.value("link")
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"customer_session_token", "ticket"} {
			if text := u.Query().Get(name); text != "" {
				h.keep(text)
			}
		}
		return strings.TrimPrefix(link, "http://127.0.0.1:8787")
	}
	link := mint(nil)
	if !strings.HasPrefix(link, "/acme/portal?customer_session_token=polar_mst_") || !strings.HasSuffix(link, "&email=ada%40example.com") {
		t.Errorf("the link is %s", link)
	}
	for range 2 {
		c := h.browser()
		c.get(link).leads("/acme/portal/overview")
		c.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace").without(`data-test="impersonated"`)
	}
	once := mint(url.Values{"one_time_link": {"yes"}, "read_only": {"yes"}, "expires_in": {"900"}})
	c := h.browser()
	c.get(once).leads("/acme/portal/overview")
	c.get("/acme/portal/overview").is(http.StatusOK, "Read-only")
	h.browser().get(once).leads("/acme/portal/request")
	h.advance(15 * time.Minute)
	c.get("/acme/portal/overview").leads("/acme/portal/request")
	b.get("/admin/sessions?state=all").is(http.StatusOK, "2 sessions", "The first token")
	for _, wrong := range []string{"0", "59", "-60", "x", "99999999999", "31622401"} {
		b.post("/admin/customers/"+customer+"/link", url.Values{"expires_in": {wrong}}).is(http.StatusBadRequest)
	}
	h.api(h.token, "PATCH", "/v1/organizations/"+h.org+"/customer-session-settings", `{"max_expires_in":3600}`, &struct{}{})
	b.post("/admin/customers/"+customer+"/link", url.Values{"expires_in": {"3601"}}).is(http.StatusConflict, "Sessions of this organization last 3600 seconds at most.")
	b.get("/admin/customers/"+customer).is(http.StatusOK, `<option value="3600" selected>`).without(`<option value="86400"`)
}

// An operator looks at the portal as a customer sees it; every page says so, nothing can be changed, and the session says who it was.
func TestImpersonation(t *testing.T) {
	h := newHouse(t)
	customer := h.ada()
	h.api(h.token, "PATCH", "/v1/organizations/"+h.org+"/customer-session-settings", `{"max_sessions":1}`, &struct{}{})
	own := h.session(customer)
	support := h.accessToken("customers:read", "customer_sessions:write")
	b := h.operator(support.Token)
	b.post("/admin/customers/"+customer+"/impersonate", nil).leads("/acme/portal/overview")
	h.keep(b.cookies[[2]string{"postern_session", "/acme/portal"}])
	const banner = "Acme’s team is looking at this account, read-only."
	for _, path := range []string{"overview", "settings", "sessions", "nowhere", "request"} {
		p := b.get("/acme/portal/" + path)
		p.is(p.status, banner, `data-test="impersonated-end"`)
	}
	b.get("/acme/portal/overview?locale=de").is(http.StatusOK, "Das Team von Acme")
	b.get("/acme/portal/overview?locale=en")
	b.post("/acme/portal/settings/billing", url.Values{"billing_name": {"Eve"}}).is(http.StatusForbidden, banner)
	b.post("/acme/portal/sessions", url.Values{"session": {own.ID}}).is(http.StatusForbidden)
	if !h.live(own.Token) {
		t.Error("the customer was signed out because somebody looks")
	}
	theirs := h.browser()
	theirs.get("/acme/portal?customer_session_token=" + own.Token).leads("/acme/portal/overview")
	theirs.get("/acme/portal/sessions").is(http.StatusOK, "Acme’s team, read-only").without(banner)

	var list struct {
		Items []struct {
			ID        string
			CreatedBy string `json:"created_by"`
			Scopes    []string
			Metadata  map[string]any
			ExpiresAt time.Time `json:"expires_at"`
		}
	}
	h.api(h.token, "GET", "/v1/customer-sessions/", "", &list)
	s := list.Items[0]
	if s.CreatedBy != support.ID || len(s.Scopes) != 1 || s.Scopes[0] != "customer_portal:read" || s.Metadata["impersonated_by"] != support.ID ||
		s.Metadata["impersonated_by_name"] != "some" || !s.ExpiresAt.Equal(h.base.Add(15*time.Minute)) {
		t.Errorf("the session is %+v", s)
	}
	h.operator(h.token).get("/admin/sessions").is(http.StatusOK, "Your team")
	h.operator(h.token).get("/admin/sessions/"+s.ID).is(http.StatusOK, "impersonated_by", support.ID)

	b.post("/acme/portal/sign-out", nil).leads("/acme/portal/request")
	b.get("/acme/portal/overview").leads("/acme/portal/request")
	b.post("/admin/customers/"+customer+"/impersonate", nil).leads("/acme/portal/overview")
	h.keep(b.cookies[[2]string{"postern_session", "/acme/portal"}])
	h.advance(15 * time.Minute)
	b.get("/acme/portal/overview").leads("/acme/portal/request")
}

func TestImpersonationOfCustomersWithoutMembers(t *testing.T) {
	h := newHouse(t)
	org := h.organization(postern.NewOrganization{Slug: "plain", Name: "Plain", WithoutMembers: true})
	var c made
	h.api(org.AccessToken, "POST", "/v1/customers/", `{"type":"individual","email":"ada@example.com","name":"Ada"}`, &c)
	b := h.operator(org.AccessToken)
	b.get("/admin/customers/"+c.ID).is(http.StatusOK, "Look at the portal as Ada", "No members.")
	b.post("/admin/customers/"+c.ID+"/impersonate", nil).leads("/plain/portal/overview")
	b.get("/plain/portal/overview").is(http.StatusOK, "Plain’s team is looking at this account, read-only.")
}
