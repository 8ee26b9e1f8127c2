package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/web"
)

// behind sends a request through a Proxy and returns what the next handler gets.
func behind(t *testing.T, p *web.Proxy, public string, r *http.Request) (got *http.Request) {
	t.Helper()
	var err error
	if p.Base, err = url.Parse(public); err != nil {
		t.Fatal(err)
	}
	p.Next = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r })
	p.Serves = func(path string) bool {
		return strings.HasPrefix(path, "/v1/") || strings.HasSuffix(path, "acme/portal")
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	p.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func TestProxyMayRemoveThePathOfThePublicURLOrNot(t *testing.T) {
	for _, tt := range []struct{ public, target, want string }{
		{"https://example.com", "/v1/x", "/v1/x"},
		{"https://example.com/auth", "/v1/x", "/v1/x"},
		{"https://example.com/auth", "/auth/v1/x", "/v1/x"},
		{"https://example.com/auth/", "/auth/v1/x", "/v1/x"},
		{"https://example.com/auth", "/auth", "/"},
		{"https://example.com/auth", "/auth/", "/"},
		{"https://example.com/auth", "/authority/v1/x", "/authority/v1/x"},
		{"https://example.com/auth", "/auth/nowhere", "/auth/nowhere"},
		{"https://example.com/auth", "/auth/v1/a%2Fb", "/v1/a%2Fb"},
		{"https://example.com/auth", "/auth//v1/x", "/auth//v1/x"},
		{"https://example.com/a%20b", "/a%20b/v1/x", "/v1/x"},
		{"https://example.com/a%20b", "/a%20b/v1/a%2Fb", "/v1/a%2Fb"},
		{"https://example.com/acme", "/acme/portal", "/acme/portal"}, // the proxy has removed the path from /acme/acme/portal
		{"https://example.com/acme", "/acme/acme/portal", "/acme/portal"},
	} {
		if got := behind(t, new(web.Proxy), tt.public, httptest.NewRequest("GET", tt.target, nil)).URL.EscapedPath(); got != tt.want {
			t.Errorf("%s below %s: %s, want %s", tt.target, tt.public, got, tt.want)
		}
	}
}

func TestForwardedReplacesXForwarded(t *testing.T) {
	for _, tt := range []struct {
		name, peer      string
		lines           []string
		ip, proto, host string
	}{
		{"one proxy", "10.0.0.1:1", []string{"for=198.51.100.1;proto=https;host=app.example.com"}, "198.51.100.1", "https", "app.example.com"},
		{"names in upper case, and spaces", "10.0.0.1:1", []string{"For=198.51.100.1; Proto=HTTPS ;HOST=app.example.com"}, "198.51.100.1", "HTTPS", "app.example.com"},
		{"IPv6 with a port", "10.0.0.1:1", []string{`for="[2001:db8::1]:4711"`}, "2001:db8::1", "", ""},
		{"IPv4 with a port", "10.0.0.1:1", []string{`for="198.51.100.1:80"`}, "198.51.100.1", "", ""},
		{"a port without quotes", "10.0.0.1:1", []string{`for=198.51.100.1:80;host=app.example.com:8443`}, "198.51.100.1", "", "app.example.com:8443"},
		{"what the client wrote", "10.0.0.1:1", []string{"for=8.8.8.8;host=evil.example;proto=gopher, for=198.51.100.1;host=app.example.com;proto=https"}, "198.51.100.1", "https", "app.example.com"},
		{"two proxies", "10.0.0.1:1", []string{"for=8.8.8.8;host=evil.example", "for=198.51.100.1;host=app.example.com;proto=https, for=203.0.113.7;host=inner;proto=http"}, "198.51.100.1", "https", "app.example.com"},
		{"a hidden client", "10.0.0.1:1", []string{"for=_hidden;proto=https"}, "10.0.0.1", "https", ""},
		{"no client", "10.0.0.1:1", []string{"by=10.0.0.1;proto=https"}, "10.0.0.1", "https", ""},
		{"escapes in quotes", "10.0.0.1:1", []string{`for="198.51.100\.1";host="app\.example.com"`}, "198.51.100.1", "", "app.example.com"},
		{"a comma in quotes", "10.0.0.1:1", []string{`for="8.8.8.8, 9.9.9.9"`}, "10.0.0.1", "", ""},
		{"no value", "10.0.0.1:1", []string{"for="}, "10.0.0.1", "", ""},
		{"an open quote", "10.0.0.1:1", []string{`for="198.51.100.1`}, "10.0.0.1", "", ""},
		{"a name twice", "10.0.0.1:1", []string{"for=198.51.100.1;for=8.8.8.8"}, "10.0.0.1", "", ""},
		{"garbage", "10.0.0.1:1", []string{"for=198.51.100.1;;;"}, "10.0.0.1", "", ""},
		{"garbage that the client sent", "10.0.0.1:1", []string{`for="8.8.8.8`, "for=198.51.100.1;proto=https"}, "198.51.100.1", "https", ""},
		{"an empty line", "10.0.0.1:1", []string{""}, "10.0.0.1", "", ""},
		{"none", "10.0.0.1:1", nil, "10.0.0.1", "", ""},
		{"a client without a proxy", "192.0.2.1:1", []string{"for=198.51.100.1;proto=https;host=app.example.com"}, "192.0.2.1", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/v1/x", nil)
			r.RemoteAddr = tt.peer
			r.Header = http.Header{"X-Forwarded-For": {"9.9.9.9"}, "X-Forwarded-Proto": {"ftp"}, "X-Forwarded-Host": {"evil.example"}}
			if tt.lines != nil {
				r.Header["Forwarded"] = tt.lines
			}
			got := behind(t, &web.Proxy{Forwarded: true, Trusted: proxies}, "https://example.com", r)
			if ip := web.ClientIP(got, proxies).String(); ip != tt.ip || got.Header.Get("X-Forwarded-Proto") != tt.proto || got.Header.Get("X-Forwarded-Host") != tt.host {
				t.Errorf("%s %v, want %s, %s, %s", ip, got.Header, tt.ip, tt.proto, tt.host)
			}
			if r.Header.Get("X-Forwarded-Proto") != "ftp" {
				t.Error("the caller's request has changed")
			}
		})
	}
}

func TestProxyWithoutForwardedReadsXForwardedAlone(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/x", nil)
	r.RemoteAddr = "10.0.0.1:1"
	r.Header = http.Header{"X-Forwarded-For": {"198.51.100.1"}, "Forwarded": {"for=9.9.9.9;host=evil.example"}}
	got := behind(t, &web.Proxy{Trusted: proxies}, "https://example.com", r)
	if ip := web.ClientIP(got, proxies).String(); ip != "198.51.100.1" || got.Header.Get("X-Forwarded-Host") != "" {
		t.Errorf("%s %v", ip, got.Header)
	}
}

func TestProxyWarnsOnceOfAnUntrustedPeerThatNamesItsClient(t *testing.T) {
	for _, tt := range []struct {
		peer, header string
		lines        int
	}{
		{"192.0.2.1:1", "X-Forwarded-For", 1}, {"192.0.2.1:1", "Forwarded", 1}, {"10.0.0.1:1", "X-Forwarded-For", 0}, {"192.0.2.1:1", "X-Other", 0},
	} {
		var log bytes.Buffer
		p := &web.Proxy{Trusted: proxies, Log: slog.New(slog.NewTextHandler(&log, nil))}
		for range 3 {
			r := httptest.NewRequest("GET", "/v1/x", nil)
			r.RemoteAddr = tt.peer
			r.Header.Set(tt.header, "198.51.100.1")
			behind(t, p, "https://example.com", r)
		}
		if got := strings.Count(log.String(), "\n"); got != tt.lines || tt.lines > 0 && !strings.Contains(log.String(), "peer=192.0.2.1") {
			t.Errorf("%s from %s: %d lines, want %d: %s", tt.header, tt.peer, got, tt.lines, log.String())
		}
	}
}
