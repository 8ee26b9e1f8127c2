package testserver

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// formOrigin is a form that a browser sends: the page with the form, and the address of the form.
type formOrigin struct {
	// page is the origin of the page, or "null" for a sandboxed document.
	page string
	// policy is the Referrer-Policy of the page.
	policy string
	// site is the origin to which the browser sends the form, and host the header Host that reaches the server.
	site, host string
	// silent browsers send no Sec-Fetch-Site: old browsers, and all browsers on plain http except to this computer.
	silent bool
}

// header returns the headers of the form as in the Fetch standard, sections "Origin header" and "Sec-Fetch-Site".
func (f formOrigin) header() http.Header {
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	same := f.page == f.site
	switch {
	case f.page == "null", f.policy == "no-referrer", f.policy == "same-origin" && !same:
		h.Set("Origin", "null")
	default:
		h.Set("Origin", f.page)
		h.Set("Referer", f.page+"/page")
	}
	switch {
	case f.silent:
	case same:
		h.Set("Sec-Fetch-Site", "same-origin")
	case strings.HasSuffix(f.page, ".example.com") && f.page[:5] == f.site[:5]:
		h.Set("Sec-Fetch-Site", "same-site")
	default:
		h.Set("Sec-Fetch-Site", "cross-site")
	}
	return h
}

// accepted reports whether the server must accept the form: a page of the same origin sent it, and the browser says so.
func (f formOrigin) accepted() bool {
	return f.page == f.site && (!f.silent || f.policy != "no-referrer")
}

// CheckFormOrigins sends the form at a path from pages of this and other sites, in browsers that do and do not say where a form
// comes from, to servers with several public URLs, with and without a proxy that ends TLS. It fails the test unless the forms of the
// same origin are accepted, and all others are refused with 403. newServer returns the handler of a server with a public URL.
func CheckFormOrigins(t *testing.T, path string, newServer func(publicURL string) http.Handler) {
	t.Helper()
	for _, at := range []struct{ public, site, host string }{
		{"https://portal.example.com", "https://portal.example.com", "portal.example.com"},           // a proxy ends TLS
		{"https://portal.example.com:443/", "https://portal.example.com", "127.0.0.1:8787"},          // and changes the host
		{"https://Portal.Example.com:8443", "https://portal.example.com:8443", "portal.example.com"}, // and removes the port
		{"http://portal.example.com", "http://portal.example.com", "portal.example.com"},             // plain http
		{"http://portal.example.com:80", "http://portal.example.com", "backend:8787"},                // behind a proxy
		{"http://127.0.0.1:8787", "http://127.0.0.1:8787", "127.0.0.1:8787"},                         // postern dev
		{"http://127.0.0.1:8787", "http://localhost:8787", "localhost:8787"},                         // under another name
		{"http://127.0.0.1:8787", "https://portal.example.com", "portal.example.com"},                // a public URL that nobody set
	} {
		server := newServer(at.public)
		pages := []string{at.site, "https://evil.example", "http://evil.example", "https://other.example.com", "http://other.example.com", "null"}
		if rest, https := strings.CutPrefix(strings.ToLower(at.public), "https"); https {
			pages = append(pages, "http"+strings.TrimSuffix(rest, "/")) // a page on plain http can be forged on the way
		}
		for _, page := range pages {
			for _, policy := range []string{"", "same-origin", "no-referrer", "unsafe-url"} {
				for _, silent := range []bool{false, true} {
					f := formOrigin{page, policy, at.site, at.host, silent}
					r := httptest.NewRequest("POST", path, strings.NewReader(url.Values{"email": {"x@"}, "token": {"x"}}.Encode()))
					r.Host, r.Header = f.host, f.header()
					w := httptest.NewRecorder()
					server.ServeHTTP(w, r)
					if got := w.Code != http.StatusForbidden; got != f.accepted() {
						t.Errorf("%s: a form of %s", at.public, fmt.Sprintf("%+v, sent as %v: %d, want accepted: %v", f, r.Header, w.Code, f.accepted()))
					}
				}
			}
		}
	}
}
