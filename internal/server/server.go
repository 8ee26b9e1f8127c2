// Package server assembles a server from its parts: the store, the services, the API, the customer portal, the admin pages and
// the background loops. [Open] starts a server and [Server.Close] stops it:
//
//	err := server.Init(ctx, config)
//	s, err := server.Open(ctx, config)
//	defer s.Close()
//	http.Serve(listener, s.Handler())
//
// Package postern is the public interface to this package. The postern command, the test harness and tests use this package
// directly, because they need features that embedders do not get, such as a clock that they control and access to the mails
// that were sent.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/admin"
	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/leak"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/portal"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/webhook"
)

// Server is an open server. It is safe for concurrent use.
type Server struct {
	// Directory manages organizations and their access tokens. Leaks revokes leaked tokens of any kind.
	Directory *directory.Service
	Leaks     *leak.Service

	// Metrics counts what the server does.
	Metrics *metrics.Metrics

	store    *store.Store
	sessions *session.Service
	webhooks *webhook.Service
	audit    *audit.Service
	handler  http.Handler
	operator http.Handler
	// outbox is nil if the server sends no mail.
	outbox *mail.Outbox
	log    *slog.Logger
	now    func() time.Time
	// closing is closed by [Server.Drain].
	closing chan struct{}
	drain   sync.Once
	// stop cancels the background loops. background waits for them.
	stop       context.CancelFunc
	background sync.WaitGroup
}

// Open opens a store that [Init] created and starts the background loops. It returns [ErrNoStore] if the data directory has no
// store, and [ErrInUse] if another process has opened the data directory.
func Open(ctx context.Context, c Config) (*Server, error) {
	ownClock := c.Now != nil
	parts, err := c.complete()
	if err != nil {
		return nil, err
	}
	db, secrets, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	db.SetClock(c.Now)
	counts := metrics.New()
	db.SetMetrics(counts)
	quotas := c.Quotas.limits()
	c.Webhooks.MaxEndpoints, c.Webhooks.Metrics = quotas.Endpoints, counts
	c.Directory.Limits, c.Directory.Metrics = quotas, counts
	s := &Server{
		Metrics: counts,
		audit:   audit.New(db, c.Now, parts.audit),
		store:   db, sessions: session.New(db, secrets, c.Now, session.Options{CacheBytes: c.CacheBytes, MaxLive: quotas.Sessions, Metrics: counts}),
		Directory: directory.New(db, secrets, c.Now, c.Directory), webhooks: webhook.New(db, c.Now, c.Webhooks),
		log: c.Log, now: c.Now, closing: make(chan struct{}),
	}
	s.Leaks = leak.New(s.sessions, s.Directory)
	limiter := c.RateLimits.limiter()
	post := discardMail(c.Log, s.Metrics)
	var mayMail func(ctx context.Context, to, organization string) error
	if parts.sender != nil {
		s.outbox = mail.NewOutbox(parts.sender, c.Log, mail.Options{Metrics: s.Metrics, Counts: limiter, Now: c.Now, OnFailure: s.recordFailedMail})
		post, mayMail = s.outbox.Enqueue, s.outbox.Allows
	}
	attempts := audit.NewAttempts(db, c.Now)
	logins := login.New(login.Deps{
		Store: db, Directory: s.Directory, Sessions: s.sessions, Secrets: secrets, Post: post, NoMail: parts.sender == nil, MayMail: mayMail, From: parts.from, PublicURL: parts.public, Now: c.Now,
		Metrics: s.Metrics, Counts: limiter, Log: c.Log,
		Attempts: attempts,
		OnFailure: func(ctx context.Context, f login.Failure) error {
			return s.webhooks.LoginFailed(ctx, webhook.LoginFailure{
				Organization: f.Organization.Key(), Reason: f.Reason, Email: f.Email, Customer: f.Customer, Client: f.Client,
			})
		},
	}, c.Login)
	s.Directory.OnAccountChange(func(_ context.Context, change directory.AccountChange) {
		if err := logins.NotifyOfChange(change); err != nil {
			c.Log.Error("queueing a notice of a changed account failed; the mail is lost", "organization", change.Organization.Slug, "error", err)
		}
	})
	limits := web.NewLimiter(limiter, web.LimiterOptions{Trusted: c.TrustedProxies, Log: c.Log})
	bodies := web.NewBodies(s.Metrics)
	pages := portal.Deps{
		Sessions: s.sessions, Directory: s.Directory, Login: logins, PublicURL: parts.public, TrustedProxies: c.TrustedProxies, Limits: limits,
		Bodies: bodies, Log: c.Log, Now: c.Now, Metrics: s.Metrics,
	}
	customers := portal.New(pages)
	s.handler = route(portal.Serves, customers, api.New(api.Deps{
		Sessions: s.sessions, Directory: s.Directory, Login: logins, Leaks: s.Leaks, GitHub: parts.gitHub, Webhooks: s.webhooks, Audit: s.audit, Ping: db.Ping, Billing: c.Billing,
		PublicURL: parts.public, Limits: limits, Closing: s.closing, TrustedProxies: c.TrustedProxies, Log: c.Log, Now: c.Now, Secrets: secrets,
		DefaultVersion: c.APIVersionDefault, StrictPolar: c.StrictPolar, Metrics: s.Metrics, Bodies: bodies,
	}))
	if !c.noEntrance {
		s.handler = customers.Entrance(s.handler)
	}
	s.operator = web.RequestIDs{Next: operatorHandler(s.Metrics, db.Ping), Trusted: c.TrustedProxies}
	if c.Admin {
		s.handler = route(admin.Serves, admin.New(admin.Deps{Deps: pages, Webhooks: s.webhooks, Audit: s.audit, Attempts: attempts}), s.handler)
	}
	if parts.public.Scheme == "https" {
		s.handler = requireTLS(s.handler)
	}
	s.handler = &web.Proxy{
		Next: s.handler, Base: parts.public, Serves: func(path string) bool {
			return portal.Serves(path) || api.Serves(path) || c.Admin && admin.Serves(path) || !c.noEntrance && portal.ServesEntrance(path)
		},
		Trusted: c.TrustedProxies, Forwarded: c.Forwarded, Log: c.Log,
	}
	if ownClock {
		s.handler = sendDate(c.Now, s.handler)
	}
	s.handler = web.RequestIDs{Next: s.handler, Trusted: c.TrustedProxies}
	s.start()
	return s, nil
}

// recordFailedMail stores a mail that was given up, for the operator pages.
func (s *Server) recordFailedMail(ctx context.Context, f mail.Failure) {
	err := s.Directory.RecordFailedMail(ctx, f.Organization, directory.FailedMail{Kind: f.Kind, Email: f.To.Email, Error: f.Error, Attempts: f.Attempts})
	if err != nil {
		s.log.Error("storing a failed mail failed; the operator pages do not show it", "mail", f.Kind, "error", err)
	}
}

// sendDate sends the time of a clock in the header Date, which net/http otherwise sets to the time of the computer. Clients
// compare their clock with it.
func sendDate(now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}

// requireTLS makes browsers use https for this host for a year after each response (RFC 6797). They ignore the header on plain http.
func requireTLS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// route sends a request to pages if serves reports true for its path, and to rest otherwise.
func route(serves func(path string) bool, pages, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if serves(r.URL.Path) {
			pages.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// start starts the background loops. [Server.Close] stops them.
func (s *Server) start() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	logged := func(message string) func(error) {
		return func(err error) { s.log.Error(message, "error", err) }
	}
	s.background.Go(func() {
		s.sessions.Follow(ctx, logged("reading the revocation log failed; sessions are read from the store until it succeeds"))
	})
	s.background.Go(func() {
		s.sessions.FlushPeriodically(ctx, logged("writing when sessions were last used failed; retrying"))
	})
	s.background.Go(func() { s.webhooks.Deliver(ctx, logged("processing webhook deliveries failed; retrying")) })
	s.background.Go(func() {
		s.audit.Maintain(ctx, logged("chaining the entries of the audit log failed; retrying"))
	})
	s.background.Go(func() { s.sweep(ctx) })
	s.background.Go(func() { s.endCreatedSessions(ctx) })
}

// endCreatedInterval is the time between two runs of [directory.Service.EndCreatedSessions].
const endCreatedInterval = time.Minute

// endCreatedSessions ends the sessions of access tokens that were revoked together with their sessions, at once and at every interval
// until ctx ends.
func (s *Server) endCreatedSessions(ctx context.Context) {
	tick := time.NewTicker(endCreatedInterval)
	defer tick.Stop()
	for {
		if err := s.Directory.EndCreatedSessions(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("ending the sessions of revoked access tokens failed; retrying in 1m", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweepInterval is the time between two deletions of expired rows.
const sweepInterval = time.Hour

// sweep deletes expired rows at every interval until ctx ends.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		removed, err := s.removeExpired(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("deleting expired rows failed; retrying in 1h", "error", err)
		}
		if removed > 0 {
			s.log.Info("deleted expired rows", "rows", removed)
		}
	}
}

// removeExpired deletes expired rows, and entries of the audit log that are older than the retention. It returns the number of
// deleted rows, even if it returns an error.
func (s *Server) removeExpired(ctx context.Context) (int, error) {
	removed, err := s.store.Sweep(ctx, s.now())
	trimmed, trimErr := s.audit.Trim(ctx)
	return removed + trimmed, errors.Join(err, trimErr)
}

// CatchUp runs the periodic work of the background loops once: it stores when sessions were last used and what the operator pages count, ends the sessions of revoked
// access tokens, emits the webhook events of expired sessions, chains the audit log, and deletes expired rows. A test that has moved
// [Config.Now] ahead calls it, so that the server is in the
// state that it would have reached by then.
func (s *Server) CatchUp(ctx context.Context) error {
	if err := errors.Join(s.sessions.Flush(ctx), s.sessions.FlushActivity(ctx)); err != nil {
		return err
	}
	if err := s.Directory.EndCreatedSessions(ctx); err != nil {
		return err
	}
	if err := s.webhooks.CatchUp(ctx); err != nil { // before Sweep deletes the sessions that the events describe
		return err
	}
	if err := s.audit.Chain(ctx); err != nil {
		return err
	}
	_, err := s.removeExpired(ctx)
	return err
}

// AwaitMail waits until every mail that was queued before the call is sent or given up. It returns the error of ctx if ctx ends
// first.
func (s *Server) AwaitMail(ctx context.Context) error {
	if s.outbox == nil {
		return nil
	}
	return s.outbox.Wait(ctx)
}

// Handler returns the handler of the API, of the customer portal at /{slug}/portal and, with [Config.Admin], of the admin pages
// at /admin.
func (s *Server) Handler() http.Handler { return s.handler }

// OperatorHandler returns the handler of the paths for operators: /metrics and /healthz. It has no authentication, so serve it on
// an address that only operators can reach. [Server.Handler] does not serve /metrics.
func (s *Server) OperatorHandler() http.Handler { return s.operator }

// Drain ends long-lived responses, such as the stream of revocations, so that an http.Server can shut down. Their clients
// reconnect, to another server if there is one. [Server.Close] calls Drain.
func (s *Server) Drain() { s.drain.Do(func() { close(s.closing) }) }

// mailGrace bounds how long [Server.Close] waits for queued mails.
const mailGrace = 10 * time.Second

// chainGrace bounds how long [Server.Close] chains entries of the audit log.
const chainGrace = 5 * time.Second

// UnsentMails returns the number of mails that are queued or being sent.
func (s *Server) UnsentMails() int {
	if s.outbox == nil {
		return 0
	}
	return s.outbox.Unsent()
}

// Close sends the queued mails, chains the audit log, completes pending writes and closes the store. Stop serving requests before you call Close.
func (s *Server) Close() error { return s.CloseBy(context.Background()) }

// CloseBy is like [Server.Close], and gives up mails and the chaining of the audit log when ctx ends. The log says which mails were not
// sent.
func (s *Server) CloseBy(ctx context.Context) error {
	s.Drain()
	if s.outbox != nil {
		sending, cancel := context.WithTimeout(ctx, mailGrace)
		s.outbox.Close(sending)
		cancel()
	}
	s.stop()
	s.background.Wait()
	ctx, cancel := context.WithTimeout(ctx, chainGrace)
	defer cancel()
	if err := s.audit.Chain(ctx); err != nil {
		s.log.Warn("stopped before all entries of the audit log were chained; the next start chains them", "error", err)
	}
	return s.store.Close()
}
