package portal_test

import (
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

// application is a browser at the application app.example.com, whose proxy passes requests for /.postern/ on to the portal of the
// browser's server.
type application struct {
	*browser
	host, scheme, slug string
	cookies            map[string]string
}

func newApplication(t *testing.T, options ...testserver.Option) *application {
	t.Helper()
	srv := newServer(t, append(options, func(o *testserver.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	})...)
	srv.ChangePortal(func(s *directory.PortalSettings) {
		s.ApplicationHosts = []string{"app.example.com", "other.example.com"}
	})
	srv.ada()
	return srv.browser().at("app.example.com")
}

// at returns the same browser at an application on https.
func (b *browser) at(host string) *application {
	return &application{browser: b, host: host, scheme: "https", slug: "acme", cookies: map[string]string{}}
}

// open sends a request to a page of the application below /.postern/, as its proxy does.
func (a *application) open(method, target string, headers ...string) page {
	a.T.Helper()
	r, err := http.NewRequestWithContext(a.T.Context(), method, a.URL+"/"+a.slug+"/portal"+target, nil)
	if err != nil {
		a.T.Fatal(err)
	}
	r.Header.Set("X-Forwarded-Proto", a.scheme)
	r.Header.Set("X-Forwarded-Host", a.host)
	for name, value := range a.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := (&http.Client{CheckRedirect: a.client.CheckRedirect}).Do(r)
	if err != nil {
		a.T.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		a.T.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != (a.scheme == "https") ||
			c.Secure != strings.HasPrefix(c.Name, "__Host-") {
			a.T.Errorf("%s: the cookie %v is not guarded", target, c)
		}
		if a.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(a.cookies, c.Name)
		}
		if strings.HasSuffix(c.Name, "postern_session") && c.MaxAge > 0 {
			a.AddSecret(c.Value)
		}
	}
	asked, _, _ := strings.Cut(method+" "+target, "?")
	a.CheckNoSecrets(asked, string(text)+answer.Header.Get("Location"))
	if answer.Header.Get("Cache-Control") != "no-store" && !strings.Contains(target, "/assets/") {
		a.T.Errorf("%s: %v", asked, answer.Header)
	}
	return page{a.T, asked, answer.StatusCode, answer.Header, string(text)}
}

// start opens the sign-in page for a page of the application. It returns the path at the portal to which the browser is sent.
func (a *application) start(to string) string {
	a.T.Helper()
	p := a.open("GET", "/.postern/sign-in?to="+url.QueryEscape(to))
	at := p.header.Get("Location")
	u, err := url.Parse(at)
	if err != nil || u.Path != "/acme/portal/request" {
		a.T.Fatalf("the sign-in starts at %q: %d %s", at, p.status, p.text)
	}
	return u.RequestURI()
}

// back returns the path and query of a callback, which must be at the application's host.
func (a *application) back(address string) string {
	a.T.Helper()
	target, ok := strings.CutPrefix(address, a.scheme+"://"+a.host)
	if !ok || !strings.HasPrefix(target, "/.postern/callback?ticket=") {
		a.T.Fatalf("the sign-in ends at %q", address)
	}
	return target
}

// signIn signs in at the portal with a code, and returns the callback.
func (a *application) signIn(request string) string {
	a.T.Helper()
	a.get(request).is(http.StatusOK, "Sign in")
	a.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
	a.post("/acme/portal/authenticate", "code", a.code()).leads("/acme/portal/return")
	a.AddSecret(a.cookie("postern_session", "/acme/portal/"))
	p := a.get("/acme/portal/return").is(http.StatusOK, "Continue to app.example.com", `rel="noreferrer"`)
	_, rest, _ := strings.Cut(p.text, `<meta http-equiv="refresh" content="0; url=`)
	address, _, _ := strings.Cut(rest, `"`)
	return a.back(strings.ReplaceAll(address, "&amp;", "&"))
}

const longTarget = "/bücher/größe%20x?q=100%&r=a+b%2Bc&r=%E3%81%82;x=1&next=%2F%2Fevil"

// After the sign-in with a code, the application's host has a cookie with the session, and the customer is where they wanted to go.
func TestApplicationGetsTheSession(t *testing.T) {
	a := newApplication(t)
	target := strings.NewReplacer("ü", "%C3%BC", "ö", "%C3%B6", "ß", "%C3%9F").Replace(longTarget)
	target += "&long=" + strings.Repeat("%C3%A9", 300)
	target += strings.Repeat("x", 2000-len(target))
	callback := a.signIn(a.start(target))
	a.open("GET", callback).leads(target)
	session := a.cookies["__Host-postern_session"]
	if session != a.cookie("postern_session", "/acme/portal/") || !a.IsLive(session) || a.cookies["__Host-postern_sign_in"] != "" {
		t.Errorf("the application has the cookies %q", a.cookies)
	}
	if at := a.get("/acme/portal/overview").is(http.StatusOK, `!id="continue"`); strings.Contains(at.text, "app.example.com") {
		t.Error("the target of a finished sign-in is kept")
	}
	// Loading the callback again, and another tab that was slower, lead to the page, without another session.
	a.open("GET", callback).leads(target)
	a.open("GET", "/.postern/sign-in?to=/b").leads("/b")
	if got := a.cookies["__Host-postern_session"]; got != session {
		t.Error("the session has changed")
	}
	a.open("POST", "/.postern/sign-out", "Origin", "https://app.example.com").is(http.StatusOK, `content="0; url=/"`, "Continue to app.example.com")
	if a.IsLive(session) || a.cookies["__Host-postern_session"] != "" {
		t.Error("the session did not end with the sign-out")
	}
	a.get("/acme/portal/overview").leads("/acme/portal/request")
}

// A customer who is signed in at the portal, or at another application, types no code.
func TestSignedInCustomersAreSentOn(t *testing.T) {
	a := newApplication(t)
	a.open("GET", a.signIn(a.start("/a"))).leads("/a")
	other := a.browser.at("other.example.com")
	p := a.get(other.start("/b?c"))
	other.open("GET", other.back(p.header.Get("Location"))).leads("/b?c")
	if other.cookies["__Host-postern_session"] != a.cookies["__Host-postern_session"] {
		t.Error("the applications have different sessions")
	}
	a.get("/acme/portal/request").leads("/acme/portal/overview")
	a.get("/acme/portal/request?next=sessions").is(http.StatusOK, "ada@example.com") // before the session ends
	a.get("/acme/portal/request?email=eve@example.com").is(http.StatusOK, "eve@example.com")
	// Another application's sign-out ends the session here too.
	other.open("POST", "/.postern/sign-out?to=/a%3Fb=c%26d", "Sec-Fetch-Site", "same-origin").is(http.StatusOK, `content="0; url=/a?b=c&amp;d"`)
	at := a.open("GET", "/.postern/sign-in?to=/a").header.Get("Location")
	if !strings.Contains(at, "/acme/portal/request?") {
		t.Errorf("after a sign-out, the sign-in leads to %s", at)
	}
}

// A ticket works in one browser, at one host, once, and soon.
func TestTicketsOfApplicationsAreBound(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(a *application, callback string) (*application, string)
		spent  bool
	}{
		"another browser": {change: func(a *application, callback string) (*application, string) {
			return a.browser.at("app.example.com"), callback
		}},
		"another browser that is signing in": {change: func(a *application, callback string) (*application, string) {
			victim := a.browser.at("app.example.com")
			victim.start("/")
			return victim, callback
		}},
		"another host": {change: func(a *application, callback string) (*application, string) {
			other := a.browser.at("other.example.com")
			other.cookies = a.cookies
			return other, callback
		}},
		"another scheme": {change: func(a *application, callback string) (*application, string) {
			other := a.browser.at("app.example.com")
			other.scheme, other.cookies["postern_sign_in"] = "http", a.cookies["__Host-postern_sign_in"]
			return other, callback
		}},
		"a cookie that another host can set": {change: func(a *application, callback string) (*application, string) {
			other := a.browser.at("app.example.com")
			other.cookies["postern_sign_in"] = a.cookies["__Host-postern_sign_in"]
			return other, callback
		}},
		"another page": {change: func(a *application, callback string) (*application, string) {
			return a, callback + "AA"
		}},
		"no state": {change: func(a *application, callback string) (*application, string) {
			return a, strings.Split(callback, "&state=")[0]
		}},
		"no ticket": {change: func(a *application, callback string) (*application, string) {
			return a, strings.Replace(callback, "ticket=", "t=", 1)
		}},
		"a session's token": {change: func(a *application, callback string) (*application, string) {
			return a, "/.postern/callback?ticket=" + a.cookie("postern_session", "/acme/portal/") + "&state=" + strings.Split(callback, "&state=")[1]
		}},
		"a minute later": {spent: true, change: func(a *application, callback string) (*application, string) {
			a.Advance(time.Minute)
			return a, callback
		}},
		"an ended session": {spent: true, change: func(a *application, callback string) (*application, string) {
			a.post("/acme/portal/sign-out").is(http.StatusSeeOther)
			return a, callback
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApplication(t)
			callback := a.signIn(a.start("/a"))
			used, changed := tt.change(a, callback)
			used.open("GET", changed).is(http.StatusForbidden, "Please sign in again", `href="/.postern/sign-in?to=`)
			if used.cookies["__Host-postern_session"]+used.cookies["postern_session"] != "" {
				t.Error("the browser got a session")
			}
			if !tt.spent {
				a.open("GET", callback).leads("/a")
			}
		})
	}
}

// Programs that look at an address, and browsers that load it in advance, do not use up its ticket.
func TestPreviewsSpendNoTicket(t *testing.T) {
	a := newApplication(t)
	callback := a.signIn(a.start("/a"))
	for _, tt := range [][]string{{"HEAD"}, {"GET", "Sec-Purpose", "prefetch"}, {"GET", "Sec-Purpose", "prefetch;prerender"}, {"GET", "X-Moz", "prefetch"}} {
		a.open(tt[0], callback, tt[1:]...).is(http.StatusServiceUnavailable)
		if a.get(a.start("/b"), tt[1:]...); len(tt) > 1 {
			a.get(a.start("/b"), tt[1:]...).is(http.StatusServiceUnavailable)
		}
	}
	a.open("GET", callback).leads("/a")
	a.open("GET", "/.postern/sign-out", "Sec-Purpose", "prefetch", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document").is(http.StatusOK, "Sign out?")
	a.open("HEAD", "/.postern/sign-out", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document").is(http.StatusOK)
	if !a.IsLive(a.cookies["__Host-postern_session"]) {
		t.Error("a preview has ended the session")
	}
}

// Only hosts that the organization names get sessions, and only over https if the portal uses https.
func TestOnlyApplicationHostsTakePart(t *testing.T) {
	srv := newApplication(t).server
	other := &server{srv.Neighbor("bolt")}
	for name, change := range map[string]func(a *application){
		"a host that is not listed":          func(a *application) { a.host = "evil.example.com" },
		"a host below":                       func(a *application) { a.host = "x.app.example.com" },
		"another port":                       func(a *application) { a.host = "app.example.com:8443" },
		"no host":                            func(a *application) { a.host = "" },
		"an invalid host":                    func(a *application) { a.host = "app.example.com@evil.example" },
		"an unknown scheme":                  func(a *application) { a.scheme = "javascript" },
		"no scheme":                          func(a *application) { a.scheme = "" },
		"the portal of another organization": func(a *application) { a.slug = "bolt" },
	} {
		a := srv.browser().at("app.example.com")
		change(a)
		for _, target := range []string{"/.postern/sign-in", "/.postern/callback?ticket=a&state=b", "/.postern/sign-out"} {
			p := a.open("GET", target).is(http.StatusForbidden, "Signing in is not set up here")
			if len(p.header["Set-Cookie"]) != 0 || strings.Contains(p.text, "/acme/portal") {
				t.Errorf("%s, %s: %v %s", name, target, p.header, p.text)
			}
		}
	}
	// An organization that names the host of another one sends that host sessions of its own, which the host refuses.
	other.Must(200, other.As(other.Token, "PATCH", "/v1/organizations/"+other.OrgID+"/customer-portal-settings", `{"application_hosts":["app.example.com"]}`))
	a := srv.browser().at("app.example.com")
	request := strings.Replace(a.start("/"), "/acme/", "/bolt/", 1)
	eve := other.CreateCustomer(`"type":"individual","email":"eve@example.com"`)
	theirs := other.Create("/v1/customer-sessions/", `{"customer_id":"`+eve+`"}`).Token
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+request, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "postern_session="+theirs)
	answer, err := srv.browser().client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	a.open("GET", a.back(answer.Header.Get("Location"))).is(http.StatusForbidden, "Please sign in again")
	if a.cookies["__Host-postern_session"] != "" {
		t.Error("the application got the session of another organization")
	}
}

// The portal sends tickets to no other address, whatever a link says, and the application redirects to its own pages only.
func TestSignInLeadsNowhereElse(t *testing.T) {
	a := newApplication(t)
	state := strings.Split(a.start("/"), "state=")[1]
	a.open("GET", a.signIn(a.start("/"))).leads("/")
	for _, evil := range []string{
		"https://evil.example/.postern/callback", "https://app.example.com/", "https://app.example.com/.postern/callback?x=y", "https://app.example.com@evil.example/.postern/callback",
		"https://app.example.com:8443/.postern/callback", "javascript://app.example.com/.postern/callback", "//app.example.com/.postern/callback",
	} {
		a.get("/acme/portal/request?state=" + state + "&return_url=" + url.QueryEscape(evil)).leads("/acme/portal/overview")
		a.get("/acme/portal/return").leads("/acme/portal/overview")
	}
	for _, wrong := range []string{"", "x", strings.Repeat("a", 43), strings.Repeat("a", 43) + "." + strings.Repeat("a", 3000)} {
		a.get("/acme/portal/request?state=" + wrong + "&return_url=" + url.QueryEscape("https://app.example.com/.postern/callback")).leads("/acme/portal/overview")
	}
	for _, evil := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "evil", "/a#b", "/\n", "/.postern/sign-out", "/?t=" + a.cookies["__Host-postern_session"], "/" + strings.Repeat("a", 2000)} {
		a.open("GET", "/.postern/sign-in?to="+url.QueryEscape(evil)).leads("/")
	}
}

// A form of another site does not sign out, and a link of another site asks first.
func TestSignOutOfAnApplication(t *testing.T) {
	a := newApplication(t)
	a.open("GET", a.signIn(a.start("/"))).leads("/")
	session := a.cookies["__Host-postern_session"]
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://app.example.com"},
		{"Origin", "https://other.example.com"},
	} {
		a.open("POST", "/.postern/sign-out", headers...).is(http.StatusForbidden)
	}
	clicked := []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	for i, other := range map[int]string{1: "cross-site", 3: "no-cors", 5: "iframe"} {
		headers := slices.Clone(clicked)
		headers[i] = other
		a.open("GET", "/.postern/sign-out?to=/bye", headers...).is(http.StatusOK, "Sign out?", `action="/.postern/sign-out?to=%2Fbye"`)
	}
	a.open("GET", "/.postern/sign-out").is(http.StatusOK, "Sign out?")
	if !a.IsLive(session) {
		t.Fatal("another site has ended the session")
	}
	a.open("GET", "/.postern/sign-out?to=/bye", clicked...).leads("/bye")
	if a.IsLive(session) {
		t.Error("the application's own link did not end the session")
	}
	a.open("POST", "/.postern/sign-out?to=//evil", "Sec-Fetch-Site", "same-origin").is(http.StatusOK, `content="0; url=/"`)
}

// The newest place to return to counts, its state comes back, and nothing stale is kept.
func TestNewestReturnCounts(t *testing.T) {
	a := newApplication(t)
	a.ChangePortal(func(s *directory.PortalSettings) {
		s.ReturnHosts = []string{"shop.example.com", "myapp://", "https://example.com/account", "[::1]:3000"}
	})
	ask := func(address, state string) page {
		a.T.Helper()
		return a.get("/acme/portal/request?return_url=" + url.QueryEscape(address) + "&state=" + url.QueryEscape(state))
	}
	ask("https://shop.example.com/a?b=%2F&c=%", "x y&z").is(http.StatusOK, `href="https://shop.example.com/a?b=%2F&amp;c=%25&amp;state=x&#43;y%26z"`)
	ask("myapp://account/1?a=b", "s").is(http.StatusOK, `href="myapp://account/1?a=b&amp;state=s"`, "!shop.example.com")
	ask("http://[::1]:3000/a", "").is(http.StatusOK, `href="http://[::1]:3000/a"`, "!myapp")
	ask("https://example.com/account/a", "").is(http.StatusOK, `href="https://example.com/account/a"`)
	ask("https://example.com/other", "").is(http.StatusOK, "!example.com/")
	a.get("/acme/portal/request").is(http.StatusOK, "!example.com/")
	long := "https://shop.example.com/" + strings.Repeat("%C3%A9", 320)
	ask(long, "s").is(http.StatusOK, `href="`+long+`?state=s"`)
	ask("otherapp://a", "").is(http.StatusOK, "!otherapp", "!shop.example.com")

	// A sign-in for an application that was not finished does not capture a later visit.
	a.get(a.start("/a")).is(http.StatusOK, "!.postern")
	a.get("/acme/portal").leads("/acme/portal/request")
	a.browser.signIn("ada@example.com", false)

	// The return URL of a session is newer than that of an earlier page, and older than that of a later one.
	ask("https://shop.example.com/1", "").leads("/acme/portal/overview")
	a.get("/acme/portal/overview").is(http.StatusOK, "https://shop.example.com/1")
	id := a.session(`"customer_id":"` + a.ada2() + `","return_url":"https://shop.example.com/2"`)
	b := a.server.browser()
	b.get("/acme/portal/request?return_url=https://shop.example.com/1").is(http.StatusOK, "shop.example.com/1")
	b.get(id.Link).leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "https://shop.example.com/2", "!shop.example.com/1")
	b.get("/acme/portal/request?return_url=https://shop.example.com/3").leads("/acme/portal/overview")
	b.get("/acme/portal/overview").is(http.StatusOK, "https://shop.example.com/3", "!shop.example.com/2")
}

func (a *application) ada2() string {
	a.T.Helper()
	return a.CreateCustomer(`"type":"individual","email":"eve@example.com"`)
}
