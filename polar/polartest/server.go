package polartest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/webhook"
	"github.com/postern-go/postern/polar"
)

// Server is a running server with one organization. Make one with [New]. Its methods may be called from several goroutines.
type Server struct {
	// URL is where the server is, such as "http://127.0.0.1:40123".
	URL string
	// AccessToken is the organization's, with every scope.
	AccessToken string
	// OrganizationID is a UUID.
	OrganizationID polar.OrganizationID
	// OrganizationSlug is the name of the organization in URLs.
	OrganizationSlug string

	t       testing.TB
	client  *polar.Client
	server  *server.Server
	http    *httptest.Server
	harness harness.Harness
	// made counts customers.
	made atomic.Int64

	mu       sync.Mutex
	requests []string
}

// New starts a server that ends with the test. What the server has to complain of goes into the test's output.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := start(t, opts)
	if err != nil {
		t.Fatalf("polartest: the server does not start: %v", err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("polartest: the server does not end well: %v", err)
		}
	})
	return s
}

func start(t testing.TB, opts []Option) (*Server, error) {
	s := &Server{t: t, http: httptest.NewUnstartedServer(nil)}
	o := options{
		config: server.Config{
			DataDir: t.TempDir(), Unsynced: true, PublicURL: "http://" + s.http.Listener.Addr().String(), RateLimits: server.RateLimitsOff(),
			Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Webhooks: ownMachine,
		},
		organization: directory.NewOrganization{Slug: "acme", Name: "Acme", MemberModel: true, EmailChange: true},
	}
	for _, option := range opts {
		if err := option(&o); err != nil {
			s.http.Listener.Close()
			return nil, err
		}
	}
	s.harness.Configure(&o.config)
	err := newStore(o.config.DataDir)
	if err == nil {
		s.server, err = server.Open(context.Background(), o.config)
	}
	if err != nil {
		s.http.Listener.Close()
		return nil, err
	}
	s.http.Config.Handler = s.note(s.harness.Faults.Handler(s.server.Handler()))
	s.http.Start()
	s.URL = s.http.URL
	if err := s.furnish(o.organization); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// furnish makes the organization, and a client for it.
func (s *Server) furnish(n directory.NewOrganization) error {
	org, token, err := s.server.Directory.CreateOrganization(context.Background(), n)
	if err != nil {
		return err
	}
	s.OrganizationID, s.OrganizationSlug, s.AccessToken = polar.OrganizationID(org.ID.String()), org.Slug, token.Reveal()
	s.client, err = polar.New(s.options()...)
	return err
}

// close ends the requests that are under way first: the test is over, and nobody waits for them.
func (s *Server) close() error {
	s.harness.Faults.Clear()
	s.server.Drain()
	s.http.CloseClientConnections()
	s.http.Close()
	return s.server.Close()
}

// ownMachine is where whoever tests receives events.
var ownMachine = webhook.Options{AllowHTTP: true, AllowedNetworks: []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
}}

func (s *Server) options() []polar.Option {
	return []polar.Option{polar.WithServerURL(s.URL), polar.WithAccessToken(s.AccessToken)}
}

// Client makes a client that asks this server with the organization's access token. The options come after these two. A bad one
// ends the test.
func (s *Server) Client(opts ...polar.Option) *polar.Client {
	s.t.Helper()
	client, err := polar.New(append(s.options(), opts...)...)
	if err != nil {
		s.t.Fatalf("polartest: %v", err)
	}
	return client
}

// note remembers what is asked.
func (s *Server) note(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Requests returns what has been asked so far, in order, each as "POST /v1/customers/". What faults have struck is among it, and
// so is what [Server.Customer] and [Server.Session] ask.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
}

// Now returns the time that the server believes it is: real time, and what [Server.Advance] has added to it.
func (s *Server) Now() time.Time { return s.harness.Clock.Now() }

// Advance moves the server's clock ahead. When it returns, everything is as if that time had passed: sessions, login codes, access
// tokens and rate limits have run out, also where they were remembered, and what has expired for long has been deleted. Events that
// are due then are on their way to their webhooks. A clock does not go back: a duration below zero ends the test.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.harness.Advance(context.Background(), s.server, d); err != nil {
		s.t.Fatalf("polartest: the clock cannot be moved by %s: %v", d, err)
	}
}
