package admin_test

import (
	"net/http"
	"net/url"
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

// A sign-in expires after eight hours, and ends when the access token is revoked.
func TestSignInExpires(t *testing.T) {
	srv := newServer(t)
	b := srv.operator(srv.Token)
	srv.Advance(8*time.Hour - time.Second)
	b.get("/admin").is(http.StatusOK)
	srv.Advance(time.Second)
	b.get("/admin").leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, "Please sign in again")
	b.post("/admin/settings/portal", url.Values{"name": {"Other"}}).leads("/admin/sign-in")
	b.get("/admin/sign-in").is(http.StatusOK, "nothing was saved.")

	other := srv.AccessToken("customers:read")
	b = srv.operator(other.Token)
	srv.Call(srv.Token, "DELETE", "/v1/organization-access-tokens/"+other.ID, "", nil)
	b.get("/admin/customers").leads("/admin/sign-in")
	if _, kept := b.cookies[[2]string{"postern_session", "/admin"}]; kept {
		t.Error("the browser still has the cookie of a revoked access token")
	}
}

// A browser sends cookies that other programs have set next to the operator's. The operator is signed in whichever comes first.
func TestOtherCookiesDoNotHideTheSignIn(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "https://portal.example.com" })
	b := srv.operator(srv.Token)
	own := b.cookies[[2]string{"__Secure-postern_session", "/admin"}]
	ended := srv.AccessToken("customers:read")
	srv.Call(srv.Token, "DELETE", "/v1/organization-access-tokens/"+ended.ID, "", nil)
	_, at, _ := strings.Cut(own, ".")
	for _, header := range []string{
		"__Secure-postern_session=" + ended.Token + "." + at + "; __Secure-postern_session=" + own,
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
