package page

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// Cookies sets cookies for the pages below a path. Scripts cannot read these cookies. If the public URL uses https, browsers
// send the cookies over TLS only, and their names have the prefix __Secure-.
type Cookies struct {
	Path     string
	sameSite http.SameSite
	request  *Request
}

// StrictCookies returns cookies that a browser sends only with requests that a page of this server caused.
func (r *Request) StrictCookies() Cookies { return Cookies{r.Base, http.SameSiteStrictMode, r} }

// PortalCookies returns the cookies of an organization's portal.
//
// With SameSite=Lax, a browser does not send the cookies with a form of another site. SameSite=Strict is not used: a browser
// would also omit the cookies when a customer follows a link in a mail or on the organization's site, and a signed-in customer
// would see the sign-in page.
func (r *Request) PortalCookies(slug string) Cookies {
	return Cookies{r.Root + directory.PortalPath(slug), http.SameSiteLaxMode, r}
}

// Set sets a cookie. If the lifetime is 0, the cookie lasts until the browser is closed. A negative lifetime deletes the
// cookie. If a request sets a cookie twice, the last call wins. Set also deletes a cookie that an earlier version has set without
// the prefix.
func (c Cookies) Set(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	https := c.request.Secure()
	current := web.CookieName(name, https)
	c.set(w, current, value, lifetime)
	for _, old := range web.CookieNames(name, https) {
		if old != current && len(c.request.CookiesNamed(old)) > 0 {
			c.set(w, old, "", -1)
		}
	}
}

func (c Cookies) set(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	cookie := &http.Cookie{Name: name, Value: value, Path: c.Path, HttpOnly: true, SameSite: c.sameSite, Secure: c.request.Secure()}
	switch {
	case lifetime < 0:
		cookie.MaxAge = -1
	case lifetime > 0:
		cookie.MaxAge, cookie.Expires = max(1, int(lifetime/time.Second)), c.request.Now().Add(lifetime).UTC()
	}
	h := w.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	h.Add("Set-Cookie", cookie.String())
}

// SetSession stores a session's bearer token in the session cookie until the session expires.
func (c Cookies) SetSession(w http.ResponseWriter, t token.Token, expiresAt time.Time) {
	c.Set(w, web.SessionCookie, t.Reveal(), expiresAt.Sub(c.request.Now()))
}

// DeleteSession deletes the session cookie.
func (c Cookies) DeleteSession(w http.ResponseWriter) { c.Set(w, web.SessionCookie, "", -1) }

// Secure reports whether browsers use https to reach this server.
func (s *Site) Secure() bool { return s.PublicURL.Scheme == "https" }

// CookieValues returns the values of the cookies that [Cookies.Set] has set with a name. There can be several, because the browser
// also sends cookies that other programs on this host or its parent domains have set. See [web.CookieValues].
func (r *Request) CookieValues(name string) []string {
	return web.CookieValues(r.Request, web.CookieNames(name, r.Secure())...)
}

// Cookie returns the first value of a cookie, or "" if the request has no such cookie.
func (r *Request) Cookie(name string) string {
	for _, value := range r.CookieValues(name) {
		return value
	}
	return ""
}

// SessionCookies returns the bearer tokens in the session cookies of the request, in the order in which to verify them with
// [web.Limiter.VerifyAny].
func (r *Request) SessionCookies() []string {
	return r.Limits.KnownFirst(r.CookieValues(web.SessionCookie), r.Now())
}
