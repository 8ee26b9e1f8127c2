package polar

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Option configures how requests are sent. The functions of this package whose names start with With return options. An Option
// can be passed to [New], [NewCore] and every call. An option of a call takes precedence over an option of the client. If an
// option is passed twice, the last one wins.
type Option func(*config) error

// WithHTTPClient sends requests with the given client, which provides the transport, cookies and timeout. The client is
// copied and not modified. Redirects to another origin are refused before the client's CheckRedirect is called.
// Default: a client of this package that uses the proxy variables of the environment.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return errors.New("polar: WithHTTPClient: the client is nil")
		}
		c.client = restrictRedirects(client)
		return nil
	}
}

// WithHeader sets a request header and replaces the default value. Several WithHeader options with different names all apply.
// Authorization and the headers that net/http manages itself, such as Content-Length and Host, are errors. To send a header
// more than once, use [WithRequestEditor].
func WithHeader(name, value string) Option {
	return func(c *config) error {
		key := http.CanonicalHeaderKey(name)
		switch {
		case !isHeaderName(name):
			return fmt.Errorf("polar: WithHeader: %q is not a header name", name)
		case !isHeaderValue(value): // the error does not contain the value, which may be a secret
			return fmt.Errorf("polar: WithHeader: the value of %s contains a control character", key)
		case key == "Authorization":
			return errors.New("polar: WithHeader: Authorization is set by WithAccessToken and SessionSecurity; use WithRequestEditor to replace it")
		case slices.Contains(managedHeaders, key):
			return fmt.Errorf("polar: WithHeader: net/http sets %s; use WithRequestEditor to change the host", key)
		}
		c.header[key] = []string{value}
		return nil
	}
}

// managedHeaders are the headers that net/http sets itself or silently drops.
var managedHeaders = []string{"Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding"}

// WithRequestEditor calls edit for every attempt before the request is sent. edit may change the headers, the Host and
// the query of the URL. An error of edit ends the call and is wrapped in the call's error. Changing the method or the
// body is an error. If the option is set several times, only the last edit is called.
func WithRequestEditor(edit func(*http.Request) error) Option {
	return func(c *config) error {
		if edit == nil {
			return errors.New("polar: WithRequestEditor: the editor is nil")
		}
		c.editor = edit
		return nil
	}
}

// WithAccessToken sets the credential for the operations of an organization: an organization access token
// (polar_oat_…), or a personal or OAuth token of Polar. Operations with a [SessionSecurity] parameter and public
// operations do not send it. An empty token is [ErrMissingSecurity]; a token with spaces, control characters or
// non-ASCII characters is [ErrMalformedToken].
func WithAccessToken(token string) Option {
	return func(c *config) error {
		if token == "" {
			return fmt.Errorf("polar: WithAccessToken: %w (is an environment variable not set?)", ErrMissingSecurity)
		}
		if err := wellFormed("the access token", token); err != nil {
			return fmt.Errorf("polar: WithAccessToken: %w", err)
		}
		c.accessToken = token
		return nil
	}
}

// WithTimeout limits one attempt, from connecting to the last byte of the response. d must be positive. Default: 10
// seconds. The default HTTP client also limits connecting and the TLS handshake to 30 seconds each. To limit all
// attempts together, use a context with a deadline.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("polar: WithTimeout: %v is not positive", d)
		}
		c.timeout = d
		return nil
	}
}

// WithUserAgent sets the User-Agent header (RFC 9110, section 10.1.5). Default: "postern-polar-go".
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if strings.TrimSpace(product) == "" || !isHeaderValue(product) {
			return fmt.Errorf("polar: WithUserAgent: %q is empty or contains a control character", product)
		}
		c.header["User-Agent"] = []string{product}
		return nil
	}
}

// isHeaderName reports whether s is a valid header name (RFC 9110, section 5.6.2).
func isHeaderName(s string) bool {
	const special = "!#$%&'*+-.^_`|~"
	for _, r := range s {
		alphanumeric := '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
		if !alphanumeric && !strings.ContainsRune(special, r) {
			return false
		}
	}
	return s != ""
}

// isHeaderValue reports whether s is a valid header value (RFC 9110, section 5.5).
func isHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
