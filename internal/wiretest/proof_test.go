package wiretest_test

import (
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const wrongProof = `{"type":"value_error","loc":["body","code"],"msg":"The code is wrong, used or expired. Enter the code of the most recent email, or request another one.","input":null}`

// A session may change the address and the owner for 10 minutes after a login, or after a code to the current address.
func TestFreshProof(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers), testserver.RateLimits("off"))
		c := srv.Ada()
		request := func(session string, status int, parts ...string) {
			t.Helper()
			srv.As(session, "POST", emailUpdate+"request", `{"email":"new@example.com"}`).Is(t, status, parts...)
			if status == 202 {
				srv.Mail.Next()
			}
		}
		made := srv.CustomerSession(c).Token
		request(made, 403, `{"error":"SessionNotFresh","detail":"This change needs a fresh proof`, proof+"request", proof+"confirm")
		srv.Prove(made)
		request(made, 202)
		srv.Advance(10*time.Minute - time.Second)
		request(made, 202)
		srv.Advance(time.Second)
		request(made, 403, "SessionNotFresh")

		requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
		loggedIn, _ := srv.Request("POST", authenticate, `{"code":"`+srv.Mail.Code()+`"}`).At("token").(string)
		srv.AddSecret(loggedIn)
		request(loggedIn, 202)
		request(made, 403, "SessionNotFresh") // the proof of one session is none of another
		srv.Advance(10 * time.Minute)
		request(loggedIn, 403, "SessionNotFresh")
	}
}

func TestWrongProofs(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	own, other := srv.CustomerSession(c).Token, srv.CustomerSession(c).Token
	ask := func(session string) string {
		t.Helper()
		srv.As(session, "POST", proof+"request", "").Exactly(t, 202, "null")
		return srv.Mail.Code()
	}
	confirm := func(session, code string) testserver.Answer {
		return srv.As(session, "POST", proof+"confirm", `{"code":"`+code+`"}`)
	}
	code := ask(own)
	confirm(other, code).Exactly(t, 422, `{"error":"PolarRequestValidationError","detail":[`+wrongProof+`]}`)
	srv.Request("POST", authenticate, `{"code":"`+code+`"}`).Is(t, 401, "CustomerSessionCodeInvalidOrExpired") // it is no login code
	requestLoginCode(srv, "ada@example.com", "").Exactly(t, 202, "null")
	confirm(own, srv.Mail.Code()).Is(t, 422) // and a login code is no proof
	confirm(own, "").Is(t, 422)
	confirm(own, code).Is(t, 200, `"fresh_until":"2026-10-01T12:10:00.120000Z"`)
	confirm(own, code).Is(t, 422)

	code = ask(own)
	for range 5 {
		confirm(own, "AAAAAAAA").Is(t, 422)
	}
	confirm(own, code).Is(t, 422)
	srv.As(own, "GET", introspect, "").Is(t, 200) // a wrong code does not end the session
	code = ask(own)
	confirm(own, code).Is(t, 200)

	// The fourth code within 10 minutes is not sent.
	for range 3 {
		ask(other)
	}
	srv.As(other, "POST", proof+"request", "").Exactly(t, 202, "null")
	if err := srv.Postern.AwaitMail(t.Context()); err != nil || !srv.Mail.Empty() {
		t.Errorf("a fourth code was sent: %v", err)
	}
	srv.Advance(10 * time.Minute)
	code = ask(other)
	srv.Advance(10 * time.Minute)
	confirm(other, code).Is(t, 422) // too late

	// The code goes to the current address, and is void once there is another one.
	srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), `{"end_on_email_change":false}`))
	code = ask(own)
	srv.Must(200, srv.As(srv.Token, "PATCH", customers+c.ID, `{"email":"moved@example.com"}`))
	confirm(own, code).Is(t, 422)

	readOnly := srv.CustomerSession(c, `,"scopes":["customer_portal:read"]`).Token
	srv.As(readOnly, "POST", proof+"request", "").Exactly(t, 403, insufficientScope)
}

// In strict mode, no change needs a proof, as on Polar.
func TestStrictModeNeedsNoProof(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, func(o *testserver.Options) { o.StrictPolar = true })
	srv.As(srv.CustomerSession(srv.Ada()).Token, "POST", emailUpdate+"request", `{"email":"new@example.com"}`).Exactly(t, 202, "null")
	srv.Mail.Next()
}
