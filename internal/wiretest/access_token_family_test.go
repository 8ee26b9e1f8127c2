package wiretest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// family is a server with access tokens that created each other: the token of the server, a child of it, and a grandchild.
type family struct {
	*testserver.Server
	child, grandchild testserver.Created
	ada               testserver.Created
}

var familyScopes = []string{"organization_access_tokens:write", "customer_sessions:write", "customers:read"}

func newFamily(t *testing.T) family {
	srv := testserver.New(t, testserver.RateLimits("off"))
	child := srv.AccessToken(familyScopes...)
	return family{Server: srv, child: child, grandchild: srv.AccessTokenAs(child.Token, familyScopes...), ada: srv.Ada()}
}

func (f family) sessionAs(token string) testserver.Created {
	f.T.Helper()
	a := f.As(token, "POST", sessions, `{"customer_id":"`+f.ada.ID+`"}`)
	a.Is(f.T, 201)
	return testserver.Created{ID: fmt.Sprint(a.At("id")), Token: f.AddSecret(fmt.Sprint(a.At("token")))}
}

// works fails the test unless a request with the access token gets the status.
func (f family) works(what, token string, status int) {
	f.T.Helper()
	if got := f.As(token, "GET", customers, "").Status; got != status {
		f.T.Errorf("%s: %d, want %d", what, got, status)
	}
}

// ended fails the test unless the session ended for the reason. The reason "" means that it is live.
func (f family) ended(what string, s testserver.Created, reason string) {
	f.T.Helper()
	info := f.SessionInfo(s.ID)
	got := testserver.OrNull(info.EndReason)
	if reason == "" {
		reason = "null"
	}
	if got != reason || f.IsLive(s.Token) != (reason == "null") {
		f.T.Errorf("%s: ended because of %s, live %v, want %s", what, got, f.IsLive(s.Token), reason)
	}
}

// expiring creates an access token that may create others and that expires after a minute.
func expiring(srv *testserver.Server) testserver.Created {
	srv.T.Helper()
	a := srv.As(srv.Token, "POST", accessTokens, `{"comment":"s","scopes":["organization_access_tokens:write","customers:read","customers:write"],"expires_in":60}`)
	a.Is(srv.T, 201)
	return testserver.Created{ID: fmt.Sprint(a.At("organization_access_token", "id")), Token: srv.AddSecret(fmt.Sprint(a.At("token")))}
}

// rootToken returns the ID of the server's own access token.
func rootToken(srv *testserver.Server) string {
	srv.T.Helper()
	list := srv.As(srv.Token, "GET", accessTokens+"?limit=100", "")
	for i := range 100 {
		if list.At("items", i, "comment") == "The first token" {
			return fmt.Sprint(list.At("items", i, "id"))
		}
	}
	srv.T.Fatalf("the first token is not listed: %s", list.Body)
	return ""
}

func (f family) rotate(by, id, body string) testserver.Answer {
	f.T.Helper()
	a := f.As(by, "POST", accessTokens+id+"/rotate", body)
	if token, ok := a.At("token").(string); ok {
		f.AddSecret(token)
	}
	return a
}

// A child cannot outlive its parent. Without expires_in, it expires with its parent.
func TestChildCannotOutliveItsParent(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	parent := expiring(srv)
	create := func(expires string) testserver.Answer {
		return srv.As(parent.Token, "POST", accessTokens, `{"comment":"c","scopes":["organization_access_tokens:write"]`+expires+`}`)
	}
	for _, expires := range []string{`,"expires_in":61`, `,"expires_in":"P90D"`} {
		create(expires).Is(t, 422, `"loc":["body","expires_in"]`, "An access token cannot outlive the one that creates it, which expires at 2026-10-01T12:01:00Z.")
	}
	for expires, want := range map[string]string{``: "12:01:00", `,"expires_in":null`: "12:01:00", `,"expires_in":60`: "12:01:00", `,"expires_in":30`: "12:00:30"} {
		create(expires).Is(t, 201, `"expires_at":"2026-10-01T`+want, `"parent_id":"`+parent.ID+`"`)
	}
}

// A reduction of the parent's scopes reduces those of the tokens below it. Restoring them at the parent does not give them back.
func TestScopesOfTheParentLimitTheChildren(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	scopes := func(id string) string {
		list := f.As(f.Token, "GET", accessTokens+"?limit=100", "")
		for i := range 3 {
			if list.At("items", i, "id") == id {
				return fmt.Sprint(list.At("items", i, "scopes"))
			}
		}
		return "none"
	}
	f.As(f.Token, "PATCH", accessTokens+f.child.ID, `{"scopes":["organization_access_tokens:write","customers:read"]}`).Is(t, 200)
	if got := scopes(f.grandchild.ID); got != "[organization_access_tokens:write customers:read]" {
		t.Errorf("the grandchild has %s", got)
	}
	f.As(f.Token, "PATCH", accessTokens+f.grandchild.ID, `{"scopes":["customers:write"]}`).Is(t, 422, "An access token cannot have a scope that its parent does not have.")
	f.As(f.Token, "PATCH", accessTokens+f.child.ID, `{"scopes":["organization_access_tokens:write","customers:read","customer_sessions:write"]}`).Is(t, 200)
	if got := scopes(f.grandchild.ID); got != "[organization_access_tokens:write customers:read]" {
		t.Errorf("the grandchild has %s", got)
	}
}

// Revoking a token ends the tokens below it. The sessions that they created end only with end_sessions.
func TestRevokingATokenEndsItsChildren(t *testing.T) {
	t.Parallel()
	for query, reason := range map[string]string{"": "", "?end_sessions=false": "", "?end_sessions=true": "access_token_revoked"} {
		f := newFamily(t)
		dead := f.AccessTokenAs(f.grandchild.Token, "customer_sessions:write")
		own, below, ofDead, other := f.sessionAs(f.child.Token), f.sessionAs(f.grandchild.Token), f.sessionAs(dead.Token), f.sessionAs(f.Token)
		f.As(f.grandchild.Token, "DELETE", accessTokens+dead.ID, "").Is(t, 204) // revoked before its parent
		f.As(f.Token, "DELETE", accessTokens+f.child.ID+query, "").Exactly(t, 204, "")
		f.works("the child", f.child.Token, 401)
		f.works("the grandchild", f.grandchild.Token, 401)
		f.works("the parent", f.Token, 200)
		f.As(f.Token, "GET", accessTokens, "").Is(t, 200, `"total_count":1`)
		f.ended(query+" own", own, reason)
		f.ended(query+" below", below, reason)
		f.ended(query+" of a token that was revoked earlier", ofDead, reason)
		f.ended(query+" other", other, "")
	}
	f := newFamily(t)
	f.As(f.Token, "DELETE", accessTokens+f.child.ID+"?end_sessions=perhaps", "").Is(t, 422, `"loc":["query","end_sessions"]`)
	f.works("the child", f.child.Token, 200)
}

// A session that was being created while its token was revoked ends soon after.
func TestSessionsOfRequestsInProgressEndToo(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	late := f.sessionAs(f.Token)
	root := rootToken(f.Server)
	f.As(f.Token, "DELETE", accessTokens+root+"?end_sessions=true", "").Is(t, 204)
	if f.IsLive(late.Token) {
		t.Error("a session of the revoked token is live")
	}
	for range 3 { // the server repeats the search while requests may be in progress, then it stops
		f.Advance(time.Minute)
		if err := f.Postern.Directory.EndCreatedSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A weaker token cannot change, rotate or revoke a stronger one: one with more scopes, or one that it was created with.
func TestWeakTokensCannotChangeStrongerOnes(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	weak := f.AccessToken("organization_access_tokens:write", "customers:read")
	sibling := f.AccessToken(familyScopes...)
	const scopes, above = "it has the scopes customer_sessions:write.", "yours was created with it."
	for _, c := range []struct{ what, by, id, why string }{
		{"fewer scopes", weak.Token, f.child.ID, scopes},
		{"the parent", f.grandchild.Token, f.child.ID, above},
		{"itself", f.child.Token, f.child.ID, ""},
		{"its child", f.child.Token, f.grandchild.ID, ""},
		{"equal", sibling.Token, f.child.ID, ""},
	} {
		status := 403
		if c.why == "" {
			status = 200
		}
		f.As(c.by, "PATCH", accessTokens+c.id, `{"comment":"mine"}`).Is(t, status, c.why)
		if c.why != "" {
			f.As(c.by, "PATCH", accessTokens+c.id, `{"scopes":["customers:read"]}`).Is(t, 403, `"error":"NotPermitted"`, c.why)
			f.As(c.by, "DELETE", accessTokens+c.id, "").Is(t, 403, c.why)
			f.rotate(c.by, c.id, `{}`).Is(t, 403, c.why)
		}
	}
	f.works("the child", f.child.Token, 200)

	// A token that expires cannot pass on more than it has to one that does not.
	short := expiring(f.Server)
	f.As(short.Token, "PATCH", accessTokens+weak.ID, `{"scopes":["customers:read","customers:write"]}`).Is(t, 422, `"loc":["body","scopes",1]`, "cannot add a scope to a token that outlives it")
	f.rotate(short.Token, weak.ID, `{}`).Is(t, 422, "cannot outlive the one that rotates it")
	f.rotate(short.Token, weak.ID, `{"expires_in":30}`).Is(t, 201, `"expires_at":"2026-10-01T12:00:30`)
}

// A successor has the parent, the scopes and the children of the old token, which ends after the overlap.
func TestRotateAccessToken(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	root := rootToken(f.Server)
	a := f.rotate(f.Token, f.child.ID, `{"overlap":"PT1H"}`)
	a.Is(t, 201, `"parent_id":"`+root+`"`, `"comment":"test"`, `"scopes":["organization_access_tokens:write","customer_sessions:write","customers:read"]`, `"expires_at":null`)
	successor, token := fmt.Sprint(a.At("organization_access_token", "id")), fmt.Sprint(a.At("token"))
	f.As(f.Token, "GET", accessTokens+"?sorting=created_at", "").Is(t, 200, `"parent_id":"`+successor+`"`, `"expires_at":"2026-10-01T13:00:00.120000Z"`)
	f.works("the successor", token, 200)
	f.works("the old token, during the overlap", f.child.Token, 200)
	// The old token can still create tokens, which end with it.
	f.As(f.child.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`).Is(t, 201, `"expires_at":"2026-10-01T13:00:00.120000Z"`)
	f.Advance(time.Hour)
	f.works("the old token, after the overlap", f.child.Token, 401)
	f.works("the grandchild", f.grandchild.Token, 200)
	f.rotate(f.Token, f.child.ID, `{}`).Is(t, 409, "has expired")
	f.As(f.Token, "DELETE", accessTokens+successor, "").Is(t, 204)
	f.works("the grandchild of a revoked successor", f.grandchild.Token, 401)

	other := f.AccessToken("customers:read")
	f.rotate(f.Token, other.ID, `{"overlap":0}`).Is(t, 201)
	f.works("a token without overlap", other.Token, 401)
	other = f.AccessToken("customers:read")
	f.rotate(f.Token, other.ID, `{}`).Is(t, 201)
	f.Advance(24*time.Hour - time.Second)
	f.works("the old token, before the default overlap ends", other.Token, 200)
	f.Advance(time.Second)
	f.works("the old token, after the default overlap", other.Token, 401)

	another := f.AccessToken("customers:read")
	for _, overlap := range []string{"-1", `"P8D"`, "604801"} {
		f.rotate(f.Token, another.ID, `{"overlap":`+overlap+`}`).Is(t, 422, `"loc":["body","overlap"]`, "stays valid for 0 to 604800 seconds")
	}
	f.rotate(f.Token, another.ID, `{"overlap":"soon","expires_in":true}`).Is(t, 422, `"loc":["body","overlap"]`)
	f.rotate(f.Token, another.ID, `{"expires_in":0}`).Is(t, 422, `"loc":["body","expires_in"]`)
	f.rotate(f.Token, "nope", `{}`).Is(t, 422, `"loc":["path","id"]`)
	f.rotate(f.Token, unknownID, `{}`).Is(t, 404)
	f.rotate(f.CreateOrganization(testserver.NewOrganization{Slug: "theirs"}).AccessToken, another.ID, `{}`).Is(t, 404)
}

// A token that expires cannot renew itself by rotation. Its parent can renew it.
func TestRotationDoesNotExtendAToken(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	short := expiring(f.Server)
	f.rotate(short.Token, short.ID, `{"expires_in":61}`).Is(t, 422, "cannot outlive the one that rotates it")
	a := f.rotate(short.Token, short.ID, `{}`)
	a.Is(t, 201, `"expires_at":"2026-10-01T12:01:00.120000Z"`)
	f.rotate(f.Token, fmt.Sprint(a.At("organization_access_token", "id")), `{"expires_in":3600}`).Is(t, 201, `"expires_at":"2026-10-01T13:00:00.120000Z"`)
}

// A repeated rotation with the same key returns the same token.
func TestRepeatedRotation(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	rotate := func(body string) testserver.Answer {
		return f.As(f.Token, "POST", accessTokens+f.child.ID+"/rotate", body, "Idempotency-Key", "one")
	}
	first := rotate(`{"overlap":0}`)
	first.Is(t, 201)
	rotate(`{"overlap":0}`).Exactly(t, 201, first.Body)
	rotate(`{"overlap":1}`).Is(t, 409)
	f.AddSecret(fmt.Sprint(first.At("token")))
}

// A leaked token ends with everything that was made with it, even if it has rotated itself, and with the sessions of all these
// tokens.
func TestLeakedAccessTokenEndsWhatItMade(t *testing.T) {
	t.Parallel()
	report := func(f family, token string) {
		t.Helper()
		if known, err := f.Postern.Leaks.End(t.Context(), token); err != nil || !known {
			t.Fatalf("known %v, %v", known, err)
		}
	}
	for _, overlap := range []string{"0", "3600"} {
		f := newFamily(t)
		own, below := f.sessionAs(f.child.Token), f.sessionAs(f.grandchild.Token)
		a := f.rotate(f.child.Token, f.child.ID, `{"overlap":`+overlap+`}`)
		a.Is(t, 201)
		successor := fmt.Sprint(a.At("token"))
		a = f.rotate(successor, fmt.Sprint(a.At("organization_access_token", "id")), `{"overlap":0}`)
		second := fmt.Sprint(a.At("token"))
		ofSuccessor, other := f.sessionAs(second), f.sessionAs(f.Token)
		report(f, f.child.Token)
		for what, token := range map[string]string{"the token": f.child.Token, "the grandchild": f.grandchild.Token, "the successor": successor, "its successor": second} {
			f.works(what, token, 401)
		}
		f.works("the parent", f.Token, 200)
		f.ended("own", own, "access_token_leaked")
		f.ended("below", below, "access_token_leaked")
		f.ended("of the successor", ofSuccessor, "access_token_leaked")
		f.ended("other", other, "")
		report(f, f.child.Token) // a second report changes nothing
	}

	// A successor that another token made stays. So does one of a token that ended long ago; its sessions end nevertheless.
	f := newFamily(t)
	own := f.sessionAs(f.child.Token)
	byParent := fmt.Sprint(f.rotate(f.Token, f.child.ID, `{"overlap":0}`).At("token"))
	report(f, f.child.Token)
	f.works("a successor that the parent made", byParent, 200)
	f.ended("own", own, "access_token_leaked")
	f = newFamily(t)
	own = f.Create(sessions, `{"customer_id":"`+f.ada.ID+`","expires_in":2000000}`)
	byItself := fmt.Sprint(f.rotate(f.Token, rootToken(f.Server), `{"overlap":0}`).At("token"))
	f.Advance(7*24*time.Hour + time.Second)
	report(f, f.Token)
	f.works("a successor that the token made long ago", byItself, 200)
	if f.IsLive(own.Token) {
		t.Error("a session of the leaked token is live")
	}
}

// Tokens that are created while their parent is revoked end with it.
func TestRevokingRacesWithCreatingChildren(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var made []string
	for i := range 24 {
		wg.Go(func() {
			a := f.As(f.child.Token, "POST", accessTokens, `{"comment":"x","scopes":["customers:read"]}`)
			if a.Status == 201 {
				mu.Lock()
				made = append(made, f.AddSecret(fmt.Sprint(a.At("token"))))
				mu.Unlock()
			} else if a.Status != 401 {
				t.Errorf("create: %d %s", a.Status, a.Body)
			}
		})
		if i == 8 {
			wg.Go(func() { f.As(f.Token, "DELETE", accessTokens+f.child.ID, "").Is(t, 204) })
		}
	}
	wg.Wait()
	for _, token := range made {
		f.works("a child of the revoked token", token, 401)
	}
}

// A token that is revoked and rotated at the same time leaves no token that nobody can find: the rotation either came first, and
// its successor lives on, or it was refused.
func TestRevokingRacesWithRotating(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	for range 8 {
		victim := f.AccessToken("customers:read")
		var rotated, revoked testserver.Answer
		var wg sync.WaitGroup
		wg.Go(func() { rotated = f.rotate(f.Token, victim.ID, `{"overlap":0}`) })
		wg.Go(func() { revoked = f.As(f.Token, "DELETE", accessTokens+victim.ID, "") })
		wg.Wait()
		f.works("the old token", victim.Token, 401)
		switch {
		case rotated.Status == 201 && revoked.Status == 404:
			f.works("the successor", fmt.Sprint(rotated.At("token")), 200)
		case rotated.Status == 404 && revoked.Status == 204:
		default:
			t.Errorf("rotated %d, revoked %d", rotated.Status, revoked.Status)
		}
		list := f.As(f.Token, "GET", accessTokens+"?limit=100", "")
		if strings.Contains(list.Body, victim.ID) {
			t.Error("the old token is listed")
		}
	}
}
