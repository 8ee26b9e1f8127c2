package portalauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// ahead returns a clock that differs from the server's.
func (h *testServer) ahead(by time.Duration) func() time.Time {
	return func() time.Time { return h.clock.Now().Add(by) }
}

// A difference between the clocks of up to a minute has no effect: a session is accepted until it expires on the server's
// clock, even from the cache.
func TestSmallClockDifferenceHasNoEffect(t *testing.T) {
	for _, isPolar := range []bool{false, true} {
		for _, by := range []time.Duration{0, 5 * time.Second, -5 * time.Second, 58 * time.Second, -58 * time.Second} {
			t.Run(fmt.Sprintf("Polar %v, %v ahead", isPolar, by), func(t *testing.T) {
				t.Parallel()
				h := newTestServer(t)
				auth, w := h.newVerifier(h.acme.client, portalauth.Options{MaxStaleness: time.Hour, Polar: isPolar, Now: h.ahead(by)})
				team := h.createTeam(h.acme, owner)
				h.mustAccept(auth, h.createSession(h.acme, team.ID, owner).Token)
				session := h.createSession(h.acme, team.ID, owner, func(in *polar.CustomerSessionCreate) { in.ExpiresIn = 60 * time.Second })
				h.mustAccept(auth, session.Token)
				h.clock.advance(50 * time.Second)
				h.mustAccept(auth, session.Token)
				h.clock.advance(10 * time.Second)
				h.mustRefuse(auth, session.Token)
				for _, line := range w.logged() {
					if strings.Contains(line, "clock") {
						t.Errorf("logged: %s", line)
					}
				}
				if err := auth.Check(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// A larger difference is named by the error, the log, an event and Check.
func TestLargeClockDifferenceIsNamed(t *testing.T) {
	for by, test := range map[time.Duration]struct {
		says    string
		refused bool // a fresh session has expired on the verifier's clock
	}{
		2 * time.Hour:        {"clock is 2h0m0s ahead of the server's", true},
		3 * time.Minute:      {"clock is 3m0s ahead of the server's", true},
		-2 * time.Hour:       {"clock is 2h0m0s behind the server's", false},
		-3 * time.Minute:     {"clock is 3m0s behind the server's", false},
		-24 * 90 * time.Hour: {"clock is 2160h0m0s behind the server's", false},
	} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			h := newTestServer(t)
			auth, w := h.newVerifier(h.acme.client, portalauth.Options{Now: h.ahead(by), MaxStaleness: time.Hour})
			session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner, func(in *polar.CustomerSessionCreate) { in.ExpiresIn = 60 * time.Second })
			_, err := auth.Verify(t.Context(), session.Token)
			var clock *portalauth.ClockError
			switch {
			case !test.refused && err != nil:
				t.Error(err)
			case test.refused && (!errors.Is(err, portalauth.ErrUnavailable) || errors.Is(err, polar.ErrInvalidToken) || !errors.As(err, &clock)):
				t.Errorf("%v", err)
			case test.refused && !saysAbout(err.Error(), test.says):
				t.Errorf("%v does not contain %q", err, test.says)
			}
			if w.counts()[portalauth.EventClockDifference] == 0 {
				t.Errorf("no event: %v", w.counts())
			}
			if text := strings.Join(w.logged(), ""); !saysAbout(text, test.says) {
				t.Errorf("the log does not contain %q: %s", test.says, text)
			}
			if err := auth.Check(t.Context()); !errors.As(err, &clock) || !saysAbout(err.Error(), test.says) || clock.Ahead > 0 != (by > 0) {
				t.Errorf("Check: %v", err)
			}
			if !test.refused { // a clock that is behind does not extend the session
				h.clock.advance(60 * time.Second)
				h.mustRefuse(auth, session.Token)
			}
		})
	}
}

// saysAbout reports whether text contains the difference, or one that is up to two seconds closer to zero.
func saysAbout(text, says string) bool {
	word := strings.Fields(says)[2]
	d, err := time.ParseDuration(word)
	if err != nil {
		panic(err)
	}
	for range 3 {
		if strings.Contains(text, strings.Replace(says, word, d.String(), 1)) {
			return true
		}
		d -= time.Second
	}
	return false
}

// After a clock was set, the verifier works again at once.
func TestClockThatIsSetWhileRunning(t *testing.T) {
	h := newTestServer(t)
	var by atomic.Int64
	by.Store(int64(2 * time.Hour))
	auth, _ := h.newVerifier(h.acme.client, portalauth.Options{Now: func() time.Time { return h.clock.Now().Add(time.Duration(by.Load())) }})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	if _, err := auth.Verify(t.Context(), session.Token); !errors.As(err, new(*portalauth.ClockError)) {
		t.Fatalf("%v", err)
	}
	by.Store(0)
	h.mustAccept(auth, session.Token)
	if err := auth.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A server that sends no Date, or an invalid one, is believed as before.
func TestServerWithoutDate(t *testing.T) {
	for _, date := range [][]string{nil, {"yesterday"}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = date
			writeIdentity(w.Header(), time.Now().Add(time.Hour))
		}))
		defer server.Close()
		client, err := polar.New(polar.WithServerURL(server.URL))
		if err != nil {
			t.Fatal(err)
		}
		auth, err := portalauth.New(client, portalauth.Options{AnyOrganization: true})
		if err != nil {
			t.Fatal(err)
		}
		defer auth.Close()
		if _, err := auth.Verify(t.Context(), exampleToken); err != nil {
			t.Errorf("Date %q: %v", date, err)
		}
	}
}

// writeIdentity writes the headers of a live session.
func writeIdentity(h http.Header, expires time.Time) {
	for _, none := range []string{"Member-Id", "Role", "Email"} {
		h.Set("X-Postern-"+none, "-")
	}
	h.Set("X-Postern-Principal", "customer")
	h.Set("X-Postern-Organization-Id", organization)
	h.Set("X-Postern-Customer-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02")
	h.Set("X-Postern-Scopes", "customer_portal:write")
	h.Set("X-Postern-Expires-At", expires.UTC().Format(time.RFC3339Nano))
}
