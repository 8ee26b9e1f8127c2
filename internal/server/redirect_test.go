package server_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/server"
)

// sent is a request as a client sends it, below the public URL.
type sent struct {
	method, path, body string
}

// redirecting are requests to the API, the portal and the admin pages that are redirected. TOKEN is an access token.
var redirecting = []sent{
	{"GET", "/v1/customers", ""},
	{"GET", "/v1/customers?page=1&x=//evil.example", ""},
	{"POST", "/v1/customer-sessions", "{}"},
	{"GET", "/v1/customer-portal/customer-session/introspect/", ""},
	{"GET", "/v1/customer-portal/customer-session/introspect///", ""},
	{"GET", "/v1/customers/..%2F..%2F%2Fevil.example/state/", ""},
	{"GET", "/api/v1/customers", ""},
	{"GET", "/healthz/", ""},
	{"GET", "/openapi.json/", ""},
	{"GET", "/docs/", ""},
	{"GET", "/acme/portal", ""},
	{"GET", "/acme/portal/", ""},
	{"GET", "/acme/portal/overview", ""},
	{"GET", "/acme/portal//evil.example", ""},
	{"GET", "/acme/portal?next=//evil.example&return_url=https://evil.example/", ""},
	{"GET", "/acme/portal/settings?customer_session_token=polar_cst_bad", ""},
	{"GET", "/acme/portal/sign-out", ""},
	{"POST", "/acme/portal/sign-out", "next=//evil.example"},
	{"POST", "/acme/portal/request", "email=ada%40example.com&next=https://evil.example/"},
	{"GET", "/%5Cevil.example/portal?customer_session_token=polar_cst_bad", ""},
	{"GET", "/nobody/portal?customer_session_token=polar_cst_bad", ""},
	{"GET", "/admin/", ""},
	{"GET", "/admin/customers", ""},
	{"GET", "/admin/sign-out", ""},
	{"POST", "/admin/sign-out", "next=//evil.example"},
	{"POST", "/admin/sign-in", "token=TOKEN&next=//evil.example"},
}

// mayAnswer reports whether the request may get another answer than a redirect.
func (s sent) mayAnswer() bool {
	return strings.Contains(s.path, "evil.example") || strings.Contains(s.path, "nobody")
}

// Whatever a proxy makes of the path and of Host, and whatever a client writes into the headers of proxies, a redirect stays below the
// public URL.
func TestRedirectsStayBelowThePublicURL(t *testing.T) {
	listener := net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:8787"))
	hostile := []http.Header{
		{}, {"X-Forwarded-Host": {"evil.example"}}, {"X-Forwarded-Host": {"evil.example, portal.example.com"}, "X-Forwarded-Proto": {"javascript"}},
		{"Forwarded": {"for=192.0.2.1;host=evil.example;proto=gopher"}, "X-Forwarded-Prefix": {"//evil.example"}}, {"X-Original-Url": {"//evil.example/"}},
	}
	for _, public := range []string{"https://portal.example.com", "https://portal.example.com/auth", "https://portal.example.com/acme/", "http://[2001:db8::1]:8787/a/b%20c"} {
		for _, forwarded := range []bool{false, true} {
			s, _, token := open(t, server.Config{
				PublicURL: public, Admin: true, RateLimits: server.RateLimitsOff(), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Forwarded: forwarded,
			})
			base, err := url.Parse(public)
			if err != nil {
				t.Fatal(err)
			}
			below := strings.TrimSuffix(base.String(), "/")
			for _, in := range redirecting {
				for _, stripped := range []bool{true, false} {
					for _, host := range []string{base.Host, "evil.example", "127.0.0.1:8787", "evil.example:443"} {
						for _, headers := range hostile {
							at, err := url.Parse(below + in.path)
							if err != nil {
								t.Fatal(err)
							}
							target := at.RequestURI()
							if stripped {
								target = in.path
							}
							r := httptest.NewRequest(in.method, target, strings.NewReader(strings.Replace(in.body, "TOKEN", token, 1)))
							r.Host, r.Header = host, headers.Clone()
							r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, listener))
							if in.method == "POST" && in.body != "{}" {
								r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
							}
							w := httptest.NewRecorder()
							s.Handler().ServeHTTP(w, r)
							name := in.method + " " + target + " of " + public + " with Host " + host
							location := w.Header().Get("Location")
							if location == "" {
								if !in.mayAnswer() {
									t.Errorf("%s: %d without a redirect: %.200s", name, w.Code, w.Body)
								}
								continue
							}
							to, err := at.Parse(location)
							if err != nil || to.Scheme != base.Scheme || to.Host != base.Host || !strings.HasPrefix(to.EscapedPath()+"/", strings.TrimSuffix(base.EscapedPath(), "/")+"/") {
								t.Errorf("%s: redirected to %q, which is %v", name, location, to)
							}
						}
					}
				}
			}
		}
	}
}
