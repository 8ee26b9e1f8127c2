package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
	"unsafe"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func takes(t *testing.T, tally *tally, who, zone int, n int, want time.Duration) {
	t.Helper()
	for i := range n {
		if got := tally.take(Identity{ipv6, uint64(who)}, Zone(zone), noon.UnixNano()); got != want {
			t.Fatalf("request %d of %d: wait %s, want %s", i+1, n, got, want)
		}
	}
}

// New callers displace neither a block nor a count that is close to its limit.
func TestNewCallersDoNotDisplaceBlocks(t *testing.T) {
	rates := Production()
	tally := newTally(&rates, 1)
	takes(t, tally, 1, int(Login), 6, 0)
	takes(t, tally, 1, int(Login), 1, 900*time.Second)
	takes(t, tally, 2, int(Login), 5, 0)
	for stranger := 10; stranger < 5000; stranger++ {
		takes(t, tally, stranger, int(Login), 1+stranger%3, 0)
		takes(t, tally, stranger, int(Default), 1, 0)
	}
	takes(t, tally, 1, int(Login), 1, 900*time.Second)
	takes(t, tally, 2, int(Login), 1, 0)
	takes(t, tally, 2, int(Login), 1, 900*time.Second)

	for blocked := 6000; blocked < 6006; blocked++ {
		takes(t, tally, blocked, int(Login), 6, 0)
		takes(t, tally, blocked, int(Login), 1, 900*time.Second)
	}
	takes(t, tally, 7000, int(Login), 100, 0) // no slot is free: the request is not counted, and no block is lifted
	for _, blocked := range []int{1, 2, 6000, 6005} {
		takes(t, tally, blocked, int(Login), 1, 900*time.Second)
	}
}

// Callers can invent bearer tokens, so tokens are counted apart from addresses.
func TestBearersDoNotDisplaceAddresses(t *testing.T) {
	l := NewLimiter(Production(), nil)
	l.callers, l.bearers = newTally(&l.rates, 1), newTally(&l.rates, 1)
	from := func(bearer string) error {
		r := httptest.NewRequest("POST", "/v1/login", nil)
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		_, err := l.Admit(Login, r, noon)
		return err
	}
	if err := from(""); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		for range 7 {
			from(string(rune('a' + i%26)))
		}
	}
	for i := range 6 {
		if err := from(""); (err != nil) != (i == 5) {
			t.Errorf("request %d: %v", i+2, err)
		}
	}
}

// The size of a Limiter is the documented one.
func TestLimiterMemory(t *testing.T) {
	const documented = 17 << 20
	got := 2*tallySets*unsafe.Sizeof(slotSet{}) + cacheSets*unsafe.Sizeof(identitySet{})
	if got > documented || got < documented*9/10 {
		t.Errorf("a limiter has %d bytes, the documentation says %d", got, documented)
	}
	if unsafe.Sizeof(slot{}) != 64 || unsafe.Sizeof(cachedIdentity{}) != 32 {
		t.Errorf("a slot has %d bytes and an cachedIdentity %d", unsafe.Sizeof(slot{}), unsafe.Sizeof(cachedIdentity{}))
	}
}

func TestKnownDisplacesTheOldest(t *testing.T) {
	k := newIdentityCache(1)
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
		l.Learn(c, Identity{Member, 7}, nil, noon)
	}
	return made
}

func generous() *Limiter {
	return NewLimiter(Rates{Default: {Second: 1e9, Minute: 1e9}, Pending: {Minute: 1e9}}, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
}

func TestCheckAllocatesNothing(t *testing.T) {
	l := generous()
	for name, r := range requests(l) {
		if n := testing.AllocsPerRun(1000, func() {
			c, err := l.Admit(Default, r, noon)
			if err != nil {
				t.Fatal(err)
			}
			l.Learn(c, Identity{Member, 7}, nil, noon)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
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
				l.Learn(c, Identity{Member, 7}, nil, noon)
			}
		})
	}
}
