// Package postern is a whole customer-session server, to run or to embed.
//
//	p, err := postern.Open(ctx, postern.Config{DataDir: "/var/lib/postern", PublicURL: "https://portal.example.com"})
//	defer p.Close()
//	http.ListenAndServe(":8787", p.Handler())
//
// The server speaks Polar's wire: an official SDK of Polar that is pointed at it works as it is, and so does the Go
// client in [github.com/postern-go/postern/polar].
package postern

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/web"
)

// Version is this version of Postern (https://semver.org).
const Version = "0.1.0"

// Config says what to open. DataDir is required; every other field has a default.
type Config struct {
	// DataDir is the directory that holds the store and its secret. [Init] makes both.
	DataDir string
	// PublicURL is where the outside world reaches the server: http or https, without query or fragment. Links to the
	// portal begin with it. "" stands for http://127.0.0.1:8787.
	PublicURL string
	// Log takes what an operator should know; nil discards it. No token is ever logged.
	Log *slog.Logger
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
	// CacheBytes bounds the memory that remembers live sessions; 0 stands for 64 MiB.
	CacheBytes int
	// RateLimits bounds what one caller may ask of this process; of several nodes, each allows the whole rate.
	RateLimits RateLimits
	// TrustedProxies are the networks of the proxies in front, whose X-Forwarded-For is believed. Without them, all
	// clients behind a proxy have its address, and share its rate. IPv4 networks are written as IPv4.
	TrustedProxies []netip.Prefix
}

// Errors of [Open], for errors.Is.
var (
	// ErrNoStore is a data directory in which no store was ever made.
	ErrNoStore = errors.New("there is no store in the data directory")
	// ErrInUse is a data directory that another process has open.
	ErrInUse = store.ErrInUse
)

// Postern is an open server. Safe for concurrent use.
type Postern struct {
	store     *store.Store
	directory *directory.Directory
	handler   http.Handler
}

// Init makes the store and its secret where they are missing, and leaves what is there alone. It refuses a store that has
// lost its secret.
func Init(ctx context.Context, dataDir string) error {
	if !store.HasSQLite(dataDir) { // the secret comes first: a store is never seen without one
		if err := os.MkdirAll(dataDir, 0o700); err != nil {
			return fmt.Errorf("the data directory cannot be made: %w", err)
		}
		if err := makeSecret(dataDir); err != nil {
			return err
		}
	}
	if _, err := readSecrets(dataDir); err != nil {
		return err
	}
	s, err := openStore(ctx, dataDir)
	if err != nil {
		return err
	}
	return s.Close()
}

// Open opens a store that [Init] made. It yields [ErrNoStore] when there is none, and [ErrInUse] when another process has
// it open.
func Open(ctx context.Context, c Config) (*Postern, error) {
	public, err := c.complete()
	if err != nil {
		return nil, err
	}
	if !store.HasSQLite(c.DataDir) {
		return nil, fmt.Errorf("%w %s: make one with postern init --data %s --organization NAME", ErrNoStore, c.DataDir, c.DataDir)
	}
	secrets, err := readSecrets(c.DataDir)
	if err != nil {
		return nil, err
	}
	s, err := openStore(ctx, c.DataDir)
	if err != nil {
		return nil, err
	}
	p := &Postern{store: s, directory: directory.New(s, secrets, c.Now)}
	p.handler = api.New(api.Rooms{
		Sessions:  session.New(s, secrets, c.Now, session.Options{CacheBytes: c.CacheBytes}),
		Directory: p.directory,
		Ping:      s.Ping,
		PublicURL: public,
		Limits:    web.NewLimiter(c.RateLimits.rates(), c.TrustedProxies),
		Log:       c.Log,
		Now:       c.Now,
	})
	return p, nil
}

func openStore(ctx context.Context, dir string) (*store.Store, error) {
	s, err := store.OpenSQLite(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}

// complete fills in the defaults and reads the public URL.
func (c *Config) complete() (*url.URL, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://127.0.0.1:8787"
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the public URL must be http:// or https:// with a host, and without user, query or fragment, such as https://portal.example.com")
	}
	return u, nil
}

// Handler serves the whole API.
func (p *Postern) Handler() http.Handler { return p.handler }

// Close finishes the writes that are under way and closes the store. Stop serving before.
func (p *Postern) Close() error { return p.store.Close() }

// Organization is what an operator must know of a new organization.
type Organization struct {
	ID, Slug, Name string
	// AccessToken lets the organization's servers in, with every scope. It is shown here and never again.
	AccessToken string
}

// NewOrganization says what [Postern.CreateOrganization] shall make.
type NewOrganization struct {
	// Slug names the organization in URLs: 1 to 64 lower-case letters, digits and inner dashes.
	Slug string
	// Name is for people; "" stands for the slug.
	Name string
	// WithoutMembers gives sessions to customers themselves (polar_cst_) instead of to their members (polar_mst_).
	WithoutMembers bool
	// WithoutEmailChange keeps customers from changing their email address in the portal.
	WithoutEmailChange bool
}

// CreateOrganization makes an organization with an access token. A bad or taken slug is an error that says so.
func (p *Postern) CreateOrganization(ctx context.Context, n NewOrganization) (Organization, error) {
	o, t, err := p.directory.CreateOrganization(ctx, directory.NewOrganization{Slug: n.Slug, Name: n.Name, MemberModel: !n.WithoutMembers, EmailChange: !n.WithoutEmailChange})
	if err != nil {
		return Organization{}, err
	}
	return Organization{ID: o.ID.String(), Slug: o.Slug, Name: o.Name, AccessToken: t.Reveal()}, nil
}

// CreateAccessToken makes another access token, with every scope, for the organization that has the slug. An unknown slug
// is an error.
func (p *Postern) CreateAccessToken(ctx context.Context, slug, comment string) (Organization, error) {
	o, err := p.directory.OrganizationBySlug(ctx, slug)
	if err != nil {
		return Organization{}, err
	}
	_, t, err := p.directory.CreateAccessToken(ctx, o, directory.NewAccessToken{Scopes: directory.AllScopes(), Comment: comment})
	if err != nil {
		return Organization{}, err
	}
	return Organization{ID: o.ID.String(), Slug: o.Slug, Name: o.Name, AccessToken: t.Reveal()}, nil
}
