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
// send the cookies over TLS only.
type Cookies struct {
	Path     string
	sameSite http.SameSite
	site     *Site
}

// StrictCookies returns cookies that a browser sends only with requests that a page of this server caused.
func (s *Site) StrictCookies(path string) Cookies { return Cookies{path, http.SameSiteStrictMode, s} }

// PortalCookies returns the cookies of an organization's portal.
//
// With SameSite=Lax, a browser does not send the cookies with a form of another site. SameSite=Strict is not used: a browser
// would also omit the cookies when a customer follows a link in a mail or on the organization's site, and a signed-in customer
// would see the sign-in page.
func (s *Site) PortalCookies(slug string) Cookies {
	return Cookies{s.Root + directory.PortalPath(slug), http.SameSiteLaxMode, s}
}

// Set sets a cookie. If the lifetime is 0, the cookie lasts until the browser is closed. A negative lifetime deletes the
// cookie. If a request sets a cookie twice, the last call wins.
func (c Cookies) Set(w http.ResponseWriter, name, value string, lifetime time.Duration) {
	cookie := &http.Cookie{Name: name, Value: value, Path: c.Path, HttpOnly: true, SameSite: c.sameSite, Secure: c.site.PublicURL.Scheme == "https"}
	switch {
	case lifetime < 0:
		cookie.MaxAge = -1
	case lifetime > 0:
		cookie.MaxAge, cookie.Expires = max(1, int(lifetime/time.Second)), c.site.Now().Add(lifetime).UTC()
	}
	h := w.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	h.Add("Set-Cookie", cookie.String())
}

// SetSession stores a session's bearer token in the portal's cookie until the session expires.
func (c Cookies) SetSession(w http.ResponseWriter, t token.Token, expiresAt time.Time) {
	c.Set(w, web.SessionCookie, t.Reveal(), expiresAt.Sub(c.site.Now()))
}

// DeleteSession deletes the portal's session cookie.
func (c Cookies) DeleteSession(w http.ResponseWriter) { c.Set(w, web.SessionCookie, "", -1) }

// Cookie returns the value of a cookie, or "" if the request has no such cookie.
func (r *Request) Cookie(name string) string {
	c, err := r.Request.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
