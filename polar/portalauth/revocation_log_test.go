package portalauth_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// newLongCacheVerifier returns a verifier that caches answers for a day, so that only the stream can end a session
// sooner.
func (h *testServer) newLongCacheVerifier(of tenant) (*portalauth.Verifier, *observer) {
	h.t.Helper()
	auth, w := h.newVerifier(of.client, portalauth.Options{MaxStaleness: 24 * time.Hour, ServeStale: 24 * time.Hour})
	token := h.createSession(of, h.createTeam(of, "settling@example.com").ID, "settling@example.com").Token
	h.waitForStream(auth, w, token)
	return auth, w
}

func TestRevocationEndsCachedSessions(t *testing.T) {
	const other = "grace@example.com"
	for name, test := range map[string]struct {
		revoke func(h *testServer, customer polar.CustomerID, session *polar.CustomerSession) error
		member bool // the session of the other member ends too
		others bool // the sessions of other customers end too
	}{
		"a session": {func(h *testServer, _ polar.CustomerID, s *polar.CustomerSession) error {
			_, err := h.acme.client.CustomerSessions.Revoke(h.t.Context(), s.ID, "test")
			return err
		}, false, false},
		"sign-out": {func(h *testServer, _ polar.CustomerID, s *polar.CustomerSession) error {
			return h.acme.client.CustomerPortal.CustomerSession.SignOut(h.t.Context(), polar.SecurityFor(s.Token))
		}, false, false},
		"a member": {func(h *testServer, customer polar.CustomerID, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeMember(h.t.Context(), customer, polar.ExternalMemberID(owner), "test")
		}, false, false},
		"a customer": {func(h *testServer, customer polar.CustomerID, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeCustomer(h.t.Context(), customer, "test")
		}, true, false},
		"a deleted customer": {func(h *testServer, customer polar.CustomerID, _ *polar.CustomerSession) error {
			return h.acme.client.Customers.Delete(h.t.Context(), customer)
		}, true, false},
		"all": {func(h *testServer, _ polar.CustomerID, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeOrganization(h.t.Context(), h.acme.id, "test")
		}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newTestServer(t)
			auth, w := h.newLongCacheVerifier(h.acme)
			team := h.createTeam(h.acme, owner)
			if _, err := h.acme.client.Customers.Members.Create(t.Context(), team.ID,
				polar.MemberCreateFromCustomer{Email: other, ExternalID: polar.ExternalMemberID(other)}); err != nil {
				t.Fatal(err)
			}
			session, member := h.createSession(h.acme, team.ID, owner), h.createSession(h.acme, team.ID, other)
			others := h.createSession(h.acme, h.createTeam(h.acme, "b@example.com").ID, "b@example.com")
			for _, s := range []*polar.CustomerSession{session, member, others} {
				h.mustAccept(auth, s.Token)
			}
			h.clock.advance(3 * time.Second)
			if err := test.revoke(h, team.ID, session); err != nil {
				t.Fatal(err)
			}
			w.waitFor(portalauth.EventRevocation)
			h.mustRefuse(auth, session.Token)
			if test.member {
				h.mustRefuse(auth, member.Token)
			} else {
				h.mustAccept(auth, member.Token)
			}
			if test.others {
				h.mustRefuse(auth, others.Token)
			} else {
				h.mustAccept(auth, others.Token)
			}
			if name == "a member" { // a new session of the member is accepted
				h.mustAccept(auth, h.createSession(h.acme, team.ID, owner).Token)
			}
		})
	}
}

// After a reconnection, the stream reports the revocations in between. The server is not asked again about other
// sessions.
func TestReconnectedStreamReportsMissedRevocations(t *testing.T) {
	h := newTestServer(t)
	auth, w := h.newLongCacheVerifier(h.acme)
	team := h.createTeam(h.acme, owner)
	session, stays := h.createSession(h.acme, team.ID, owner), h.createSession(h.acme, team.ID, owner)
	h.mustAccept(auth, session.Token)
	h.mustAccept(auth, stays.Token)
	h.clock.advance(3 * time.Second)
	asked := h.acme.network.lookups.Load()

	h.acme.network.breakStreams()
	w.waitFor(portalauth.EventStreamLost)
	if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(portalauth.EventStreamConnected)
	w.waitFor(portalauth.EventRevocation)
	h.mustRefuse(auth, session.Token)
	h.mustAccept(auth, stays.Token)
	if n := h.acme.network.lookups.Load() - asked; n != 0 {
		t.Errorf("%d lookups", n)
	}
}

// An answer is discarded if the session is revoked while the answer is on its way.
func TestRevocationDuringLookupWins(t *testing.T) {
	h := newTestServer(t)
	auth, w := h.newLongCacheVerifier(h.acme)
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	var once bool
	slow := func() {
		if once {
			return
		}
		once = true // the answer has arrived and says that the session is live
		if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
			t.Error(err)
		}
		w.waitFor(portalauth.EventRevocation)
	}
	h.acme.network.afterLookup.Store(&slow)
	h.mustRefuse(auth, session.Token)
	h.mustRefuse(auth, session.Token)
}

// A revoked session is refused during an outage even with ServeStale.
func TestRevokedSessionIsNotServedStale(t *testing.T) {
	h := newTestServer(t)
	auth, w := h.newLongCacheVerifier(h.acme)
	team := h.createTeam(h.acme, owner)
	session := h.createSession(h.acme, team.ID, owner)
	h.mustAccept(auth, session.Token)
	h.clock.advance(3 * time.Second)
	if err := h.acme.client.CustomerSessions.RevokeCustomer(t.Context(), team.ID, "test"); err != nil {
		t.Fatal(err)
	}
	w.waitFor(portalauth.EventRevocation)
	h.acme.network.down.Store(true)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// Without the right to read the stream, the verifier reports an event and works without it.
func TestVerifierWorksWithoutStream(t *testing.T) {
	h := newTestServer(t)
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	poor, err := h.acme.client.OrganizationAccessTokens.Create(t.Context(), polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{polar.ScopeCustomersRead}})
	if err != nil {
		t.Fatal(err)
	}
	auth, w := h.newVerifier(h.newClient(&network{}, polar.WithAccessToken(poor.Token)), portalauth.Options{})
	h.mustAccept(auth, session.Token)
	if e := w.waitFor(portalauth.EventStreamLost); !errors.Is(e.Err, polar.ErrInsufficientScope) {
		t.Errorf("%v", e.Err)
	}
	auth, w = h.newVerifier(h.newClient(&network{}), portalauth.Options{AnyOrganization: true})
	h.mustAccept(auth, session.Token)
	if e := w.waitFor(portalauth.EventStreamUnavailable); !errors.Is(e.Err, polar.ErrMissingSecurity) {
		t.Errorf("%v", e.Err)
	}
}

// A revoked session is refused within one second.
func TestRevocationTakesEffectWithinASecond(t *testing.T) {
	h := newTestServer(t)
	auth, _ := h.newLongCacheVerifier(h.acme)
	team := h.createTeam(h.acme, owner)
	const tries, bound = 50, time.Second
	var took []time.Duration
	for range tries {
		session := h.createSession(h.acme, team.ID, owner)
		h.mustAccept(auth, session.Token)
		h.clock.advance(3 * time.Second)
		if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for {
			_, err := auth.Verify(t.Context(), session.Token)
			if errors.Is(err, polar.ErrInvalidToken) {
				break
			}
			if err != nil || time.Since(began) > bound {
				t.Fatalf("a session revoked %s ago was accepted: %v", time.Since(began), err)
			}
			runtime.Gosched()
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("of %d, the quickest %s, half within %s, all within %s", tries, took[0], took[tries/2], took[tries-1])
}
