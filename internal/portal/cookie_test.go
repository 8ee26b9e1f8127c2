package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// A browser can send several session cookies, for example of other programs on this host. The live one counts wherever it is.
func TestDeadCookiesDoNotHideTheLiveOne(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "https://portal.example.com" })
	id := srv.ada()
	ended, live := srv.session(`"customer_id":"`+id+`"`), srv.session(`"customer_id":"`+id+`"`)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+ended.ID, "", nil)
	for header, want := range map[string]bool{
		"__Secure-postern_session=" + live.Token:                                                    true,
		"postern_session=" + live.Token:                                                             true, // of an earlier version
		"__Secure-postern_session=" + ended.Token + "; __Secure-postern_session=" + live.Token:      true,
		"__Secure-postern_session=garbage; postern_session=" + live.Token:                           true,
		"postern_session=" + ended.Token + "; postern_session=; postern_session=" + live.Token:      true,
		"__Secure-postern_session=" + ended.Token:                                                   false,
		"__Host-postern_session=" + live.Token:                                                      false,
		"__Secure-postern_session=" + strings.Repeat("x; __Secure-postern_session=y", 9) + ended.ID: false,
	} {
		p := srv.browser().get("/acme/portal/overview", "Cookie", header)
		if got := p.status == http.StatusOK; got != want {
			t.Errorf("%d with %d cookies, want signed in: %v", p.status, strings.Count(header, "=")-1, want)
		}
	}
	plain := newServer(t)
	s := plain.session(`"customer_id":"` + plain.ada() + `"`)
	plain.browser().get("/acme/portal/overview", "Cookie", "__Secure-postern_session="+s.Token).leads("/acme/portal/request")
}

// After an upgrade, a browser has cookies without the prefix. Signing in and out replaces and deletes them, so that no older
// sign-in comes back.
func TestCookiesWithoutPrefixAreDeleted(t *testing.T) {
	srv := newServer(t, func(c *testserver.Options) { c.PublicURL = "https://portal.example.com" })
	id := srv.ada()
	old, s := srv.session(`"customer_id":"`+id+`"`), srv.session(`"customer_id":"`+id+`"`)
	for name, p := range map[string]page{
		"sign in":  srv.browser().get(s.Link, "Cookie", "postern_session=polar_cst_x"),
		"sign out": srv.browser().post("/acme/portal/sign-out"),
	} {
		if strings.Contains(strings.Join(p.header["Set-Cookie"], "\n"), "\npostern_session=") != (name == "sign in") {
			t.Errorf("%s: the answer sets %d cookies", name, len(p.header["Set-Cookie"]))
		}
	}
	b := srv.browser()
	b.headers = []string{"Cookie", "postern_session=" + old.Token + "; postern_portal=email%3Dada%2540example.com"}
	p := b.post("/acme/portal/sign-out")
	deleted := map[string]bool{}
	for _, c := range (&http.Response{Header: p.header}).Cookies() {
		if c.MaxAge < 0 && c.Path == "/acme/portal" {
			deleted[c.Name] = true
		}
	}
	for _, name := range []string{"__Secure-postern_session", "postern_session", "postern_portal"} {
		if !deleted[name] {
			t.Errorf("the answer does not delete the cookie %s: %v", name, deleted)
		}
	}
	if srv.IsLive(old.Token) {
		t.Error("the session is still live")
	}
}
