package polar

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Core is what every operation shares: the server, the connections, the defaults of the options. Make one with
// [NewCore] for the standalone functions, which link in nothing but the operations that a program uses. Safe for
// concurrent use.
type Core struct {
	config *config
}

// Format prints the server, and nothing of the headers that WithHeader may have been given.
func (c Core) Format(f fmt.State, _ rune) {
	server := "no server"
	if c.config != nil {
		server = c.config.server.String()
	}
	fmt.Fprintf(f, "polar.Core(%s)", server)
}

// config is the sum of the options. Once made it does not change: calls share it.
type config struct {
	server  *url.URL
	client  *http.Client
	header  http.Header // canonical names, without Authorization
	editor  func(*http.Request) error
	timeout time.Duration
	retries *RetryConfig // nil: one attempt
	// accessToken is "" for none.
	accessToken string
}

// The defaults of the options.
const (
	defaultTimeout   = 10 * time.Second
	defaultUserAgent = "postern-polar-go"
)

var errNoCore = errors.New("polar: this client was not made by New or NewCore")

// NewCore makes a core. It does no I/O, starts nothing and reads no environment; the only error is an option with a bad
// value.
func NewCore(opts ...Option) (*Core, error) {
	c := &config{
		header:  http.Header{"Accept": {"application/json"}, "User-Agent": {defaultUserAgent}},
		timeout: defaultTimeout,
	}
	if err := c.apply(append([]Option{WithServer(Production)}, opts...)); err != nil {
		return nil, err
	}
	if c.client == nil {
		c.client = restrictRedirects(&http.Client{Transport: newTransport()})
	}
	return &Core{config: c}, nil
}

// with is the config of one call.
func (c *Core) configFor(opts []Option) (*config, error) {
	if c == nil || c.config == nil {
		return nil, errNoCore
	}
	if len(opts) == 0 {
		return c.config, nil
	}
	merged := *c.config
	merged.header = merged.header.Clone()
	if err := merged.apply(opts); err != nil {
		return nil, err
	}
	return &merged, nil
}

func (c *config) apply(opts []Option) error {
	for _, o := range opts {
		if o == nil {
			return errors.New("polar: an option is nil")
		}
		if err := o(c); err != nil {
			return err
		}
	}
	return nil
}
