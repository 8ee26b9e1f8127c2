package portalauth_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// house is a real server with two organizations.
type testServer struct {
	t             *testing.T
	url           string
	clock         *clock
	acme, another tenant
}

// tenant is an organization, and a client with its access token.
type tenant struct {
	id      string
	client  *polar.Client
	network *network
}

func newTestServer(t *testing.T) *testServer {
	t.Helper()
	h := &testServer{t: t, clock: &clock{}}
	config := server.Config{DataDir: t.TempDir(), Now: h.clock.now, RateLimits: server.RateLimitsOff()}
	if err := server.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	p, err := server.Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		p.Drain()
		ts.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	h.url = ts.URL
	h.acme, h.another = h.createTenant(p, "acme"), h.createTenant(p, "another")
	return h
}

func (h *testServer) createTenant(p *server.Server, slug string) tenant {
	h.t.Helper()
	org, token, err := p.Directory.CreateOrganization(h.t.Context(), directory.NewOrganization{Slug: slug, MemberModel: true, EmailChange: true})
	if err != nil {
		h.t.Fatal(err)
	}
	l := &network{}
	return tenant{org.ID.String(), h.newClient(l, polar.WithAccessToken(token.Reveal())), l}
}

// client asks over the link.
func (h *testServer) newClient(l *network, opts ...polar.Option) *polar.Client {
	h.t.Helper()
	client, err := polar.New(append(opts, polar.WithServerURL(h.url), polar.WithHTTPClient(&http.Client{Transport: l}))...)
	if err != nil {
		h.t.Fatal(err)
	}
	return client
}

// team makes a customer with an owner and returns it.
func (h *testServer) createTeam(of tenant, email string) *polar.Customer {
	h.t.Helper()
	c, err := of.client.Customers.Create(h.t.Context(), polar.CustomerTeamCreate{
		Name: polar.Set("Team"), Owner: polar.Set(polar.MemberOwnerCreate{Email: email, ExternalID: polar.Set(email)}),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// session makes a session of a member of a customer.
func (h *testServer) createSession(of tenant, customer, member string, change ...func(*polar.CustomerSessionCreate)) *polar.CustomerSession {
	h.t.Helper()
	in := polar.CustomerSessionCreate{Customer: polar.CustomerID(customer), Member: polar.ExternalMemberID(member)}
	for _, f := range change {
		f(&in)
	}
	s, err := of.client.CustomerSessions.Create(h.t.Context(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// clock is the time of the house, which can be moved.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(by time.Duration) { c.ahead.Add(int64(by)) }

// link is the network between a client and the house.
type network struct {
	lookups atomic.Int64 // questions about sessions
	down    atomic.Bool  // nobody answers
	// before runs ahead of each question about a session, and after when the answer has come.
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
		return http.DefaultTransport.RoundTrip(r.WithContext(ctx))
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
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

// cut breaks the streams off.
func (l *network) breakStreams() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, cut := range l.streams {
		cut()
	}
	l.streams = nil
}

// watch is what a verifier tells. The events of the stream can be waited for.
type observer struct {
	t      *testing.T
	events chan portalauth.Event
	mu     sync.Mutex
	kinds  map[portalauth.EventKind]int
}

// auth makes a verifier, by the clock of the house.
func (h *testServer) newVerifier(client *polar.Client, options portalauth.Options) (*portalauth.Verifier, *observer) {
	w := &observer{t: h.t, events: make(chan portalauth.Event, 1000), kinds: map[portalauth.EventKind]int{}}
	options.Now = h.clock.now
	options.Observe = func(e portalauth.Event) {
		w.mu.Lock()
		w.kinds[e.Kind]++
		w.mu.Unlock()
		if e.Err != nil && strings.Contains(e.Err.Error(), "polar_mst_") {
			h.t.Errorf("an event holds a token: %v", e.Err)
		}
		switch e.Kind {
		case portalauth.EventRevocation, portalauth.EventStreamConnected, portalauth.EventStreamLost, portalauth.EventStreamUnavailable:
			w.events <- e
		}
	}
	auth := portalauth.New(client, options)
	h.t.Cleanup(auth.Close)
	return auth, w
}

// until waits for an event of the kind.
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
			w.t.Fatalf("%s never came", kind)
		}
	}
}

func (w *observer) counts() map[portalauth.EventKind]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.kinds)
}

// settle waits until the verifier follows the stream, or knows that it cannot, and until its news of the time before are old.
func (h *testServer) waitForStream(auth *portalauth.Verifier, w *observer, token string) {
	h.t.Helper()
	h.mustAccept(auth, token)
	timeout := time.After(20 * time.Second)
	for {
		select {
		case e := <-w.events:
			if e.Kind == portalauth.EventStreamConnected || e.Kind == portalauth.EventStreamUnavailable {
				h.clock.advance(31 * time.Second) // longer than anything is believed
				return
			}
		case <-timeout:
			h.t.Fatal("the stream neither came nor was refused")
		}
	}
}
