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
	// A HEAD request does not use up the ticket.
	if p := srv.browser().send("HEAD", s.Link, ""); p.header.Get("Location") != "/acme/portal/request" {
		t.Errorf("HEAD: %d to %s", p.status, p.header.Get("Location"))
	}
	b := srv.browser()
	b.get(s.Link).leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
	again := srv.browser()
	again.get(s.Link).leads("/acme/portal/request")
	again.get("/acme/portal/request").is(http.StatusOK, "was used already", `value="ada@example.com"`)
	b.get("/acme/portal/overview").is(http.StatusOK, "Ada Lovelace")
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
