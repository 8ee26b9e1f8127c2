package web

import (
	"context"
	"hash/maphash"
	"net/http"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// SessionCookie is the name of the cookie that stores the bearer token of a session. On https it has a prefix; see [CookieName].
const SessionCookie = "postern_session"

// Browsers accept a cookie whose name begins with one of these prefixes only over https and with the attribute Secure. With
// hostPrefix, the cookie also belongs to one host and to all of its paths, so that no other host of the domain can set it
// (RFC 6265bis, section 4.1.3).
const (
	securePrefix = "__Secure-"
	hostPrefix   = "__Host-"
)

// CookieName returns the name under which this server sets a cookie: with the prefix __Secure- on https, so that a page on plain
// http cannot set the cookie, and without a prefix on plain http.
func CookieName(name string, https bool) string {
	if https {
		return securePrefix + name
	}
	return name
}

// HostCookieName returns the name under which this server sets a cookie of an application's host: with the prefix __Host- on https,
// so that no other host can set the cookie, and without a prefix on plain http.
func HostCookieName(name string, https bool) string {
	if https {
		return hostPrefix + name
	}
	return name
}

// CookieNames returns the names under which this server reads a cookie, the current name first. On https, it also reads the name
// without a prefix, which earlier versions set.
func CookieNames(name string, https bool) []string {
	if https {
		return []string{securePrefix + name, name}
	}
	return []string{name}
}

// ForwardAuthCookies are the names of the cookie in which an application behind forward authentication stores a session's bearer
// token. An application on https should use the first name.
var ForwardAuthCookies = []string{hostPrefix + SessionCookie, securePrefix + SessionCookie, SessionCookie}

// maxCookieValues is the largest number of cookies of one name that a request is searched for. Each of them can cost a lookup.
const maxCookieValues = 8

// CookieValues returns the values of all cookies with the given names: those with the first name first, and cookies of one name
// in the order of the request. It returns at most 8 values, each once and none empty.
//
// A browser sends several cookies of one name if they were set for different paths or domains. The server cannot see which
// cookie is which, so a caller must try all of them; see [Limiter.VerifyAny].
func CookieValues(r *http.Request, names ...string) (values []string) {
	for _, name := range names {
		for _, c := range r.CookiesNamed(name) {
			if len(values) < maxCookieValues && c.Value != "" && !slices.Contains(values, c.Value) {
				values = append(values, c.Value)
			}
		}
	}
	return values
}

// VerifyAny calls verify with one bearer token after the other until verify accepts one, or fails with another error than
// fault.InvalidToken. It returns that error, or the error of the first token if all of them are invalid. It returns nil without
// tokens. VerifyAny settles c, which is the claim of the first token; see [Limiter.Settle].
func (l *Limiter) VerifyAny(ctx context.Context, c Claim, bearers []string, now time.Time, verify func(bearer string) (Identity, error)) (err error) {
	for i, bearer := range bearers {
		identity, failed := verify(bearer)
		if i > 0 || c.bearer == 0 { // Settle counts the first token of a claim
			l.countFailure(ctx, c, failed, now)
		}
		if i > 0 && failed == nil {
			l.remember(bearer, identity, now)
		}
		if i == 0 {
			err = failed
			if limited := l.Settle(ctx, c, identity, failed, now); limited != nil {
				return limited
			}
		}
		if !fault.Is(failed, fault.InvalidToken) {
			return failed
		}
	}
	return err
}

// KnownFirst moves the first bearer token whose identity the limiter knows to the front. The request then counts for the caller
// and not for a token that is not verified.
func (l *Limiter) KnownFirst(bearers []string, now time.Time) []string {
	if l == nil || len(bearers) < 2 {
		return bearers
	}
	known := slices.IndexFunc(bearers, func(bearer string) bool {
		_, known := l.cache.get(maphash.String(l.seed, bearer), now.UnixNano())
		return known
	})
	if known <= 0 {
		return bearers
	}
	return slices.Insert(slices.Delete(slices.Clone(bearers), known, known+1), 0, bearers[known])
}

// remember caches the identity of a verified bearer token.
func (l *Limiter) remember(bearer string, verified Identity, now time.Time) {
	if l != nil && verified.Kind != 0 {
		l.cache.put(maphash.String(l.seed, bearer), verified, now.UnixNano())
	}
}
