package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

// What ends sessions says so, and ends no others.
func TestEndReasons(t *testing.T) {
	eachCache(t, func(t *testing.T, cache func(*postern.Config)) {
		for _, tt := range []struct {
			name           string
			end            func(h *house, team, boss, manager, ofBoss, ofManager made) answer
			status         int
			boss, managers string // the reasons; "" for one that lives on
		}{
			{"by its issuer", func(h *house, _, _, _, _, s made) answer {
				return h.as(h.token, "DELETE", sessions+s.ID, "")
			}, 200, "", "revoked"},
			{"by its issuer, who says why", func(h *house, _, _, _, _, s made) answer {
				return h.as(h.token, "DELETE", sessions+s.ID+"?reason=laptop%20st%C3%B6len", "")
			}, 200, "", "laptop stölen"},
			{"signed out", func(h *house, _, _, _, _, s made) answer {
				return h.as(s.Token, "DELETE", portalSession, "")
			}, 204, "", "signed_out"},
			{"signed out from another device", func(h *house, team, _, m, _, s made) answer {
				return h.as(h.sessionOf(team, m, "").Token, "DELETE", portalSessions+"/"+s.ID, "")
			}, 204, "", "signed_out"},
			{"those of a member", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "POST", revoke, `{"customer_id":"`+team.ID+`","member_id":"`+m.ID+`"}`)
			}, 204, "", "revoked"},
			{"those of a member, by external ids", func(h *house, _, _, _, _, _ made) answer {
				return h.as(h.token, "POST", revoke, `{"external_customer_id":"team","external_member_id":"bo","reason":"fired"}`)
			}, 204, "", "fired"},
			{"those of a customer", func(h *house, team, _, _, _, _ made) answer {
				return h.as(h.token, "POST", revoke, `{"customer_id":"`+team.ID+`","reason":"unpaid"}`)
			}, 204, "unpaid", "unpaid"},
			{"everybody's", func(h *house, _, _, _, _, _ made) answer {
				return h.as(h.token, "POST", revoke, `{"all":true}`)
			}, 204, "revoked", "revoked"},
			{"another email address of the member", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"email":"new@example.com"}`)
			}, 200, "", "email_changed"},
			{"the same address in another case", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"email":"BO@example.com"}`)
			}, 200, "", ""},
			{"another address of the customer", func(h *house, team, _, _, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID, `{"email":"team@example.com"}`)
			}, 200, "email_changed", "email_changed"},
			{"a lower role", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"member"}`)
			}, 200, "", "role_downgraded"},
			{"a lower role and another address", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"member","email":"new@example.com"}`)
			}, 200, "", "role_downgraded"},
			{"a lower role, given by the owner", func(h *house, _, _, m, s, _ made) answer {
				return h.as(s.Token, "PATCH", "/v1/customer-portal/members/"+m.ID, `{"role":"member"}`)
			}, 200, "", "role_downgraded"},
			{"the owner's role, taken over", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"role":"owner"}`)
			}, 200, "role_downgraded", ""},
			{"a name", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "PATCH", customers+team.ID+"/members/"+m.ID, `{"name":"Bo"}`)
			}, 200, "", ""},
			{"a member that is deleted", func(h *house, team, _, m, _, _ made) answer {
				return h.as(h.token, "DELETE", customers+team.ID+"/members/"+m.ID, "")
			}, 204, "", "member_deleted"},
			{"a member that is removed by the owner", func(h *house, _, _, m, s, _ made) answer {
				return h.as(s.Token, "DELETE", "/v1/customer-portal/members/"+m.ID, "")
			}, 204, "", "member_deleted"},
			{"a customer that is deleted", func(h *house, team, _, _, _, _ made) answer {
				return h.as(h.token, "DELETE", customers+team.ID, "")
			}, 204, "customer_deleted", "customer_deleted"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				h := newHouse(t, false, cache)
				team, boss, manager, ofBoss, ofManager := h.crew()
				single := h.sessionFor(h.customer())
				for _, s := range []made{ofBoss, ofManager, single} {
					h.live(s.Token, true)
				}
				h.must(tt.status, tt.end(h, team, boss, manager, ofBoss, ofManager))
				for _, end := range []struct {
					s      made
					reason string
				}{{ofBoss, tt.boss}, {ofManager, tt.managers}, {single, map[bool]string{true: "revoked"}[tt.name == "everybody's"]}} {
					if end.reason == "" {
						h.live(end.s.Token, true)
					} else {
						h.ended(end.s, end.reason)
					}
				}
			})
		}
	})
}

// sessionFor begins a session of a customer; more is the rest of the body, from its comma.
func (h *house) sessionFor(c made, more ...string) made {
	h.t.Helper()
	return h.create(sessions, `{"customer_id":"`+c.ID+`"`+strings.Join(more, "")+`}`)
}

// A customer who confirms a new address is signed out, and so is the owner of an individual whose address is changed.
func TestConfirmedEmailChangeEndsSessions(t *testing.T) {
	h := newHouse(t, false)
	c := h.customer()
	s := h.sessionFor(c)
	h.must(202, h.as(s.Token, "POST", "/v1/customer-portal/customers/me/email-update/request", `{"email":"new@example.com"}`))
	update := updateTokens.FindString(h.mail.next().text)
	h.live(s.Token, true)
	h.must(200, h.ask("POST", "/v1/customer-portal/customers/me/email-update/verify", `{"token":"`+update+`"}`))
	h.ended(s, "email_changed")
}

// What ends sessions by itself can be switched off; deletion cannot.
func TestSettingsKeepSessions(t *testing.T) {
	h := newHouse(t, false)
	team, _, manager, ofBoss, ofManager := h.crew()
	h.must(200, h.as(h.token, "PATCH", h.settings(), `{"end_on_email_change":false,"end_on_role_downgrade":false,"end_on_organization_block":false}`))
	member := customers + team.ID + "/members/" + manager.ID
	h.must(200, h.as(h.token, "PATCH", member, `{"email":"new@example.com","role":"member"}`))
	h.must(200, h.as(h.token, "PATCH", customers+team.ID, `{"email":"team@example.com"}`))
	h.live(ofManager.Token, true)
	h.live(ofBoss.Token, true)
	h.block(true)
	if a := h.as(h.token, "GET", customers, ""); a.status != 401 {
		t.Errorf("an access token of a blocked organization: %d", a.status)
	}
	h.live(ofManager.Token, true)
	h.block(false)
	h.must(204, h.as(h.token, "DELETE", member, ""))
	h.ended(ofManager, "member_deleted")
	h.live(ofBoss.Token, true)
}

func TestBlockEndsSessions(t *testing.T) {
	h := newHouse(t, false)
	s := h.sessionFor(h.customer())
	other := h.neighbour("bolt")
	theirs := other.sessionFor(other.customer())
	h.block(true)
	h.live(s.Token, false)
	h.live(theirs.Token, true)
	h.block(false)
	h.ended(s, "organization_blocked")
	h.live(h.create(sessions, `{"external_customer_id":"user_1"}`).Token, true)
}

// To end what has ended is no mistake, and changes nothing of it.
func TestRevokesAreIdempotent(t *testing.T) {
	h := newHouse(t, false)
	c := h.customer()
	s, expired := h.sessionFor(c), h.sessionFor(c, `,"expires_in":60`)
	first := h.must(200, h.as(h.token, "DELETE", sessions+s.ID+"?reason=first", ""))
	h.advance(61e9)
	if again := h.must(200, h.as(h.token, "DELETE", sessions+s.ID+"?reason=second", "")); again.body != first.body {
		t.Errorf("%s\nafter %s", again.body, first.body)
	}
	if a := h.must(200, h.as(h.token, "DELETE", sessions+expired.ID, "")); !strings.Contains(a.body, `"state":"expired"`) {
		t.Errorf("an expired session was revoked: %s", a.body)
	}
	for range 2 {
		h.must(204, h.as(h.token, "POST", revoke, `{"customer_id":"`+c.ID+`"}`))
		h.must(204, h.as(h.token, "POST", revoke, `{"all":true}`))
	}
	h.ended(s, "first")
	a, b := h.sessionFor(c), h.sessionFor(c)
	for range 2 {
		h.must(204, h.as(b.Token, "DELETE", portalSessions+"/"+a.ID, ""))
	}
	h.must(204, h.as(b.Token, "DELETE", portalSession, ""))
	h.must(401, h.as(b.Token, "DELETE", portalSession, ""))
}

func TestRevokeRefusals(t *testing.T) {
	h := newHouse(t, false)
	team, boss, _, s, _ := h.crew()
	other := h.neighbour("bolt")
	foreign := other.customer()
	for _, tt := range []struct{ body, want string }{
		{`{}`, "Exactly one of customer_id, external_customer_id and all is needed."},
		{`{"all":false}`, "Exactly one of"},
		{`{"customer_id":null}`, "Exactly one of"},
		{`{"all":true,"customer_id":"` + team.ID + `"}`, "Exactly one of"},
		{`{"customer_id":"` + team.ID + `","external_customer_id":"team"}`, "Exactly one of"},
		{`{"all":true,"member_id":"` + boss.ID + `"}`, "A member cannot be named with all."},
		{`{"all":"yes"}`, "Input should be a valid boolean"},
		{`{"customer_id":"` + team.ID + `","external_member_id":""}`, "at least 1 character"},
		{`{"customer_id":"` + team.ID + `","reason":"` + strings.Repeat("x", 101) + `"}`, "at most 100 characters"},
		{`{"customer_id":"` + foreign.ID + `"}`, "Customer does not exist."},
		{`{"external_customer_id":"nobody"}`, "Customer does not exist."},
		{`{"customer_id":"` + team.ID + `","member_id":"` + nobody + `"}`, "Member does not exist for this customer."},
	} {
		if a := h.as(h.token, "POST", revoke, tt.body); a.status != 422 || !strings.Contains(a.body, tt.want) {
			t.Errorf("%s: %d %s, wanted %s", tt.body, a.status, a.body, tt.want)
		}
	}
	h.must(422, h.as(h.token, "DELETE", sessions+s.ID+"?reason="+strings.Repeat("x", 101), ""))
	h.live(s.Token, true)
	h.live(other.create(sessions, `{"external_customer_id":"user_1"}`).Token, true)
}

// Nothing is said, or ended, of another organization's sessions, or of another holder's.
func TestOtherSessionsAreUnknown(t *testing.T) {
	h := newHouse(t, false)
	other := h.neighbour("bolt")
	theirs := other.sessionFor(other.customer())
	team, boss, _, ofBoss, ofManager := h.crew()
	before := other.must(200, other.as(other.token, "GET", sessions+theirs.ID, "")).body
	for _, id := range []string{theirs.ID, nobody, boss.ID} {
		for _, a := range []answer{
			h.as(h.token, "GET", sessions+id, ""), h.as(h.token, "DELETE", sessions+id, ""), h.as(h.token, "PATCH", sessions+id, `{"metadata":{"a":1}}`),
			h.as(ofBoss.Token, "DELETE", portalSessions+"/"+id, ""),
		} {
			if a.status != 404 || a.body != `{"error":"ResourceNotFound","detail":"Not found"}` {
				t.Errorf("%s: %d %s", id, a.status, a.body)
			}
		}
	}
	h.must(404, h.as(ofBoss.Token, "DELETE", portalSessions+"/"+ofManager.ID, ""))
	h.must(422, h.as(h.token, "GET", sessions+"nope", ""))
	h.live(ofManager.Token, true)
	for _, query := range []string{"?customer_id=" + theirs.CustomerID, "?external_customer_id=user_1", "?member_id=" + nobody, "?member_id=" + team.ID} {
		if ids := h.listed(h.token, sessions+query); len(ids) != 0 {
			t.Errorf("%s lists %v", query, ids)
		}
	}
	h.must(204, h.as(h.token, "POST", revoke, `{"all":true}`))
	other.live(theirs.Token, true)
	if after := other.must(200, other.as(other.token, "GET", sessions+theirs.ID, "")).body; withoutUse(after) != withoutUse(before) {
		t.Errorf("%s\nwas %s", after, before)
	}
}

// withoutUse leaves out when and by whom a session was last used.
func withoutUse(session string) string {
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

// A session that may only read is told so wherever it would write, and may end itself.
func TestReadOnlySessions(t *testing.T) {
	h := newHouse(t, false)
	team, boss, manager, _, _ := h.crew()
	s := h.sessionOf(team, boss, `,"scopes":["customer_portal:read"]`)
	const me = "/v1/customer-portal/customers/me"
	for _, r := range []struct{ method, path, body string }{
		{"PATCH", me, `{"billing_name":"x"}`}, {"POST", me + "/email-update/request", `{"email":"x@example.com"}`},
		{"GET", "/v1/customer-portal/members", ""}, {"POST", "/v1/customer-portal/members", `{"email":"x@example.com"}`},
		{"PATCH", "/v1/customer-portal/members/" + manager.ID, `{"name":"x"}`}, {"DELETE", "/v1/customer-portal/members/" + manager.ID, ""},
		{"DELETE", portalSessions + "/" + s.ID, ""},
	} {
		a := h.as(s.Token, r.method, r.path, r.body)
		const want = `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`
		const challenge = `Bearer realm="polar", scope="customer_portal:write", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`
		if a.status != 403 || a.body != want || a.header.Get("Www-Authenticate") != challenge {
			t.Errorf("%s %s: %d %s %s", r.method, r.path, a.status, a.body, a.header.Get("Www-Authenticate"))
		}
	}
	for _, path := range []string{introspect, user, me, portalSessions} {
		h.must(200, h.as(s.Token, "GET", path, ""))
	}
	if i := h.info(s.ID); len(i.Scopes) != 1 || i.Scopes[0] != "customer_portal:read" {
		t.Errorf("the scopes are %v", i.Scopes)
	}
	h.must(204, h.as(s.Token, "DELETE", portalSession, ""))
	h.ended(s, "signed_out")
}

// What an organization's routes ask of an access token.
func TestSessionScopes(t *testing.T) {
	h := newHouse(t, false)
	s := h.sessionFor(h.customer())
	tokens := map[string]string{}
	for name, scope := range map[string]string{"": "customers:read", "read": "customer_sessions:read", "write": "customer_sessions:write"} {
		tokens[name], _ = h.withScopes(scope)
	}
	for _, r := range []struct{ method, path, body, needs string }{
		{"GET", sessions, "", "read"}, {"GET", sessions + s.ID, "", "read"}, {"POST", inspect, `{"token":"x"}`, "read"},
		{"PATCH", sessions + s.ID, `{"metadata":{}}`, "write"}, {"DELETE", sessions + s.ID, "", "write"}, {"POST", revoke, `{"all":true}`, "write"},
		{"GET", h.settings(), "", "organization"}, {"PATCH", h.settings(), `{}`, "organization"}, {"GET", revocations, "", "follow"},
	} {
		for name, token := range tokens {
			allowed := name == "write" && r.needs != "organization" && r.needs != "follow" || name == "read" && r.needs == "read"
			if name == "read" && r.needs == "follow" {
				continue
			}
			if a := h.as(token, r.method, r.path, r.body); (a.status == 403) == allowed || allowed && a.status > 299 {
				t.Errorf("%s %s with %q: %d %s", r.method, r.path, name, a.status, a.body)
			}
		}
		if a := h.as(s.Token, r.method, r.path, r.body); a.status != 401 {
			t.Errorf("%s %s with a session: %d", r.method, r.path, a.status)
		}
	}
	h.must(401, h.as(h.token, "DELETE", portalSession, ""))
	h.must(404, h.as(h.token, "GET", strings.Replace(h.settings(), h.org, nobody, 1), ""))
	h.must(404, h.as(h.token, "PATCH", strings.Replace(h.settings(), h.org, nobody, 1), `{}`))
}
