package admin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/testserver"
)

func TestSignIn(t *testing.T) {
	srv := newServer(t)
	b := srv.browser()
	b.get("/admin").leads("/admin/sign-in")
	b.get("/admin/customers").leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, `type="password"`, "polar_oat_").without("Customers")
	b.post("/admin/sign-in", url.Values{"token": {"  " + srv.Token + "\r\n"}}).leads("/admin")
	b.get("/admin").is(http.StatusOK, "Acme", "The first token")
	b.get("/admin/sign-in").leads("/admin")
	b.post("/admin/sign-out", nil).leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, "You are signed out in this browser")
	b.get("/admin/sign-in").without("You are signed out in this browser")
	b.get("/admin").leads("/admin/sign-in")
}

func TestRefusedTokenShowsReason(t *testing.T) {
	srv := newServer(t)
	s := srv.session(srv.ada())
	gone := srv.AccessToken("customers:read")
	srv.Call(srv.Token, "DELETE", "/v1/organization-access-tokens/"+gone.ID, "", nil)
	for what, c := range map[string]struct{ token, words string }{
		"nothing":    {"", "Paste an access token."},
		"nonsense":   {"hunter2", "This is not a complete access token"},
		"a half":     {srv.Token[:30], "This is not a complete access token"},
		"a session":  {s.Token, "This token belongs to a customer."},
		"revoked":    {gone.Token, "This access token is not valid"},
		"a password": {"<script>alert(1)</script>", "This is not a complete access token"},
	} {
		b := srv.browser()
		p := b.post("/admin/sign-in", url.Values{"token": {c.token}}).is(http.StatusUnprocessableEntity, c.words, `aria-invalid="true"`)
		if len(b.cookies) != 0 || strings.Contains(p.text, "hunter2") || strings.Contains(p.text, "<script>alert") {
			t.Errorf("%s: cookies %v: %s", what, b.cookies, p.text)
		}
	}
}

func TestCookieAttributes(t *testing.T) {
	for public, want := range map[string]struct {
		path   string
		secure bool
	}{
		"https://portal.example.com":      {"/admin", true},
		"https://example.com/portal/here": {"/portal/here/admin", true},
		"http://127.0.0.1:8787":           {"/admin", false},
	} {
		srv := newServer(t, func(c *testserver.Options) { c.PublicURL = public })
		p := srv.browser().post("/admin/sign-in", url.Values{"token": {srv.Token}}).leads(want.path)
		c := (&http.Response{Header: p.header}).Cookies()
		name := map[bool]string{true: "__Secure-postern_session", false: "postern_session"}[want.secure]
		if len(c) != 1 || c[0].Name != name || c[0].Path != want.path || c[0].Secure != want.secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].MaxAge != 0 || !c[0].Expires.IsZero() {
			t.Errorf("%s: %+v", public, c)
		}
	}
}

// A sign-in ends after eight hours, and after an hour without a page. What a page's script requests on its own does not count.
func TestSignInExpires(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	for range 8 {
		srv.Advance(time.Hour - time.Second)
		b.get("/admin").is(http.StatusOK)
	}
	srv.Advance(8 * time.Second)
	b.get("/admin").leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, "Please sign in again")
	b.post("/admin/settings/portal", url.Values{"name": {"Other"}}).leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, "nothing was saved.")

	b = srv.operator(srv.Token)
	srv.Advance(59 * time.Minute)
	b.get("/admin/activity").is(http.StatusOK)
	srv.Advance(time.Minute)
	b.get("/admin").leads("/admin/sign-in")
}

// A sign-in ends with its access token: when the token is revoked, expires or loses a scope, and when the organization is blocked. A new
// comment and a new scope do not end it.
func TestSignInEndsWithItsAccessToken(t *testing.T) {
	srv := newServer(t)
	const tokens = "/v1/organization-access-tokens/"
	for name, end := range map[string]func(id string){
		"revoked":          func(id string) { srv.Call(srv.Token, "DELETE", tokens+id, "", nil) },
		"rotated":          func(id string) { srv.Call(srv.Token, "POST", tokens+id+"/rotate", `{"overlap":0}`, nil) },
		"lost a scope":     func(id string) { srv.Call(srv.Token, "PATCH", tokens+id, `{"scopes":["customers:read"]}`, nil) },
		"revoked a parent": nil,
	} {
		parent := srv.AccessToken("customers:read", "customers:write", "organization_access_tokens:write")
		other := srv.AccessTokenAs(parent.Token, "customers:read", "customers:write")
		b := srv.operator(other.Token)
		srv.Call(srv.Token, "PATCH", tokens+other.ID, `{"comment":"renamed"}`, nil)
		b.get("/admin/customers").is(http.StatusOK)
		if end == nil {
			srv.Call(srv.Token, "DELETE", tokens+parent.ID, "", nil)
		} else {
			end(other.ID)
		}
		if to := b.get("/admin/customers").header.Get("Location"); to != "/admin/sign-in" {
			t.Errorf("%s: to %q", name, to)
		}
		if _, kept := b.cookies[[2]string{"postern_session", "/admin"}]; kept {
			t.Errorf("%s: the browser still has the cookie", name)
		}
	}
	b := srv.operator(srv.Token)
	srv.Block(true)
	b.get("/admin").leads("/admin/sign-in")
	srv.Block(false)
	b = srv.operator(srv.Token)
	b.get("/admin").is(http.StatusOK)
}

// The cookie never has the access token, and its own token opens nothing else.
func TestCookieHasNoAccessToken(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	cookie := b.cookies[[2]string{"postern_session", "/admin"}]
	if !strings.HasPrefix(cookie, "polar_ops_") || strings.Contains(cookie, "polar_oat_") {
		t.Errorf("the cookie is %.14s…", cookie)
	}
	for _, path := range []string{"/v1/customers/", "/v1/customer-portal/customer-session/introspect"} {
		if status := srv.Call(cookie, "GET", path, "", nil); status != http.StatusUnauthorized {
			t.Errorf("%s with the token of a cookie: %d", path, status)
		}
	}
	srv.browser().send("GET", "/admin", nil, "Cookie", "postern_session="+srv.Token).leads("/admin/sign-in")
	b.post("/admin/sign-out", nil).leads("/admin/sign-in")
	srv.browser().send("GET", "/admin", nil, "Cookie", "postern_session="+cookie).leads("/admin/sign-in") // signed out on the server too

	b = srv.operator(srv.Token)
	if known, err := srv.Postern.Leaks.End(t.Context(), b.cookies[[2]string{"postern_session", "/admin"}]); !known || err != nil {
		t.Errorf("a leaked cookie: known %v, %v", known, err)
	}
	b.get("/admin").leads("/admin/sign-in")
}

// signInOf signs in with an access token of the organization and returns the ID of the operator session.
func (srv *server) signInOf(token string) string {
	srv.T.Helper()
	srv.operator(token)
	org, err := srv.Postern.Directory.OrganizationBySlug(srv.T.Context(), "acme")
	if err != nil {
		srv.T.Fatal(err)
	}
	all, err := srv.Postern.Directory.OperatorSessions(srv.T.Context(), org, 1)
	if err != nil || len(all) != 1 {
		srv.T.Fatalf("%d operator sessions, %v", len(all), err)
	}
	return all[0].ID.String()
}

// Operators see who is signed in, and can sign out others whose access token is not stronger.
func TestSignIns(t *testing.T) {
	srv := newServer(t)
	b, weak := srv.operator(srv.Token), srv.AccessToken("organization_access_tokens:write")
	theirs := srv.operator(weak.Token)
	ends := regexp.MustCompile(`href="(/admin/sign-ins/[^"]*/end)"`).FindAllStringSubmatch(b.get("/admin/sign-ins").is(http.StatusOK, "The first token", ">You<").text, -1)
	if len(ends) != 2 {
		t.Fatalf("%d sign-ins can be ended, wanted 2", len(ends))
	}
	seen := theirs.get("/admin/sign-ins").is(http.StatusOK, "stronger than yours").text
	for _, end := range ends {
		if !strings.Contains(seen, end[1]) {
			theirs.post(end[1], nil).is(http.StatusConflict, "stronger than yours")
		}
	}
	for _, end := range ends {
		if strings.Contains(seen, end[1]) {
			b.get(end[1]).is(http.StatusOK, "Sign out ", "The access token stays valid.", `action="`+end[1]+`"`)
			b.post(end[1], nil).leads("/admin/sign-ins")
			b.get("/admin/sign-ins").is(http.StatusOK, "The operator is signed out in that browser.")
			b.post(end[1], nil).is(http.StatusNotFound)
			b.get(end[1]).is(http.StatusNotFound)
		}
	}
	// An operator of another organization does not find the sign-in.
	stranger := srv.operator(srv.CreateOrganization(testserver.NewOrganization{Slug: "other"}).AccessToken)
	stranger.post("/admin/sign-ins/"+srv.signInOf(srv.Token)+"/end", nil).is(http.StatusNotFound)
	theirs.get("/admin").leads("/admin/sign-in")
	b.get("/admin").is(http.StatusOK)
}

// A browser sends cookies that other programs have set next to the operator's. The operator is signed in whichever comes first.
func TestOtherCookiesDoNotHideTheSignIn(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "https://portal.example.com" })
	cookie := func() string {
		return srv.operator(srv.Token).cookies[[2]string{"__Secure-postern_session", "/admin"}]
	}
	own, ended := cookie(), srv.operator(srv.Token)
	old := ended.cookies[[2]string{"__Secure-postern_session", "/admin"}]
	ended.post("/admin/sign-out", nil).leads("/admin/sign-in")
	for _, header := range []string{
		"__Secure-postern_session=" + old + "; __Secure-postern_session=" + own,
		"__Secure-postern_session=polar_cst_x; postern_session=" + own,
		"postern_session=" + own + "; postern_session=",
	} {
		srv.browser().send("GET", "/admin", nil, "Cookie", header).is(http.StatusOK)
	}
	srv.browser().send("GET", "/admin", nil, "Cookie", "postern_session=polar_cst_x").leads("/admin/sign-in")
}

// Sign-in attempts are counted by IP address, whichever cookie the client sends. Other requests are not affected.
func TestSignInAttemptsAreLimited(t *testing.T) {
	srv := newServer(t, testserver.RateLimits("login=3/m,default=1000/m"))
	signedIn := srv.operator(srv.Token)
	b := srv.browser()
	for range 2 {
		b.post("/admin/sign-in", url.Values{"token": {"guess"}}).is(http.StatusUnprocessableEntity)
	}
	p := b.post("/admin/sign-in", url.Values{"token": {srv.Token}}).is(http.StatusTooManyRequests, "Try again in 15 minutes.")
	if p.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After is %q", p.header.Get("Retry-After"))
	}
	signedIn.post("/admin/sign-in", url.Values{"token": {srv.Token}}).is(http.StatusTooManyRequests)
	signedIn.get("/admin").is(http.StatusOK)
	srv.Advance(15 * time.Minute)
	b.post("/admin/sign-in", url.Values{"token": {srv.Token}}).leads("/admin")
}

func TestAdminIsOffByDefault(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.Admin = false })
	b := srv.browser()
	for _, path := range []string{"/admin", "/admin/", "/admin/sign-in", "/admin/portal"} {
		if p := b.get(path).is(http.StatusNotFound, "Not Found"); p.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v", path, p.header)
		}
	}
	if _, _, err := srv.Postern.Directory.CreateOrganization(t.Context(), directory.NewOrganization{Slug: "admin"}); err == nil {
		t.Error("an organization has the slug admin")
	}
}
