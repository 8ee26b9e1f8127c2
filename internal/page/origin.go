package page

import (
	"net/http"
	"net/url"
	"strings"
)

// CheckOrigin returns [ErrCrossSite] for a form that a page of another site has sent.
func (r *Request) CheckOrigin() error { return r.CheckOriginAt(r.PublicURL) }

// CheckOriginAt is like [Request.CheckOrigin] for a page that browsers reach at another scheme and host than the public URL.
func (r *Request) CheckOriginAt(site *url.URL) error {
	if r.Method == http.MethodPost && (site == nil || !fromSite(r.Request, site)) {
		return ErrCrossSite
	}
	return nil
}

// fromSite reports whether a page of a site has sent a form.
//
// Current browsers say so in Sec-Fetch-Site. They omit it on plain HTTP, and older browsers omit it everywhere; then
// the header Origin must name the site, or the host to which the request was sent. Pages are sent with
// "Referrer-Policy: same-origin", because with "no-referrer" the Origin of their own forms would be null, as it is
// for forms of sandboxed documents. A request with none of the headers comes from a program and not from a current
// browser. A program sends no cookies of other people.
func fromSite(r *http.Request, site *url.URL) bool {
	origin := r.Header.Get("Origin")
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "none": // the user has caused the request, for example by restoring the answer to a form
		return origin != "null"
	case "":
	default:
		return false
	}
	if origin == "" {
		origin = r.Header.Get("Referer")
	}
	if origin == "" {
		return true
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" || site.Scheme == "https" && from.Scheme != "https" {
		return false
	}
	return strings.EqualFold(from.Host, r.Host) || from.Scheme == site.Scheme && hostOf(from) == hostOf(site)
}

// hostOf returns the host of a URL in lower case, without the port if it is the default of the scheme.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}
