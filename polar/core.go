package polar

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Core holds the server, the connections and the default options that all operations share. [Client] contains one.
// Create a Core with [NewCore] for standalone functions such as [IntrospectCustomerSession]: a program that uses them
// links only the operations that it calls. A Core is safe for concurrent use.
type Core struct {
	config *config
}

// Format prints the server's URL for every verb. It never prints headers, which may hold secrets.
func (c Core) Format(f fmt.State, _ rune) {
	server := "no server"
	if c.config != nil {
		server = c.config.server.String()
	}
	fmt.Fprintf(f, "polar.Core(%s)", server)
}

// config is the result of applying options. It does not change afterwards, because concurrent calls share it.
type config struct {
	server  *url.URL
	client  *http.Client
	header  http.Header // canonical names; never contains Authorization
	editor  func(*http.Request) error
	timeout time.Duration
	retries *RetryConfig // nil means a single attempt; not nil if an outcome is retryable
	// into receives a description of each response. It is nil for clients and cores.
	into *Response
	// session replaces the access token of Do. It is empty for clients and cores.
	session SessionSecurity
	// accessToken is empty if the caller set none.
	accessToken string
}

// Defaults of the options.
const (
	defaultTimeout   = 10 * time.Second
	defaultUserAgent = "postern-polar-go"
)

var errNoCore = errors.New("polar: the client was not created with New or NewCore")

// NewCore returns a core with the given default options. NewCore does no I/O, starts no goroutine and reads no
// environment variable. It returns an error only if an option has an invalid value.
func NewCore(opts ...Option) (*Core, error) {
	c := &config{
		header:  http.Header{"Accept": {"application/json"}, "User-Agent": {defaultUserAgent}, versionHeader: {DefaultAPIVersion}},
		timeout: defaultTimeout,
	}
	if err := c.apply(append([]Option{WithServer(Production), WithRetries(RetryConfig{})}, opts...)); err != nil {
		return nil, err
	}
	switch {
	case c.into != nil:
		return nil, errors.New("polar: WithResponseInto is an option of single calls")
	case c.session != SessionSecurity{}:
		return nil, errors.New("polar: WithSession is an option of Client.Do")
	}
	if c.client == nil {
		c.client = restrictRedirects(&http.Client{Transport: newTransport()})
	}
	return &Core{config: c}, nil
}

// configFor returns the config of one call: the core's config with the call's options applied to a copy.
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
