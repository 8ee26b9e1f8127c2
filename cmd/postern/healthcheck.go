package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// healthcheckCommand is the health check of container images, which contain no other HTTP client.
type healthcheckCommand struct {
	Listen string `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Address that the server on this machine listens on, as for postern serve. Default: ${default}."`
	URL    string `name:"url" placeholder:"URL" help:"URL of the server. It replaces --listen."`
}

// healthcheckTimeout is less than 3 seconds, after which a container runtime kills the image's health check.
const healthcheckTimeout = 2500 * time.Millisecond

func (c *healthcheckCommand) Run(ctx context.Context, s streams) error {
	url, err := c.url()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("server does not respond: %w", err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("server is not healthy: GET %s: %s", url, response.Status)
	}
	_, err = fmt.Fprintln(s.out, "healthy")
	return err
}

// url returns the URL of the health route. It replaces an address that means all addresses, such as 0.0.0.0, with the loopback
// address.
func (c *healthcheckCommand) url() (string, error) {
	if c.URL != "" {
		return strings.TrimSuffix(c.URL, "/") + "/healthz", nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("invalid --listen: %w", err)
	}
	switch ip, err := netip.ParseAddr(host); {
	case host == "", err == nil && ip == netip.IPv4Unspecified():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz", nil
}
