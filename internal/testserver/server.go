package testserver

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// Start is the time on the clock of a new server, unless [Options] sets another.
var Start = time.Date(2026, 10, 1, 12, 0, 0, 120_000_000, time.UTC)

// Server is a running server with one organization, in whose name a test sends requests.
type Server struct {
	T       testing.TB
	URL     string
	Postern *server.Server
	Config  server.Config
	OrgID   string // ID of the organization
	Token   string // access token of the organization, with every scope
	Mail    *Mailbox
	Log     *Log

	clock   *clock
	secrets *secrets
	http    *httptest.Server
}

// Options are the settings that an [Option] can change. Config is the server's configuration.
type Options struct {
	server.Config
	Start        time.Time
	Organization NewOrganization
}

// NewOrganization holds the parameters of [Server.CreateOrganization].
type NewOrganization struct {
	Slug, Name                         string
	WithoutMembers, WithoutEmailChange bool
}

// Organization is an organization and an access token of it with every scope.
type Organization struct{ ID, AccessToken string }

// Option changes how [New] sets up a server.
type Option func(*Options)

// MemberModel turns the member model of the organization on or off. Default: on. If it is off, customers hold sessions
// themselves.
func MemberModel(on bool) Option {
	return func(o *Options) { o.Organization.WithoutMembers = !on }
}

// Pages configures a server for tests of pages: without rate limits, with links that start with the server's own URL, and with an
// organization that is called Acme. The clock starts at the given time.
func Pages(start time.Time) Option {
	return func(o *Options) {
		RateLimits("off")(o)
		o.PublicURL, o.Organization.Name, o.Start = "", "Acme", start
	}
}

// RateLimits sets the server's rate limits. Default: the limits of production. The text has the format of the flag
// --rate-limits; "off" disables all limits.
func RateLimits(text string) Option {
	return func(o *Options) {
		var err error
		if o.RateLimits, err = server.ParseRateLimits(text); err != nil {
			panic(err)
		}
	}
}

// WithoutProof lets sessions change the address and the owner without a fresh proof, as on Polar.
func WithoutProof() Option { return func(o *Options) { o.Directory.WithoutProof = true } }

// New starts a server that ends with the test. Its organization has the slug acme.
func New(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := &Server{T: t, Mail: newMailbox(t), Log: &Log{}, clock: &clock{}, secrets: &secrets{}}
	o := Options{
		Config: server.Config{
			PublicURL: "https://portal.example.com/",
			Now:       s.clock.now,
			SMTPURL:   s.Mail.url,
			MailFrom:  "Postern <login@example.com>",
			Log:       slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		Start:        Start,
		Organization: NewOrganization{Slug: "acme"},
	}
	if os.Getenv("POSTERN_TEST_BACKEND") == "postgres" {
		o.DatabaseURL, o.Secrets = pgtest.URL(t), []string{token.NewSecret()}
	} else {
		o.DataDir = t.TempDir()
	}
	for _, option := range options {
		option(&o)
	}
	s.clock.start, s.Config = o.Start, o.Config
	if err := server.Init(t.Context(), s.Config); err != nil {
		t.Fatal(err)
	}
	s.open()
	org := s.CreateOrganization(o.Organization)
	s.OrgID, s.Token = org.ID, org.AccessToken
	t.Cleanup(func() {
		s.close()
		s.CheckNoSecrets("the log", s.Log.String())
		s.checkAuditLog()
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
	if s.Postern, err = server.Open(s.T.Context(), s.Config); err != nil {
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

// Restart closes the server, calls meanwhile, and opens another server on the same store. meanwhile may be nil.
func (s *Server) Restart(meanwhile func()) {
	s.T.Helper()
	s.close()
	if meanwhile != nil {
		meanwhile()
	}
	s.open()
}

// CreateOrganization creates another organization on the same server.
func (s *Server) CreateOrganization(n NewOrganization) Organization {
	s.T.Helper()
	o, t, err := s.Postern.Directory.CreateOrganization(s.T.Context(), directory.NewOrganization{
		Slug: n.Slug, Name: n.Name, MemberModel: !n.WithoutMembers, EmailChange: !n.WithoutEmailChange,
	})
	if err != nil {
		s.T.Fatal(err)
	}
	return Organization{ID: o.ID.String(), AccessToken: s.AddSecret(t.Reveal())}
}

// organization returns the organization acme.
func (s *Server) organization() directory.Organization {
	s.T.Helper()
	o, err := s.Postern.Directory.OrganizationBySlug(s.T.Context(), "acme")
	if err != nil {
		s.T.Fatal(err)
	}
	return o
}

// Block blocks or unblocks the organization acme.
func (s *Server) Block(blocked bool) {
	s.T.Helper()
	if err := s.Postern.Directory.Block(s.T.Context(), s.organization(), blocked); err != nil {
		s.T.Fatal(err)
	}
}

// ChangePortal changes the portal settings of the organization acme.
func (s *Server) ChangePortal(change func(p *directory.PortalSettings)) {
	s.T.Helper()
	if _, err := s.Postern.Directory.ChangeSettings(s.T.Context(), s.organization(), func(o *directory.Organization) { change(&o.Portal) }); err != nil {
		s.T.Fatal(err)
	}
}

// Neighbor creates another organization and returns the same server, for requests in the name of that organization.
func (s *Server) Neighbor(slug string) *Server {
	s.T.Helper()
	org := s.CreateOrganization(NewOrganization{Slug: slug})
	neighbor := *s
	neighbor.OrgID, neighbor.Token = org.ID, org.AccessToken
	return &neighbor
}

// Advance moves the server's clock, which otherwise stands still.
func (s *Server) Advance(d time.Duration) { s.clock.elapsed.Add(int64(d)) }

// Now returns the time on the server's clock.
func (s *Server) Now() time.Time { return s.clock.now() }

// Elapsed returns the total time by which the test has moved the clock.
func (s *Server) Elapsed() time.Duration { return time.Duration(s.clock.elapsed.Load()) }
