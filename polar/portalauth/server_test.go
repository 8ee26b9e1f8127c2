package portalauth_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// testServer is a server with two organizations, and a clock that runs and can be moved ahead.
type testServer struct {
	t             *testing.T
	url           string
	clock         *clock
	acme, another tenant
}

// tenant is an organization with a client and its network.
type tenant struct {
	id      polar.OrganizationID
	client  *polar.Client
	network *network
}

func newTestServer(t *testing.T) *testServer {
	t.Helper()
	h := &testServer{t: t, clock: &clock{}}
	srv := testserver.New(t, testserver.RateLimits("off"), func(o *testserver.Options) { o.Now = h.clock.Now })
	h.url = srv.URL
	h.acme, h.another = h.newTenant(srv), h.newTenant(srv.Neighbor("another"))
	return h
}

func (h *testServer) newTenant(srv *testserver.Server) tenant {
	h.t.Helper()
	n := &network{}
	h.t.Cleanup(n.transport.CloseIdleConnections)
	return tenant{polar.OrganizationID(srv.OrgID), h.newClient(n, polar.WithAccessToken(srv.Token)), n}
}

// newClient returns a client that sends its requests over the network.
func (h *testServer) newClient(l *network, opts ...polar.Option) *polar.Client {
	h.t.Helper()
	client, err := polar.New(append(opts, polar.WithoutRetries(), polar.WithServerURL(h.url), polar.WithHTTPClient(&http.Client{Transport: l}))...)
	if err != nil {
		h.t.Fatal(err)
	}
	return client
}

// createTeam creates a team with an owner.
func (h *testServer) createTeam(of tenant, email string) *polar.Customer {
	h.t.Helper()
	c, err := of.client.Customers.Create(h.t.Context(), polar.CustomerTeamCreate{
		Name: polar.Set("Team"), Owner: polar.Set(polar.MemberOwnerCreate{Email: email, ExternalID: polar.ExternalMemberID(email)}),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// createSession creates a session of a member of a customer.
func (h *testServer) createSession(of tenant, customer polar.CustomerID, member polar.ExternalMemberID, change ...func(*polar.CustomerSessionCreate)) *polar.CustomerSession {
	h.t.Helper()
	in := polar.CustomerSessionCreate{Customer: customer, Member: member}
	for _, f := range change {
		f(&in)
	}
	s, err := of.client.CustomerSessions.Create(h.t.Context(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// clock is a clock that runs and can be moved ahead.
type clock struct{ harness.Clock }

func (c *clock) advance(by time.Duration) {
	if err := c.Advance(by); err != nil {
		panic(err)
	}
}

// network is the connection between a client and the server, which a test can interrupt.
type network struct {
	// transport is its own, because a test server that closes also closes the idle connections of http.DefaultTransport.
	transport http.Transport

	lookups atomic.Int64 // number of requests about sessions
	down    atomic.Bool  // every request fails
	// beforeLookup runs before each request about a session, and afterLookup runs after its answer.
	beforeLookup, afterLookup atomic.Pointer[func()]
	mu                        sync.Mutex
	streams                   []context.CancelFunc
}

var errDown = errors.New("the network is down")

func (l *network) RoundTrip(r *http.Request) (*http.Response, error) {
	about := strings.HasPrefix(r.URL.Path, "/v1/customer-portal/")
	if about {
		l.lookups.Add(1)
		call(&l.beforeLookup)
	}
	if l.down.Load() {
		return nil, errDown
	}
	if strings.HasSuffix(r.URL.Path, "/revocations") {
		ctx, cut := context.WithCancel(r.Context())
		l.mu.Lock()
		l.streams = append(l.streams, cut)
		l.mu.Unlock()
		return l.transport.RoundTrip(r.WithContext(ctx))
	}
	answer, err := l.transport.RoundTrip(r)
	if about {
		call(&l.afterLookup)
	}
	return answer, err
}

func call(f *atomic.Pointer[func()]) {
	if f := f.Load(); f != nil {
		(*f)()
	}
}

// breakStreams closes all streams.
func (l *network) breakStreams() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, cut := range l.streams {
		cut()
	}
	l.streams = nil
}

// observer records the events of a verifier. A test can wait for the events of the stream.
type observer struct {
	t      *testing.T
	events chan portalauth.Event
	mu     sync.Mutex
	kinds  map[portalauth.EventKind]int
	log    bytes.Buffer // of the verifier
}

// Write appends to the log.
func (w *observer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

// logged returns the lines of the log so far.
func (w *observer) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(strings.Lines(w.log.String()))
}

var anyToken = regexp.MustCompile(`polar_[a-z]+_[0-9A-Za-z]{5}`)

// newVerifier creates a verifier. It uses the server's clock, unless options have another.
func (h *testServer) newVerifier(client *polar.Client, options portalauth.Options) (*portalauth.Verifier, *observer) {
	w := &observer{t: h.t, events: make(chan portalauth.Event, 1000), kinds: map[portalauth.EventKind]int{}}
	if options.Now == nil {
		options.Now = h.clock.Now
	}
	options.Logger = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	options.Observe = func(e portalauth.Event) {
		w.mu.Lock()
		w.kinds[e.Kind]++
		w.mu.Unlock()
		if e.Err != nil && anyToken.MatchString(e.Err.Error()) {
			h.t.Errorf("an event contains a token: %v", e.Err)
		}
		switch e.Kind {
		case portalauth.EventRevocation, portalauth.EventStreamConnected, portalauth.EventStreamLost, portalauth.EventStreamUnavailable:
			w.events <- e
		}
	}
	auth, err := portalauth.New(client, options)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		auth.Close()
		for _, line := range w.logged() {
			if anyToken.MatchString(line) {
				h.t.Errorf("the log contains a token: %s", line)
			}
		}
	})
	return auth, w
}

// waitFor waits for an event of the kind.
func (w *observer) waitFor(kind portalauth.EventKind) portalauth.Event {
	w.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-w.events:
			if e.Kind == kind {
				return e
			}
		case <-timeout:
			w.t.Fatalf("no event %s", kind)
		}
	}
}

func (w *observer) counts() map[portalauth.EventKind]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.kinds)
}

// waitForStream waits until the verifier follows the stream or knows that there is none. Then it moves the clock until all
// earlier lookups are stale.
func (h *testServer) waitForStream(auth *portalauth.Verifier, w *observer, token string) {
	h.t.Helper()
	h.mustAccept(auth, token)
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-w.events:
			if e.Kind == portalauth.EventStreamConnected || e.Kind == portalauth.EventStreamUnavailable {
				h.clock.advance(31 * time.Second) // longer than any lookup stays fresh
				return
			}
		case <-timeout:
			h.t.Fatal("the stream was neither opened nor refused")
		}
	}
}
