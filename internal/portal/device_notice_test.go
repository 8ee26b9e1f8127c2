package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

// signIn signs in with a code, with or without a notice of a new device.
func (b *browser) signIn(email string, notice bool) {
	b.T.Helper()
	b.post("/acme/portal/request", "email", email).leads("/acme/portal/authenticate")
	b.post("/acme/portal/authenticate", "code", b.code()).leads("/acme/portal/overview")
	b.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	b.expectNotice(email, notice)
}

func (srv *server) expectNotice(email string, want bool) {
	srv.T.Helper()
	if err := srv.Postern.AwaitMail(srv.T.Context()); err != nil {
		srv.T.Fatal(err)
	}
	if srv.Mail.Empty() == want {
		srv.T.Fatalf("a notice for %s: %v, want %v", email, !want, want)
	}
	if !want {
		return
	}
	m := srv.Mail.Next()
	for _, part := range []string{"was opened on a device that has not been used", "Device: Firefox on Linux", "IP address: 127.0.0.1", "/acme/portal/sessions"} {
		if m.To != email || !strings.Contains(m.Text, part) {
			srv.T.Errorf("the mail to %s lacks %q: %s", m.To, part, m.Text)
		}
	}
}

func (srv *server) firefox() *browser {
	b := srv.browser()
	b.headers = append(b.headers, "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	return b
}

// An account hears of a sign-in from a browser without its device cookie, but not of its first sign-in.
func TestNoticeOfNewDevice(t *testing.T) {
	srv := newServer(t)
	id := srv.ada()
	srv.CreateCustomer(`"type":"individual","email":"eve@example.com"`)
	home, other := srv.firefox(), srv.firefox()
	home.signIn("ada@example.com", false) // the first sign-in
	home.signIn("ada@example.com", false)
	other.signIn("ada@example.com", true)
	other.signIn("ada@example.com", false)
	home.signIn("eve@example.com", false) // the first sign-in of this account
	other.signIn("eve@example.com", true)
	home.signIn("ada@example.com", false) // a browser remembers several accounts
	if cookie := home.cookie("postern_device", "/acme/portal/"); len(cookie) != 2*32+1 {
		t.Errorf("the cookie for two accounts is %q", cookie)
	}

	// Signing out does not make the browser unknown, but ending all sessions makes every browser unknown.
	home.post("/acme/portal/sign-out").leads("/acme/portal/request")
	home.signIn("ada@example.com", false)
	srv.Call(srv.Token, "POST", "/v1/customer-sessions/revoke", `{"customer_id":"`+id+`"}`, nil)
	home.signIn("ada@example.com", true)

	// The organization can turn the notices off.
	srv.ChangePortal(func(p *directory.PortalSettings) { p.NoSignInNotices = true })
	srv.firefox().signIn("ada@example.com", false)
}

// A device cookie counts only for the account for which the server made it.
func TestForgedDeviceCookies(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	srv.CreateCustomer(`"type":"individual","email":"eve@example.com"`)
	eve, ada := srv.firefox(), srv.firefox()
	eve.signIn("eve@example.com", false)
	ada.signIn("ada@example.com", false)
	mark := ada.cookie("postern_device", "/acme/portal/")
	flipped := "A" + mark[1:]
	if mark[0] == 'A' {
		flipped = "B" + mark[1:]
	}
	for name, tt := range map[string]struct {
		cookie string
		known  bool
	}{
		"the account's own": {mark, true}, "after others": {strings.Repeat(flipped[:31]+"x.", 1) + mark, true},
		"of another account": {eve.cookie("postern_device", "/acme/portal/"), false}, "another nonce": {flipped, false}, "a part": {mark[:31], false},
		"garbage": {strings.Repeat("x", 4000), false}, "empty": {"..", false},
	} {
		b := srv.firefox()
		b.headers = append(b.headers, "Cookie", "postern_device="+tt.cookie)
		b.post("/acme/portal/request", "email", "ada@example.com").leads("/acme/portal/authenticate")
		b.post("/acme/portal/authenticate", "code", b.code()).leads("/acme/portal/overview")
		srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
		t.Log(name)
		srv.expectNotice("ada@example.com", !tt.known)
		if set := b.cookie("postern_device", "/acme/portal/"); len(set) > 8*33 {
			t.Errorf("%s: the cookie grows to %d bytes", name, len(set))
		}
	}
}

// A browser remembers the eight accounts that signed in last.
func TestDeviceCookieIsBounded(t *testing.T) {
	srv := newServer(t)
	b := srv.firefox()
	address := func(i int) string { return string(rune('a'+i)) + "@example.com" }
	for i := range 9 {
		srv.CreateCustomer(`"type":"individual","email":"` + address(i) + `"`)
		b.signIn(address(i), false)
	}
	if cookie := b.cookie("postern_device", "/acme/portal/"); len(cookie) != 8*33-1 {
		t.Errorf("the cookie has %d bytes", len(cookie))
	}
	b.signIn(address(1), false)
	b.signIn(address(0), true)
}

// A login through the API has no device cookie. Only an account that also signs in on the portal hears of the login, and not if the
// organization itself made it.
func TestNoticeOfLoginThroughAPI(t *testing.T) {
	srv := newServer(t)
	srv.ada()
	login := func(as string) {
		t.Helper()
		srv.Must(http.StatusAccepted, srv.Request("POST", "/v1/customer-portal/customer-session/request", `{"organization_id":"`+srv.OrgID+`","email":"ada@example.com"}`))
		a := srv.As(as, "POST", "/v1/customer-portal/customer-session/authenticate", `{"code":"`+srv.code()+`"}`,
			"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		srv.Must(http.StatusOK, a)
		srv.AddSecret(a.At("token").(string))
	}
	for range 2 {
		login("")
		srv.expectNotice("ada@example.com", false)
	}
	srv.firefox().signIn("ada@example.com", false)
	login("")
	srv.expectNotice("ada@example.com", true)
	login(srv.Token)
	srv.expectNotice("ada@example.com", false)
}

// The members of a team are accounts of their own. The link of a confirmation mail signs in without a notice.
func TestDevicesOfTeamsAndConfirmedAddresses(t *testing.T) {
	srv := newServer(t)
	team := srv.Create("/v1/customers/", `{"type":"team","name":"Team","owner":{"email":"boss@example.com"}}`).ID
	srv.member(team, "meg@example.com", "member")
	srv.firefox().signIn("boss@example.com", false)
	b := srv.firefox()
	b.signIn("meg@example.com", false)
	b.signIn("boss@example.com", true)
	b.signIn("meg@example.com", false)

	srv.ada()
	b.signIn("ada@example.com", false)
	b.post("/acme/portal/settings/email", "email", "new@example.com").leads("/acme/portal/settings")
	b.get(srv.emailLink()).leads("/acme/portal/verify-email")
	b.post("/acme/portal/verify-email").leads("/acme/portal/settings")
	srv.AddSecret(b.cookie("postern_session", "/acme/portal/"))
	if m := srv.Mail.Next(); m.To != "ada@example.com" || !strings.Contains(m.Subject, "was changed") {
		t.Errorf("the mail to %s: %s", m.To, m.Subject)
	}
	srv.expectNotice("new@example.com", false)
	b.signIn("new@example.com", false)
}
