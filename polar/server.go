package polar

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Server is one of Polar's servers, for [WithServer].
type Server string

// Polar's servers.
const (
	Production Server = "production" // https://api.polar.sh
	Sandbox    Server = "sandbox"    // https://sandbox-api.polar.sh
)

const (
	productionHost = "api.polar.sh"
	sandboxHost    = "sandbox-api.polar.sh"
)

// WithServer sends requests to one of Polar's servers. Default: [Production]. If [WithServerURL] is also set, the last
// of the two options wins.
func WithServer(server Server) Option {
	return func(c *config) error {
		switch server {
		case Production:
			c.server = &url.URL{Scheme: "https", Host: productionHost}
		case Sandbox:
			c.server = &url.URL{Scheme: "https", Host: sandboxHost}
		default:
			return fmt.Errorf("polar: WithServer: unknown server %q; use polar.Production, polar.Sandbox or WithServerURL", string(server))
		}
		return nil
	}
}

// WithServerURL sends requests to the server at a URL, such as a Postern server. The URL has the scheme http or https,
// a host, and optionally a port and a path, which is placed before /v1. A query, fragment or user name is an error, and
// so is a path that ends with /v1, because the paths of all routes start with /v1. Use http only for a server on the same
// machine, because it sends tokens in plain text.
func WithServerURL(server string) Option {
	return func(c *config) error {
		u, err := parseServer(server)
		if err != nil {
			return fmt.Errorf("polar: WithServerURL: %w", err)
		}
		c.server = u
		return nil
	}
}

// parseServer returns errors that do not contain the URL, because the URL may contain a password.
func parseServer(server string) (*url.URL, error) {
	u, err := url.Parse(server)
	switch {
	case err != nil:
		return nil, errors.New("invalid URL; use the form https://api.example.com")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the URL must start with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	case u.User != nil:
		return nil, errors.New("the URL must not contain a user name or password; use WithHeader to send credentials")
	case strings.ContainsAny(server, "?#"):
		return nil, errors.New("the URL must not contain a query or fragment")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("the port of the URL is not between 1 and 65535")
		}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	if shorter, found := strings.CutSuffix(u.Path, "/v1"); found {
		return nil, fmt.Errorf("the path of the URL ends with /v1, which the client adds itself; write %s://%s%s", u.Scheme, u.Host, shorter)
	}
	return u, nil
}
