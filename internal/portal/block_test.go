package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	ownPath   = "/v1/customer-portal/customers/me"
	proofPath = "/v1/customer-portal/customer-session/proof/"
	loginPath = "/v1/customer-portal/customer-session/"
)

// pendingUse is a use of something that was requested before, such as a login code. It returns the session that the use opens, or
// "", and whether the use was accepted.
type pendingUse func() (session string, accepted bool)

// pendingThings are all things with which a session can be opened or an account be changed later. Each prepares one, for a customer
// with the session own, and returns its use.
var pendingThings = map[string]func(srv *server, ada, own string) pendingUse{
	"a login code at the API": func(srv *server, _, _ string) pendingUse {
		code := srv.requestLogin()
		return func() (string, bool) {
			return opened(srv.Request("POST", loginPath+"authenticate", `{"code":"`+code+`"}`))
		}
	},
	"a login code at the API, with the access token": func(srv *server, _, _ string) pendingUse {
		code := srv.requestLogin()
		return func() (string, bool) {
			return opened(srv.As(srv.Token, "POST", loginPath+"authenticate", `{"code":"`+code+`"}`))
		}
	},
	"a login code at the portal": func(srv *server, _, _ string) pendingUse {
		b, code := srv.browser(), srv.requestLogin()
		return func() (string, bool) { return b.opened(b.post("/acme/portal/authenticate", "code", code)) }
	},
	"a one-time link": func(srv *server, ada, _ string) pendingUse {
		b, link := srv.browser(), srv.session(`"customer_id":"`+ada+`","one_time_link":true`).Link
		return func() (string, bool) {
			b.get(link)
			shown := regexp.MustCompile(`name="link" value="([^"]*)"`).FindStringSubmatch(b.get("/acme/portal/continue").text)
			if shown == nil {
				return "", false
			}
			return b.opened(b.post("/acme/portal/continue", "link", shown[1]))
		}
	},
	"an opened one-time link": func(srv *server, ada, _ string) pendingUse {
		b := srv.browser()
		b.get(srv.session(`"customer_id":"` + ada + `","one_time_link":true`).Link)
		shown := regexp.MustCompile(`name="link" value="([^"]*)"`).FindStringSubmatch(b.get("/acme/portal/continue").text)
		return func() (string, bool) { return b.opened(b.post("/acme/portal/continue", "link", shown[1])) }
	},
	"an email change at the API": func(srv *server, _, own string) pendingUse {
		token := srv.requestEmail(own)
		return func() (string, bool) {
			if srv.Request("GET", ownPath+"/email-update/check?token="+token, "").Status == http.StatusNoContent {
				return "", true
			}
			return opened(srv.Request("POST", ownPath+"/email-update/verify", `{"token":"`+token+`"}`))
		}
	},
	"an email change at the portal": func(srv *server, _, own string) pendingUse {
		b := srv.browser()
		b.get("/acme/portal/verify-email?token=" + srv.requestEmail(own)).leads("/acme/portal/verify-email")
		return func() (string, bool) { return b.opened(b.post("/acme/portal/verify-email")) }
	},
	"a proof at the API": func(srv *server, _, own string) pendingUse {
		srv.Must(http.StatusAccepted, srv.As(own, "POST", proofPath+"request", ""))
		code := srv.code()
		return func() (string, bool) {
			return "", srv.As(own, "POST", proofPath+"confirm", `{"code":"`+code+`"}`).Status == http.StatusOK
		}
	},
	"a proof at the portal": func(srv *server, ada, _ string) pendingUse {
		b := srv.enter(srv.session(`"customer_id":"` + ada + `"`))
		b.post("/acme/portal/prove/send", "for", "email").leads("/acme/portal/prove?for=email&sent=1")
		code := srv.code()
		return func() (string, bool) {
			return "", b.post("/acme/portal/prove", "for", "email", "code", code).header.Get("Location") == "/acme/portal/settings"
		}
	},
}

// requestLogin requests a login code of Ada and returns it.
func (srv *server) requestLogin() string {
	srv.T.Helper()
	srv.Must(http.StatusAccepted, srv.Request("POST", loginPath+"request", `{"organization_id":"`+srv.OrgID+`","email":"ada@example.com"}`))
	return srv.code()
}

// requestEmail requests a change of the address in a session, and returns the token in the mail.
func (srv *server) requestEmail(session string) string {
	srv.T.Helper()
	srv.Prove(session)
	srv.Must(http.StatusAccepted, srv.As(session, "POST", ownPath+"/email-update/request", `{"email":"new@example.com"}`))
	return srv.AddSecret(srv.Mail.Next().EmailUpdateToken())
}

func opened(a testserver.Answer) (session string, accepted bool) {
	session, _ = a.At("token").(string)
	return session, a.Status == http.StatusOK
}

func (b *browser) opened(p page) (session string, accepted bool) {
	session = b.cookie("postern_session", "/acme/portal/")
	return session, session != "" || p.status == http.StatusSeeOther && !strings.HasSuffix(p.header.Get("Location"), "/request")
}

// Nothing that was requested before its organization is blocked, or its customer deleted, opens a session or changes an account, not
// even after the organization is unblocked, and no matter whether the block ends sessions.
func TestNothingPendingSurvives(t *testing.T) {
	t.Parallel()
	keep := func(srv *server) {
		srv.Must(http.StatusOK, srv.As(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_organization_block":false}`))
	}
	block := func(srv *server, _ string) { srv.Block(true) }
	unblock := func(srv *server, _ string) { srv.Block(true); srv.Block(false) }
	for end, tt := range map[string]struct {
		keep bool
		end  func(srv *server, ada string)
	}{
		"blocked":                           {false, block},
		"blocked, and sessions are kept":    {true, block},
		"unblocked":                         {false, unblock},
		"unblocked, and sessions were kept": {true, unblock},
		"all sessions ended": {false, func(srv *server, _ string) {
			srv.Must(http.StatusNoContent, srv.As(srv.Token, "POST", "/v1/customer-sessions/revoke", `{"all":true}`))
		}},
		"customer deleted": {false, func(srv *server, ada string) {
			srv.Must(http.StatusNoContent, srv.As(srv.Token, "DELETE", "/v1/customers/"+ada, ""))
		}},
	} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			ada := srv.ada()
			if tt.keep {
				keep(srv)
			}
			uses := map[string]pendingUse{}
			for name, prepare := range pendingThings {
				uses[name] = prepare(srv, ada, srv.session(`"customer_id":"`+ada+`"`).Token)
			}
			tt.end(srv, ada)
			for name, use := range uses {
				session, accepted := use()
				if accepted || session != "" && srv.IsLive(session) {
					t.Errorf("%s was accepted: %v, and opened the session %q", name, accepted, session)
				}
			}
		})
	}
}

// Without a block, everything that the test above prepares is accepted.
func TestPendingThingsAreAccepted(t *testing.T) {
	t.Parallel()
	for name, prepare := range pendingThings {
		srv := newServer(t)
		ada := srv.ada()
		session, accepted := prepare(srv, ada, srv.session(`"customer_id":"`+ada+`"`).Token)()
		if session != "" && !srv.IsLive(srv.AddSecret(session)) || !accepted {
			t.Errorf("%s: accepted %v, opened %q", name, accepted, session)
		}
	}
}

// While an organization is blocked, sessions that it keeps request nothing that could be used later, and its access tokens create and
// extend nothing.
func TestNothingBeginsInABlockedOrganization(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada := srv.ada()
	srv.Must(http.StatusOK, srv.As(srv.Token, "PATCH", "/v1/organizations/"+srv.OrgID+"/customer-session-settings", `{"end_on_organization_block":false}`))
	own := srv.session(`"customer_id":"` + ada + `"`)
	b := srv.enter(srv.session(`"customer_id":"` + ada + `"`))
	b.prove()
	srv.Prove(own.Token)
	srv.Block(true)
	if !srv.IsLive(own.Token) {
		t.Fatal("the block ended a session that it keeps")
	}
	const blocked = `"error":"NotPermitted","detail":"The organization is blocked. Ask the operator of this server to unblock it."`
	srv.As(own.Token, "POST", ownPath+"/email-update/request", `{"email":"new@example.com"}`).Is(t, http.StatusForbidden, blocked)
	srv.As(own.Token, "POST", proofPath+"request", "").Is(t, http.StatusForbidden, blocked)
	b.post("/acme/portal/settings/email", "email", "new@example.com").is(http.StatusForbidden)
	b.post("/acme/portal/prove/send", "for", "email").is(http.StatusForbidden)
	srv.browser().post("/acme/portal/request", "email", "ada@example.com").is(http.StatusForbidden)
	srv.Must(http.StatusAccepted, srv.Request("POST", loginPath+"request", `{"organization_id":"`+srv.OrgID+`","email":"ada@example.com"}`))
	srv.As(srv.Token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+ada+`"}`).Is(t, http.StatusUnauthorized)
	srv.As(srv.Token, "PATCH", "/v1/customer-sessions/"+own.ID, `{"expires_in":7200}`).Is(t, http.StatusUnauthorized)
	if err := srv.Postern.AwaitMail(t.Context()); err != nil || !srv.Mail.Empty() {
		t.Errorf("a blocked organization sent a mail: %v", err)
	}
}

// The code and the proof of a member are void after the member is removed.
func TestNothingPendingSurvivesARemovedMember(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	team := srv.Create("/v1/customers/", `{"type":"team","name":"Team","owner":{"email":"boss@example.com"}}`).ID
	member := srv.member(team, "ada@example.com", "billing_manager")
	session := srv.session(`"customer_id":"` + team + `","member_id":"` + member + `"`)
	link := srv.session(`"customer_id":"` + team + `","member_id":"` + member + `","one_time_link":true`).Link
	code := srv.requestLogin()
	srv.Must(http.StatusAccepted, srv.As(session.Token, "POST", proofPath+"request", ""))
	proof := srv.code()
	srv.Must(http.StatusNoContent, srv.As(srv.Token, "DELETE", "/v1/customers/"+team+"/members/"+member, ""))
	srv.Request("POST", loginPath+"authenticate", `{"code":"`+code+`"}`).Is(t, http.StatusUnauthorized)
	srv.As(session.Token, "POST", proofPath+"confirm", `{"code":"`+proof+`"}`).Is(t, http.StatusUnauthorized)
	srv.browser().get(link).leads("/acme/portal/request")
}
