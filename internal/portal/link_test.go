package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

// The token of a link is moved into a cookie. No later URL contains it.
func TestTokenMovesFromURLToCookie(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	for name, link := range map[string]func(s session) string{
		"as issued":         func(s session) string { return s.Link },
		"for members":       func(s session) string { return "/acme/portal?member_session_token=" + s.Token },
		"with a slash":      func(s session) string { return "/acme/portal/?customer_session_token=" + s.Token },
		"at the overview":   func(s session) string { return "/acme/portal/overview?customer_session_token=" + s.Token + "&email=x" },
		"at the sign-in":    func(s session) string { return "/acme/portal/request?customer_session_token=" + s.Token },
		"at Polar's orders": func(s session) string { return "/acme/portal/orders?customer_session_token=" + s.Token },
		"where nothing is":  func(s session) string { return "/acme/portal/nothing?customer_session_token=" + s.Token },
		"with a language":   func(s session) string { return s.Link + "&locale=de" },
	} {
		b := srv.browser()
		s := srv.session(`"customer_id":"` + id + `"`)
		b.get(link(s)).leads("/acme/portal/overview")
		if got := b.cookie("postern_session", "/acme/portal/overview"); got != s.Token {
			t.Errorf("%s: the cookie is %q", name, got)
		}
		if b.cookie("postern_session", "/acme/other") != "" || b.cookie("postern_session", "/v1/") != "" {
			t.Errorf("%s: the cookie is also sent to other paths", name)
		}
		b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace", "ada@example.com")
	}
	b := srv.browser()
	s := srv.session(`"customer_id":"` + id + `"`)
	b.get("/acme/portal/settings?customer_session_token=" + s.Token).leads("/acme/portal/settings")
}

func TestCookieExpiresWithSession(t *testing.T) {
	for public, secure := range map[string]bool{"https://portal.example.com": true, "http://127.0.0.1:8787": false} {
		srv := newServer(t, func(c *testserver.Options) { c.PublicURL = public })
		s := srv.session(`"customer_id":"` + srv.ada() + `","expires_in":7200`)
		p := srv.browser().get(s.Link)
		for _, line := range p.header["Set-Cookie"] {
			c, err := http.ParseSetCookie(line)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]string{true: "__Secure-postern_session", false: "postern_session"}[secure]; strings.HasSuffix(c.Name, "postern_session") && (c.Name != want || c.MaxAge != 7200 || c.Secure != secure || c.Path != "/acme/portal" || !c.Expires.Equal(srv.Now().Add(2*time.Hour).UTC())) {
				t.Errorf("%s: %s", public, line[strings.Index(line, ";"):])
			}
		}
	}
}

// If the public URL has a path, the path precedes every link and the cookie's path.
func TestPublicURLWithPath(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "http://127.0.0.1/customers/" })
	s := srv.session(`"customer_id":"` + srv.ada() + `"`)
	// The proxy in front of the server removes the path.
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+s.Link, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := srv.browser().client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); to != "/customers/acme/portal/overview" {
		t.Errorf("it leads to %s", to)
	}
	for _, c := range answer.Cookies() {
		if c.Path != "/customers/acme/portal" {
			t.Errorf("the cookie %s has the path %s", c.Name, c.Path)
		}
	}
}

// An invalid token leads to the sign-in page, with the email address filled in and without the token in the URL.
func TestInvalidTokenLeadsToSignIn(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
	ended := srv.session(`"customer_id":"` + id + `"`)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+ended.ID, "", nil)
	expired := srv.session(`"customer_id":"` + id + `","expires_in":60`)
	srv.Advance(time.Minute)
	fine := srv.session(`"customer_id":"` + id + `"`)
	for name, token := range map[string]string{
		"ended": ended.Token, "expired": expired.Token, "an access token": srv.Token, "cut off": fine.Token[:40],
		"nonsense": "polar_cst_?", "empty": "", "another organization's": other.AccessToken,
	} {
		b := srv.browser()
		b.get("/acme/portal?customer_session_token=" + url.QueryEscape(token) + "&email=ada%40example.com").leads("/acme/portal/request")
		b.get("/acme/portal/request").is(http.StatusOK, `value="ada@example.com"`, "This link has expired or was used already.")
		if b.cookie("postern_session", "/acme/portal/") != "" {
			t.Errorf("%s: the answer sets a session cookie", name)
		}
		b.get("/acme/portal/request").is(http.StatusOK, "!This link has expired") // the note is shown once
	}
	// The portal of another organization refuses the token too.
	b := srv.browser()
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/other/portal?customer_session_token="+fine.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if nobody, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/nobody/portal/overview?customer_session_token="+fine.Token, nil); err != nil {
		t.Fatal(err)
	} else if a, err := b.client.Do(nobody); err != nil {
		t.Fatal(err)
	} else if a.Body.Close(); a.Header.Get("Location") != "/nobody/portal" {
		t.Errorf("the portal of an unknown organization redirects to %s", a.Header.Get("Location"))
	}
	if answer.Header.Get("Location") != "/other/portal/request" {
		t.Errorf("the portal of another organization redirects to %s", answer.Header.Get("Location"))
	}
	if !srv.IsLive(fine.Token) {
		t.Error("the session has ended")
	}
}

// A customer who is signed in and follows an expired link stays signed in.
func TestExpiredLinkKeepsSession(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `"`))
	old := srv.session(`"customer_id":"` + id + `"`)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+old.ID, "", nil)
	b.get(old.Link).leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
}

func TestTicketWorksOnce(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	s := srv.session(`"customer_id":"` + id + `","one_time_link":true`)
	if !strings.Contains(s.Link, "ticket=") || strings.Contains(s.Link, s.Token) {
		t.Fatal("the link has no ticket")
	}
	u, err := url.Parse(s.Link)
	if err != nil {
		t.Fatal(err)
	}
	srv.AddSecret(u.Query().Get("ticket"))
	// Programs that look at links do not use up the ticket.
	if p := srv.browser().send("HEAD", s.Link, ""); p.header.Get("Location") != "/acme/portal/request" {
		t.Errorf("HEAD: %d to %s", p.status, p.header.Get("Location"))
	}
	scanner := srv.browser()
	for range 3 {
		scanner.get(s.Link).leads("/acme/portal/continue")
		scanner.get("/acme/portal/continue").is(http.StatusOK, "Ada Lovelace (ada@example.com)", "data-submits")
	}
	b := srv.browser()
	b.get(s.Link)
	b.follow().leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
	if b.cookie("postern_link", "/acme/portal/continue") != "" {
		t.Error("the browser still has the ticket")
	}
	scanner.get("/acme/portal/continue").leads("/acme/portal/request") // the page was open when the ticket was used
	again := srv.browser()
	again.get(s.Link).leads("/acme/portal/request")
	again.get("/acme/portal/request").is(http.StatusOK, "was used already", `value="ada@example.com"`)
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
	srv.browser().get("/acme/portal/continue").leads("/acme/portal") // a bookmark
}

// follow sends the form of the page that asks whether to use a link.
func (b *browser) follow() page {
	b.T.Helper()
	p := b.get("/acme/portal/continue").is(http.StatusOK)
	_, rest, _ := strings.Cut(p.text, `name="link" value="`)
	digest, _, _ := strings.Cut(rest, `"`)
	return b.post("/acme/portal/continue", "link", digest)
}

// The portal of another organization does not use up a ticket, neither by the link nor by the form.
func TestTicketOfAnotherOrganizationIsNotSpent(t *testing.T) {
	srv := newServer(t)
	srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
	s := srv.session(`"customer_id":"` + srv.ada() + `","one_time_link":true`)
	secret := srv.AddSecret(s.Link[strings.Index(s.Link, "ticket=")+len("ticket="):][:53])
	for _, tt := range []struct{ method, target, body string }{{"GET", "/other/portal?ticket=" + secret, ""}, {"POST", "/other/portal/continue", "link=x"}} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, srv.URL+tt.target, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", "postern_link="+secret)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := srv.browser().client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.Header.Get("Location") != "/other/portal/request" {
			t.Errorf("%s: %s to %s", tt.method, answer.Status, answer.Header.Get("Location"))
		}
	}
	b := srv.browser()
	b.get(s.Link)
	b.follow().leads("/acme/portal/overview")
}

// A link does not exchange the account of a customer who is signed in. The page asks, and only its button changes the account.
func TestLinkAsksBeforeItSwitchesAccounts(t *testing.T) {
	srv := newServer(t)
	ada, eve := srv.ada(), srv.CreateCustomer(`"type":"individual","email":"eve@example.com","name":"Eve"`)
	for kind, fields := range map[string]string{"token": "", "ticket": `,"one_time_link":true`} {
		own := srv.session(`"customer_id":"` + eve + `"`)
		b := srv.enter(own)
		s := srv.session(`"customer_id":"` + ada + `"` + fields)
		if kind == "ticket" {
			srv.AddSecret(s.Link[strings.Index(s.Link, "ticket=")+len("ticket="):][:53])
		}
		b.get(strings.Replace(s.Link, "/portal?", "/portal/settings?", 1)).leads("/acme/portal/continue")
		b.get("/acme/portal/continue").is(http.StatusOK, "You are signed in as Eve. Continue as Ada Lovelace (ada@example.com) instead of Eve?",
			`href="/acme/portal/overview"`, "!data-submits")
		b.get("/acme/portal/overview").is(http.StatusOK, "eve@example.com")
		if got := b.cookie("postern_session", "/acme/portal/"); got != own.Token {
			t.Errorf("%s: the session has changed", kind)
		}
		// Another site cannot press the button, and a form of an earlier link does nothing.
		b.send("POST", "/acme/portal/continue", "link=x", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden)
		b.post("/acme/portal/continue", "link", "0123456789abcdef").leads("/acme/portal/continue")
		b.get("/acme/portal/overview").is(http.StatusOK, "eve@example.com")
		b.follow().leads("/acme/portal/settings")
		b.get("/acme/portal/overview").is(http.StatusOK, "ada@example.com")
		if !srv.IsLive(own.Token) {
			t.Errorf("%s: the other session has ended", kind)
		}
		// The next link of the same account needs no question.
		b.get(srv.session(`"customer_id":"` + ada + `"`).Link).leads("/acme/portal/overview")
	}
}

// A browser that loads a page in advance, and a program that opens a link, do not count as uses of the session.
func TestPreviewsAreNoUses(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	used := func(s session) bool {
		srv.T.Helper()
		var entry struct {
			LastSeenAt *time.Time `json:"last_seen_at"`
		}
		srv.Call(srv.Token, "GET", "/v1/customer-sessions/"+s.ID, "", &entry)
		return entry.LastSeenAt != nil
	}
	s := srv.session(`"customer_id":"` + id + `","idle_timeout":600`)
	b := srv.browser()
	b.get(s.Link, "Sec-Purpose", "prefetch;prerender").is(http.StatusServiceUnavailable)
	b.get(s.Link, "Purpose", "prefetch").is(http.StatusServiceUnavailable)
	if b.cookie("postern_session", "/acme/portal") != "" || used(s) {
		t.Error("a preview has signed in")
	}
	b.get(s.Link).leads("/acme/portal/overview")
	if used(s) {
		t.Error("the link counts as a use")
	}
	for _, header := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		b.get("/acme/portal/overview", header, "prefetch").is(http.StatusOK, "Ada Lovelace")
	}
	if used(s) {
		t.Error("a prefetched page counts as a use")
	}
	b.get("/acme/portal/overview").is(http.StatusOK)
	if !used(s) {
		t.Error("a page does not count as a use")
	}
}

// A page links back to the session's return URL, or to a return URL that the organization allows, and to no other URL.
func TestReturnURL(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	b := srv.enter(srv.session(`"customer_id":"` + id + `","return_url":"https://app.example.com/account?tab=1"`))
	b.get("/acme/portal/overview").is(http.StatusOK, `href="https://app.example.com/account?tab=1"`, "Back to Acme", "app.example.com</small>")
	b = srv.enter(srv.session(`"customer_id":"` + id + `"`))
	b.get("/acme/portal/overview").is(http.StatusOK, `!class="back"`)

	for _, evil := range []string{"javascript:alert(1)", "https://evil.example", "//evil.example", "https://app.example.com@evil.example/", "data:text/html,x", "https://app.example.com.evil.example"} {
		b := srv.browser()
		b.get("/acme/portal/request?return_url="+url.QueryEscape(evil)).is(http.StatusOK, `!class="back"`, "!evil.example", "!javascript:")
	}
	srv.ChangePortal(func(s *directory.PortalSettings) {
		s.ReturnHosts = []string{"app.example.com"}
	})
	for _, evil := range []string{"javascript:alert(1)", "https://evil.example", "https://app.example.com@evil.example/", "https://app.example.com.evil.example"} {
		b := srv.browser()
		b.get("/acme/portal/request?return_url="+url.QueryEscape(evil)).is(http.StatusOK, `!class="back"`, "!evil.example", "!javascript:")
	}
	b = srv.browser()
	b.get("/acme/portal/request?return_url="+url.QueryEscape("https://app.example.com/reports")).is(http.StatusOK, `href="https://app.example.com/reports"`)
	// The return URL survives signing in and signing out.
	b.get(srv.session(`"customer_id":"` + id + `"`).Link).leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, `id="continue"`, "Continue to app.example.com", "https://app.example.com/reports")
}
