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

// patient is a verifier that would believe its memory for a day: what it hears, it hears by the stream.
func (h *house) patient(of tenant) (*portalauth.Verifier, *watch) {
	h.t.Helper()
	auth, w := h.auth(of.client, portalauth.Options{MaxStaleness: 24 * time.Hour, ServeStale: 24 * time.Hour})
	token := h.session(of, h.team(of, "settling@example.com").ID, "settling@example.com").Token
	h.settle(auth, w, token)
	return auth, w
}

func TestRevocationsAreHeard(t *testing.T) {
	const other = "grace@example.com"
	for name, test := range map[string]struct {
		revoke func(h *house, customer string, session *polar.CustomerSession) error
		member bool // whether the other member's session ends too
		others bool // whether those of other customers do
	}{
		"a session": {func(h *house, _ string, s *polar.CustomerSession) error {
			_, err := h.acme.client.CustomerSessions.Revoke(h.t.Context(), s.ID, "test")
			return err
		}, false, false},
		"signed out": {func(h *house, _ string, s *polar.CustomerSession) error {
			return h.acme.client.CustomerPortal.CustomerSession.SignOut(h.t.Context(), polar.SecurityFor(s.Token))
		}, false, false},
		"a member": {func(h *house, customer string, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeMember(h.t.Context(), polar.CustomerID(customer), polar.ExternalMemberID(owner), "test")
		}, false, false},
		"a customer": {func(h *house, customer string, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeCustomer(h.t.Context(), polar.CustomerID(customer), "test")
		}, true, false},
		"a customer is deleted": {func(h *house, customer string, _ *polar.CustomerSession) error {
			return h.acme.client.Customers.Delete(h.t.Context(), polar.CustomerID(customer))
		}, true, false},
		"everybody": {func(h *house, _ string, _ *polar.CustomerSession) error {
			return h.acme.client.CustomerSessions.RevokeAll(h.t.Context(), "test")
		}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			auth, w := h.patient(h.acme)
			team := h.team(h.acme, owner)
			if _, err := h.acme.client.Customers.Members.Create(t.Context(), polar.CustomerID(team.ID),
				polar.MemberCreateFromCustomer{Email: other, ExternalID: polar.Set(other)}); err != nil {
				t.Fatal(err)
			}
			session, member := h.session(h.acme, team.ID, owner), h.session(h.acme, team.ID, other)
			others := h.session(h.acme, h.team(h.acme, "b@example.com").ID, "b@example.com")
			for _, s := range []*polar.CustomerSession{session, member, others} {
				h.let(auth, s.Token)
			}
			h.clock.advance(3 * time.Second)
			if err := test.revoke(h, team.ID, session); err != nil {
				t.Fatal(err)
			}
			w.until(portalauth.Ended)
			h.refused(auth, session.Token)
			if test.member {
				h.refused(auth, member.Token)
			} else {
				h.let(auth, member.Token)
			}
			if test.others {
				h.refused(auth, others.Token)
			} else {
				h.let(auth, others.Token)
			}
			if name == "a member" { // who comes back is let in again
				h.let(auth, h.session(h.acme, team.ID, owner).Token)
			}
		})
	}
}

// Of what ends while the stream is broken, it hears when it comes back; also when the server is not there to be asked.
func TestStreamComesBack(t *testing.T) {
	h := newHouse(t)
	auth, w := h.patient(h.acme)
	team := h.team(h.acme, owner)
	session, stays := h.session(h.acme, team.ID, owner), h.session(h.acme, team.ID, owner)
	h.let(auth, session.Token)
	h.let(auth, stays.Token)
	h.clock.advance(3 * time.Second)
	asked := h.acme.link.asked.Load()

	h.acme.link.cut()
	w.until(portalauth.FeedLost)
	if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
		t.Fatal(err)
	}
	w.until(portalauth.FeedConnected)
	w.until(portalauth.Ended)
	h.refused(auth, session.Token)
	h.let(auth, stays.Token)
	if n := h.acme.link.asked.Load() - asked; n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// An answer that was on its way when the session ended is not believed.
func TestAnswerIsOvertaken(t *testing.T) {
	h := newHouse(t)
	auth, w := h.patient(h.acme)
	session := h.session(h.acme, h.team(h.acme, owner).ID, owner)
	var once bool
	slow := func() {
		if once {
			return
		}
		once = true // the answer is there, and says that the session is live
		if _, err := h.acme.client.CustomerSessions.Revoke(t.Context(), session.ID, "test"); err != nil {
			t.Error(err)
		}
		w.until(portalauth.Ended)
	}
	h.acme.link.after.Store(&slow)
	h.refused(auth, session.Token)
	h.refused(auth, session.Token)
}

// A session that has ended is not served stale, whatever was asked for.
func TestStaleIsNotEnded(t *testing.T) {
	h := newHouse(t)
	auth, w := h.patient(h.acme)
	team := h.team(h.acme, owner)
	session := h.session(h.acme, team.ID, owner)
	h.let(auth, session.Token)
	h.clock.advance(3 * time.Second)
	if err := h.acme.client.CustomerSessions.RevokeCustomer(t.Context(), polar.CustomerID(team.ID), "test"); err != nil {
		t.Fatal(err)
	}
	w.until(portalauth.Ended)
	h.acme.link.down.Store(true)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
}

// Without a right to the stream it says so, and works on.
func TestNoStream(t *testing.T) {
	h := newHouse(t)
	session := h.session(h.acme, h.team(h.acme, owner).ID, owner)
	poor, err := h.acme.client.OrganizationAccessTokens.Create(t.Context(), polar.OrganizationAccessTokenCreate{Scopes: []polar.Scope{polar.ScopeCustomersRead}})
	if err != nil {
		t.Fatal(err)
	}
	auth, w := h.auth(h.client(&link{}, polar.WithAccessToken(poor.Token)), portalauth.Options{})
	h.let(auth, session.Token)
	if e := w.until(portalauth.FeedLost); !errors.Is(e.Err, polar.ErrInsufficientScope) {
		t.Errorf("%v", e.Err)
	}
	auth, w = h.auth(h.client(&link{}), portalauth.Options{AnyOrganization: true})
	h.let(auth, session.Token)
	if e := w.until(portalauth.FeedAbsent); !errors.Is(e.Err, polar.ErrMissingSecurity) {
		t.Errorf("%v", e.Err)
	}
}

// How long a revoked session still gets in: less than a second.
func TestRevocationIsHeardSoon(t *testing.T) {
	h := newHouse(t)
	auth, _ := h.patient(h.acme)
	team := h.team(h.acme, owner)
	const tries, bound = 50, time.Second
	var took []time.Duration
	for range tries {
		session := h.session(h.acme, team.ID, owner)
		h.let(auth, session.Token)
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
				t.Fatalf("a session that was ended %s ago gets in: %v", time.Since(began), err)
			}
			runtime.Gosched()
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("of %d, the quickest %s, half within %s, all within %s", tries, took[0], took[tries/2], took[tries-1])
}
