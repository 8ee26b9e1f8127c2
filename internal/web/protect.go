package web

import (
	"net/http"
	"strings"
)

// SetSecurityHeaders sets what keeps a page from being framed, cached, indexed, or mistaken for something else, and lets it load its own
// scripts and style sheets and nothing more but what the directives of a Content-Security-Policy allow.
//
// Own files are 'self', and not listed by path: the policy would name the host, and a proxy may have changed that.
func SetSecurityHeaders(h http.Header, directives ...string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+strings.Join(directives, "; ")+
		"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}
