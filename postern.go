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
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/admin"
	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/portal"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Version is this version of Postern (https://semver.org).
const Version = "0.1.0"

// Errors of [Open], for errors.Is.
var (
	// ErrNoStore is a data directory in which no store was ever made.
	ErrNoStore = errors.New("there is no store in the data directory")
	// ErrInUse is a data directory that another process has open.
	ErrInUse = store.ErrInUse
)

// Server is an open server. Safe for concurrent use.
type Server struct {
	store     *store.Store
	sessions  *session.Service
	directory *directory.Service
	hooks     *webhook.Service
	leaks     *leak.Service
	handler   http.Handler
	// outbox is nil when no mails are sent.
	outbox *mail.Outbox
	log    *slog.Logger
	now    func() time.Time
	// closing is closed by [Server.Drain].
	closing chan struct{}
	drained sync.Once
	// stop ends what runs in the background, and background waits for it.
	stop       context.CancelFunc
	background sync.WaitGroup
}

// Open opens a store that [Init] made. It yields [ErrNoStore] when there is none, and [ErrInUse] when another process has
// it open; what is wrong with a database, its error says.
func Open(ctx context.Context, c Config) (*Server, error) {
	public, err := c.complete()
	if err != nil {
		return nil, err
	}
	sender, err := c.Mail.sender()
	if err != nil {
		return nil, err
	}
	from, err := c.Mail.from(public)
	if err != nil {
		return nil, err
	}
	gitHub, err := c.SecretScanning.gitHub(c.Now)
	if err != nil {
		return nil, err
	}
	s, secrets, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	p := &Server{
		store: s, sessions: session.New(s, secrets, c.Now, session.Options{CacheBytes: c.CacheBytes}),
		directory: directory.New(s, secrets, c.Now), hooks: webhook.New(s, c.Now, c.Webhooks.options()),
		log: c.Log, now: c.Now, closing: make(chan struct{}),
	}
	post := unsent(c.Log)
	if sender != nil {
		p.outbox = mail.NewOutbox(sender, c.Log, mail.Options{})
		post = p.outbox.Enqueue
	}
	p.leaks = leak.New(p.sessions, p.directory)
	desk := login.New(login.Deps{
		Store: s, Directory: p.directory, Sessions: p.sessions, Secrets: secrets, Post: post, From: from, PublicURL: public, Now: c.Now,
		Failed: func(ctx context.Context, f login.Failure) error {
			return p.hooks.LoginFailed(ctx, webhook.LoginFailure{
				Organization: f.Organization.Key(), Reason: f.Reason, Email: f.Email, Customer: f.Customer, Client: f.Client,
			})
		},
	}, c.Login.options())
	limits := web.NewLimiter(c.RateLimits.rates(), c.TrustedProxies)
	routes := api.New(api.Deps{
		Sessions:  p.sessions,
		Directory: p.directory,
		Login:     desk,
		Leaks:     p.leaks,
		GitHub:    gitHub,
		Webhooks:  p.hooks,
		Ping:      s.Ping,
		PublicURL: public,
		Limits:    limits,
		Closing:   p.closing,

		TrustedProxies: c.TrustedProxies,
		Log:            c.Log,
		Now:            c.Now,
	})
	pages := portal.Deps{
		Sessions: p.sessions, Directory: p.directory, Login: desk, PublicURL: public, TrustedProxies: c.TrustedProxies, Limits: limits,
		Log: c.Log, Now: c.Now,
	}
	p.handler = beside(portal.Serves, portal.New(pages), routes)
	if c.Admin {
		p.handler = beside(admin.Serves, admin.New(admin.Deps{Deps: pages, Webhooks: p.hooks}), p.handler)
	}
	p.run()
	return p, nil
}

// beside gives pages what is theirs, and the rest of the server everything else, as it came.
func beside(theirs func(path string) bool, pages, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if theirs(r.URL.Path) {
			pages.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// run starts what goes on in the background until [Server.Close].
func (p *Server) run() {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.background.Go(func() {
		p.sessions.Follow(ctx, func(err error) {
			p.log.Error("the revocation log cannot be read; sessions are looked up until it can", "error", err)
		})
	})
	p.background.Go(func() {
		p.sessions.Watch(ctx, func(err error) {
			p.log.Error("when sessions were last used could not be written; it is tried again", "error", err)
		})
	})
	p.background.Go(func() {
		p.hooks.Deliver(ctx, func(err error) { p.log.Error("webhooks could not be worked on; it is tried again", "error", err) })
	})
	p.background.Go(func() { p.sweep(ctx) })
}

// sweepEvery is how often what has expired is deleted.
const sweepEvery = time.Hour

func (p *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		removed, err := p.store.Sweep(ctx, p.now())
		if err != nil && ctx.Err() == nil {
			p.log.Error("what has expired could not be deleted; it is tried again in an hour", "error", err)
		}
		if removed > 0 {
			p.log.Info("deleted what has expired", "rows", removed)
		}
	}
}

// CatchUp does at once what the server does from time to time: it writes down when sessions were last used, tells of those that
// have ended by themselves, and deletes what has expired. Whoever moves [Config.Now] ahead calls it, so that everything is as if
// that time had passed. Its errors are the store's.
func (p *Server) CatchUp(ctx context.Context) error {
	if err := p.sessions.Flush(ctx); err != nil {
		return err
	}
	if err := p.hooks.CatchUp(ctx); err != nil { // before the sessions are gone of which there is to tell
		return err
	}
	_, err := p.store.Sweep(ctx, p.now())
	return err
}

// AwaitMail returns when every mail that was asked for before has been sent or given up; or, with ctx's error, when that ends first.
func (p *Server) AwaitMail(ctx context.Context) error {
	if p.outbox == nil {
		return nil
	}
	return p.outbox.Wait(ctx)
}

// EndToken ends what the text is the token of, whichever organization's: a session, an access token, a change of an email
// address, or a ticket. It is for a token that has leaked. It reports whether there is, or was lately, such a token; one that had ended
// before stays as it is. It is durable when it returns.
func (p *Server) EndToken(ctx context.Context, text string) (known bool, err error) {
	return p.leaks.End(ctx, text)
}

// Handler serves the whole API, and the pages that customers see, which are at /{slug}/portal; with
// [Config.Admin], those of operators at /admin too.
func (p *Server) Handler() http.Handler { return p.handler }

// Storybook shows every page that customers see in every state and language, with sample data, at /dev/pages. [Server.Handler]
// does not serve it: it is for whoever develops.
func (p *Server) Storybook() http.Handler { return portal.Storybook() }

// mailGrace is how long mails that wait may take to be sent when the server ends.
const mailGrace = 10 * time.Second

// Drain ends the answers that go on, such as the stream of revocations, so that a server can be shut down; their readers come
// back to another one. [Server.Close] does it too.
func (p *Server) Drain() { p.drained.Do(func() { close(p.closing) }) }

// Close sends the mails that wait, finishes the writes that are under way, and closes the store. Stop serving before.
func (p *Server) Close() error {
	p.Drain()
	if p.outbox != nil {
		ctx, cancel := context.WithTimeout(context.Background(), mailGrace)
		if lost := p.outbox.Close(ctx); lost > 0 {
			p.log.Warn("mails were not sent any more; whoever waits for one can ask again", "mails", lost)
		}
		cancel()
	}
	p.stop()
	p.background.Wait()
	return p.store.Close()
}
