package portalauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
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
		"the access token says whose":  {h.acme.client, portalauth.Options{}},
		"the options say whose":        {h.newClient(&network{}), portalauth.Options{OrganizationID: strings.ToUpper(h.acme.id)}},
		"Polar, by the access token":   {h.acme.client, portalauth.Options{Polar: true}},
		"Polar, both":                  {h.acme.client, portalauth.Options{Polar: true, OrganizationID: h.acme.id}},
		"Postern, access token and id": {h.acme.client, portalauth.Options{OrganizationID: h.acme.id}},
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
				t.Errorf("%v, and before %v", now, before)
			}
			if !test.options.Polar { // where all sessions may write
				if reader := h.mustAccept(auth, reading.Token); reader.Can("customer_portal:write") || !reader.Can("customer_portal:read") {
					t.Errorf("%+v", reader)
				}
			}
			h.mustRefuse(auth, foreign.Token)
			h.mustRefuse(auth, foreign.Token)
			h.mustRefuse(auth, "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l") // which nobody has
			h.mustRefuse(auth, session.Token[:52]+"!")
			h.mustRefuse(auth, "")
			if now := w.counts(); now[portalauth.EventInvalid] != 2 || now[portalauth.EventCachedInvalid] != 1 || now[portalauth.EventMalformed] != 2 {
				t.Errorf("%v", now)
			}
		})
	}
	t.Run("anybody's", func(t *testing.T) {
		for _, isPolar := range []bool{false, true} {
			auth, _ := h.newVerifier(h.newClient(&network{}), portalauth.Options{AnyOrganization: true, Polar: isPolar})
			h.mustAccept(auth, session.Token)
			if who := h.mustAccept(auth, foreign.Token); who.OrganizationID != map[bool]string{false: h.another.id}[isPolar] {
				t.Errorf("%+v", who)
			}
		}
	})
}

// What cannot be known keeps the door closed, and says what to do. It must not look like a session that has ended.
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
		"no network":          {t.Context(), h.newClient(down), portalauth.Options{AnyOrganization: true}, "the network is down"},
		"no time":             {expired, h.acme.client, portalauth.Options{}, "deadline"},
		"whose?":              {t.Context(), h.newClient(&network{}), portalauth.Options{}, "WithAccessToken"},
		"too poor a token":    {t.Context(), h.newClient(&network{}, polar.WithAccessToken(poor.Token)), portalauth.Options{}, "customers:read"},
		"a dead access token": {t.Context(), h.newClient(&network{}, polar.WithAccessToken("polar_oat_x")), portalauth.Options{}, "invalid_token"},
		"not a Postern":       {t.Context(), h.newClient(&network{}, polar.WithRequestEditor(addPathPrefix)), portalauth.Options{AnyOrganization: true}, "Options.Polar"},
		"negative":            {t.Context(), h.acme.client, portalauth.Options{MaxStaleness: -1}, "negative"},
		"no organization id":  {t.Context(), h.acme.client, portalauth.Options{OrganizationID: "acme"}, `"acme" is not a UUID`},
		"both":                {t.Context(), h.acme.client, portalauth.Options{OrganizationID: h.acme.id, AnyOrganization: true}, "must not both be set"},
		"no login URL":        {t.Context(), h.acme.client, portalauth.Options{LoginURL: "/login"}, "LoginURL"},
		"no public URL":       {t.Context(), h.acme.client, portalauth.Options{PublicURL: "javascript:alert(1)"}, "PublicURL"},
		"no origin":           {t.Context(), h.acme.client, portalauth.Options{TrustedOrigins: []string{"example.com"}}, "origin"},
		"no cookie":           {t.Context(), h.acme.client, portalauth.Options{Cookie: portalauth.Cookie{Name: "a b"}}, "Cookie"},
		"no client":           {t.Context(), nil, portalauth.Options{}, "client is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			auth, w := h.newVerifier(test.client, test.options)
			who, err := auth.Verify(test.ctx, token)
			if !errors.Is(err, portalauth.ErrUnavailable) || errors.Is(err, polar.ErrInvalidToken) || errors.Is(err, polar.ErrUnauthorized) || who.CustomerID != "" {
				t.Fatalf("%+v, %v", who, err)
			}
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), token[10:]) {
				t.Errorf("%v does not say %q", err, test.says)
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
	auth, _ := h.newVerifier(h.newClient(l), portalauth.Options{AnyOrganization: true, MaxStaleness: time.Minute}) // no access token: no stream
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	h.mustAccept(auth, session.Token)
	if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
		t.Fatal(err)
	}
	h.clock.advance(58 * time.Second)
	h.mustAccept(auth, session.Token) // nobody has told it
	h.clock.advance(2 * time.Second)
	h.mustRefuse(auth, session.Token)
	if l.lookups.Load() != 2 {
		t.Errorf("asked %d times", l.lookups.Load())
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
		t.Errorf("asked %d times", l.lookups.Load())
	}
	h.clock.advance(2 * time.Minute) // longer than was promised: it asks, and hears that it was extended
	h.mustAccept(auth, session.Token)
	h.clock.advance(10 * time.Minute)
	l.down.Store(true)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) { // never stale beyond its end
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
		"closed by default": {0, 31 * time.Second, false},
		"by choice":         {time.Minute, 31 * time.Second, true},
		"for so long":       {time.Minute, 89 * time.Second, true},
		"and no longer":     {time.Minute, 91 * time.Second, false},
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
				h.mustAccept(auth, session.Token) // at once: it does not knock again for a second
				if l.lookups.Load() != 2 || w.counts()[portalauth.EventStale] != 2 {
					t.Errorf("asked %d times, %v", l.lookups.Load(), w.counts())
				}
				l.down.Store(false)
				h.clock.advance(2 * time.Second)
				h.mustAccept(auth, session.Token)
			}
		})
	}
}

// However many want to know, one asks; and nobody waits longer than they like.
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
	leave() // whoever asked first goes, and the question stays
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
		t.Errorf("asked %d times, %v", l.lookups.Load(), w.counts())
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
		t.Errorf("of 300 sessions, %d are remembered", 600-n)
	}
	h.mustAccept(auth, tokens[299])
	if n := l.lookups.Load(); n > 600 {
		t.Error("the newest is not remembered")
	}
}

// A transport or an editor that panics takes nobody along.
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
