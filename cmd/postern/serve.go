package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/connlimit"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/server"
)

// serverFlags configure a server. The doctor checks the same flags.
type serverFlags struct {
	backend
	mailing
	webhooks
	Listen         string            `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Address to listen on. Port 0 selects a free port. Default: ${default}."`
	OperatorListen string            `placeholder:"HOST:PORT" help:"Address for operators: /metrics in the format of Prometheus, and /healthz. It has no authentication, so use a loopback or private address. Default: none."`
	MaxConnections int               `default:"10000" placeholder:"N" help:"Maximum number of open connections, or 0 for as many as the limit of open files allows. Further connections get a 503. Default: ${default}, or fewer if the limit of open files is lower."`
	MaxPerAddress  int               `name:"max-connections-per-address" default:"500" placeholder:"N" help:"Maximum number of open connections from one client address, or IPv6 /64 network; 0 means no limit. Further connections get a 429. The proxies in --trusted-proxies have no such limit. Default: ${default}."`
	PublicURL      string            `name:"public-url" placeholder:"URL" help:"URL at which clients and browsers reach the server. Links to the portal start with it. Default: http:// and the address that the server listens on."`
	RateLimits     server.RateLimits `name:"rate-limits" placeholder:"LIMITS" help:"Rate limits for each caller: off, or limits such as login=6/m+12/h,default=500/m,pending=60/m, per second (s), minute (m), hour (h) and day (d). Limits: ${rate_limits}. docs/compatibility.md explains them and lists the defaults."`
	Quotas         server.Quotas     `placeholder:"QUOTAS" help:"Limits of what one organization or customer can have: off, or limits such as members=1000,endpoints=10,access-tokens=off. The page operations.md lists them with their defaults."`
	TrustedProxies []network         `placeholder:"CIDR" help:"Networks of your reverse proxies, such as 10.0.0.0/8. The server takes the address of a client from their X-Forwarded-For header, and the id of a request from their X-Request-Id header."`
	Forwarded      bool              `help:"The proxies in --trusted-proxies set the header Forwarded (RFC 7239). It then counts instead of X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host."`
	GitHubKeys     string            `name:"github-keys" placeholder:"FILE|URL" help:"Public keys with which GitHub signs reports of leaked tokens: a file or https://api.github.com/meta/public_keys/secret_scanning. The server revokes the reported tokens. Without this flag, the server refuses reports."`
	Admin          bool              `help:"Serve admin pages at /admin. Operators sign in with an access token and manage customers, sessions, links and settings, as far as the scopes of the token allow. Restrict access to these pages with your reverse proxy."`
	AuditRetention time.Duration     `default:"8760h" placeholder:"DURATION" help:"How long the entries of the audit log are kept, at least ${audit_min}. 0 keeps all entries. Default: ${audit_retention}."`
	StrictPolar    bool              `help:"Answer as Polar does, also where Postern's default is safer. The page compatibility.md lists these defaults. The flag of a single default takes precedence."`
	APIVersion     string            `name:"api-version-default" default:"${api_version}" placeholder:"VERSION" help:"Version of the API for requests that have no Polar-Version header. The server keeps this version after its end. Default: ${default}."`
}

// listening returns where the server listens.
func (c *serverFlags) listening() listening {
	return listening{public: c.Listen, operator: c.OperatorListen, connections: c.MaxConnections, perAddress: c.MaxPerAddress}
}

// configuration returns the configuration of the server, without its log.
func (c *serverFlags) configuration() server.Config {
	config := c.server()
	c.mailing.apply(&config)
	c.webhooks.apply(&config)
	config.PublicURL, config.RateLimits, config.TrustedProxies = c.PublicURL, c.RateLimits, prefixes(c.TrustedProxies)
	config.GitHubKeys, config.Admin, config.StrictPolar, config.APIVersionDefault = c.GitHubKeys, c.Admin, c.StrictPolar, c.APIVersion
	config.Quotas, config.Forwarded = c.Quotas, c.Forwarded
	if config.AuditRetention = c.AuditRetention; c.AuditRetention == 0 {
		config.AuditRetention = -1 // 0 is the default of the configuration
	}
	return config
}

type serveCommand struct {
	serverFlags
	LogLevel  level  `default:"info" placeholder:"LEVEL" help:"Minimum level of log lines: debug, which logs every request, info, warn or error. Default: ${default}."`
	LogFormat string `default:"text" placeholder:"FORMAT" enum:"text,json" help:"Format of log lines: text or json. Default: ${default}."`
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	options := &slog.HandlerOptions{Level: slog.Level(c.LogLevel)}
	var handler slog.Handler = slog.NewTextHandler(s.err, options)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(s.err, options)
	}
	log, config := slog.New(handler), c.configuration()
	if err := checkStart(ctx, setup{c.listening(), config, nil}, log); err != nil {
		return err
	}
	return serve(ctx, log, c.listening(), config, (*server.Server).Handler, nil)
}

// grace is how long a server takes at most to stop after a signal. Open requests may use three quarters of it, so that there is always
// time for queued mails.
const grace = 20 * time.Second

// listening says where serve listens, and for how many connections; see [connlimit.Options]. operator may be "".
type listening struct {
	public, operator        string
	connections, perAddress int
	// grace replaces the constant of this name, unless it is 0.
	grace time.Duration
}

// operatorConnections is the maximum number of connections to the operator's listener.
const operatorConnections = 100

// listen opens a listener for each address. The operator's listener is nil if it has no address.
func (l listening) listen() (public, operator net.Listener, err error) {
	if l.connections < 0 || l.perAddress < 0 {
		return nil, nil, errors.New("--max-connections and --max-connections-per-address must not be negative")
	}
	if public, err = net.Listen("tcp", l.public); err != nil {
		return nil, nil, fmt.Errorf("cannot listen: %w; choose another address with --listen, such as 127.0.0.1:8787", err)
	}
	if l.operator == "" {
		return public, nil, nil
	}
	if operator, err = net.Listen("tcp", l.operator); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("cannot listen for operators: %w; choose another address with --operator-listen, such as 127.0.0.1:9090", err), public.Close())
	}
	return public, operator, nil
}

// local returns an address at which programs on this machine reach a listener: localhost if it listens on all addresses.
func local(addr string) string {
	if listensEverywhere(addr) {
		_, port, _ := net.SplitHostPort(addr)
		return "localhost:" + port
	}
	return addr
}

// listensEverywhere reports whether an address is not one of this machine, but stands for all of them.
func listensEverywhere(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip, _ := netip.ParseAddr(host)
	return err == nil && (host == "" || ip.IsUnspecified())
}

// limits returns the limits of the public listener.
func (l listening) limits(exempt []netip.Prefix, counts *metrics.Metrics, log *slog.Logger) *connlimit.Limits {
	return connlimit.New(connlimit.Options{Total: connlimit.Capacity(l.connections), PerAddress: l.perAddress, Exempt: exempt, Log: log, Metrics: counts})
}

// serve opens a server and serves its handlers until ctx ends. Then it waits for open requests and closes the store. If ready is
// not nil, serve calls it when the server is running. If ready returns an error, serve stops with this error.
func serve(ctx context.Context, log *slog.Logger, on listening, config server.Config, handler func(*server.Server) http.Handler, ready func(ctx context.Context, s *server.Server, addr string) error) (err error) {
	public, operator, err := on.listen()
	if err != nil {
		return err
	}
	addr := public.Addr().String()
	config.Log = log
	if config.PublicURL == "" {
		config.PublicURL = "http://" + local(addr)
	}
	s, err := server.Open(ctx, config)
	if err != nil {
		if operator != nil {
			err = errors.Join(err, operator.Close())
		}
		return errors.Join(err, public.Close())
	}
	left := time.Hour // no limit, unless a signal sets one
	defer func() {
		closing, cancel := context.WithTimeout(context.Background(), left)
		defer cancel()
		if err = errors.Join(err, s.CloseBy(closing)); err == nil {
			log.Info("stopped")
		}
	}()

	log.Info("listening", "addr", addr, "public_url", config.PublicURL)
	limits := on.limits(config.TrustedProxies, s.Metrics, log)
	h := httpServer(handler(s), limits, log)
	h.RegisterOnShutdown(s.Drain)
	stopped := make(chan error, 3)
	go func() { stopped <- h.Serve(limits.Listener(public)) }()
	if operator != nil {
		few := connlimit.New(connlimit.Options{Total: operatorConnections, Log: log})
		o := httpServer(s.OperatorHandler(), few, log)
		defer o.Close() // after h has stopped, so that operators can watch it stop
		log.Info("listening for operators", "addr", operator.Addr().String())
		go func() { stopped <- o.Serve(few.Listener(operator)) }()
	}
	if ready != nil {
		go func() {
			if err := ready(ctx, s, addr); err != nil {
				stopped <- err
			}
		}()
	}
	select {
	case err = <-stopped:
		return errors.Join(err, h.Close())
	case <-ctx.Done():
	}
	whole := cmp.Or(on.grace, grace)
	log.Info("stopping; waiting for open requests, then for queued mails", "grace_ms", whole.Milliseconds(), "mails", s.UnsentMails())
	started := time.Now()
	defer func() { left = whole - time.Since(started) }()
	answering, cancel := context.WithTimeout(context.Background(), whole*3/4)
	defer cancel()
	if err := h.Shutdown(answering); err != nil {
		return errors.Join(fmt.Errorf("stop: open requests were canceled after %s: %w", whole*3/4, err), h.Close())
	}
	return nil
}

// httpServer returns a server with the timeouts of both listeners. Together with the limit of connections, MaxHeaderBytes bounds the
// memory of all headers.
func httpServer(h http.Handler, limits *connlimit.Limits, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ConnState:         limits.ConnState,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
