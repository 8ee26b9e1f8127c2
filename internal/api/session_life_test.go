package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/polar"
)

func TestLifetimes(t *testing.T) {
	h := newHouse(t, false)
	c := h.customer()
	const day = 24 * 60 * 60
	for _, tt := range []struct {
		settings, expiresIn string
		want                time.Duration // 0 is refused
		words               string
	}{
		{``, `null`, time.Hour, ""}, {``, `60`, time.Minute, ""}, {``, `7200.0`, 2 * time.Hour, ""},
		{``, `59`, 0, "greater than or equal to 60"}, {``, `"3600"`, 0, "valid integer"}, {``, `1.5`, 0, "valid integer"}, {``, `-1`, 0, "greater than"},
		{``, `31622401`, 0, "less than or equal to 31622400"}, {``, `1e300`, 0, "valid integer"}, {``, `99999999999999999999`, 0, ""},
		{``, fmt.Sprint(30 * day), 30 * 24 * time.Hour, ""}, {``, fmt.Sprint(30*day + 1), 0, "Sessions of this organization last 2592000 seconds at most."},
		{`{"max_expires_in":31622400}`, `31622400`, 366 * 24 * time.Hour, ""},
		{`{"max_expires_in":600}`, `601`, 0, "Sessions of this organization last 600 seconds at most."},
		{`{"max_expires_in":600}`, `600`, 10 * time.Minute, ""}, {`{"max_expires_in":600}`, `null`, 10 * time.Minute, ""},
	} {
		if tt.settings != "" {
			h.must(200, h.as(h.token, "PATCH", h.settings(), tt.settings))
		}
		a := h.as(h.token, "POST", sessions, `{"customer_id":"`+c.ID+`","expires_in":`+tt.expiresIn+`}`)
		if tt.want == 0 {
			if a.status != 422 || !strings.Contains(a.body, tt.words) {
				t.Errorf("%s %s: %d %s", tt.settings, tt.expiresIn, a.status, a.body)
			}
			continue
		}
		var s struct {
			ExpiresAt time.Time `json:"expires_at"`
		}
		if err := json.Unmarshal([]byte(h.must(201, a).body), &s); err != nil || !s.ExpiresAt.Equal(start.Add(tt.want)) {
			t.Errorf("%s %s: until %s, %v", tt.settings, tt.expiresIn, s.ExpiresAt, err)
		}
	}
	h.must(202, h.ask("POST", portalSession+"/request", `{"organization_id":"`+h.org+`","email":"ada@example.com"}`))
	a := h.must(200, h.ask("POST", portalSession+"/authenticate", `{"code":"`+h.mail.code()+`"}`))
	var s made
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		t.Fatal(err)
	}
	h.advance(10 * time.Minute)
	h.live(s.Token, false) // whoever logs in is bound too
}

// A session that is used lives on, and one that is left alone ends, whoever remembers it.
func TestIdleTimeout(t *testing.T) {
	for name, how := range map[string]struct {
		cache   func(*postern.Config)
		restart bool
	}{"warm": {func(*postern.Config) {}, false}, "cold": {coldCache, false}, "after a restart": {func(*postern.Config) {}, true}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, false, how.cache)
			wait := func(d time.Duration) {
				h.advance(d)
				if how.restart {
					h.restart(nil)
				}
			}
			c := h.customer()
			used, unused := h.sessionFor(c, `,"idle_timeout":600,"expires_in":7200`), h.sessionFor(c, `,"idle_timeout":600,"expires_in":7200`)
			other := h.sessionFor(c)
			for range 3 {
				wait(10*time.Minute - time.Microsecond)
				h.live(used.Token, true)
			}
			h.live(unused.Token, false)
			if i := h.info(unused.ID); i.State != "expired" || i.EndReason != nil || i.IdleTimeout == nil || *i.IdleTimeout != 600 {
				t.Errorf("%+v", i)
			}
			if live := h.listed(h.token, sessions+"?state=live"); !slices.Contains(live, used.ID) || !slices.Contains(live, other.ID) || slices.Contains(live, unused.ID) {
				t.Errorf("the live sessions are %v", live)
			}
			if own := h.listed(used.Token, portalSessions); !slices.Contains(own, used.ID) {
				t.Errorf("one's own session is not listed: %v", own)
			}
			wait(10 * time.Minute)
			h.live(used.Token, false)
			h.live(other.Token, true)
		})
	}
}

func TestExtension(t *testing.T) {
	eachCache(t, func(t *testing.T, cache func(*postern.Config)) {
		h := newHouse(t, false, cache)
		c := h.customer()
		s, other := h.sessionFor(c), h.sessionFor(c)
		h.live(s.Token, true)
		h.advance(30 * time.Minute)
		h.must(409, h.as(h.token, "PATCH", sessions+s.ID, `{"expires_in":1799}`))
		a := h.must(200, h.as(h.token, "PATCH", sessions+s.ID, `{"expires_in":7200}`))
		if !strings.Contains(a.body, `"expires_at":"2026-10-01T14:30:00.120000Z"`) || !strings.Contains(a.body, `"modified_at":"2026-10-01T12:30:00.120000Z"`) {
			t.Errorf("extended: %s", a.body)
		}
		if a := h.as(s.Token, "GET", introspect, ""); !strings.Contains(a.body, `"expires_at":"2026-10-01T14:30:00.120000Z"`) {
			t.Errorf("its holder sees %s", a.body)
		}
		h.must(422, h.as(h.token, "PATCH", sessions+s.ID, `{"expires_in":2592001}`))
		h.must(422, h.as(h.token, "PATCH", sessions+s.ID, `{"metadata":{"a":[]}}`))
		h.must(200, h.as(h.token, "PATCH", sessions+s.ID, `{"metadata":{"a":1,"b":true}}`))
		h.advance(2*time.Hour - time.Microsecond)
		h.live(s.Token, true)
		h.live(other.Token, false)
		if i := h.info(s.ID); len(i.Metadata) != 2 || i.Metadata["b"] != true {
			t.Errorf("the metadata is %v", i.Metadata)
		}
		h.advance(time.Microsecond)
		h.live(s.Token, false)
		for _, id := range []string{s.ID, other.ID} {
			if a := h.must(409, h.as(h.token, "PATCH", sessions+id, `{"expires_in":7200}`)); !strings.Contains(a.body, `"error":"Conflict"`) {
				t.Errorf("an expired session: %s", a.body)
			}
		}
		gone := h.sessionFor(c)
		h.must(200, h.as(h.token, "DELETE", sessions+gone.ID, ""))
		h.must(409, h.as(h.token, "PATCH", sessions+gone.ID, `{"metadata":{}}`))
	})
}

// The oldest sessions of a customer and its members make room for new ones, however these come.
func TestMaxSessions(t *testing.T) {
	h := newHouse(t, false)
	team, boss, manager, ofBoss, ofManager := h.crew()
	bystander := h.sessionFor(h.customer())
	h.must(200, h.as(h.token, "PATCH", h.settings(), `{"max_sessions":2}`))
	h.live(ofBoss.Token, true)
	h.advance(time.Second)
	third := h.sessionOf(team, boss, "")
	h.advance(time.Second)
	h.must(202, h.ask("POST", portalSession+"/request", `{"organization_id":"`+h.org+`","email":"bo@example.com"}`))
	h.must(200, h.ask("POST", portalSession+"/authenticate", `{"code":"`+h.mail.code()+`"}`))
	h.ended(ofBoss, "too_many_sessions")
	h.ended(ofManager, "too_many_sessions")
	h.live(third.Token, true)
	h.live(bystander.Token, true)
	h.advance(time.Second)
	h.sessionOf(team, manager, "")
	h.ended(third, "too_many_sessions")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { h.sessionOf(team, manager, "") })
	}
	wg.Wait()
	if live := h.listed(h.token, sessions+"?state=live&customer_id="+team.ID); len(live) != 2 {
		t.Errorf("%d live sessions", len(live))
	}
	h.must(200, h.as(h.token, "PATCH", h.settings(), `{"max_sessions":0}`))
	h.sessionOf(team, manager, "")
	if live := h.listed(h.token, sessions+"?state=live&customer_id="+team.ID); len(live) != 3 {
		t.Errorf("%d live sessions without a limit", len(live))
	}
}

func TestIdempotencyKeys(t *testing.T) {
	eachCache(t, func(t *testing.T, cache func(*postern.Config)) {
		h := newHouse(t, false, cache)
		c := h.customer()
		body := `{"customer_id":"` + c.ID + `","expires_in":7200}`
		create := func(h *house, key, body string) answer {
			return h.as(h.token, "POST", sessions, body, "Idempotency-Key", key)
		}
		read := func(a answer) (m made) {
			if err := json.Unmarshal([]byte(h.must(201, a).body), &m); err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := create(h, "one", body)
		h.advance(time.Minute)
		if again := create(h, "one", body); again.body != first.body || again.status != 201 {
			t.Errorf("%d %s\nafter %s", again.status, again.body, first.body)
		}
		h.live(read(first).Token, true)
		if a := create(h, "one", `{"customer_id":"`+c.ID+`"}`); a.status != 409 || strings.Contains(a.body, "polar_") {
			t.Errorf("another body: %d %s", a.status, a.body)
		}
		if two := read(create(h, "two", body)); two.ID == read(first).ID || two.Token == read(first).Token {
			t.Error("another key makes the same session")
		}
		other := h.neighbour("bolt")
		theirs := other.customer()
		if m := read(create(other, "one", `{"customer_id":"`+theirs.ID+`"}`)); m.ID == read(first).ID {
			t.Error("another organization's key is the same")
		}
		for _, bad := range []string{strings.Repeat("x", 256), "\xff"} {
			h.must(422, create(h, bad, body))
		}
		h.must(201, create(h, strings.Repeat("x", 255), body))
		h.must(422, create(h, "three", `{"customer_id":"`+nobody+`"}`))
		h.must(201, create(h, "three", body)) // what was refused has claimed nothing

		made := make(chan string, 64)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() { m := read(create(h, "race", body)); made <- m.ID + m.Token })
		}
		wg.Wait()
		close(made)
		want := <-made
		for got := range made {
			if got != want {
				t.Fatalf("%s and %s came of one create", got, want)
			}
		}
		if ids := h.listed(h.token, sessions+"?limit=100"); len(ids) != 5 {
			t.Errorf("%d sessions were made, wanted 5", len(ids))
		}
		h.restart(nil)
		if again := create(h, "one", body); again.body != first.body {
			t.Errorf("after a restart: %s\nafter %s", again.body, first.body)
		}
		h.must(200, h.as(h.token, "DELETE", sessions+read(first).ID, ""))
		h.live(read(create(h, "one", body)).Token, false) // it was that session
		h.advance(25 * time.Hour)
		if m := read(create(h, "one", body)); m.ID == read(first).ID {
			t.Error("a key is remembered for longer than a day")
		}
	})
}

// What is kept of a session, by whom it was begun, and by whom it was last used.
func TestSessionRecord(t *testing.T) {
	h := newHouse(t, false)
	c := h.customer()
	a := h.as(h.token, "POST", sessions, `{"customer_id":"`+c.ID+`","metadata":{"s":"ä","i":3,"f":0.5,"b":true},"return_url":"https://example.com/x"}`, "User-Agent", "server/"+strings.Repeat("ä", 300))
	var s made
	if err := json.Unmarshal([]byte(h.must(201, a).body), &s); err != nil {
		t.Fatal(err)
	}
	i := h.info(s.ID)
	agent := text(i.CreatedUserAgent)
	if i.State != "live" || i.CustomerID != c.ID || i.MemberID == nil || text(i.ReturnURL) != "https://example.com/x" || i.ModifiedAt != nil || i.LastSeenAt != nil ||
		text(i.CreatedIP) != "127.0.0.1" || !strings.HasPrefix(agent, "server/ä") || len(agent) > 256 || len(agent) < 250 || i.IdleTimeout != nil ||
		len(i.Scopes) != 1 || i.Scopes[0] != polar.ScopeCustomerPortalWrite {
		t.Errorf("%+v", i)
	}
	if fmt.Sprint(i.Metadata) != fmt.Sprint(map[string]any{"b": true, "f": 0.5, "i": 3, "s": "ä"}) {
		t.Errorf("the metadata is %v", i.Metadata)
	}
	var tokens struct{ Items []made }
	if err := json.Unmarshal([]byte(h.as(h.token, "GET", "/v1/organization-access-tokens/", "").body), &tokens); err != nil || text(i.CreatedBy) != tokens.Items[0].ID {
		t.Errorf("it was begun by %s: %v", text(i.CreatedBy), err)
	}
	if raw := h.as(h.token, "GET", sessions+s.ID, "").body; strings.Contains(raw, "polar_") {
		t.Errorf("its token is shown again: %s", raw)
	}

	use := func() { h.must(200, h.as(s.Token, "GET", introspect, "", "User-Agent", "browser")) }
	use()
	h.advance(30 * time.Second)
	use()
	if i := h.info(s.ID); i.LastSeenAt == nil || !i.LastSeenAt.Equal(start) {
		t.Errorf("last seen at %v within the same minute", i.LastSeenAt)
	}
	h.advance(31 * time.Second)
	use()
	h.restart(nil) // which writes down what was not written yet
	if i := h.info(s.ID); i.LastSeenAt == nil || !i.LastSeenAt.Equal(start.Add(61*time.Second)) || text(i.LastSeenIP) != "127.0.0.1" || text(i.LastSeenUserAgent) != "browser" {
		t.Errorf("last seen at %v from %s with %s", i.LastSeenAt, text(i.LastSeenIP), text(i.LastSeenUserAgent))
	}

	h.must(202, h.ask("POST", portalSession+"/request", `{"organization_id":"`+h.org+`","email":"ada@example.com"}`))
	h.must(200, h.ask("POST", portalSession+"/authenticate", `{"code":"`+h.mail.code()+`"}`, "User-Agent", "phone"))
	ids := h.listed(h.token, sessions)
	if i := h.info(ids[0]); i.CreatedBy != nil || text(i.CreatedUserAgent) != "phone" || text(i.CreatedIP) != "127.0.0.1" {
		t.Errorf("whoever logged in: %+v", i)
	}
}

// Lists are the issuer's of all sessions, and the holder's of its own.
func TestSessionLists(t *testing.T) {
	h := newHouse(t, false)
	team, boss, manager, ofBoss, _ := h.crew()
	h.advance(time.Second)
	second := h.sessionOf(team, boss, `,"expires_in":60`)
	h.advance(time.Second)
	person := h.sessionFor(h.customer())
	h.must(200, h.as(h.token, "DELETE", sessions+person.ID, ""))
	for query, want := range map[string]int{
		"": 4, "?state=live": 3, "?state=revoked": 1, "?state=expired": 0, "?customer_id=" + team.ID: 3, "?external_customer_id=team": 3,
		"?member_id=" + boss.ID: 2, "?member_id=" + manager.ID + "&customer_id=" + team.ID: 1, "?customer_id=" + team.ID + "&external_customer_id=user_1": 0,
		"?limit=1": 1, "?page=2&limit=3": 1, "?page=9": 0,
	} {
		if ids := h.listed(h.token, sessions+query); len(ids) != want {
			t.Errorf("%s lists %v, wanted %d", query, ids, want)
		}
	}
	latest, oldest := h.listed(h.token, sessions), h.listed(h.token, sessions+"?sorting=created_at")
	if slices.Reverse(oldest); latest[0] != person.ID || !slices.Equal(latest, oldest) {
		t.Errorf("the order is %v, and turned around %v", latest, oldest)
	}
	for _, query := range []string{"?state=dead", "?customer_id=x", "?member_id=x", "?page=0", "?sorting=id"} {
		h.must(422, h.as(h.token, "GET", sessions+query, ""))
	}
	a := h.must(200, h.as(second.Token, "GET", portalSessions, ""))
	if own := h.listed(ofBoss.Token, portalSessions); len(own) != 2 || own[0] != second.ID || own[1] != ofBoss.ID {
		t.Errorf("the owner's own are %v", own)
	}
	if strings.Count(a.body, `"current":true`) != 1 || !strings.Contains(a.body, `"id":"`+second.ID+`","current":true`) {
		t.Errorf("the current one: %s", a.body)
	}
	h.advance(time.Minute)
	if own := h.listed(ofBoss.Token, portalSessions); len(own) != 1 {
		t.Errorf("an expired session is listed: %v", own)
	}
	if ids := h.listed(h.token, sessions+"?state=expired"); !slices.Equal(ids, []string{second.ID}) {
		t.Errorf("the expired are %v", ids)
	}
}

func TestInspect(t *testing.T) {
	h := newHouse(t, false)
	other := h.neighbour("bolt")
	theirs := other.sessionFor(other.customer())
	team, _, manager, _, ofManager := h.crew()
	c := h.customer()
	live, expired, revoked := h.sessionFor(c), h.sessionFor(c, `,"expires_in":60`), h.sessionFor(c)
	gone := h.create(customers, `{"email":"gone@example.com"}`)
	ofGone := h.sessionFor(gone)
	h.must(200, h.as(h.token, "DELETE", sessions+revoked.ID+"?reason=lost", ""))
	h.must(204, h.as(h.token, "DELETE", customers+team.ID+"/members/"+manager.ID, ""))
	h.must(204, h.as(h.token, "DELETE", customers+gone.ID, ""))
	h.advance(time.Minute)
	read := func(token string) (i polar.CustomerSessionInspection) {
		body, _ := json.Marshal(map[string]string{"token": token})
		a := h.must(200, h.as(h.token, "POST", inspect, string(body)))
		if err := json.Unmarshal([]byte(a.body), &i); err != nil {
			t.Fatal(err)
		}
		if token != "" && strings.Contains(a.body, token) {
			t.Errorf("a token is told again: %s", a.body)
		}
		return i
	}
	unknown := read(theirs.Token)
	for _, tt := range []struct {
		name, token, status string
		of                  made
	}{
		{"live", live.Token, "live", live}, {"expired", expired.Token, "expired", expired}, {"revoked", revoked.Token, "revoked", revoked},
		{"of a member that is gone", ofManager.Token, "member_deleted", ofManager}, {"of a customer that is gone", ofGone.Token, "customer_deleted", ofGone},
		{"cut off", live.Token[:40], "malformed", made{}}, {"with a space", live.Token + " ", "malformed", made{}}, {"nothing", "", "malformed", made{}},
		{"another organization's", theirs.Token, "unknown", made{}}, {"an access token", h.token, "unknown", made{}},
		{"of nobody", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", "unknown", made{}},
	} {
		i := read(tt.token)
		if i.Status != tt.status || i.Detail == "" || (i.CustomerSession == nil) != (tt.of.ID == "") || i.CustomerSession != nil && i.CustomerSession.ID != tt.of.ID {
			t.Errorf("%s: %+v", tt.name, i)
		}
		if tt.status == "unknown" && i != unknown {
			t.Errorf("%s is told apart: %+v", tt.name, i)
		}
	}
	h.must(422, h.as(h.token, "POST", inspect, `{}`))
	if i := h.info(live.ID); i.LastSeenAt != nil {
		t.Error("to inspect a session is to use it")
	}
}

func TestSessionSettings(t *testing.T) {
	h := newHouse(t, false)
	const defaults = `{"max_expires_in":2592000,"max_sessions":0,"end_on_email_change":true,"end_on_role_downgrade":true,"end_on_organization_block":true}`
	get := func() string { return h.must(200, h.as(h.token, "GET", h.settings(), "")).body }
	if got := get(); got != defaults {
		t.Errorf("the settings are %s", got)
	}
	for _, bad := range []string{`{"max_expires_in":59}`, `{"max_expires_in":31622401}`, `{"max_sessions":-1}`, `{"max_sessions":1001}`, `{"max_sessions":1.5}`,
		`{"end_on_email_change":"no"}`, `{"end_on_role_downgrade":0}`, `[]`} {
		h.must(422, h.as(h.token, "PATCH", h.settings(), bad))
	}
	h.must(200, h.as(h.token, "PATCH", h.settings(), `{"max_sessions":null,"unknown":1}`))
	if got := get(); got != defaults {
		t.Errorf("what was refused or left out has changed something: %s", got)
	}
	const changed = `{"max_expires_in":60,"max_sessions":1000,"end_on_email_change":false,"end_on_role_downgrade":true,"end_on_organization_block":false}`
	if a := h.must(200, h.as(h.token, "PATCH", h.settings(), changed)); a.body != changed || get() != changed {
		t.Errorf("changed to %s, read as %s", a.body, get())
	}
	other := h.neighbour("bolt")
	if a := other.as(other.token, "GET", other.settings(), ""); a.body != defaults {
		t.Errorf("another organization's are %s", a.body)
	}
	other.must(404, other.as(other.token, "GET", h.settings(), ""))
}
