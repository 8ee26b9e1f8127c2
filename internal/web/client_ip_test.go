package web_test

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/web"
)

var proxies = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("203.0.113.7/32"), netip.MustParsePrefix("2001:db8:ffff::/48"),
}

func TestClientIP(t *testing.T) {
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.1:1000", nil, "192.0.2.1"},
		{"a client that pretends", "192.0.2.1:1000", []string{"198.51.100.1"}, "192.0.2.1"},
		{"a client that pretends to come through a proxy", "192.0.2.1:1000", []string{"198.51.100.1, 10.0.0.1"}, "192.0.2.1"},
		{"one proxy", "10.0.0.1:1000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"one proxy that says nothing", "10.0.0.1:1000", nil, "10.0.0.1"},
		{"one proxy, and what its client wrote", "10.0.0.1:1000", []string{"8.8.8.8, 198.51.100.1"}, "198.51.100.1"},
		{"one proxy, and a trusted address that its client wrote", "10.0.0.1:1000", []string{"10.0.0.9, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:1000", []string{"8.8.8.8, 198.51.100.1, 203.0.113.7"}, "198.51.100.1"},
		{"two proxies, each on its line", "10.0.0.1:1000", []string{"8.8.8.8", "198.51.100.1", "203.0.113.7"}, "198.51.100.1"},
		{"a proxy's neighbour", "10.0.0.1:1000", []string{"8.8.8.8, 203.0.113.8"}, "203.0.113.8"},
		{"a client among the proxies", "10.0.0.1:1000", []string{"10.0.0.2, 10.0.0.3"}, "10.0.0.2"},
		{"without spaces", "10.0.0.1:1000", []string{"198.51.100.1,\t10.0.0.2"}, "198.51.100.1"},
		{"garbage", "10.0.0.1:1000", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"garbage further on", "10.0.0.1:1000", []string{"198.51.100.1, nonsense, 10.0.0.2"}, "10.0.0.2"},
		{"garbage that is not reached", "10.0.0.1:1000", []string{"nonsense, 198.51.100.1"}, "198.51.100.1"},
		{"an empty line", "10.0.0.1:1000", []string{"198.51.100.1", ""}, "10.0.0.1"},
		{"an empty entry", "10.0.0.1:1000", []string{"198.51.100.1,"}, "10.0.0.1"},
		{"an address with zeros before it", "10.0.0.1:1000", []string{"198.051.100.001"}, "10.0.0.1"},
		{"a port", "10.0.0.1:1000", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"a port that is none", "10.0.0.1:1000", []string{"198.51.100.1:x"}, "10.0.0.1"},
		{"IPv6", "[2001:db8:ffff::1]:1000", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", "10.0.0.1:1000", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 and a port", "10.0.0.1:1000", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"IPv6 and half a bracket", "10.0.0.1:1000", []string{"[2001:db8::1"}, "10.0.0.1"},
		{"IPv6 of a link", "10.0.0.1:1000", []string{"fe80::1%eth0"}, "fe80::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1000", []string{"::ffff:198.51.100.1, [::ffff:10.0.0.2]:80"}, "198.51.100.1"},
		{"a peer without a port", "10.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"a Unix socket", "@", []string{"198.51.100.1"}, "invalid IP"},
		{"no peer", "", []string{"198.51.100.1"}, "invalid IP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			r.Header["X-Forwarded-For"] = tt.forwarded
			for _, other := range []string{"True-Client-Ip", "X-Real-Ip", "Forwarded", "Cf-Connecting-Ip"} {
				r.Header.Set(other, "for=9.9.9.9")
			}
			if got := web.ClientIP(r, proxies).String(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := web.ClientIP(r, nil).String(); strings.HasPrefix(got, "198.") || strings.HasPrefix(got, "8.") {
				t.Errorf("without a trusted proxy the header is used: %s", got)
			}
		})
	}
}

// The client's address is the one that the last trusted proxy saw, whatever header the client sends.
func FuzzClientIP(f *testing.F) {
	for _, seed := range []string{"", "8.8.8.8", "10.0.0.1,", "[::1]:80, x", "a\nb", "::ffff:10.0.0.1%x", ",,,", "[[[]]]:::"} {
		f.Add(seed, "192.0.2.1:1")
	}
	f.Fuzz(func(t *testing.T, forged, peer string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10.0.0.1:1000"
		lines := strings.Split(forged, "\n")
		for _, seen := range []string{"198.51.100.1", "198.51.100.1:9, 10.0.0.2", "::ffff:198.51.100.1 , [2001:db8:ffff::2]:9"} {
			last := len(lines) - 1
			joined := append(append([]string{}, lines[:last]...), lines[last]+", "+seen)
			for _, headers := range [][]string{joined, append(append([]string{}, lines...), seen)} {
				r.Header["X-Forwarded-For"] = headers
				if got := web.ClientIP(r, proxies).String(); got != "198.51.100.1" {
					t.Errorf("%q: %s", headers, got)
				}
			}
		}
		r.Header["X-Forwarded-For"] = lines
		r.RemoteAddr = peer
		if got := web.ClientIP(r, proxies); got.Is4In6() || got.Zone() != "" {
			t.Errorf("from %q %q: %s", peer, lines, got)
		}
	})
}
