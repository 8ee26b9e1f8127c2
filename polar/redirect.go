package polar

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects equals the limit of net/http.
const maxRedirects = 10

// RedirectError is the error of a call whose redirect the client did not follow. The client follows redirects only to the same
// scheme, host and port, because other servers must not receive the token. It does not follow redirects that would turn a write
// into a GET request (status 301, 302 or 303); it follows 307 and 308 with the method and body unchanged. It follows at most
// 10 redirects for one request. If the CheckRedirect function of the caller's HTTP client returned an error, errors.Is finds that
// error. The call is not retried.
type RedirectError struct {
	// Operation is the name of the operation, such as "introspect customer session".
	Operation string
	// To is the scheme and host of the target.
	To string

	reason string
	cause  error
}

// Error returns one line with the operation, the target and the reason.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("polar: %s: refused a redirect to %s: %s", e.Operation, e.To, e.reason)
}

// Unwrap returns the error of the caller's CheckRedirect function, or nil.
func (e *RedirectError) Unwrap() error { return e.cause }

// Format prints Error for every verb, because fmt would print the fields for verbs other than %s and %v.
func (e *RedirectError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// restrictRedirects returns a copy of client that follows redirects to the same origin only. By default, net/http sends
// Authorization to subdomains, to other ports, and from https to plain http.
func restrictRedirects(client *http.Client) *http.Client {
	restricted, callerCheck := *client, client.CheckRedirect
	restricted.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		redirectErr := &RedirectError{To: req.URL.Scheme + "://" + req.URL.Host}
		switch {
		case !sameOrigin(req.URL, via[0].URL):
			redirectErr.reason = "the token is for " + via[0].URL.Scheme + "://" + via[0].URL.Host + "; if the API has moved, change WithServerURL"
			return redirectErr
		case req.Method != via[0].Method: // the response to the GET would look like the response to the write
			redirectErr.reason = "it would turn a " + via[0].Method + " into a " + req.Method
			return redirectErr
		case callerCheck != nil:
			err := callerCheck(req, via)
			if err == nil || errors.Is(err, http.ErrUseLastResponse) {
				return err
			}
			redirectErr.reason, redirectErr.cause = err.Error(), err
			return redirectErr
		case len(via) >= maxRedirects:
			redirectErr.reason = fmt.Sprintf("too many redirects (%d)", maxRedirects)
			return redirectErr
		}
		return nil
	}
	return &restricted
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.User == nil && strings.EqualFold(hostport(a), hostport(b))
}

func hostport(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
