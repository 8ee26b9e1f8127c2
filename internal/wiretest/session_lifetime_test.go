package wiretest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/polar"
)

func TestLifetimes(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
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
			srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), tt.settings))
		}
		a := srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+c.ID+`","expires_in":`+tt.expiresIn+`}`)
		if tt.want == 0 {
			if a.Status != 422 || !strings.Contains(a.Body, tt.words) {
				t.Errorf("%s %s: %d %s", tt.settings, tt.expiresIn, a.Status, a.Body)
			}
			continue
		}
		var s struct {
			ExpiresAt time.Time `json:"expires_at"`
		}
		if err := json.Unmarshal([]byte(srv.Must(201, a).Body), &s); err != nil || !s.ExpiresAt.Equal(testserver.Start.Add(tt.want)) {
			t.Errorf("%s %s: until %s, %v", tt.settings, tt.expiresIn, s.ExpiresAt, err)
		}
	}
	srv.Must(202, srv.Request("POST", portalSession+"/request", `{"organization_id":"`+srv.OrgID+`","email":"ada@example.com"}`))
	a := srv.Must(200, srv.Request("POST", portalSession+"/authenticate", `{"code":"`+srv.Mail.Code()+`"}`))
	var s testserver.Created
	if err := json.Unmarshal([]byte(a.Body), &s); err != nil {
		t.Fatal(err)
	}
	srv.Advance(10 * time.Minute)
	expectLive(srv, s.Token, false) // the limit holds for logins too
}

// Use keeps a session with an idle timeout live; without use it ends, also in the cache.
func TestIdleTimeout(t *testing.T) {
	for name, how := range map[string]struct {
		cache   testserver.Option
		restart bool
	}{"warm": {func(*testserver.Options) {}, false}, "cold": {withoutCache, false}, "after a restart": {func(*testserver.Options) {}, true}} {
		t.Run(name, func(t *testing.T) {
			srv := testserver.New(t, how.cache)
			wait := func(d time.Duration) {
				srv.Advance(d)
				if how.restart {
					srv.Restart(nil)
				}
			}
			c := srv.Ada()
			used, unused := srv.CustomerSession(c, `,"idle_timeout":600,"expires_in":7200`), srv.CustomerSession(c, `,"idle_timeout":600,"expires_in":7200`)
			other := srv.CustomerSession(c)
			for range 3 {
				wait(10*time.Minute - time.Microsecond)
				expectLive(srv, used.Token, true)
			}
			expectLive(srv, unused.Token, false)
			if i := srv.SessionInfo(unused.ID); i.State != "expired" || i.EndReason != nil || i.IdleTimeout == nil || *i.IdleTimeout != 10*time.Minute {
				t.Errorf("%+v", i)
			}
			if live := listIDs(srv, srv.Token, sessions+"?state=live"); !slices.Contains(live, used.ID) || !slices.Contains(live, other.ID) || slices.Contains(live, unused.ID) {
				t.Errorf("the live sessions are %v", live)
			}
			if own := listIDs(srv, used.Token, portalSessions); !slices.Contains(own, used.ID) {
				t.Errorf("one's own session is not listed: %v", own)
			}
			wait(10 * time.Minute)
			expectLive(srv, used.Token, false)
			expectLive(srv, other.Token, true)
		})
	}
}

func TestExtension(t *testing.T) {
	forEachCache(t, func(t *testing.T, cache testserver.Option) {
		srv := testserver.New(t, cache)
		c := srv.Ada()
		s, other := srv.CustomerSession(c), srv.CustomerSession(c)
		expectLive(srv, s.Token, true)
		srv.Advance(30 * time.Minute)
		srv.Must(409, srv.As(srv.Token, "PATCH", sessions+s.ID, `{"expires_in":1799}`))
		a := srv.Must(200, srv.As(srv.Token, "PATCH", sessions+s.ID, `{"expires_in":7200}`))
		if !strings.Contains(a.Body, `"expires_at":"2026-10-01T14:30:00.120000Z"`) || !strings.Contains(a.Body, `"modified_at":"2026-10-01T12:30:00.120000Z"`) {
			t.Errorf("extended: %s", a.Body)
		}
		if a := srv.As(s.Token, "GET", introspect, ""); !strings.Contains(a.Body, `"expires_at":"2026-10-01T14:30:00.120000Z"`) {
			t.Errorf("its holder sees %s", a.Body)
		}
		srv.Must(422, srv.As(srv.Token, "PATCH", sessions+s.ID, `{"expires_in":2592001}`))
		srv.Must(422, srv.As(srv.Token, "PATCH", sessions+s.ID, `{"metadata":{"a":[]}}`))
		srv.Must(200, srv.As(srv.Token, "PATCH", sessions+s.ID, `{"metadata":{"a":1,"b":true}}`))
		srv.Advance(2*time.Hour - time.Microsecond)
		expectLive(srv, s.Token, true)
		expectLive(srv, other.Token, false)
		if i := srv.SessionInfo(s.ID); len(i.Metadata) != 2 || i.Metadata["b"] != true {
			t.Errorf("the metadata is %v", i.Metadata)
		}
		srv.Advance(time.Microsecond)
		expectLive(srv, s.Token, false)
		for _, id := range []string{s.ID, other.ID} {
			if a := srv.Must(409, srv.As(srv.Token, "PATCH", sessions+id, `{"expires_in":7200}`)); !strings.Contains(a.Body, `"error":"Conflict"`) {
				t.Errorf("an expired session: %s", a.Body)
			}
		}
		deleted := srv.CustomerSession(c)
		srv.Must(200, srv.As(srv.Token, "DELETE", sessions+deleted.ID, ""))
		srv.Must(409, srv.As(srv.Token, "PATCH", sessions+deleted.ID, `{"metadata":{}}`))
	})
}

// If a customer has the maximum number of sessions, a new one ends the oldest.
func TestMaxSessions(t *testing.T) {
	srv := testserver.New(t)
	team, boss, manager, ofBoss, ofManager := srv.TeamWithSessions()
	bystander := srv.CustomerSession(srv.Ada())
	srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), `{"max_sessions":2}`))
	expectLive(srv, ofBoss.Token, true)
	srv.Advance(time.Second)
	third := srv.MemberSession(team, boss, "")
	srv.Advance(time.Second)
	srv.Must(202, srv.Request("POST", portalSession+"/request", `{"organization_id":"`+srv.OrgID+`","email":"bo@example.com"}`))
	srv.Must(200, srv.Request("POST", portalSession+"/authenticate", `{"code":"`+srv.Mail.Code()+`"}`))
	expectEnded(srv, ofBoss, "too_many_sessions")
	expectEnded(srv, ofManager, "too_many_sessions")
	expectLive(srv, third.Token, true)
	expectLive(srv, bystander.Token, true)
	srv.Advance(time.Second)
	srv.MemberSession(team, manager, "")
	expectEnded(srv, third, "too_many_sessions")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { srv.MemberSession(team, manager, "") })
	}
	wg.Wait()
	if live := listIDs(srv, srv.Token, sessions+"?state=live&customer_id="+team.ID); len(live) != 2 {
		t.Errorf("%d live sessions", len(live))
	}
	srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), `{"max_sessions":0}`))
	srv.MemberSession(team, manager, "")
	if live := listIDs(srv, srv.Token, sessions+"?state=live&customer_id="+team.ID); len(live) != 3 {
		t.Errorf("%d live sessions without a limit", len(live))
	}
}

func TestIdempotencyKeys(t *testing.T) {
	forEachCache(t, func(t *testing.T, cache testserver.Option) {
		srv := testserver.New(t, cache)
		c := srv.Ada()
		body := `{"customer_id":"` + c.ID + `","expires_in":7200}`
		create := func(srv *testserver.Server, key, body string) testserver.Answer {
			return srv.As(srv.Token, "POST", sessions, body, "Idempotency-Key", key)
		}
		read := func(a testserver.Answer) (m testserver.Created) {
			if err := json.Unmarshal([]byte(srv.Must(201, a).Body), &m); err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := create(srv, "one", body)
		srv.Advance(time.Minute)
		if again := create(srv, "one", body); again.Body != first.Body || again.Status != 201 {
			t.Errorf("%d %s\nafter %s", again.Status, again.Body, first.Body)
		}
		expectLive(srv, read(first).Token, true)
		if a := create(srv, "one", `{"customer_id":"`+c.ID+`"}`); a.Status != 409 || strings.Contains(a.Body, "polar_") {
			t.Errorf("another body: %d %s", a.Status, a.Body)
		}
		if two := read(create(srv, "two", body)); two.ID == read(first).ID || two.Token == read(first).Token {
			t.Error("another key makes the same session")
		}
		other := srv.Neighbor("bolt")
		theirs := other.Ada()
		if m := read(create(other, "one", `{"customer_id":"`+theirs.ID+`"}`)); m.ID == read(first).ID {
			t.Error("another organization's key is the same")
		}
		for _, bad := range []string{strings.Repeat("x", 256), "\xff"} {
			srv.Must(422, create(srv, bad, body))
		}
		srv.Must(201, create(srv, strings.Repeat("x", 255), body))
		srv.Must(422, create(srv, "three", `{"customer_id":"`+unknownID+`"}`))
		srv.Must(201, create(srv, "three", body)) // a refused request does not claim its key

		made := make(chan string, 64)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() { m := read(create(srv, "race", body)); made <- m.ID + m.Token })
		}
		wg.Wait()
		close(made)
		want := <-made
		for got := range made {
			if got != want {
				t.Fatalf("%s and %s came of one create", got, want)
			}
		}
		if ids := listIDs(srv, srv.Token, sessions+"?limit=100"); len(ids) != 5 {
			t.Errorf("%d sessions were made, want 5", len(ids))
		}
		srv.Restart(nil)
		if again := create(srv, "one", body); again.Body != first.Body {
			t.Errorf("after a restart: %s\nafter %s", again.Body, first.Body)
		}
		srv.Must(200, srv.As(srv.Token, "DELETE", sessions+read(first).ID, ""))
		expectLive(srv, read(create(srv, "one", body)).Token, false) // the repeated request returned the same session
		srv.Advance(25 * time.Hour)
		if m := read(create(srv, "one", body)); m.ID == read(first).ID {
			t.Error("a key is remembered for longer than a day")
		}
	})
}

// A session records who created it and who used it last.
func TestSessionRecord(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	a := srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+c.ID+`","metadata":{"s":"ä","i":3,"f":0.5,"b":true},"return_url":"https://example.com/x"}`, "User-Agent", "server/"+strings.Repeat("ä", 300))
	var s testserver.Created
	if err := json.Unmarshal([]byte(srv.Must(201, a).Body), &s); err != nil {
		t.Fatal(err)
	}
	i := srv.SessionInfo(s.ID)
	agent := testserver.OrNull(i.CreatedUserAgent)
	if i.State != "live" || string(i.CustomerID) != c.ID || i.MemberID == nil || testserver.OrNull(i.ReturnURL) != "https://example.com/x" || i.ModifiedAt != nil || i.LastSeenAt != nil ||
		testserver.OrNull(i.CreatedIP) != "127.0.0.1" || !strings.HasPrefix(agent, "server/ä") || len(agent) > 256 || len(agent) < 250 || i.IdleTimeout != nil ||
		len(i.Scopes) != 1 || i.Scopes[0] != polar.ScopeCustomerPortalWrite {
		t.Errorf("%+v", i)
	}
	if fmt.Sprint(i.Metadata) != fmt.Sprint(map[string]any{"b": true, "f": 0.5, "i": 3, "s": "ä"}) {
		t.Errorf("the metadata is %v", i.Metadata)
	}
	var tokens struct{ Items []testserver.Created }
	if err := json.Unmarshal([]byte(srv.As(srv.Token, "GET", "/v1/organization-access-tokens/", "").Body), &tokens); err != nil || testserver.OrNull(i.CreatedBy) != tokens.Items[0].ID {
		t.Errorf("it was begun by %s: %v", testserver.OrNull(i.CreatedBy), err)
	}
	if raw := srv.As(srv.Token, "GET", sessions+s.ID, "").Body; strings.Contains(raw, "polar_") {
		t.Errorf("its token is shown again: %s", raw)
	}

	use := func() { srv.Must(200, srv.As(s.Token, "GET", introspect, "", "User-Agent", "browser")) }
	use()
	srv.Advance(30 * time.Second)
	use()
	if i := srv.SessionInfo(s.ID); i.LastSeenAt == nil || !i.LastSeenAt.Equal(testserver.Start) {
		t.Errorf("last seen at %v within the same minute", i.LastSeenAt)
	}
	srv.Advance(31 * time.Second)
	use()
	srv.Restart(nil) // closing the server writes pending uses to the store
	if i := srv.SessionInfo(s.ID); i.LastSeenAt == nil || !i.LastSeenAt.Equal(testserver.Start.Add(61*time.Second)) || testserver.OrNull(i.LastSeenIP) != "127.0.0.1" || testserver.OrNull(i.LastSeenUserAgent) != "browser" {
		t.Errorf("last seen at %v from %s with %s", i.LastSeenAt, testserver.OrNull(i.LastSeenIP), testserver.OrNull(i.LastSeenUserAgent))
	}

	srv.Must(202, srv.Request("POST", portalSession+"/request", `{"organization_id":"`+srv.OrgID+`","email":"ada@example.com"}`))
	srv.Must(200, srv.Request("POST", portalSession+"/authenticate", `{"code":"`+srv.Mail.Code()+`"}`, "User-Agent", "phone"))
	ids := listIDs(srv, srv.Token, sessions)
	if i := srv.SessionInfo(ids[0]); i.CreatedBy != nil || testserver.OrNull(i.CreatedUserAgent) != "phone" || testserver.OrNull(i.CreatedIP) != "127.0.0.1" {
		t.Errorf("a session of a login: %+v", i)
	}
}

// An organization lists all of its sessions, and a holder its own.
func TestSessionLists(t *testing.T) {
	srv := testserver.New(t)
	team, boss, manager, ofBoss, _ := srv.TeamWithSessions()
	srv.Advance(time.Second)
	second := srv.MemberSession(team, boss, `,"expires_in":60`)
	srv.Advance(time.Second)
	person := srv.CustomerSession(srv.Ada())
	srv.Must(200, srv.As(srv.Token, "DELETE", sessions+person.ID, ""))
	for query, want := range map[string]int{
		"": 4, "?state=live": 3, "?state=revoked": 1, "?state=expired": 0, "?customer_id=" + team.ID: 3, "?external_customer_id=team": 3,
		"?member_id=" + boss.ID: 2, "?member_id=" + manager.ID + "&customer_id=" + team.ID: 1, "?customer_id=" + team.ID + "&external_customer_id=user_1": 0,
		"?limit=1": 1, "?page=2&limit=3": 1, "?page=9": 0,
	} {
		if ids := listIDs(srv, srv.Token, sessions+query); len(ids) != want {
			t.Errorf("%s lists %v, want %d", query, ids, want)
		}
	}
	latest, oldest := listIDs(srv, srv.Token, sessions), listIDs(srv, srv.Token, sessions+"?sorting=created_at")
	if slices.Reverse(oldest); latest[0] != person.ID || !slices.Equal(latest, oldest) {
		t.Errorf("the order is %v, and turned around %v", latest, oldest)
	}
	for _, query := range []string{"?state=dead", "?customer_id=x", "?member_id=x", "?page=0", "?sorting=id"} {
		srv.Must(422, srv.As(srv.Token, "GET", sessions+query, ""))
	}
	a := srv.Must(200, srv.As(second.Token, "GET", portalSessions, ""))
	if own := listIDs(srv, ofBoss.Token, portalSessions); len(own) != 2 || own[0] != second.ID || own[1] != ofBoss.ID {
		t.Errorf("the owner's own are %v", own)
	}
	if strings.Count(a.Body, `"current":true`) != 1 || !strings.Contains(a.Body, `"id":"`+second.ID+`","current":true`) {
		t.Errorf("the current one: %s", a.Body)
	}
	srv.Advance(time.Minute)
	if own := listIDs(srv, ofBoss.Token, portalSessions); len(own) != 1 {
		t.Errorf("an expired session is listed: %v", own)
	}
	if ids := listIDs(srv, srv.Token, sessions+"?state=expired"); !slices.Equal(ids, []string{second.ID}) {
		t.Errorf("the expired are %v", ids)
	}
}

func TestInspect(t *testing.T) {
	srv := testserver.New(t)
	other := srv.Neighbor("bolt")
	theirs := other.CustomerSession(other.Ada())
	team, _, manager, _, ofManager := srv.TeamWithSessions()
	c := srv.Ada()
	live, expired, revoked := srv.CustomerSession(c), srv.CustomerSession(c, `,"expires_in":60`), srv.CustomerSession(c)
	deleted := srv.Create(customers, `{"email":"gone@example.com"}`)
	ofDeleted := srv.CustomerSession(deleted)
	srv.Must(200, srv.As(srv.Token, "DELETE", sessions+revoked.ID+"?reason=lost", ""))
	srv.Must(204, srv.As(srv.Token, "DELETE", customers+team.ID+"/members/"+manager.ID, ""))
	srv.Must(204, srv.As(srv.Token, "DELETE", customers+deleted.ID, ""))
	srv.Advance(time.Minute)
	read := func(token string) (i polar.CustomerSessionInspection) {
		body, _ := json.Marshal(map[string]string{"token": token})
		a := srv.Must(200, srv.As(srv.Token, "POST", inspect, string(body)))
		if err := json.Unmarshal([]byte(a.Body), &i); err != nil {
			t.Fatal(err)
		}
		if token != "" && strings.Contains(a.Body, token) {
			t.Errorf("a later answer contains the token: %s", a.Body)
		}
		return i
	}
	unknown := read(theirs.Token)
	for _, tt := range []struct {
		name, token, status string
		of                  testserver.Created
	}{
		{"live", live.Token, "live", live}, {"expired", expired.Token, "expired", expired}, {"revoked", revoked.Token, "revoked", revoked},
		{"of a deleted member", ofManager.Token, "member_deleted", ofManager}, {"of a deleted customer", ofDeleted.Token, "customer_deleted", ofDeleted},
		{"truncated", live.Token[:40], "malformed", testserver.Created{}}, {"with a space", live.Token + " ", "malformed", testserver.Created{}}, {"nothing", "", "malformed", testserver.Created{}},
		{"another organization's", theirs.Token, "unknown", testserver.Created{}}, {"an access token", srv.Token, "unknown", testserver.Created{}},
		{"never issued", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", "unknown", testserver.Created{}},
	} {
		i := read(tt.token)
		if string(i.Status) != tt.status || i.Detail == "" || (i.CustomerSession == nil) != (tt.of.ID == "") || i.CustomerSession != nil && string(i.CustomerSession.ID) != tt.of.ID {
			t.Errorf("%s: %+v", tt.name, i)
		}
		if tt.status == "unknown" && i != unknown {
			t.Errorf("%s is distinguishable: %+v", tt.name, i)
		}
	}
	srv.Must(422, srv.As(srv.Token, "POST", inspect, `{}`))
	if i := srv.SessionInfo(live.ID); i.LastSeenAt != nil {
		t.Error("to inspect a session is to use it")
	}
}

func TestSessionSettings(t *testing.T) {
	srv := testserver.New(t)
	const defaults = `{"max_expires_in":2592000,"max_sessions":0,"end_on_email_change":true,"end_on_role_downgrade":true,"end_on_organization_block":true}`
	get := func() string { return srv.Must(200, srv.As(srv.Token, "GET", sessionSettingsPath(srv), "")).Body }
	if got := get(); got != defaults {
		t.Errorf("the settings are %s", got)
	}
	for _, bad := range []string{`{"max_expires_in":59}`, `{"max_expires_in":31622401}`, `{"max_sessions":-1}`, `{"max_sessions":1001}`, `{"max_sessions":1.5}`,
		`{"end_on_email_change":"no"}`, `{"end_on_role_downgrade":0}`, `[]`} {
		srv.Must(422, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), bad))
	}
	srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), `{"max_sessions":null,"unknown":1}`))
	if got := get(); got != defaults {
		t.Errorf("what was refused or left out has changed something: %s", got)
	}
	const changed = `{"max_expires_in":60,"max_sessions":1000,"end_on_email_change":false,"end_on_role_downgrade":true,"end_on_organization_block":false}`
	if a := srv.Must(200, srv.As(srv.Token, "PATCH", sessionSettingsPath(srv), changed)); a.Body != changed || get() != changed {
		t.Errorf("changed to %s, read as %s", a.Body, get())
	}
	other := srv.Neighbor("bolt")
	if a := other.As(other.Token, "GET", sessionSettingsPath(other), ""); a.Body != defaults {
		t.Errorf("another organization's are %s", a.Body)
	}
	other.Must(404, other.As(other.Token, "GET", sessionSettingsPath(srv), ""))
}
