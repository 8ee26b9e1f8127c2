package portalauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

const owner = "ada@example.com"

func (h *testServer) mustAccept(auth *portalauth.Verifier, token string) portalauth.Identity {
	h.t.Helper()
	who, err := auth.Verify(h.t.Context(), token)
	if err != nil {
		h.t.Fatal(err)
	}
	return who
}

func (h *testServer) mustRefuse(auth *portalauth.Verifier, token string) {
	h.t.Helper()
	if who, err := auth.Verify(h.t.Context(), token); !errors.Is(err, polar.ErrInvalidToken) || errors.Is(err, portalauth.ErrUnavailable) {
		h.t.Fatalf("%+v, %v", who, err)
	}
}

func TestVerifyAcceptsOnlyTheOrganizationsSessions(t *testing.T) {
	h := newTestServer(t)
	team := h.createTeam(h.acme, owner)
	session := h.createSession(h.acme, team.ID, owner)
	reading := h.createSession(h.acme, team.ID, owner, func(in *polar.CustomerSessionCreate) { in.Scopes = []polar.Scope{polar.ScopeCustomerPortalRead} })
	foreign := h.createSession(h.another, h.createTeam(h.another, owner).ID, owner)

	for name, test := range map[string]struct {
		client  *polar.Client
		options portalauth.Options
	}{
		"organization of the access token": {h.acme.client, portalauth.Options{}},
		"organization of the options":      {h.newClient(&network{}), portalauth.Options{OrganizationID: polar.OrganizationID(strings.ToUpper(string(h.acme.id)))}},
		"Polar, by the access token":       {h.acme.client, portalauth.Options{Polar: true}},
		"Polar, access token and id":       {h.acme.client, portalauth.Options{Polar: true, OrganizationID: h.acme.id}},
		"Postern, access token and id":     {h.acme.client, portalauth.Options{OrganizationID: h.acme.id}},
	} {
		t.Run(name, func(t *testing.T) {
			auth, w := h.newVerifier(test.client, test.options)
			h.waitForStream(auth, w, session.Token)
			before := w.counts()
			who := h.mustAccept(auth, session.Token)
			if who.OrganizationID != h.acme.id || who.CustomerID != team.ID || who.Email != owner || who.Role != polar.RoleOwner || who.MemberID == "" ||
				!who.ExpiresAt.Equal(session.ExpiresAt) || !who.Can("customer_portal:write") || !who.Can("customer_portal:read") || who.Can("customers:read") {
				t.Errorf("%+v", who)
			}
			if again := h.mustAccept(auth, session.Token); again.MemberID != who.MemberID {
				t.Errorf("%+v", again)
			}
			if now := w.counts(); now[portalauth.EventLookup] != before[portalauth.EventLookup]+1 || now[portalauth.EventCacheHit] != before[portalauth.EventCacheHit]+1 {
				t.Errorf("%v, before: %v", now, before)
			}
			if !test.options.Polar { // on Polar, every session may write
				if reader := h.mustAccept(auth, reading.Token); reader.Can("customer_portal:write") || !reader.Can("customer_portal:read") {
					t.Errorf("%+v", reader)
				}
			}
			h.mustRefuse(auth, foreign.Token)
			h.mustRefuse(auth, foreign.Token)
			h.mustRefuse(auth, "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l") // a well-formed token of no session
			h.mustRefuse(auth, session.Token[:52]+"!")
			h.mustRefuse(auth, "")
			if now := w.counts(); now[portalauth.EventInvalid] != 2 || now[portalauth.EventCachedInvalid] != 1 || now[portalauth.EventMalformed] != 2 {
				t.Errorf("%v", now)
			}
		})
	}
	t.Run("any organization", func(t *testing.T) {
		for _, isPolar := range []bool{false, true} {
			auth, _ := h.newVerifier(h.newClient(&network{}), portalauth.Options{AnyOrganization: true, Polar: isPolar})
			h.mustAccept(auth, session.Token)
			if who := h.mustAccept(auth, foreign.Token); who.OrganizationID != map[bool]polar.OrganizationID{false: h.another.id}[isPolar] {
				t.Errorf("%+v", who)
			}
		}
	})
}

// If a session cannot be checked, the error is ErrUnavailable, never ErrInvalidToken, and says what to do.
func TestVerifyFailsClosed(t *testing.T) {
	h := newTestServer(t)
	token := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner).Token
	down := &network{}
	down.down.Store(true)
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	poor, err := h.acme.client.OrganizationAccessTokens.Create(t.Context(), polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{polar.ScopeWebhooksRead}})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		ctx     context.Context
		client  *polar.Client
		options portalauth.Options
		says    string
	}{
		"no network":                 {t.Context(), h.newClient(down), portalauth.Options{AnyOrganization: true}, "the network is down"},
		"expired context":            {expired, h.acme.client, portalauth.Options{}, "deadline"},
		"access token without scope": {t.Context(), h.newClient(&network{}, polar.WithAccessToken(poor.Token)), portalauth.Options{}, "customers:read"},
		"invalid access token":       {t.Context(), h.newClient(&network{}, polar.WithAccessToken("polar_oat_x")), portalauth.Options{}, "invalid_token"},
		"not a Postern server":       {t.Context(), h.newClient(&network{}, polar.WithRequestEditor(addPathPrefix)), portalauth.Options{AnyOrganization: true}, "Options.Polar"},
	} {
		t.Run(name, func(t *testing.T) {
			auth, w := h.newVerifier(test.client, test.options)
			who, err := auth.Verify(test.ctx, token)
			if !errors.Is(err, portalauth.ErrUnavailable) || errors.Is(err, polar.ErrInvalidToken) || errors.Is(err, polar.ErrUnauthorized) || who.CustomerID != "" {
				t.Fatalf("%+v, %v", who, err)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), token[10:]) {
				t.Errorf("%v does not contain %q", err, test.says)
			}
			if now := w.counts(); now[portalauth.EventUnavailable] != 1 {
				t.Errorf("%v", now)
			}
		})
	}
}

func addPathPrefix(r *http.Request) error {
	r.URL.Path = "/elsewhere" + r.URL.Path
	return nil
}

func TestCachedAnswerEndsAfterMaxStaleness(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, MaxStaleness: time.Minute}) // without an access token there is no stream
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	h.mustAccept(auth, session.Token)
	if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
		t.Fatal(err)
	}
	h.clock.advance(58 * time.Second)
	h.mustAccept(auth, session.Token) // the verifier does not know of the revocation yet
	h.clock.advance(2 * time.Second)
	h.mustRefuse(auth, session.Token)
	if l.lookups.Load() != 2 {
		t.Errorf("%d lookups", l.lookups.Load())
	}
}

func TestCachedAnswerEndsWithTheSession(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, MaxStaleness: 24 * time.Hour, ServeStale: 24 * time.Hour})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner, func(in *polar.CustomerSessionCreate) { in.ExpiresIn = 10 * time.Minute })
	h.mustAccept(auth, session.Token)
	if _, err := h.acme.client.CustomerSessions.Update(t.Context(), session.ID, polar.CustomerSessionUpdate{ExpiresIn: 20 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	h.clock.advance(9 * time.Minute)
	h.mustAccept(auth, session.Token)
	if l.lookups.Load() != 1 {
		t.Errorf("%d lookups", l.lookups.Load())
	}
	h.clock.advance(2 * time.Minute) // after the cached expiry, the server is asked and returns the extended one
	h.mustAccept(auth, session.Token)
	h.clock.advance(10 * time.Minute)
	l.down.Store(true)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) { // an expired session is never served stale
		t.Errorf("%v", err)
	}
	l.down.Store(false)
	h.mustRefuse(auth, session.Token)
}

func TestServeStaleAcceptsDuringOutage(t *testing.T) {
	h := newTestServer(t)
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	for name, test := range map[string]struct {
		serve time.Duration
		ahead time.Duration
		in    bool
	}{
		"refused by default":             {0, 31 * time.Second, false},
		"accepted with ServeStale":       {time.Minute, 31 * time.Second, true},
		"accepted until ServeStale ends": {time.Minute, 89 * time.Second, true},
		"refused after ServeStale":       {time.Minute, 91 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := &network{}
			auth, w := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, ServeStale: test.serve})
			h.mustAccept(auth, session.Token)
			l.down.Store(true)
			h.clock.advance(test.ahead)
			_, err := auth.Verify(t.Context(), session.Token)
			if (err == nil) != test.in || err != nil && !errors.Is(err, portalauth.ErrUnavailable) {
				t.Fatal(err)
			}
			if test.in {
				h.mustAccept(auth, session.Token) // from the cache: the server is not asked again within a second
				if l.lookups.Load() != 2 || w.counts()[portalauth.EventStale] != 2 {
					t.Errorf("%d lookups, %v", l.lookups.Load(), w.counts())
				}
				l.down.Store(false)
				h.clock.advance(2 * time.Second)
				h.mustAccept(auth, session.Token)
			}
		})
	}
}

// Concurrent calls cause one lookup. A canceled call returns at once and does not cancel the lookup.
func TestConcurrentVerifiesShareOneLookup(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, w := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	asking, answer := make(chan struct{}), make(chan struct{})
	gate := func() { close(asking); <-answer }
	l.beforeLookup.Store(&gate)

	impatient, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := auth.Verify(impatient, session.Token)
		left <- err
	}()
	<-asking
	leave() // the first caller leaves, and the lookup goes on
	if err := <-left; !errors.Is(err, portalauth.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { h.mustAccept(auth, session.Token) })
	}
	close(answer)
	wg.Wait()
	if l.lookups.Load() != 1 {
		t.Errorf("%d lookups, %v", l.lookups.Load(), w.counts())
	}
}

// A caller that found nothing in the cache uses the answer of a lookup that finished in the meantime.
func TestFinishedLookupIsNotRepeated(t *testing.T) {
	h := newTestServer(t)
	live := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner).Token
	for name, token := range map[string]string{"live": live, "invalid": "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"} {
		t.Run(name, func(t *testing.T) {
			l := &network{}
			var late atomic.Bool // while set, readings of the clock are those of the late caller
			var readings atomic.Int64
			missed, finished := make(chan struct{}), make(chan struct{})
			auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, Now: func() time.Time {
				now := h.clock.Now()
				if late.Load() && readings.Add(1) == 2 { // after the cache was read
					late.Store(false)
					close(missed)
					<-finished
				}
				return now
			}})
			asking, answer := make(chan struct{}), make(chan struct{})
			gate := sync.OnceFunc(func() { close(asking); <-answer })
			l.beforeLookup.Store(&gate)
			verify := func(done chan<- error) {
				_, err := auth.Verify(t.Context(), token)
				done <- err
			}
			first, second := make(chan error, 1), make(chan error, 1)
			go verify(first)
			<-asking
			late.Store(true)
			go verify(second)
			<-missed
			close(answer)
			want := <-first
			close(finished)
			if err := <-second; !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("the second caller got %v, the first %v", err, want)
			}
			if n := l.lookups.Load(); n != 1 {
				t.Errorf("%d lookups, want 1", n)
			}
		})
	}
}

func TestCacheIsBounded(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, MaxSessions: 64})
	team := h.createTeam(h.acme, owner)
	var tokens []string
	for range 300 {
		tokens = append(tokens, h.createSession(h.acme, team.ID, owner).Token)
	}
	for range 2 {
		for _, token := range tokens {
			h.mustAccept(auth, token)
		}
	}
	if n := l.lookups.Load(); n < 600-64 {
		t.Errorf("of 300 sessions, %d are cached", 600-n)
	}
	h.mustAccept(auth, tokens[299])
	if n := l.lookups.Load(); n > 600 {
		t.Error("the newest session is not cached")
	}
}

// A panic in the transport or the request editor is an error of the call.
func TestPanicInTransportIsAnError(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	boom := func() { panic("boom") }
	l.beforeLookup.Store(&boom)
	auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "boom") {
		t.Errorf("%v", err)
	}
	l.beforeLookup.Store(nil)
	h.mustAccept(auth, session.Token)
}
