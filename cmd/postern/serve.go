package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/server"
)

type serveCommand struct {
	backend
	mailing
	webhooks
	Listen         string            `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Where to listen (${default}). Port 0 takes a free one."`
	PublicURL      string            `name:"public-url" placeholder:"URL" help:"Where the outside world reaches this server; links to the portal begin with it (http://HOST:PORT)."`
	RateLimits     server.RateLimits `name:"rate-limits" placeholder:"LIMITS" help:"How often a caller may ask: off, or rates such as login=6/m+12/h,default=500/m,pending=60/m, where s, m and h are a second, a minute and an hour (those of Polar's production server)."`
	TrustedProxies []network         `placeholder:"CIDR" help:"Networks of the proxies in front, such as 10.0.0.0/8: their X-Forwarded-For tells the address of a client."`
	GitHubKeys     string            `name:"github-keys" placeholder:"FILE|URL" help:"The public keys with which GitHub signs its reports of leaked tokens, which are ended then: https://api.github.com/meta/public_keys/secret_scanning (no reports are taken)."`
	Admin          bool              `help:"Serve pages at /admin where operators sign in with an access token and do what its scopes allow: customers, sessions, links, settings. Off unless asked for: they are for your team, so let your proxy keep others from them."`
	LogLevel       slog.Level        `default:"info" placeholder:"LEVEL" help:"debug tells of every request; info, warn, error (${default})."`
	LogFormat      string            `default:"text" enum:"text,json" help:"text or json (${default})."`
}

func (c *serveCommand) Run(ctx context.Context, s streams) error {
	var handler slog.Handler = slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: c.LogLevel})
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: c.LogLevel})
	}
	config := c.server()
	c.mailing.apply(&config)
	c.webhooks.apply(&config)
	config.PublicURL, config.RateLimits, config.TrustedProxies = c.PublicURL, c.RateLimits, prefixes(c.TrustedProxies)
	config.GitHubKeys, config.Admin = c.GitHubKeys, c.Admin
	return serve(ctx, slog.New(handler), c.Listen, config, (*server.Server).Handler, nil)
}

// grace is how long requests that have begun may take to end, once the server is told to stop.
const grace = 20 * time.Second

// serve listens, opens, and serves what handler makes of the server until ctx ends; then it lets the requests that have begun end,
// and closes the store. When ready is not nil, it is called beside the serving, and its error ends it.
func serve(ctx context.Context, log *slog.Logger, listen string, config server.Config, handler func(*server.Server) http.Handler, ready func(ctx context.Context, p *server.Server, addr string) error) (err error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot listen: %w; choose another address with --listen", err)
	}
	addr := listener.Addr().String()
	config.Log = log
	if config.PublicURL == "" {
		config.PublicURL = "http://" + addr
	}
	p, err := server.Open(ctx, config)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, p.Close()) }()

	h := &http.Server{
		Handler:           handler(p),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	h.RegisterOnShutdown(p.Drain)
	log.Info("listening", "addr", addr, "public_url", config.PublicURL)
	ended := make(chan error, 2)
	go func() { ended <- h.Serve(listener) }()
	if ready != nil {
		go func() {
			if err := ready(ctx, p, addr); err != nil {
				ended <- err
			}
		}()
	}
	select {
	case err = <-ended:
		return errors.Join(err, h.Close())
	case <-ctx.Done():
	}
	log.Info("stopping", "grace", grace)
	patience, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := h.Shutdown(patience); err != nil {
		return errors.Join(fmt.Errorf("some requests did not end within %s and were cut off: %w", grace, err), h.Close())
	}
	log.Info("stopped")
	return nil
}
