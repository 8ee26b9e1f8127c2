package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"github.com/postern-go/postern/internal/rate"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// The size of the cache is the documented one.
func TestIdentityCacheMemory(t *testing.T) {
	const documented = 8 << 20
	if got := cacheSets * unsafe.Sizeof(identitySet{}); got > documented*11/10 || got < documented*9/10 {
		t.Errorf("the cache has %d bytes, the documentation says %d", got, documented)
	}
}

func TestKnownDisplacesTheOldest(t *testing.T) {
	k := newIdentityCache(1, identityTTL)
	for bearer := range uint64(ways + 1) {
		k.put(bearer, Identity{Member, bearer + 100}, noon.UnixNano()+int64(bearer))
	}
	for bearer := range uint64(ways + 1) {
		who, ok := k.get(bearer, noon.UnixNano()+ways)
		if ok != (bearer > 0) || ok && who != (Identity{Member, bearer + 100}) {
			t.Errorf("bearer %d: %v, %v", bearer, who, ok)
		}
	}
	k.drop(3)
	if _, ok := k.get(3, noon.UnixNano()); ok {
		t.Error("a displaced bearer token is known")
	}
	k.put(4, Identity{Customer, 4}, noon.UnixNano()) // a second time, which must not add an entry
	k.drop(4)
	if _, ok := k.get(4, noon.UnixNano()); ok {
		t.Error("a bearer token was stored twice")
	}
}

// requests returns a request with a known bearer token, one of a client behind a proxy, and one without a proxy.
func requests(l *Limiter) map[string]*http.Request {
	made := map[string]*http.Request{}
	for name, header := range map[string]http.Header{
		"known bearer": {"Authorization": {"Bearer polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"}},
		"proxied":      {"X-Forwarded-For": {"8.8.8.8, 198.51.100.1, 10.0.0.2"}},
		"direct":       {},
	} {
		r := httptest.NewRequest("GET", "/v1/customer-portal/customer-session/introspect", nil)
		r.Header, r.RemoteAddr = header, "10.0.0.1:1000"
		made[name] = r
		c, _ := l.Admit(Default, r, noon)
		l.Settle(r.Context(), c, Identity{Member, 7}, nil, noon)
	}
	return made
}

func generous() *Limiter {
	counts := rate.NewMemory(rate.Limits{rate.Default: {Second: 1e9, Minute: 1e9}, rate.Pending: {Minute: 1e9}, rate.Login: {Minute: 1e8}})
	return NewLimiter(counts, LimiterOptions{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
}

func TestCheckAllocatesNothing(t *testing.T) {
	l := generous()
	for name, r := range requests(l) {
		for _, zone := range []Zone{Default, Login} {
			if n := testing.AllocsPerRun(1000, func() {
				c, err := l.Admit(zone, r, noon)
				if err != nil {
					t.Fatal(err)
				}
				l.Settle(r.Context(), c, Identity{Member, 7}, nil, noon)
			}); n != 0 {
				t.Errorf("%s, zone %s: %v allocations", name, zone, n)
			}
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	l := generous()
	for name, r := range requests(l) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := l.Admit(Default, r, noon)
				if err != nil {
					b.Fatal(err)
				}
				l.Settle(r.Context(), c, Identity{Member, 7}, nil, noon)
			}
		})
	}
}
