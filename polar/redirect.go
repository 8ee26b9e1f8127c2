package polar

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is as many as net/http follows.
const maxRedirects = 10

// RedirectError is a redirect that was not followed: to another scheme, host or port, where the token must not go; of a write,
// by a status that would make a mere GET of it (301, 302, 303; behind 307 and 308 it is sent again as it was); in a circle; or
// forbidden by the caller's CheckRedirect, whose error errors.Is then finds. It is never retried.
type RedirectError struct {
	// Operation is what was asked for: "introspect customer session".
	Operation string
	// To is the target's scheme and host.
	To string

	reason string
	cause  error
}

// Error says where the redirect led, and what to do.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("polar: %s: did not follow a redirect to %s: %s", e.Operation, e.To, e.reason)
}

// Unwrap returns the error of the caller's CheckRedirect, or nil.
func (e *RedirectError) Unwrap() error { return e.cause }

// Format prints Error for every verb: fmt would show the fields of the cause for those it does not expect.
func (e *RedirectError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// guard copies a client and has the copy follow redirects on the same origin only. Left alone, net/http would take
// Authorization along to a subdomain, to another port, and from https to plain http.
func restrictRedirects(client *http.Client) *http.Client {
	restricted, callerCheck := *client, client.CheckRedirect
	restricted.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		refusal := &RedirectError{To: req.URL.Scheme + "://" + req.URL.Host}
		switch {
		case !sameOrigin(req.URL, via[0].URL):
			refusal.reason = "the token belongs to " + via[0].URL.Scheme + "://" + via[0].URL.Host +
				"; if the API has moved there, say so with WithServerURL"
			return refusal
		case req.Method != via[0].Method: // whose answer would pass for that of the write
			refusal.reason = "it would make a " + req.Method + " of a " + via[0].Method
			return refusal
		case callerCheck != nil:
			err := callerCheck(req, via)
			if err == nil || errors.Is(err, http.ErrUseLastResponse) {
				return err
			}
			refusal.reason, refusal.cause = err.Error(), err
			return refusal
		case len(via) >= maxRedirects:
			refusal.reason = fmt.Sprintf("there were %d before it", maxRedirects)
			return refusal
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
