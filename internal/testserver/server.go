package testserver

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/store/pgtest"
)

// Start is the time on the clock of a new server, unless [Options] sets another.
var Start = time.Date(2026, 10, 1, 12, 0, 0, 120_000_000, time.UTC)

// Server is a running server with one organization, on whose behalf a test sends requests.
type Server struct {
	T       testing.TB
	URL     string
	Postern *postern.Server
	Config  postern.Config
	OrgID   string // ID of the organization
	Token   string // access token of the organization, with every scope
	Mail    *Mailbox
	Log     *Log

	clock   *clock
	secrets *secrets
	http    *httptest.Server
}

// Options is what an [Option] can change. Config holds the server's configuration.
type Options struct {
	postern.Config
	Start        time.Time
	Organization postern.NewOrganization
}

// Option changes how [New] sets up a server.
type Option func(*Options)

// MemberModel turns the member model of the organization on or off. It is on by default. If it is off, customers hold sessions
// themselves.
func MemberModel(on bool) Option {
	return func(o *Options) { o.Organization.WithoutMembers = !on }
}

// RateLimits replaces the rates of production. The text is that of the command line's flag; "off" limits nothing.
func RateLimits(text string) Option {
	return func(o *Options) {
		var err error
		if o.RateLimits, err = postern.ParseRateLimits(text); err != nil {
			panic(err)
		}
	}
}

// New starts a server that ends with the test. Its organization has the slug acme.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{T: t, Mail: newMailbox(t), Log: &Log{}, clock: &clock{}, secrets: &secrets{}}
	o := Options{
		Config: postern.Config{
			PublicURL: "https://portal.example.com/",
			Now:       s.clock.now,
			Mail:      postern.Mail{SMTPURL: s.Mail.url, From: "Postern <login@example.com>"},
			Log:       slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		Start:        Start,
		Organization: postern.NewOrganization{Slug: "acme"},
	}
	if os.Getenv("POSTERN_TEST_BACKEND") == "postgres" {
		o.DatabaseURL, o.Secrets = pgtest.URL(t), []string{postern.NewSecret()}
	} else {
		o.DataDir = t.TempDir()
	}
	for _, option := range options {
		option(&o)
	}
	s.clock.start, s.Config = o.Start, o.Config
	if err := postern.Init(t.Context(), s.Config); err != nil {
		t.Fatal(err)
	}
	s.open()
	org := s.CreateOrganization(o.Organization)
	s.OrgID, s.Token = org.ID, org.AccessToken
	t.Cleanup(func() {
		s.close()
		s.CheckNoSecrets("the log", s.Log.String())
	})
	return s
}

// Second starts another server on the same store, as a second process would be.
func (s *Server) Second() *Server {
	s.T.Helper()
	second := *s
	second.open()
	s.T.Cleanup(second.close)
	return &second
}

func (s *Server) open() {
	s.T.Helper()
	var err error
	if s.Postern, err = postern.Open(s.T.Context(), s.Config); err != nil {
		s.T.Fatal(err)
	}
	s.http = httptest.NewServer(s.Postern.Handler())
	s.URL = s.http.URL
}

func (s *Server) close() {
	s.Postern.Drain() // ends the streams, which the HTTP server would wait for
	s.http.Close()
	if err := s.Postern.Close(); err != nil {
		s.T.Error(err)
	}
}

// Restart closes the server, calls meanwhile, which may be nil, and opens another server on the same store.
func (s *Server) Restart(meanwhile func()) {
	s.T.Helper()
	s.close()
	if meanwhile != nil {
		meanwhile()
	}
	s.open()
}

// CreateOrganization creates another organization on the same server.
func (s *Server) CreateOrganization(n postern.NewOrganization) postern.Organization {
	s.T.Helper()
	org, err := s.Postern.CreateOrganization(s.T.Context(), n)
	if err != nil {
		s.T.Fatal(err)
	}
	s.AddSecret(org.AccessToken)
	return org
}

// Neighbor creates another organization and returns the same server, for requests on behalf of that organization.
func (s *Server) Neighbor(slug string) *Server {
	s.T.Helper()
	org := s.CreateOrganization(postern.NewOrganization{Slug: slug})
	neighbor := *s
	neighbor.OrgID, neighbor.Token = org.ID, org.AccessToken
	return &neighbor
}

// Advance moves the server's clock, which otherwise stands still.
func (s *Server) Advance(d time.Duration) { s.clock.elapsed.Add(int64(d)) }

// Now returns the time on the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }

// Elapsed returns by how much the clock was moved since the server was started.
func (s *Server) Elapsed() time.Duration { return time.Duration(s.clock.elapsed.Load()) }
