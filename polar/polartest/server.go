package polartest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/harness"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/polar"
)

// Server is a running server with one organization. Create a Server with [New]. It is safe for concurrent use.
type Server struct {
	// URL is the URL of the server, such as "http://127.0.0.1:40123".
	URL string
	// AccessToken is an access token of the organization with every scope.
	AccessToken string
	// OrganizationID is the UUID of the organization.
	OrganizationID polar.OrganizationID
	// OrganizationSlug identifies the organization in URLs.
	OrganizationSlug string

	t       testing.TB
	client  *polar.Client
	server  *server.Server
	http    *httptest.Server
	harness harness.Harness
	// customers counts the calls of Customer.
	customers atomic.Int64

	mu       sync.Mutex
	requests []string
}

// New starts a server that stops when the test ends. The server logs warnings and errors to the output of the test.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := start(t, opts)
	if err != nil {
		t.Fatalf("polartest: start server: %v", err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("polartest: stop server: %v", err)
		}
	})
	return s
}

func start(t testing.TB, opts []Option) (*Server, error) {
	s := &Server{t: t, http: httptest.NewUnstartedServer(nil)}
	o := options{
		config: server.Config{
			DataDir: t.TempDir(), Unsynced: true, PublicURL: "http://" + s.http.Listener.Addr().String(), RateLimits: server.RateLimitsOff(),
			Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Webhooks: server.LoopbackWebhooks,
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
	s.http.Config.Handler = s.logRequests(s.harness.Faults.Handler(s.server.Handler()))
	s.http.Start()
	s.URL = s.http.URL
	if err := s.createOrganization(o.organization); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// createOrganization creates the organization and a client for it.
func (s *Server) createOrganization(n directory.NewOrganization) error {
	org, token, err := s.server.Directory.CreateOrganization(context.Background(), n)
	if err != nil {
		return err
	}
	s.OrganizationID, s.OrganizationSlug, s.AccessToken = polar.OrganizationID(org.ID.String()), org.Slug, token.Reveal()
	s.client, err = polar.New(s.options()...)
	return err
}

// close closes the connections before it stops the server, because the test no longer waits for responses.
func (s *Server) close() error {
	s.harness.Faults.Clear()
	s.server.Drain()
	s.http.CloseClientConnections()
	s.http.Close()
	return s.server.Close()
}

func (s *Server) options() []polar.Option {
	return []polar.Option{polar.WithServerURL(s.URL), polar.WithAccessToken(s.AccessToken), polar.WithoutRetries()}
}

// Client returns a client that uses the URL of this server and the access token of the organization, without retries, so that every
// injected fault reaches the caller. opts can override all three. The test fails if an option is invalid.
func (s *Server) Client(opts ...polar.Option) *polar.Client {
	s.t.Helper()
	client, err := polar.New(append(s.options(), opts...)...)
	if err != nil {
		s.t.Fatalf("polartest: %v", err)
	}
	return client
}

// logRequests records the method and path of each request.
func (s *Server) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Requests returns the method and path of each request so far, such as "POST /v1/customers/", the oldest first. It includes requests
// that faults were applied to, and the requests of [Server.Customer] and [Server.Session].
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
}

// Now returns the time on the server's clock: real time plus the durations of [Server.Advance].
func (s *Server) Now() time.Time { return s.harness.Clock.Now() }

// Advance moves the server's clock ahead, and runs the work that the server would have done in that time. Sessions, login
// codes, access tokens and rate limits expire, including cached ones. Rows that expired long ago are deleted. Webhook events
// that are due are sent in the background. The test fails if d is negative.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	if err := s.harness.Advance(context.Background(), s.server, d); err != nil {
		s.t.Fatalf("polartest: advance clock by %s: %v", d, err)
	}
}
