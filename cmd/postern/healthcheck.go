package main

import (
	"context"
	"fmt"
	"io"
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
	printing
}

// healthcheckTimeout is less than 3 seconds, after which a container runtime kills the image's health check.
const healthcheckTimeout = 2500 * time.Millisecond

// unhealthy is the exit status if the server cannot handle requests.
const unhealthy = exitCode(1)

func (c *healthcheckCommand) Run(ctx context.Context, s streams) error {
	url, err := c.url()
	if err != nil {
		return err
	}
	err = ask(ctx, url)
	if err != nil {
		fmt.Fprintln(s.err, "postern:", err)
	}
	if !c.JSON && err != nil {
		return unhealthy
	}
	if failed := c.print(s, health{url, err == nil}); failed != nil || err == nil {
		return failed
	}
	return unhealthy
}

// ask returns an error if the health route at url does not answer with status 200.
func ask(ctx context.Context, url string) error {
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
	return nil
}

// health is the answer of the health route at URL.
type health struct {
	URL     string `json:"url"`
	Healthy bool   `json:"healthy"`
}

func (health) text(out io.Writer) error {
	_, err := fmt.Fprintln(out, "healthy")
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
		return "", fmt.Errorf("invalid --listen: %w; use HOST:PORT, such as 127.0.0.1:8787", err)
	}
	switch ip, err := netip.ParseAddr(host); {
	case host == "", err == nil && ip == netip.IPv4Unspecified():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz", nil
}
