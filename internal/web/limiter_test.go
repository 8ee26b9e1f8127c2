package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

const (
	loginRequest = "POST /v1/login/request"
	loginTry     = "POST /v1/login/authenticate"
	emailRequest = "POST /v1/email/request"
	other        = "GET /v1/introspect"
)

// gate is a stack with limits, whose clock the test moves. A bearer such as "member:7:a" is verified as member 7, and
// any other is refused.
type gate struct {
	*bench
	now atomic.Int64
	// refuse has authentication refuse every bearer.
	refuse bool
	// asked counts what came as far as authentication.
	asked atomic.Int64
}

func newGate(t *testing.T, rates web.Rates, trusted ...netip.Prefix) *gate {
	t.Helper()
	g := &gate{bench: newBench(t, "https://portal.example.com",
		web.Route{Method: "POST", Path: "/v1/login/request", Zone: web.Login, Handle: says("ok")},
		web.Route{Method: "POST", Path: "/v1/login/authenticate", Zone: web.Login, Handle: says("ok")},
		web.Route{Method: "POST", Path: "/v1/email/request", Zone: web.EmailUpdate, Handle: says("ok")},
		web.Route{Method: "GET", Path: "/v1/introspect", Handle: says("ok")},
		web.Route{Method: "GET", Path: "/healthz", Handle: says("ok")})}
	g.now.Store(time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	g.Now = func() time.Time { return time.Unix(0, g.now.Load()) }
	g.Limits = web.NewLimiter(rates, trusted)
	g.Authenticate = g.authenticate
	g.Problem = func(x *web.Exchange, _ *http.Request, err error) {
		x.Write([]byte(fault.CodeOf(err)))
		if f, ok := err.(*fault.Error); ok && f.Code == fault.TooMany {
			fmt.Fprintf(x, " %s", f.RetryAfter)
		}
	}
	return g
}

func (g *gate) authenticate(x *web.Exchange, r *http.Request) error {
	g.asked.Add(1)
	text, ok := web.Bearer(r.Header)
	if !ok {
		return nil
	}
	kinds := map[string]web.IdentityKind{"customer": web.Customer, "member": web.Member, "organization": web.Organization}
	kind, rest, _ := strings.Cut(text, ":")
	var key uint64
	if _, err := fmt.Sscanf(rest, "%d", &key); err != nil || kinds[kind] == 0 || g.refuse {
		return fault.New(fault.InvalidToken, "no")
	}
	x.Identity = web.Identity{Kind: kinds[kind], Key: key}
	return nil
}

func (g *gate) advance(d time.Duration) { g.now.Add(int64(d)) }

// as says what a request is answered: from an address, or with a bearer.
func (g *gate) as(who, what string, headers ...string) string {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "192.0.2.1:1000"
	if ip, err := netip.ParseAddr(who); err == nil {
		r.RemoteAddr = netip.AddrPortFrom(ip, 1000).String()
	} else {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Body.String()
}

// repeat wants n answers like this.
func (g *gate) repeat(t *testing.T, n int, want, who, what string, headers ...string) {
	t.Helper()
	for i := range n {
		if got := g.as(who, what, headers...); got != want {
			t.Fatalf("request %d of %d of %s: %s says %q, wanted %q", i+1, n, who, what, got, want)
		}
	}
}

const client = "198.51.100.1"

func TestProductionRates(t *testing.T) {
	g := newGate(t, web.Production())
	g.repeat(t, 500, "ok", client, other)
	g.repeat(t, 9, "too_many 1m0s", client, other)
	g.advance(59 * time.Second)
	g.repeat(t, 1, "too_many 1m0s", client, other) // the window's length, not what is left of it
	g.repeat(t, 1, "ok", "198.51.100.2", other)
	g.advance(time.Second)
	g.repeat(t, 500, "ok", client, other)
	g.repeat(t, 1, "too_many 1m0s", client, other)

	g.repeat(t, 60, "invalid_token", "forged", other)
	g.repeat(t, 1, "too_many 1m0s", "forged", other)
	g.repeat(t, 60, "invalid_token", "another", other)
	g.advance(time.Minute)
	g.repeat(t, 60, "invalid_token", "forged", other)
}

func TestBlock(t *testing.T) {
	for _, zone := range []struct{ first, second string }{{loginRequest, loginTry}, {emailRequest, emailRequest}} {
		g := newGate(t, web.Production())
		g.repeat(t, 3, "ok", client, zone.first)
		g.repeat(t, 3, "ok", client, zone.second) // in the same zone
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(100 * time.Second)
		g.repeat(t, 1, "too_many 13m20s", client, zone.second) // the minute is over, the block is not
		g.advance(800*time.Second - time.Nanosecond)
		g.repeat(t, 1, "too_many 1ns", client, zone.second)
		g.advance(time.Nanosecond)
		g.repeat(t, 6, "ok", client, zone.first)

		// Twelve in the hour, what was refused aside.
		g.advance(time.Minute)
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(15 * time.Minute)
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(30 * time.Minute)
		g.repeat(t, 6, "ok", client, zone.first)
	}
}

func TestZonesAreIndependent(t *testing.T) {
	g := newGate(t, web.Production())
	for _, who := range []string{client, "member:7:a"} {
		if who != client {
			g.repeat(t, 1, "ok", who, other) // the bearer is known from here on
		}
		g.repeat(t, 6, "ok", who, loginTry)
		g.repeat(t, 1, "too_many 15m0s", who, loginTry)
		g.repeat(t, 1, "ok", who, other)
		g.repeat(t, 6, "ok", who, emailRequest)
		g.repeat(t, 1, "too_many 15m0s", who, emailRequest)
		g.repeat(t, 499, "ok", who, other)
		g.repeat(t, 1, "too_many 1m0s", who, other)
	}
}

func TestWhatIsNotCounted(t *testing.T) {
	g := newGate(t, web.Rates{web.Default: {Hour: 2}, web.Login: {Hour: 1}})
	g.repeat(t, 5, "ok", client, "GET /healthz")
	g.repeat(t, 5, "no_route", client, "GET /nowhere")
	g.repeat(t, 5, "no_route", client, "GET /v10/introspect")
	g.repeat(t, 5, "OK", client, "OPTIONS /v1/introspect", "Origin", "https://shop.example", "Access-Control-Request-Method", "GET")

	g.repeat(t, 1, "ok", client, "GET /api/v1/introspect")
	g.repeat(t, 1, "no_route", client, "GET /v1/nowhere")
	for _, what := range []string{other, "GET /v1/nowhere", "GET /api/v1/nowhere", "GET /v1", "PUT /v1/introspect", "GET /v1/introspect/", "GET /v1/login/request", "POST /v1/login/request/"} {
		g.repeat(t, 1, "too_many 1h0m0s", client, what)
	}
	g.repeat(t, 1, "ok", client, "POST /api/v1/login/request")
	g.repeat(t, 1, "too_many 1h0m0s", client, loginTry)
	g.repeat(t, 5, "ok", client, "GET /healthz")
}

func TestOffLimitsNothing(t *testing.T) {
	if l := web.NewLimiter(web.Rates{web.Login: {Block: time.Hour}}, nil); l != nil {
		t.Error("a limiter without limits")
	}
	g := newGate(t, web.Rates{})
	g.repeat(t, 1000, "ok", client, loginTry)
	g = newGate(t, web.Rates{web.Default: {Minute: 1}})
	g.repeat(t, 1000, "ok", client, loginTry)
	g.repeat(t, 1000, "invalid_token", "forged", other)
	g.repeat(t, 1, "ok", client, other)
	g.repeat(t, 1, "too_many 1m0s", client, other)
}

// The check is before authentication: who is refused costs no look-up.
func TestRefusedBeforeAuthentication(t *testing.T) {
	g := newGate(t, web.Production())
	g.repeat(t, 60, "invalid_token", "forged", other)
	before := g.asked.Load()
	g.repeat(t, 40, "too_many 1m0s", "forged", other)
	if asked := g.asked.Load(); asked != before {
		t.Errorf("%d refused requests were authenticated", asked-before)
	}
}

func TestOneBucketForAllSessions(t *testing.T) {
	g := newGate(t, web.Rates{web.Default: {Minute: 10}, web.Pending: {Minute: 2}})
	for _, who := range []string{"customer:7:a", "customer:7:b", "customer:7:c", "member:7:a", "organization:7:a", "customer:8:a"} {
		g.repeat(t, 1, "ok", who, other) // the first of each bearer is counted for itself
	}
	g.repeat(t, 4, "ok", "customer:7:a", other)
	g.repeat(t, 6, "ok", "customer:7:b", other)
	for _, who := range []string{"customer:7:a", "customer:7:b", "customer:7:c"} {
		g.repeat(t, 1, "too_many 1m0s", who, other)
	}
	for _, who := range []string{"member:7:a", "organization:7:a", "customer:8:a", client} {
		g.repeat(t, 10, "ok", who, other)
	}
}

// Whoever knows a part of a token, its public key, has a budget of his own.
func TestForgerSpendsNothingOfAnothers(t *testing.T) {
	g := newGate(t, web.Rates{web.Default: {Minute: 10}, web.Pending: {Minute: 5}})
	g.repeat(t, 1, "ok", "customer:7:a", other)
	g.refuse = true
	g.repeat(t, 5, "invalid_token", "customer:7:forged", other)
	g.repeat(t, 9, "too_many 1m0s", "customer:7:forged", other)
	g.refuse = false
	g.repeat(t, 10, "ok", "customer:7:a", other)
}

// A token that has ended is nobody's.
func TestRefusedBearerIsForgotten(t *testing.T) {
	g := newGate(t, web.Rates{web.Default: {Minute: 10}, web.Pending: {Minute: 5}})
	g.repeat(t, 1, "ok", "customer:7:a", other)
	g.repeat(t, 1, "ok", "customer:7:b", other)
	g.refuse = true
	g.repeat(t, 1, "invalid_token", "customer:7:a", other) // counted for the customer: nobody knew
	g.repeat(t, 4, "invalid_token", "customer:7:a", other)
	g.repeat(t, 9, "too_many 1m0s", "customer:7:a", other)
	g.refuse = false
	g.repeat(t, 9, "ok", "customer:7:b", other)
}

func TestBearerIsRememberedForFiveMinutes(t *testing.T) {
	g := newGate(t, web.Rates{web.Pending: {Hour: 2}})
	g.repeat(t, 1, "ok", "member:7:a", other)
	g.repeat(t, 50, "ok", "member:7:a", other)
	g.advance(300*time.Second - time.Nanosecond)
	g.repeat(t, 1, "ok", "member:7:a", other)
	g.advance(time.Nanosecond)
	g.repeat(t, 50, "ok", "member:7:a", other) // one of them pending
	g.advance(300 * time.Second)
	g.repeat(t, 1, "too_many 1h0m0s", "member:7:a", other)
}

// What authentication passes over is no identity, or everybody could try codes without end.
func TestNoCredentialCountsByAddress(t *testing.T) {
	g := newGate(t, web.Production())
	for i := range 6 {
		g.repeat(t, 1, "ok", fmt.Sprintf("polar_crt_%d", i), loginTry)
	}
	g.repeat(t, 1, "too_many 15m0s", "polar_crt_7", loginTry)
	for i, header := range []string{"Basic x", "Bearer", "Bearer ü", "x"} {
		if got := g.as("192.0.2.1", loginTry, "Authorization", header, "Cookie", fmt.Sprint(i)); got[:8] != "too_many" {
			t.Errorf("%q has an identity of its own: %s", header, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	g := newGate(t, web.Rates{web.Default: {Minute: 2}}, netip.MustParsePrefix("10.0.0.0/8"))
	g.repeat(t, 1, "ok", "2001:db8:0:1::1", other)
	g.repeat(t, 1, "ok", "2001:db8:0:1:ffff:ffff:ffff:ffff", other)
	g.repeat(t, 1, "too_many 1m0s", "2001:db8:0:1::2", other) // the same /64
	g.repeat(t, 2, "ok", "2001:db8:0:2::1", other)            // the next one
	g.repeat(t, 1, "ok", "192.0.2.9", other)
	g.repeat(t, 1, "ok", "::ffff:192.0.2.9", other)
	g.repeat(t, 1, "too_many 1m0s", "192.0.2.9", other)
	g.repeat(t, 2, "ok", "192.0.2.8", other)
	g.repeat(t, 2, "ok", "::c000:209", other) // an IPv6 address with the digits of 192.0.2.9

	g.repeat(t, 2, "ok", "10.0.0.1", other, "X-Forwarded-For", "9.9.9.9, 203.0.113.1")
	g.repeat(t, 1, "too_many 1m0s", "10.0.0.2", other, "X-Forwarded-For", "203.0.113.1")
	g.repeat(t, 1, "too_many 1m0s", "203.0.113.1", other, "X-Forwarded-For", "203.0.113.2")
	g.repeat(t, 1, "ok", "10.0.0.1", other, "X-Forwarded-For", "203.0.113.2")
}

// A clock that is set back must not keep anybody out for longer than the window.
func TestClockSetBack(t *testing.T) {
	g := newGate(t, web.Production())
	g.repeat(t, 6, "ok", client, loginTry)
	g.repeat(t, 1, "too_many 15m0s", client, loginTry)
	g.advance(-24 * time.Hour)
	g.repeat(t, 6, "ok", client, loginTry)
}

func TestConcurrentCallersGetExactlyTheirShare(t *testing.T) {
	const allowed, callers, each = 1000, 16, 125
	g := newGate(t, web.Rates{web.Default: {Minute: allowed}})
	g.as("member:7:a", other)
	g.as("member:7:b", other)
	var ok, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for range each {
				switch got := g.as([]string{"member:7:a", "member:7:b"}[i%2], other); got {
				case "ok":
					ok.Add(1)
				case "too_many 1m0s":
					refused.Add(1)
				default:
					t.Error(got)
				}
			}
		})
	}
	wg.Wait()
	if ok.Load() != allowed || refused.Load() != callers*each-allowed {
		t.Errorf("%d passed and %d were refused", ok.Load(), refused.Load())
	}
}
