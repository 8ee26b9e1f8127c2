package wiretest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// Each event ends the right sessions, with the right reason.
func TestEndReasons(t *testing.T) {
	t.Parallel()
	forEachCache(t, func(t *testing.T, cache testserver.Option) {
		for _, tt := range []struct {
			name           string
			end            func(srv *testserver.Server, team, boss, manager, ofBoss, ofManager testserver.Created) testserver.Answer
			status         int
			boss, managers string // the reasons; "" if the session stays live
		}{
			{"ended by the organization", func(srv *testserver.Server, _, _, _, _, s testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "DELETE", sessions+s.ID, "")
			}, 200, "", "revoked"},
			{"ended by the organization with a reason", func(srv *testserver.Server, _, _, _, _, s testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "DELETE", sessions+s.ID+"?reason=laptop%20st%C3%B6len", "")
			}, 200, "", "laptop stölen"},
			{"signed out", func(srv *testserver.Server, _, _, _, _, s testserver.Created) testserver.Answer {
				return srv.As(s.Token, "DELETE", portalSession, "")
			}, 204, "", "signed_out"},
			{"signed out from another device", func(srv *testserver.Server, team, _, m, _, s testserver.Created) testserver.Answer {
				return srv.As(srv.MemberSession(team, m, "").Token, "DELETE", portalSessions+"/"+s.ID, "")
			}, 204, "", "signed_out"},
			{"all of a member", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "POST", revoke, `{"customer_id":"`+team.ID+`","member_id":"`+m.ID+`"}`)
			}, 204, "", "revoked"},
			{"all of a member, by external IDs", func(srv *testserver.Server, _, _, _, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "POST", revoke, `{"external_customer_id":"team","external_member_id":"bo","reason":"fired"}`)
			}, 204, "", "fired"},
			{"all of a customer", func(srv *testserver.Server, team, _, _, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "POST", revoke, `{"customer_id":"`+team.ID+`","reason":"unpaid"}`)
			}, 204, "unpaid", "unpaid"},
			{"all of the organization", func(srv *testserver.Server, _, _, _, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "POST", revoke, `{"all":true}`)
			}, 204, "revoked", "revoked"},
			{"another email address of the member", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"email":"new@example.com"}`)
			}, 200, "", "email_changed"},
			{"the same address in another case", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"email":"BO@example.com"}`)
			}, 200, "", ""},
			{"another address of the customer", func(srv *testserver.Server, team, _, _, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID, `{"email":"team@example.com"}`)
			}, 200, "email_changed", "email_changed"},
			{"a lower role", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"member"}`)
			}, 200, "", "role_downgraded"},
			{"a lower role and another address", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"member","email":"new@example.com"}`)
			}, 200, "", "role_downgraded"},
			{"a lower role, given by the owner", func(srv *testserver.Server, _, _, m, s, _ testserver.Created) testserver.Answer {
				return srv.As(s.Token, "PATCH", "/v1/customer-portal/members/"+m.ID, `{"role":"member"}`)
			}, 200, "", "role_downgraded"},
			{"the owner's role given to another member", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"owner"}`)
			}, 200, "role_downgraded", ""},
			{"another name of the member", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"name":"Bo"}`)
			}, 200, "", ""},
			{"a member that is deleted", func(srv *testserver.Server, team, _, m, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "DELETE", customers+team.ID+"/members/"+m.ID, "")
			}, 204, "", "member_deleted"},
			{"a member that is removed by the owner", func(srv *testserver.Server, _, _, m, s, _ testserver.Created) testserver.Answer {
				return srv.As(s.Token, "DELETE", "/v1/customer-portal/members/"+m.ID, "")
			}, 204, "", "member_deleted"},
			{"a customer that is deleted", func(srv *testserver.Server, team, _, _, _, _ testserver.Created) testserver.Answer {
				return srv.As(srv.Token, "DELETE", customers+team.ID, "")
			}, 204, "customer_deleted", "customer_deleted"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				srv := testserver.New(t, cache)
				team, boss, manager, ofBoss, ofManager := srv.TeamWithSessions()
				single := srv.CustomerSession(srv.Ada())
				for _, s := range []testserver.Created{ofBoss, ofManager, single} {
					expectLive(srv, s.Token, true)
				}
				srv.Must(tt.status, tt.end(srv, team, boss, manager, ofBoss, ofManager))
				for _, end := range []struct {
					s      testserver.Created
					reason string
				}{{ofBoss, tt.boss}, {ofManager, tt.managers}, {single, map[bool]string{true: "revoked"}[tt.name == "all of the organization"]}} {
					if end.reason == "" {
						expectLive(srv, end.s.Token, true)
					} else {
						expectEnded(srv, end.s, end.reason)
					}
				}
			})
		}
	})
}

// A confirmed email update ends the sessions of the customer.
func TestConfirmedEmailChangeEndsSessions(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Ada()
	s := srv.CustomerSession(c)
	srv.Prove(s.Token)
	srv.Must(202, srv.As(s.Token, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"new@example.com"}`))
	update := srv.Mail.Next().EmailUpdateToken()
	expectLive(srv, s.Token, true)
	srv.Must(200, srv.Request("POST", "/v1/customer-portal/customers/me/email-update/verify", `{"token":"`+update+`"}`))
	expectEnded(srv, s, "email_changed")
}

// Settings can keep sessions live on a change of address or role and on a block. Deletion always ends them.
func TestSettingsPreventSessionEnds(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	team, _, manager, ofBoss, ofManager := srv.TeamWithSessions()
	srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), `{"end_on_email_change":false,"end_on_role_downgrade":false,"end_on_organization_block":false}`))
	member := customers + team.ID + "/members/" + manager.ID
	srv.Must(200, srv.As(srv.Token, "PATCH", member, `{"email":"new@example.com","role":"member"}`))
	srv.Must(200, srv.As(srv.Token, "PATCH", customers+team.ID, `{"email":"team@example.com"}`))
	expectLive(srv, ofManager.Token, true)
	expectLive(srv, ofBoss.Token, true)
	setBlocked(srv, true)
	if a := srv.As(srv.Token, "GET", customers, ""); a.Status != 401 {
		t.Errorf("an access token of a blocked organization: %d", a.Status)
	}
	expectLive(srv, ofManager.Token, true)
	setBlocked(srv, false)
	srv.Must(204, srv.As(srv.Token, "DELETE", member, ""))
	expectEnded(srv, ofManager, "member_deleted")
	expectLive(srv, ofBoss.Token, true)
}

func TestBlockedOrganizationLosesItsSessions(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	s := srv.CustomerSession(srv.Ada())
	other := srv.Neighbor("bolt")
	theirs := other.CustomerSession(other.Ada())
	setBlocked(srv, true)
	expectLive(srv, s.Token, false)
	expectLive(srv, theirs.Token, true)
	setBlocked(srv, false)
	expectEnded(srv, s, "organization_blocked")
	expectLive(srv, srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token, true)
}

// Ending an ended session succeeds and changes nothing.
func TestRevokesAreIdempotent(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	c := srv.Ada()
	s, expired := srv.CustomerSession(c), srv.CustomerSession(c, `,"expires_in":60`)
	first := srv.Must(200, srv.As(srv.Token, "DELETE", sessions+s.ID+"?reason=first", ""))
	srv.Advance(61e9)
	if again := srv.Must(200, srv.As(srv.Token, "DELETE", sessions+s.ID+"?reason=second", "")); again.Body != first.Body {
		t.Errorf("%s\nafter %s", again.Body, first.Body)
	}
	if a := srv.Must(200, srv.As(srv.Token, "DELETE", sessions+expired.ID, "")); !strings.Contains(a.Body, `"state":"expired"`) {
		t.Errorf("an expired session was revoked: %s", a.Body)
	}
	for range 2 {
		srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"customer_id":"`+c.ID+`"}`))
		srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"all":true}`))
	}
	expectEnded(srv, s, "first")
	a, b := srv.CustomerSession(c), srv.CustomerSession(c)
	for range 2 {
		srv.Must(204, srv.As(b.Token, "DELETE", portalSessions+"/"+a.ID, ""))
	}
	srv.Must(204, srv.As(b.Token, "DELETE", portalSession, ""))
	srv.Must(401, srv.As(b.Token, "DELETE", portalSession, ""))
}

func TestRevokeRefusals(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	team, boss, _, s, _ := srv.TeamWithSessions()
	other := srv.Neighbor("bolt")
	foreign := other.Ada()
	for _, tt := range []struct{ body, want string }{
		{`{}`, "Exactly one of customer_id, external_customer_id and all is needed."},
		{`{"all":false}`, "Exactly one of"},
		{`{"customer_id":null}`, "Exactly one of"},
		{`{"all":true,"customer_id":"` + team.ID + `"}`, "Exactly one of"},
		{`{"customer_id":"` + team.ID + `","external_customer_id":"team"}`, "Exactly one of"},
		{`{"all":true,"member_id":"` + boss.ID + `"}`, "A member cannot be named with all."},
		{`{"all":"yes"}`, "Input should be a valid boolean"},
		{`{"customer_id":"` + team.ID + `","external_member_id":""}`, "Member does not exist for this customer."},
		{`{"customer_id":"` + team.ID + `","reason":"` + strings.Repeat("x", 101) + `"}`, "at most 100 characters"},
		{`{"customer_id":"` + foreign.ID + `"}`, "Customer does not exist."},
		{`{"external_customer_id":"nobody"}`, "Customer does not exist."},
		{`{"customer_id":"` + team.ID + `","member_id":"` + unknownID + `"}`, "Member does not exist for this customer."},
	} {
		if a := srv.As(srv.Token, "POST", revoke, tt.body); a.Status != 422 || !strings.Contains(a.Body, tt.want) {
			t.Errorf("%s: %d %s, want %s", tt.body, a.Status, a.Body, tt.want)
		}
	}
	srv.Must(422, srv.As(srv.Token, "DELETE", sessions+s.ID+"?reason="+strings.Repeat("x", 101), ""))
	expectLive(srv, s.Token, true)
	expectLive(srv, other.Create(sessions, `{"external_customer_id":"user_1"}`).Token, true)
}

// Sessions of other organizations and holders can be neither read nor ended.
func TestOtherSessionsAreUnknown(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	other := srv.Neighbor("bolt")
	theirs := other.CustomerSession(other.Ada())
	team, boss, _, ofBoss, ofManager := srv.TeamWithSessions()
	before := other.Must(200, other.As(other.Token, "GET", sessions+theirs.ID, "")).Body
	for _, id := range []string{theirs.ID, unknownID, boss.ID} {
		for _, a := range []testserver.Answer{
			srv.As(srv.Token, "GET", sessions+id, ""), srv.As(srv.Token, "DELETE", sessions+id, ""), srv.As(srv.Token, "PATCH", sessions+id, `{"metadata":{"a":1}}`),
			srv.As(ofBoss.Token, "DELETE", portalSessions+"/"+id, ""),
		} {
			if a.Status != 404 || a.Body != `{"error":"ResourceNotFound","detail":"Not found"}` {
				t.Errorf("%s: %d %s", id, a.Status, a.Body)
			}
		}
	}
	srv.Must(404, srv.As(ofBoss.Token, "DELETE", portalSessions+"/"+ofManager.ID, ""))
	srv.Must(422, srv.As(srv.Token, "GET", sessions+"nope", ""))
	expectLive(srv, ofManager.Token, true)
	for _, query := range []string{"?customer_id=" + theirs.CustomerID, "?external_customer_id=user_1", "?member_id=" + unknownID, "?member_id=" + team.ID} {
		if ids := listIDs(srv, srv.Token, sessions+query); len(ids) != 0 {
			t.Errorf("%s lists %v", query, ids)
		}
	}
	srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"all":true}`))
	expectLive(other, theirs.Token, true)
	if after := other.Must(200, other.As(other.Token, "GET", sessions+theirs.ID, "")).Body; withoutLastSeen(after) != withoutLastSeen(before) {
		t.Errorf("%s\nwas %s", after, before)
	}
}

// withoutLastSeen removes the fields about the last use from a session.
func withoutLastSeen(session string) string {
	var all map[string]any
	if err := json.Unmarshal([]byte(session), &all); err != nil {
		return err.Error()
	}
	for name := range all {
		if strings.HasPrefix(name, "last_seen") {
			delete(all, name)
		}
	}
	b, _ := json.Marshal(all)
	return string(b)
}

// A read-only session is refused on every route that writes, but can sign out.
func TestReadOnlySessions(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	team, boss, manager, _, _ := srv.TeamWithSessions()
	s := srv.MemberSession(team, boss, `,"scopes":["customer_portal:read"]`)
	const me = "/v1/customer-portal/customers/me"
	for _, r := range []struct{ method, path, body string }{
		{"PATCH", me, `{"billing_name":"x"}`}, {"POST", me + "/email-update/request", `{"email":"x@example.com"}`},
		{"GET", "/v1/customer-portal/members", ""}, {"POST", "/v1/customer-portal/members", `{"email":"x@example.com"}`},
		{"PATCH", "/v1/customer-portal/members/" + manager.ID, `{"name":"x"}`}, {"DELETE", "/v1/customer-portal/members/" + manager.ID, ""},
		{"DELETE", portalSessions + "/" + s.ID, ""},
	} {
		a := srv.As(s.Token, r.method, r.path, r.body)
		const want = `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`
		const challenge = `Bearer realm="polar", scope="customer_portal:write", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`
		if a.Status != 403 || a.Body != want || a.Header.Get("Www-Authenticate") != challenge {
			t.Errorf("%s %s: %d %s %s", r.method, r.path, a.Status, a.Body, a.Header.Get("Www-Authenticate"))
		}
	}
	for _, path := range []string{introspect, user, me, portalSessions} {
		srv.Must(200, srv.As(s.Token, "GET", path, ""))
	}
	if i := srv.SessionInfo(s.ID); len(i.Scopes) != 1 || i.Scopes[0] != "customer_portal:read" {
		t.Errorf("the scopes are %v", i.Scopes)
	}
	srv.Must(204, srv.As(s.Token, "DELETE", portalSession, ""))
	expectEnded(srv, s, "signed_out")
}

// The routes about sessions require the right scopes of an access token.
func TestSessionScopes(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	s := srv.CustomerSession(srv.Ada())
	tokens := map[string]string{}
	for name, scope := range map[string]string{"": "customers:read", "read": "customer_sessions:read", "write": "customer_sessions:write"} {
		tokens[name] = srv.AccessToken(scope).Token
	}
	for _, r := range []struct{ method, path, body, needs string }{
		{"GET", sessions, "", "read"}, {"GET", sessions + s.ID, "", "read"}, {"POST", inspect, `{"token":"x"}`, "read"},
		{"PATCH", sessions + s.ID, `{"metadata":{}}`, "write"}, {"DELETE", sessions + s.ID, "", "write"}, {"POST", revoke, `{"all":true}`, "write"},
		{"GET", sessionSettingsPath(srv), "", "organization"}, {"PATCH", sessionSettingsPath(srv), `{}`, "organization"}, {"GET", revocations, "", "follow"},
	} {
		for name, token := range tokens {
			allowed := name == "write" && r.needs != "organization" && r.needs != "follow" || name == "read" && r.needs == "read"
			if name == "read" && r.needs == "follow" {
				continue
			}
			if a := srv.As(token, r.method, r.path, r.body); (a.Status == 403) == allowed || allowed && a.Status > 299 {
				t.Errorf("%s %s with %q: %d %s", r.method, r.path, name, a.Status, a.Body)
			}
		}
		if a := srv.As(s.Token, r.method, r.path, r.body); a.Status != 401 {
			t.Errorf("%s %s with a session: %d", r.method, r.path, a.Status)
		}
	}
	srv.Must(401, srv.As(srv.Token, "DELETE", portalSession, ""))
	srv.Must(404, srv.As(srv.Token, "GET", strings.Replace(sessionSettingsPath(srv), srv.OrgID, unknownID, 1), ""))
	srv.Must(404, srv.As(srv.Token, "PATCH", strings.Replace(sessionSettingsPath(srv), srv.OrgID, unknownID, 1), `{}`))
}
