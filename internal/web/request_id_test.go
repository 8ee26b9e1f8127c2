package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/web"
)

var newID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func TestRequestIDs(t *testing.T) {
	const proxy, client = "10.0.0.1:1000", "203.0.113.7:1000"
	long := strings.Repeat("x", 128)
	for _, tt := range []struct {
		name, peer string
		sent       []string
		want       string // "" for a new id
	}{
		{"no id", proxy, nil, ""},
		{"a UUID from a proxy", proxy, []string{"8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a"}, "8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a"},
		{"base64 from a proxy", proxy, []string{"a+/b=_.:@"}, "a+/b=_.:@"},
		{"the longest id", proxy, []string{long}, long},
		{"a proxy on an IPv4-mapped address", "[::ffff:10.0.0.1]:1000", []string{"a"}, "a"},
		{"an id from a client", client, []string{"forged"}, ""},
		{"a peer without an address", "@", []string{"forged"}, ""},
		{"too long", proxy, []string{long + "x"}, ""},
		{"empty", proxy, []string{""}, ""},
		{"two ids", proxy, []string{"a", "b"}, ""},
		{"a space", proxy, []string{"a b"}, ""},
		{"a line break", proxy, []string{"a\nlevel=ERROR"}, ""},
		{"a quote", proxy, []string{`a"b`}, ""},
		{"HTML", proxy, []string{"<b>"}, ""},
		{"not ASCII", proxy, []string{"ä"}, ""},
		{"a token", proxy, []string{"polar_mst_0H5k8Z9UMPUZJGHcE2HnmIC3nNHzVpFhb2SwD0GyBv1"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := ""
			h := web.RequestIDs{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				x := web.Exchange{ResponseWriter: w}
				seen = x.RequestID()
			})}
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr, r.Header["X-Request-Id"] = tt.peer, tt.sent
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			got := w.Header()["X-Request-Id"]
			if len(got) != 1 || got[0] != seen || tt.want != "" && got[0] != tt.want || tt.want == "" && !newID.MatchString(got[0]) {
				t.Errorf("the answer has the id %q, the handler sees %q, want %q", got, seen, tt.want)
			}
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	h := web.RequestIDs{Next: http.NotFoundHandler()}
	seen := map[string]bool{}
	for range 1000 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		id := w.Header().Get("X-Request-Id")
		if seen[id] {
			t.Fatalf("two requests have the id %s", id)
		}
		seen[id] = true
	}
}

// An id costs two allocations and no system call.
func TestRequestIDsAreCheap(t *testing.T) {
	h := web.RequestIDs{Next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	if n := testing.AllocsPerRun(1000, func() { h.ServeHTTP(w, r) }); n > 2 {
		t.Errorf("an id takes %v allocations, want 2", n)
	}
}

func BenchmarkRequestIDs(b *testing.B) {
	h := web.RequestIDs{Next: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
