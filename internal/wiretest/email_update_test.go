package wiretest_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const badEmailUpdate = `{"error":"InvalidCustomerEmailUpdate","detail":"This email update request is invalid or has expired."}`

var emailUpdateTokens = regexp.MustCompile(`https://portal\.example\.com/acme/portal/verify-email\?token=(polar_cev_[0-9A-Za-z]{43})`)

// requestEmailUpdate requests another address, with a fresh proof, and returns the token from the mail to that address.
func requestEmailUpdate(srv *testserver.Server, session, email string) string {
	srv.T.Helper()
	srv.Prove(session)
	srv.As(session, "POST", emailUpdate+"request", `{"email":"`+email+`"}`).Exactly(srv.T, 202, "null")
	l := srv.Mail.Next()
	found := emailUpdateTokens.FindStringSubmatch(l.Text)
	if found == nil || l.To != email {
		srv.T.Fatalf("no link in the mail to %s: %s", l.To, l.Text)
	}
	return found[1]
}

func checkEmailUpdate(srv *testserver.Server, token string) testserver.Answer {
	srv.T.Helper()
	return srv.Request("GET", emailUpdate+"check?token="+url.QueryEscape(token), "")
}

func verifyEmailUpdate(srv *testserver.Server, token string) testserver.Answer {
	srv.T.Helper()
	return srv.Request("POST", emailUpdate+"verify", `{"token":"`+token+`"}`)
}

// expectEmailUpdateRefused fails the test unless both routes refuse the token.
func expectEmailUpdateRefused(srv *testserver.Server, token string) {
	srv.T.Helper()
	for _, a := range []testserver.Answer{checkEmailUpdate(srv, token), verifyEmailUpdate(srv, token)} {
		a.Exactly(srv.T, 401, badEmailUpdate)
		a.HasHeaders(srv.T, map[string]string{"Www-Authenticate": "", "Content-Type": "application/json"})
	}
}

// A customer changes its address, which ends its old sessions (docs/wire.md, Email update).
func TestEmailUpdate(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers), testserver.RateLimits("off"))
		c := srv.Ada()
		s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
		token := requestEmailUpdate(srv, s, "new@example.com")
		a := checkEmailUpdate(srv, token)
		a.Exactly(t, 204, "")
		a.HasHeaders(t, map[string]string{"Content-Type": "application/json"})
		srv.As(s, "GET", introspect, "").Is(t, 200)
		srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email":"ada@example.com"`)
		a = verifyEmailUpdate(srv, token)
		own := fmt.Sprint(a.At("token"))
		a.Exactly(t, 200, `{"token":"`+own+`"}`)
		if !strings.HasPrefix(own, "polar_cst_") {
			t.Errorf("the token of the new session is %s", own)
		}
		srv.As(s, "GET", introspect, "").Exactly(t, 401, invalidToken)
		srv.As(own, "GET", user, "").Is(t, 200, `"type":"customer"`, `"email":"new@example.com"`, `"customer_id":"`+c.ID+`"`)
		srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email":"new@example.com","email_verified":true`)
		expectEmailUpdateRefused(srv, token)
		if !withoutMembers { // the owner of an individual gets the same address
			srv.As(srv.Token, "GET", "/v1/members/?customer_id="+c.ID, "").Is(t, 200, `"email":"new@example.com"`, `"role":"owner"`)
		}
		if notice := srv.Mail.Next(); notice.To != "ada@example.com" {
			t.Errorf("the notice went to %s", notice.To)
		}
		redeemCode(srv, mailedCode(srv, "new@example.com", ""), "").Is(t, 200)
	}
}

// Tokens that are malformed, unknown, used or expired, and those of a deleted customer, are refused.
func TestBadEmailUpdateTokensAreRefused(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	first := requestEmailUpdate(srv, s, "new@example.com")
	unknown := strings.Repeat("a", 37)
	for _, token := range []string{"", "nope", "polar_cev_", first[:52], s, srv.Token, strings.ToLower(first) + "x", "polar_cev_" + unknown + checksum(unknown)} {
		expectEmailUpdateRefused(srv, token)
	}
	srv.As(first, "GET", introspect, "").Exactly(t, 401, invalidToken) // the token of an email update does not open a session
	srv.Request("GET", emailUpdate+"check", "").Is(t, 422, `"type":"missing","loc":["query","token"]`)
	srv.Request("POST", emailUpdate+"verify", `{}`).Exactly(t, 422, validationErrors(errorItem("missing", `"body","token"`, "Field required", "{}")))
	srv.Advance(30*time.Minute - time.Microsecond)
	checkEmailUpdate(srv, first).Is(t, 204)
	second := requestEmailUpdate(srv, s, "later@example.com")
	srv.Advance(time.Microsecond)
	expectEmailUpdateRefused(srv, first)
	checkEmailUpdate(srv, second).Is(t, 204)
	// If another customer has the address by now, verify says so and changes nothing.
	later := srv.Create(customers, `{"email":"Later@example.com"}`)
	verifyEmailUpdate(srv, second).Exactly(t, 422, fieldError("token", "This email address is already in use.", `"later@example.com"`))
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email":"ada@example.com"`)
	srv.As(s, "GET", introspect, "").Is(t, 200)
	// The token still works once the address is free again.
	srv.As(srv.Token, "DELETE", customers+later.ID, "").Is(t, 204)
	verifyEmailUpdate(srv, second).Is(t, 200)
	srv.Mail.Next() // the notice to the old address
	s = srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	// The token of a deleted customer is refused.
	third := requestEmailUpdate(srv, s, "third@example.com")
	srv.As(srv.Token, "DELETE", customers+c.ID, "").Is(t, 204)
	verifyEmailUpdate(srv, third).Exactly(t, 401, badEmailUpdate)
}

// Only individuals can change their address, and only to a free one.
func TestEmailUpdateRules(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	team, boss, _ := teamWithMember(srv)
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	request := func(session, email string) testserver.Answer {
		t.Helper()
		return srv.As(session, "POST", emailUpdate+"request", `{"email":"`+email+`"}`)
	}
	request(s, "ADA@example.com").Exactly(t, 422, fieldError("email", "New email is the same as your current email.", `"ADA@example.com"`))
	request(memberToken(srv, team, boss), "x@example.com").Exactly(t, 422, fieldError("email", "Only individual customers can change their email.", `"x@example.com"`))
	request(s, "nope").Is(t, 422, `"loc":["body","email"]`)
	closed := srv.CreateOrganization(testserver.NewOrganization{Slug: "closed", WithoutEmailChange: true})
	srv.Token = closed.AccessToken
	srv.Ada()
	s = srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	request(s, "new@example.com").Exactly(t, 403, errorBody("NotPermitted", "Email changes are not enabled for this organization."))
	if !srv.Mail.Empty() {
		t.Errorf("unexpected mail: %+v", srv.Mail.Next())
	}
}
