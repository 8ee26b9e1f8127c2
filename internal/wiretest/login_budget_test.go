package wiretest_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const noRates = "login=off,login-organization=off,default=off,pending=off"

// If the budget of the server is spent, callers that cannot show that they asked get 429 even for a right code. A browser that asked for its code and a
// merchant's access token have other budgets.
func TestSpentBudgetOfTheServer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits(noRates+",code-server=5/m+10/h"))
	srv.Ada()
	srv.Create(customers, `{"email":"bob@example.com"}`)
	browser := newPortalBrowser(t, srv)
	browser.post("request", "email", "ada@example.com")
	ada := srv.Mail.Next().Code()
	for range 3 {
		redeemCode(srv, mailedCode(srv, "bob@example.com", ""), "").Is(t, 200) // right codes cost nothing
	}
	bob := mailedCode(srv, "bob@example.com", "")
	for range 5 {
		expectCodeRefused(t, redeemCode(srv, "WRONGXYZ", ""))
	}
	for _, code := range []string{"WRONGXYZ", bob} {
		a := redeemCode(srv, code, "")
		a.Exactly(t, 429, "")
		a.HasHeaders(t, map[string]string{"Retry-After": "60"})
	}
	if status := newPortalBrowser(t, srv).post("authenticate", "code", bob); status != 429 {
		t.Errorf("a browser that did not ask gets %d", status)
	}
	if status := browser.post("authenticate", "code", ada); status != 303 {
		t.Errorf("a browser that asked gets %d", status)
	}
	redeemCodeAs(srv, srv.Token, bob).Is(t, 200)
	srv.Advance(time.Minute)
	redeemCode(srv, mailedCode(srv, "bob@example.com", ""), "").Is(t, 200)
}

// A browser that asked for a code pays from the budget of its address, and can redeem only the codes of the addresses for which it asked.
func TestBudgetOfAnAddress(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits(noRates+",code-address=2/h,code-server=1/h"))
	srv.Ada()
	srv.Create(customers, `{"email":"bob@example.com"}`)
	code := mailedCode(srv, "bob@example.com", "")
	browser := newPortalBrowser(t, srv)
	browser.post("request", "email", "Nobody@example.com")
	for _, want := range []int{422, 422, 429} {
		if status := browser.post("authenticate", "code", code); status != want {
			t.Errorf("the code of another address: %d, want %d", status, want)
		}
	}
	browser.post("request", "email", "bob@example.com") // the address of the first request stays spent
	srv.Mail.Next()
	if status := browser.post("authenticate", "code", code); status != 303 {
		t.Errorf("the code of the second address: %d", status)
	}
	forged := newPortalBrowser(t, srv)
	forged.setCookie("__Secure-postern_asked", strings.Repeat("A", 54))
	for _, want := range []int{422, 429} {
		if status := forged.post("authenticate", "code", "WRONGXYZ"); status != want {
			t.Errorf("a forged receipt: %d, want %d", status, want)
		}
	}
}

// An access token can request and redeem the codes of its own organization only, and pays from a budget of the organization.
func TestLoginsWithAnAccessToken(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits(noRates+",code-organization=2/h,code-server=2/h"))
	srv.Ada()
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs"})
	ada := mailedCode(srv, "ada@example.com", "")
	body := `{"email":"ada@example.com","organization_id":"` + srv.OrgID + `"}`
	srv.As(theirs.AccessToken, "POST", requestLogin, body).Is(t, 403, `"error":"NotPermitted"`, "own organization")
	srv.As(srv.Token, "POST", requestLogin, body).Exactly(t, 202, "null")
	ada2 := srv.Mail.Next().Code()
	expectCodeRefused(t, redeemCodeAs(srv, theirs.AccessToken, ada))
	expectCodeRefused(t, redeemCodeAs(srv, theirs.AccessToken, ada))
	redeemCodeAs(srv, theirs.AccessToken, ada).Is(t, 429)
	redeemCodeAs(srv, srv.Token, ada2).Is(t, 200)
	expectCodeRefused(t, redeemCode(srv, ada, "")) // deleted together with the redeemed one
	expectCodeRefused(t, redeemCodeAs(srv, srv.Token, ada))
}

// Wrong codes and spent budgets leave a line in the log and an event; the log has no code.
func TestWrongCodesLeaveATrace(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits(noRates+",code-organization=2/h"))
	srv.Ada()
	r := newReceiver(t)
	subscribe(srv, r, "login.failed")
	browser := newPortalBrowser(t, srv)
	for range 5 {
		browser.post("authenticate", "code", "WRONGXYZ")
	}
	var reasons []string // events that concern no session have no order
	for _, e := range r.waitFor(3) {
		reasons = append(reasons, e.Data.Reason)
	}
	slices.Sort(reasons)
	if want := []string{"too_many_attempts", "unknown_code", "unknown_code"}; !slices.Equal(reasons, want) {
		t.Errorf("the events are %q, want %q", reasons, want)
	}
	text := srv.Log.String()
	if strings.Count(text, `msg="a login code was refused"`) != 2 || strings.Count(text, `msg="a budget of wrong login codes is spent"`) != 1 || strings.Contains(text, "WRONGXYZ") {
		t.Errorf("the log: %s", text)
	}
}

func redeemCodeAs(srv *testserver.Server, token, code string) testserver.Answer {
	return srv.As(token, "POST", authenticate, fmt.Sprintf(`{"code":%q}`, code))
}

// portalBrowser keeps the cookies of a portal.
type portalBrowser struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

func newPortalBrowser(t *testing.T, srv *testserver.Server) *portalBrowser {
	server := httptest.NewTLSServer(srv.Postern.Handler())
	t.Cleanup(server.Close)
	client := server.Client()
	client.Jar, _ = cookiejar.New(nil)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &portalBrowser{t, server, client}
}

func (b *portalBrowser) post(page string, fields ...string) (status int) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), "POST", b.server.URL+"/acme/portal/"+page, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func (b *portalBrowser) setCookie(name, value string) {
	at, _ := url.Parse(b.server.URL + "/acme/portal/")
	b.client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/acme/portal", Secure: true}})
}

// A customer cannot use email changes to flood a stranger's mailbox. Login codes for it are answered as usual.
func TestMailsToARecipientAreLimited(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits(noRates+",email-update=off,mail-recipient=2/h+3/d"))
	ada := srv.Ada()
	srv.Create(customers, `{"email":"bob@example.com"}`)
	session := srv.Create(sessions, `{"customer_id":"`+ada.ID+`"}`)
	srv.Prove(session.Token)
	const change = "/v1/customer-portal/customers/me/email-update/request"
	for _, address := range []string{"stranger@example.com", "stranger+1@example.com"} {
		srv.As(session.Token, "POST", change, `{"email":"`+address+`"}`).Is(t, 202)
		srv.Mail.Next()
	}
	a := srv.As(session.Token, "POST", change, `{"email":"stranger@example.com"}`)
	a.Exactly(t, 429, "")
	a.HasHeaders(t, map[string]string{"Retry-After": "3600"})
	mailedCode(srv, "bob@example.com", "")
	mailedCode(srv, "bob@example.com", "")
	requestLoginCode(srv, "bob@example.com", "").Exactly(t, 202, "null")
	srv.Advance(time.Hour)
	mailedCode(srv, "bob@example.com", "")
	requestLoginCode(srv, "bob@example.com", "").Exactly(t, 202, "null")
	if !srv.Mail.Empty() {
		t.Errorf("unexpected mail: %+v", srv.Mail.Next())
	}
}
