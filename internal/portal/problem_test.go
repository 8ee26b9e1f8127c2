package portal_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

// Forms of other sites are refused before the server reads anything.
func TestCrossSiteFormsAreRefused(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "http://portal.example.com" })
	s := srv.session(`"customer_id":"` + srv.ada() + `"`)
	b := srv.enter(s)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for name, headers := range map[string][]string{
		"another site":   {"Sec-Fetch-Site", "cross-site"},
		"a sibling":      {"Sec-Fetch-Site", "same-site"},
		"another origin": {"Origin", "https://evil.example"},
		"no origin":      {"Origin", "null"},
	} {
		for _, path := range []string{"sign-out", "request", "authenticate", "settings/billing", "settings/email", "sessions", "sessions/others", "team/add", "verify-email", "nothing"} {
			p := b.send("POST", "/acme/portal/"+path, "email=x@example.com", append(headers, form...)...)
			if p.status != http.StatusForbidden || !strings.Contains(p.text, "This request came from another website") {
				t.Errorf("%s, %s: %d", name, path, p.status)
			}
		}
	}
	if !srv.IsLive(s.Token) || !srv.Mail.Empty() {
		t.Error("a refused form took effect")
	}
	for name, headers := range map[string][]string{
		"the page itself":                     {"Sec-Fetch-Site", "same-origin"},
		"a proxy that changes the host":       {"Origin", "http://portal.example.com"},
		"a browser that says nothing of that": nil,
	} {
		if p := b.send("POST", "/acme/portal/request", "email=x@", append(headers, form...)...); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, p.status, p.text)
		}
	}
}

func TestFormOrigins(t *testing.T) {
	testserver.CheckFormOrigins(t, "/acme/portal/request", func(public string) http.Handler {
		return newServer(t, func(c *testserver.Options) { c.PublicURL = public }).Postern.Handler()
	})
}

func TestUnknownPages(t *testing.T) {
	srv := newServer(t)
	srv.browser().get("/acme/portal/nothing").is(http.StatusNotFound, "Page not found", "Acme", `href="/acme/portal/request"`)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	b.get("/acme/portal/nothing").is(http.StatusNotFound, `href="/acme/portal/overview"`, "nav-settings")
	b.get("/acme/portal/overview/").is(http.StatusOK)
	for _, path := range []string{"orders", "subscriptions", "subscriptions/1234", "usage", "wallet"} {
		b.get("/acme/portal/" + path).leads("/acme/portal/overview")
	}
	b.post("/acme/portal/overview").is(http.StatusMethodNotAllowed)
	p := b.send("DELETE", "/acme/portal/overview", "", "Sec-Fetch-Site", "same-origin").is(http.StatusMethodNotAllowed, "can’t be opened like this")
	if p.header.Get("Allow") == "" {
		t.Error("no Allow")
	}
	if p := b.send("HEAD", "/acme/portal/overview", ""); p.status != http.StatusOK || p.text != "" {
		t.Errorf("HEAD: %d %q", p.status, p.text)
	}
	for _, path := range []string{"/nobody/portal", "/nobody/portal/overview", "/Acme/portal/request", "/%3Cscript%3E/portal"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := b.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound || !strings.Contains(string(text), "no customer portal at this address") || strings.Contains(string(text), "<script>") {
			t.Errorf("%s: %d %s", path, answer.StatusCode, text)
		}
	}
}

func TestBlockedOrganizationIsClosed(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	srv.Block(true)
	b.get("/acme/portal/overview").is(http.StatusForbidden, "This portal is closed", "Please contact Acme directly.")
	for _, path := range []string{"", "/request", "/authenticate", "/verify-email"} {
		srv.browser().get("/acme/portal"+path).is(http.StatusForbidden, "This portal is closed")
	}
	srv.browser().post("/acme/portal/request", "email", "ada@example.com").is(http.StatusForbidden, "This portal is closed")
	srv.Block(false)
	srv.browser().get("/acme/portal/request").is(http.StatusOK)
}

// If blocking keeps sessions, as on Polar, customers who are signed in stay signed in.
func TestBlockedOrganizationMayKeepSessions(t *testing.T) {
	srv := newServer(t)
	srv.Call(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_organization_block":false}`, nil)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	srv.Block(true)
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
	srv.browser().get("/acme/portal/request").is(http.StatusForbidden)
}

func TestUnreadableFormsAreRefused(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	for name, c := range map[string][2]string{
		"another type": {"application/json", `{"billing_name":"x"}`},
		"a bad escape": {"application/x-www-form-urlencoded", "billing_name=%GG"},
		"too long":     {"application/x-www-form-urlencoded", "billing_name=" + strings.Repeat("x", 100_000)},
		"no type":      {"", "billing_name=x"},
	} {
		p := b.send("POST", "/acme/portal/settings/billing", c[1], "Content-Type", c[0], "Sec-Fetch-Site", "same-origin")
		if p.status != http.StatusBadRequest || !strings.Contains(p.text, "The form didn’t arrive completely") {
			t.Errorf("%s: %d", name, p.status)
		}
	}
	b.prove()
	// The query is not read as form fields.
	b.send("POST", "/acme/portal/settings/email?email=new%40example.com", "", "Sec-Fetch-Site", "same-origin").is(http.StatusUnprocessableEntity)
}

// If the store fails, the page shows a request ID, under which the log has the details.
func TestServerErrorShowsRequestID(t *testing.T) {
	srv := newServer(t)
	b := srv.enter(srv.session(`"customer_id":"` + srv.ada() + `"`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/acme/portal/settings", nil)
	r.Header.Set("Cookie", "postern_session="+b.cookie("postern_session", "/acme/portal/"))
	w := httptest.NewRecorder()
	srv.Postern.Handler().ServeHTTP(w, r)
	id := w.Header().Get("X-Request-Id")
	if w.Code != http.StatusServiceUnavailable || id == "" || !strings.Contains(w.Body.String(), id) || !strings.Contains(srv.Log.String(), id) {
		t.Errorf("%d %q %s", w.Code, id, w.Body)
	}
	page{t, "GET /acme/portal/settings", w.Code, w.Header(), w.Body.String()}.protected()
}

// The API also answers at paths that look like the portal's, and the handler does not serve the storybook.
func TestPortalDoesNotShadowAPI(t *testing.T) {
	srv := newServer(t)
	for _, path := range []string{"/", "/portal", "/portal/portals", "/acme", "/acme/portals", "/v1/portal", "/v1/portal/overview", "/api/portal", "/docs/portal", "/healthz/portal", "/dev/portal", "/dev/pages", "//portal", "/x/acme/portal"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = &url.URL{Scheme: "http", Host: r.URL.Host, Opaque: path}
		answer, err := srv.browser().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound || string(text) != `{"detail":"Not Found"}` || answer.Header.Get("Polar-Version") != "2026-10" || answer.Header.Get("Content-Security-Policy") != "" {
			t.Errorf("%s: %d %s %v", path, answer.StatusCode, text, answer.Header)
		}
	}
	for _, slug := range directory.ReservedSlugs {
		if _, _, err := srv.Postern.Directory.CreateOrganization(t.Context(), directory.NewOrganization{Slug: slug}); err == nil {
			t.Errorf("an organization has the slug %s", slug)
		}
	}
}
