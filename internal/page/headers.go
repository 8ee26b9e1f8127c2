package page

import (
	"net/http"
	"strings"
)

// SetSecurityHeaders sets headers that prevent a page from being framed, cached, indexed or interpreted as another media type.
// The page may load scripts and style sheets of this server, and everything that the directives of the Content-Security-Policy
// in the arguments allow.
//
// The policy allows 'self' instead of single paths, because a path in a policy needs the host, and a proxy may change the host.
func SetSecurityHeaders(h http.Header, directives ...string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+strings.Join(directives, "; ")+
		"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin") // see fromSite
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}
