package admin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/postern-go/postern/internal/testserver"
)

// everyForm returns the path of every form, with fields that would make it take effect.
func everyForm(customer, session, token string) map[string]url.Values {
	return map[string]url.Values{
		"/admin/sign-in":                                {"token": {"x"}},
		"/admin/sign-out":                               {},
		"/admin/customers/" + customer + "/link":        {},
		"/admin/customers/" + customer + "/impersonate": {},
		"/admin/customers/" + customer + "/end":         {},
		"/admin/sessions/end":                           {"slug": {"acme"}},
		"/admin/sessions/" + session + "/end":           {},
		"/admin/access-tokens":                          {"scopes": {"customers:read"}},
		"/admin/access-tokens/" + token:                 {"comment": {"changed"}, "scopes": {"customers:read"}},
		"/admin/access-tokens/" + token + "/revoke":     {},
		"/admin/access-tokens/" + token + "/rotate":     {"overlap": {"3600"}},
		"/admin/settings/portal":                        {"name": {"Changed"}},
		"/admin/settings/sessions":                      {"max_expires_in": {"1"}, "unit": {"3600"}, "max_sessions": {"0"}},
	}
}

// everyPage returns the path of every page that an operator with all scopes can open.
func everyPage(customer, session, token string) []string {
	return []string{
		"/admin", "/admin/activity", "/admin/customers", "/admin/customers?q=nobody", "/admin/customers/" + customer, "/admin/customers/" + customer + "/end",
		"/admin/sessions", "/admin/sessions?state=all&order=oldest", "/admin/sessions/end", "/admin/sessions/" + session, "/admin/sessions/" + session + "/end",
		"/admin/sessions?q=ada&state=all&last=1", "/admin/customers?q=192.0.2.1&order=name", "/admin/access-tokens",
		"/admin/access-tokens/" + token, "/admin/access-tokens/" + token + "/revoke", "/admin/access-tokens/" + token + "/rotate",
		"/admin/sign-ins", "/admin/audit-log", "/admin/deliveries", "/admin/deliveries?state=failed", "/admin/failed-mails", "/admin/settings",
	}
}

// A form of another site has no effect, whichever headers the browser sends.
func TestCrossSiteFormsAreRefused(t *testing.T) {
	srv := newServer(t)
	customer, other := srv.ada(), srv.AccessToken("customers:read")
	s := srv.session(customer)
	for path, form := range everyForm(customer, s.ID, other.ID) {
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
		} {
			b := srv.operator(srv.Token)
			before := len(b.cookies)
			b.send("POST", path, form, headers...).is(http.StatusForbidden, "The form was sent from another website")
			if len(b.cookies) != before {
				t.Errorf("%s with %v: the cookies are %v", path, headers, b.cookies)
			}
		}
	}
	if !srv.IsLive(s.Token) || srv.Call(other.Token, "GET", "/v1/customers/", "", nil) != http.StatusOK {
		t.Error("a refused form took effect")
	}
	var list struct {
		Pagination struct {
			TotalCount int `json:"total_count"`
		}
	}
	if srv.Call(srv.Token, "GET", "/v1/customer-sessions/", "", &list); list.Pagination.TotalCount != 1 {
		t.Errorf("%d sessions, wanted 1", list.Pagination.TotalCount)
	}
	if srv.Call(srv.Token, "GET", "/v1/organization-access-tokens/", "", &list); list.Pagination.TotalCount != 2 {
		t.Errorf("%d access tokens, wanted 2", list.Pagination.TotalCount)
	}
}

func TestFormOrigins(t *testing.T) {
	testserver.CheckFormOrigins(t, "/admin/sign-in", func(public string) http.Handler {
		return newServer(t, func(c *testserver.Options) { c.PublicURL = public }).Postern.Handler()
	})
}

// A form has no effect if the client is not signed in.
func TestFormsNeedSignIn(t *testing.T) {
	srv := newServer(t)
	customer, other := srv.ada(), srv.AccessToken("customers:read")
	s := srv.session(customer)
	for path, form := range everyForm(customer, s.ID, other.ID) {
		if path == "/admin/sign-in" {
			continue
		}
		srv.browser().post(path, form).leads("/admin/sign-in")
	}
	for _, path := range everyPage(customer, s.ID, other.ID) {
		srv.browser().get(path).leads("/admin/sign-in")
	}
	if !srv.IsLive(s.Token) {
		t.Error("a session was ended")
	}
}

func TestSecurityHeaders(t *testing.T) {
	srv := newServer(t)
	customer, other := srv.ada(), srv.AccessToken("customers:read")
	s := srv.session(customer)
	b := srv.operator(srv.Token)
	check := func(p page) {
		t.Helper()
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow",
		} {
			if got := p.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", p.asked, name, got)
			}
		}
		policy := p.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", p.asked, policy)
		}
		if p.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s allows other origins", p.asked)
		}
	}
	for _, path := range everyPage(customer, s.ID, other.ID) {
		check(b.get(path).is(http.StatusOK))
		check(b.send("HEAD", path, nil).is(http.StatusOK))
		check(srv.browser().get(path))
	}
	check(b.get("/admin/nowhere").is(http.StatusNotFound))
	check(b.get("/admin/customers/x").is(http.StatusNotFound))
	check(b.send("DELETE", "/admin", nil).is(http.StatusMethodNotAllowed))
	check(b.post("/admin/customers", nil).is(http.StatusMethodNotAllowed))
	check(b.send("POST", "/admin/sign-in", url.Values{"token": {"x"}}, "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden))
	check(b.post("/admin/sign-in", nil, "Content-Type", "application/json").is(http.StatusUnprocessableEntity))
	check(b.post("/admin/settings/portal", url.Values{"name": {strings.Repeat("x", 1<<17)}}).is(http.StatusBadRequest))
}

// A GET request for a path that only receives a form is redirected to the page with the form.
func TestFormPathsRedirectGETRequests(t *testing.T) {
	srv := newServer(t)
	customer := srv.ada()
	b := srv.operator(srv.Token)
	b.get("/admin/customers/" + customer + "/link").leads("/admin/customers/" + customer)
	b.get("/admin/customers/" + customer + "/impersonate").leads("/admin/customers/" + customer)
	b.get("/admin/settings/portal").leads("/admin/settings")
	b.get("/admin/sign-out").leads("/admin")
}

// Every page is valid: IDs are unique, every input has a label, and the Content-Security-Policy allows all elements.
func TestEveryPageIsValid(t *testing.T) {
	srv := newServer(t)
	customer, other := srv.ada(), srv.AccessToken("customers:read")
	s := srv.session(customer)
	b := srv.operator(srv.Token)
	pages := []page{srv.browser().get("/admin/sign-in"), b.get("/admin/nowhere"), b.post("/admin/settings/portal", url.Values{"accent_color": {"red"}})}
	for _, path := range everyPage(customer, s.ID, other.ID) {
		pages = append(pages, b.get(path))
	}
	for _, p := range pages {
		root, err := html.Parse(strings.NewReader(p.text))
		if err != nil {
			t.Fatal(err)
		}
		ids, fors, inputs := map[string]int{}, map[string]bool{}, []string{}
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			attributes := map[string]string{}
			for _, a := range n.Attr {
				attributes[a.Key] = a.Val
				if regexp.MustCompile(`^(on.*|style)$`).MatchString(a.Key) {
					t.Errorf("%s: %s has %s", p.asked, n.Data, a.Key)
				}
			}
			ids[attributes["id"]]++
			fors[attributes["for"]] = true
			labelled := n.Parent.Data == "label" || attributes["type"] == "hidden"
			if (n.Data == "input" || n.Data == "select" || n.Data == "textarea") && !labelled {
				inputs = append(inputs, attributes["id"])
			}
			if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
				t.Errorf("%s has an inline %s", p.asked, n.Data)
			}
		}
		for id, n := range ids {
			if id != "" && n > 1 {
				t.Errorf("%s has the id %s %d times", p.asked, id, n)
			}
		}
		for _, id := range inputs {
			if !fors[id] {
				t.Errorf("%s: the input %q has no label", p.asked, id)
			}
		}
		if strings.Contains(p.text, "ZgotmplZ") || strings.Contains(p.text, "<no value>") {
			t.Errorf("%s has a missing value: %s", p.asked, p.text)
		}
	}
}
