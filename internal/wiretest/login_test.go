package wiretest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	requestLogin = "/v1/customer-portal/customer-session/request"
	authenticate = "/v1/customer-portal/customer-session/authenticate"

	badCode = `{"error":"CustomerSessionCodeInvalidOrExpired","detail":"This customer session code is invalid or has expired."}`
)

// requestLoginCode requests a login code. It names no customer if customer is "".
func requestLoginCode(srv *testserver.Server, email, customer string) testserver.Answer {
	srv.T.Helper()
	body := `{"email":"` + email + `","organization_id":"` + srv.OrgID + `"`
	if customer != "" {
		body += `,"customer_id":"` + customer + `"`
	}
	return srv.Request("POST", requestLogin, body+"}")
}

// mailedCode requests a login code and returns it from the mail.
func mailedCode(srv *testserver.Server, email, customer string) string {
	srv.T.Helper()
	requestLoginCode(srv, email, customer).Exactly(srv.T, 202, "null")
	return srv.Mail.Code()
}

// redeemCode exchanges a login code for a session. It names no customer if customer is "".
func redeemCode(srv *testserver.Server, code, customer string) testserver.Answer {
	srv.T.Helper()
	body := `{"code":"` + code + `"`
	if customer != "" {
		body += `,"customer_id":"` + customer + `"`
	}
	return srv.Request("POST", authenticate, body+"}")
}

// expectCodeRefused fails the test unless the code was refused, without a reason and without a challenge.
func expectCodeRefused(t *testing.T, a testserver.Answer) {
	t.Helper()
	a.Exactly(t, 401, badCode)
	a.HasHeaders(t, map[string]string{"Www-Authenticate": "", "Content-Type": "application/json"})
}

// A customer logs in with a code from a mail (docs/wire.md, Login by email code).
func TestLogin(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email_verified":false`)
	requestLoginCode(srv, "ADA@Example.com", "").Exactly(t, 202, "null")
	l := srv.Mail.Next()
	if l.From != "login@example.com" || l.Subject != "Your sign-in code for acme" || l.To != "ada@example.com" || !strings.Contains(l.Text, "https://portal.example.com/acme/portal/authenticate") {
		t.Errorf("the mail to %s: %s\n%s", l.To, l.Subject, l.Text)
	}
	code := l.Code()
	if code == "" || !strings.Contains(l.HTML, code) {
		t.Fatalf("no code in %s", l.Text)
	}
	a := redeemCode(srv, code, "")
	token, _ := a.At("token").(string)
	a.Exactly(t, 200, `{"token":"`+token+`"}`)
	if !strings.HasPrefix(token, "polar_mst_") {
		t.Errorf("the token is %q", token)
	}
	srv.As(token, "GET", introspect, "").Exactly(t, 200, `{"expires_at":"2026-10-01T13:00:00.120000Z","return_url":null}`)
	srv.As(token, "GET", user, "").Is(t, 200, `"type":"member"`, `"customer_id":"`+c.ID+`"`, `"role":"owner"`)
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email_verified":true`)
	expectCodeRefused(t, redeemCode(srv, code, ""))
	srv.As(token, "GET", introspect, "").Is(t, 200)
}

// Codes that are malformed, unknown or expired are refused.
func TestBadLoginCodesAreRefused(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	first := mailedCode(srv, "ada@example.com", "")
	for _, code := range []string{"", "A", "ABC123", "codé12", "ÄÖÜ", first + "A", first[:7], strings.Repeat("A", 50000)} {
		expectCodeRefused(t, redeemCode(srv, code, ""))
	}
	srv.Request("POST", authenticate, `{}`).Exactly(t, 422, validationErrors(errorItem("missing", `"body","code"`, "Field required", "{}")))
	srv.Request("POST", authenticate, `{"code":1}`).Exactly(t, 422, validationErrors(errorItem("string_type", `"body","code"`, "Input should be a valid string", "1")))
	srv.Advance(10*time.Minute - time.Microsecond)
	second := mailedCode(srv, "ada@example.com", "")
	srv.Advance(time.Microsecond)
	expectCodeRefused(t, redeemCode(srv, first, ""))
	redeemCode(srv, second, "").Is(t, 200)
}

// A code has eight characters without look-alikes. The case and the width of its letters, spaces and dashes do not matter.
func TestLoginCodesAreEasyToType(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	shape := regexp.MustCompile(`^[A-HJKMNP-Z2-9]{8}$`)
	wide := func(code string) string {
		return strings.Map(func(r rune) rune { return r + 0xFEE0 }, code)
	}
	for _, typed := range []func(code string) string{
		strings.ToLower, wide, func(code string) string { return wide(strings.ToLower(code)) },
		func(code string) string { return " " + code[:4] + "-" + code[4:] + " " },
	} {
		code := mailedCode(srv, "ada@example.com", "")
		if !shape.MatchString(code) {
			t.Errorf("the code is %q", code)
		}
		redeemCode(srv, typed(code), "").Is(t, 200)
	}
}

// A newer code does not invalidate an older one. Redeeming one deletes the others of the address.
func TestRedeemedCodeDeletesItsSiblings(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	srv.Create(customers, `{"email":"bob@example.com"}`)
	first, second, third := mailedCode(srv, "ada@example.com", ""), mailedCode(srv, "ADA@example.com", ""), mailedCode(srv, "ada@example.com", "")
	bob := mailedCode(srv, "bob@example.com", "")
	redeemCode(srv, second, "").Is(t, 200)
	expectCodeRefused(t, redeemCode(srv, first, ""))
	expectCodeRefused(t, redeemCode(srv, third, ""))
	redeemCode(srv, bob, "").Is(t, 200)
}

// Ending all sessions of a customer, a member or the organization deletes the codes that were sent before.
func TestRevokingAllDeletesCodes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	team := srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	member := srv.Create(customers+team.ID+"/members", `{"email":"bob@example.com"}`)
	for _, tt := range []struct{ revoke, ends, keeps string }{
		{`{"customer_id":"` + c.ID + `"}`, "ada@example.com", "bob@example.com"},
		{`{"customer_id":"` + team.ID + `"}`, "bob@example.com", "ada@example.com"},
		{`{"customer_id":"` + team.ID + `","member_id":"` + member.ID + `"}`, "bob@example.com", "boss@example.com"},
		{`{"all":true}`, "boss@example.com", ""},
	} {
		code, other := mailedCode(srv, tt.ends, ""), ""
		if tt.keeps != "" {
			other = mailedCode(srv, tt.keeps, "")
		}
		if a := srv.As(srv.Token, "POST", "/v1/customer-sessions/revoke", tt.revoke); a.Status >= 300 {
			t.Fatalf("%s: %d %s", tt.revoke, a.Status, a.Body)
		}
		expectCodeRefused(t, redeemCode(srv, code, ""))
		if other != "" {
			redeemCode(srv, other, "").Is(t, 200)
		}
	}
}

// In strict mode, codes are as on Polar. The codes that were sent in the other mode can be redeemed.
func TestLoginCodesInStrictMode(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"), func(c *testserver.Options) { c.StrictPolar = true })
	srv.Ada()
	first := mailedCode(srv, "ada@example.com", "")
	if !regexp.MustCompile(`^[A-Z0-9]{6}$`).MatchString(first) {
		t.Errorf("the code is %q", first)
	}
	expectCodeRefused(t, redeemCode(srv, " "+first, ""))
	if lower := strings.ToLower(first); lower != first {
		expectCodeRefused(t, redeemCode(srv, lower, ""))
	}
	for range 7 {
		mailedCode(srv, "ada@example.com", "")
	}
	srv.Advance(20 * time.Minute)
	second := mailedCode(srv, "ada@example.com", "")
	srv.Advance(10*time.Minute - time.Microsecond)
	third := mailedCode(srv, "ada@example.com", "")
	redeemCode(srv, first, "").Is(t, 200)
	srv.Advance(20 * time.Minute)
	redeemCode(srv, second, "").Is(t, 200)
	srv.Advance(10 * time.Minute)
	expectCodeRefused(t, redeemCode(srv, third, ""))
}

// An unknown organization, address or customer is answered like a known one, and no mail is sent.
func TestLoginRequestForUnknownCustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	deleted := srv.Create(customers, `{"email":"gone@example.com"}`)
	other := srv.Create(customers, `{"email":"other@example.com"}`)
	srv.As(srv.Token, "DELETE", customers+deleted.ID, "").Is(t, 204)
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs"})
	for _, body := range []string{
		`{"email":"ada@example.com","organization_id":"` + unknownID + `"}`,
		`{"email":"ada@example.com","organization_id":"` + theirs.ID + `"}`,
		`{"email":"nobody@example.com","organization_id":"` + srv.OrgID + `"}`,
		`{"email":"gone@example.com","organization_id":"` + srv.OrgID + `"}`,
		`{"email":"ada@example.com","organization_id":"` + srv.OrgID + `","customer_id":"` + unknownID + `"}`,
		`{"email":"ada@example.com","organization_id":"` + srv.OrgID + `","customer_id":"` + other.ID + `"}`,
	} {
		a := srv.Request("POST", requestLogin, body)
		a.Exactly(t, 202, "null")
		a.HasHeaders(t, map[string]string{"Content-Type": "application/json", "Cache-Control": "private, no-store"})
	}
	for range 3 { // mails of the requests above would arrive before these
		requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
	}
	for range 3 {
		srv.Mail.Next()
	}
	if !srv.Mail.Empty() {
		t.Errorf("unexpected mail: %+v", srv.Mail.Next())
	}
	srv.Request("POST", requestLogin, `{}`).Exactly(t, 422, validationErrors(
		errorItem("missing", `"body","email"`, "Field required", "{}"), errorItem("missing", `"body","organization_id"`, "Field required", "{}")))
	requestLoginCode(srv, "nobody", "nope").Is(t, 422, `"loc":["body","email"]`, `"loc":["body","customer_id"]`)
}

// If many callers use one code at once, one of them gets a session.
func TestLoginCodeWorksOnce(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	code := mailedCode(srv, "ada@example.com", "")
	answers := make([]testserver.Answer, 64)
	concurrently(len(answers), func(i int) { answers[i] = redeemCode(srv, code, "") })
	in := 0
	for _, a := range answers {
		if a.Status == 200 {
			in++
			continue
		}
		expectCodeRefused(t, a)
	}
	if in != 1 {
		t.Errorf("one code opened %d sessions", in)
	}
}

// The code of a deleted customer or member is refused.
func TestLoginCodeOfDeletedHolderIsRefused(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	team := srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	member := srv.Create(customers+team.ID+"/members", `{"email":"bob@example.com"}`)
	ada, bob := mailedCode(srv, "ada@example.com", ""), mailedCode(srv, "bob@example.com", "")
	srv.As(srv.Token, "DELETE", customers+c.ID, "").Is(t, 204)
	srv.As(srv.Token, "DELETE", customers+team.ID+"/members/"+member.ID, "").Is(t, 204)
	expectCodeRefused(t, redeemCode(srv, ada, ""))
	expectCodeRefused(t, redeemCode(srv, bob, ""))
	// So is a code that was sent to an old address of the customer.
	srv.Create(customers, `{"email":"eve@example.com","external_id":"eve"}`)
	eve := mailedCode(srv, "eve@example.com", "")
	srv.As(srv.Token, "PATCH", customers+"external/eve", `{"email":"eva@example.com"}`).Is(t, 200)
	expectCodeRefused(t, redeemCode(srv, eve, ""))
}

// Without the member model, the session belongs to the customer.
func TestLoginWithoutMemberModel(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.MemberModel(false), testserver.RateLimits("off"))
	c := srv.Ada()
	a := redeemCode(srv, mailedCode(srv, "ada@example.com", unknownID), unknownID) // customer_id is ignored, because one customer has the address
	a.Is(t, 200, `{"token":"polar_cst_`)
	srv.As(fmt.Sprint(a.At("token")), "GET", user, "").Exactly(t, 200,
		`{"type":"customer","name":"Ada","email":"ada@example.com","customer_id":"`+c.ID+`","member_id":null,"role":null}`)
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email_verified":true`)
}

// An address has at most three live codes at a time, so that nobody can fill a mailbox.
func TestLiveCodesPerAddressAreLimited(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	srv.Create(customers, `{"email":"bob@example.com"}`)
	for range 20 {
		requestLoginCode(srv, "ADA@example.com", "").Exactly(t, 202, "null")
	}
	for range 3 {
		requestLoginCode(srv, "bob@example.com", "").Exactly(t, 202, "null")
	}
	received := map[string]int{}
	for range 6 {
		received[srv.Mail.Next().To]++
	}
	if received["ada@example.com"] != 3 || received["bob@example.com"] != 3 {
		t.Errorf("received %v", received)
	}
	srv.Advance(10 * time.Minute)
	mailedCode(srv, "ada@example.com", "")
	if !srv.Mail.Empty() {
		t.Errorf("unexpected mail: %+v", srv.Mail.Next())
	}
}
