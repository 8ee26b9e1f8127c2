package polar

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Option changes how requests are made. The same options go into [New], [NewCore] and every call; the last of several
// wins, and a call's come after the client's. Options are made by the functions of this package.
type Option func(*config) error

// WithHTTPClient sends requests through a client of the caller's: its transport, cookies and timeout. It is copied as
// it is now, and never changed. Redirects that would carry the token away are refused before its own CheckRedirect is
// asked. The default is a client of our own, which honors the proxy variables of the environment.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return errors.New("polar: WithHTTPClient: the client is nil")
		}
		c.client = restrictRedirects(client)
		return nil
	}
}

// WithHeader sets a header of the request, instead of any value it had. Several options with different names add up.
// The credentials have a parameter of their own, and what frames the request belongs to net/http: those names are an
// error. A name that is sent several times needs [WithRequestEditor].
func WithHeader(name, value string) Option {
	return func(c *config) error {
		key := http.CanonicalHeaderKey(name)
		switch {
		case !isHeaderName(name):
			return fmt.Errorf("polar: WithHeader: %q is not a header name", name)
		case !isHeaderValue(value): // which is not shown: it may be a secret
			return fmt.Errorf("polar: WithHeader: the value of %s holds a control character", key)
		case key == "Authorization":
			return errors.New("polar: WithHeader: Authorization comes from WithAccessToken and SessionSecurity; WithRequestEditor can replace it")
		case slices.Contains(managedHeaders, key):
			return fmt.Errorf("polar: WithHeader: %s is net/http's to set; WithRequestEditor can change the host", key)
		}
		c.header[key] = []string{value}
		return nil
	}
}

// framing has the headers that net/http writes itself, or drops without a word.
var managedHeaders = []string{"Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding"}

// WithRequestEditor has the last word on every request, each attempt of a retried one included: its headers, its Host,
// the query of its URL. An error of the editor ends the call and is wrapped in its error. Method and body belong to the
// operation; to change them is an error. Of several editors, the last one runs.
func WithRequestEditor(edit func(*http.Request) error) Option {
	return func(c *config) error {
		if edit == nil {
			return errors.New("polar: WithRequestEditor: the editor is nil")
		}
		c.editor = edit
		return nil
	}
}

// WithAccessToken is the credential of the operations that belong to an organization: one of its access tokens,
// polar_oat_…, or a personal or OAuth token of Polar's. Operations of a session's holder, which have a [SessionSecurity], do
// not send it, and neither do those that need no credential. A token that is empty or malformed is an error.
func WithAccessToken(token string) Option {
	return func(c *config) error {
		if token == "" {
			return fmt.Errorf("polar: WithAccessToken: %w: it is empty (a variable that is not set?)", ErrMissingSecurity)
		}
		if err := wellFormed("the access token", token); err != nil {
			return fmt.Errorf("polar: WithAccessToken: %w", err)
		}
		c.accessToken = token
		return nil
	}
}

// WithTimeout bounds one attempt, from connecting to the last byte of the answer. It is more than zero, and ten seconds
// by default. (Our own HTTP client gives up on connecting, and on TLS, after thirty seconds each, even if an attempt has
// longer.) What bounds all attempts together is the context.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("polar: WithTimeout: %v is not more than zero", d)
		}
		c.timeout = d
		return nil
	}
}

// WithUserAgent says who is asking, instead of a name of ours (RFC 9110, section 10.1.5).
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if strings.TrimSpace(product) == "" || !isHeaderValue(product) {
			return fmt.Errorf("polar: WithUserAgent: %q is empty or holds a control character", product)
		}
		c.header["User-Agent"] = []string{product}
		return nil
	}
}

// WithAPIVersion asks for a version of the API, year and month, with the header Polar-Version. Without it the server
// chooses, and its choice moves on with the years. A version that the server does not know is answered with 404.
func WithAPIVersion(version string) Option {
	return func(c *config) error {
		if t, err := time.Parse("2006-01", version); err != nil || t.Format("2006-01") != version {
			return fmt.Errorf("polar: WithAPIVersion: %q is not a year and a month, as in %q", version, Version202610)
		}
		c.header["Polar-Version"] = []string{version}
		return nil
	}
}

// The versions of the API of today, for [WithAPIVersion]. Customer sessions look the same in all of them.
const (
	Version202604 = "2026-04"
	Version202610 = "2026-10"
	Version202701 = "2027-01"
)

// isToken tells whether s can name a header (RFC 9110, section 5.6.2).
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

// isFieldValue tells whether s can stand behind the name of a header (RFC 9110, section 5.5).
func isHeaderValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
