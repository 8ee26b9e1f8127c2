package web_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/web"
)

const (
	loginRequest = "POST /v1/login/request"
	loginTry     = "POST /v1/login/authenticate"
	emailRequest = "POST /v1/email/request"
	emailVerify  = "POST /v1/email/verify"
	other        = "GET /v1/introspect"
)

// testLimiter is a stack with rate limits and a clock that the test moves. A bearer token such as "member:7:a" is verified as member 7;
// other tokens are refused.
type testLimiter struct {
	*testStack
	now atomic.Int64
	// refuse makes authentication refuse every bearer token.
	refuse bool
	// asked counts the requests that reached authentication.
	asked atomic.Int64
}

func newTestLimiter(t *testing.T, limits rate.Limits, trusted ...netip.Prefix) *testLimiter {
	t.Helper()
	g := &testLimiter{testStack: newTestStack(t, "https://portal.example.com",
		web.Route{Method: "POST", Path: "/v1/login/request", Zone: web.Login, Handle: says("ok")},
		web.Route{Method: "POST", Path: "/v1/login/authenticate", Zone: web.Login, Handle: says("ok")},
		web.Route{Method: "POST", Path: "/v1/email/request", Zone: web.EmailUpdate, Handle: says("ok")},
		web.Route{Method: "POST", Path: "/v1/email/verify", Zone: web.EmailConfirm, Handle: says("ok")},
		web.Route{Method: "GET", Path: "/v1/introspect", Handle: says("ok")},
		web.Route{Method: "GET", Path: "/healthz", Handle: says("ok")})}
	g.now.Store(time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	g.Now = func() time.Time { return time.Unix(0, g.now.Load()) }
	g.Limits = web.NewLimiter(rate.NewMemory(limits), web.LimiterOptions{Trusted: trusted})
	g.Authenticate = g.authenticate
	g.Problem = func(x *web.Exchange, _ *http.Request, err error) {
		x.Write([]byte(fault.CodeOf(err)))
		if f, ok := err.(*fault.Error); ok && f.Code == fault.TooMany {
			fmt.Fprintf(x, " %s", f.RetryAfter)
		}
	}
	return g
}

func (g *testLimiter) authenticate(x *web.Exchange, r *http.Request) error {
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

func (g *testLimiter) advance(d time.Duration) { g.now.Add(int64(d)) }

// as returns the answer to a request from an address or with a bearer token.
func (g *testLimiter) as(who, what string, headers ...string) string {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Content-Length", "0")
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

// repeat sends n requests and fails the test unless each gets the want answer.
func (g *testLimiter) repeat(t *testing.T, n int, want, who, what string, headers ...string) {
	t.Helper()
	for i := range n {
		if got := g.as(who, what, headers...); got != want {
			t.Fatalf("request %d of %d of %s: %s answers %q, want %q", i+1, n, who, what, got, want)
		}
	}
}

const client = "198.51.100.1"

func TestProductionRates(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	g.repeat(t, 500, "ok", client, other)
	g.repeat(t, 9, "too_many 1m0s", client, other)
	g.advance(59 * time.Second)
	g.repeat(t, 1, "too_many 1m0s", client, other) // the length of the window, not the time left
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
		g := newTestLimiter(t, rate.Production())
		g.repeat(t, 3, "ok", client, zone.first)
		g.repeat(t, 3, "ok", client, zone.second) // in the same zone
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(100 * time.Second)
		g.repeat(t, 1, "too_many 13m20s", client, zone.second) // the window is over, the block is not
		g.advance(800*time.Second - time.Nanosecond)
		g.repeat(t, 1, "too_many 1ns", client, zone.second)
		g.advance(time.Nanosecond)
		g.repeat(t, 6, "ok", client, zone.first)

		// Twelve requests an hour are allowed; refused requests do not count.
		g.advance(time.Minute)
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(15 * time.Minute)
		g.repeat(t, 1, "too_many 15m0s", client, zone.first)
		g.advance(30 * time.Minute)
		g.repeat(t, 6, "ok", client, zone.first)
	}
}

func TestZonesAreIndependent(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	for _, who := range []string{client, "member:7:a"} {
		if who != client {
			g.repeat(t, 1, "ok", who, other) // now the bearer token is known
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

func TestUncountedRequests(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Default: {Hour: 2}, rate.Login: {Hour: 1}})
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
	if (rate.Limits{rate.Login: {Block: time.Hour}}).Limited() {
		t.Error("a block alone is a limit")
	}
	g := newTestLimiter(t, rate.Limits{})
	g.repeat(t, 1000, "ok", client, loginTry)
	g = newTestLimiter(t, rate.Limits{rate.Default: {Minute: 1}})
	g.repeat(t, 1000, "ok", client, loginTry)
	g.repeat(t, 1000, "invalid_token", "forged", other)
	g.repeat(t, 1, "ok", client, other)
	g.repeat(t, 1, "too_many 1m0s", client, other)
}

// The rate limit comes before authentication, so that a refused request costs no lookup.
func TestRateLimitComesBeforeAuthentication(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	g.repeat(t, 60, "invalid_token", "forged", other)
	before := g.asked.Load()
	g.repeat(t, 40, "too_many 1m0s", "forged", other)
	if asked := g.asked.Load(); asked != before {
		t.Errorf("%d refused requests were authenticated", asked-before)
	}
}

func TestSessionsOfOneHolderShareARate(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Default: {Minute: 10}, rate.Pending: {Minute: 2}})
	for _, who := range []string{"customer:7:a", "customer:7:b", "customer:7:c", "member:7:a", "organization:7:a", "customer:8:a"} {
		g.repeat(t, 1, "ok", who, other) // the first request of each bearer token is counted by the token
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

// A caller that knows the public key of a token, but not the token, has its own rate.
func TestForgedTokenDoesNotCountForTheHolder(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Default: {Minute: 10}, rate.Pending: {Minute: 5}})
	g.repeat(t, 1, "ok", "customer:7:a", other)
	g.refuse = true
	g.repeat(t, 5, "invalid_token", "customer:7:forged", other)
	g.repeat(t, 9, "too_many 1m0s", "customer:7:forged", other)
	g.refuse = false
	g.repeat(t, 10, "ok", "customer:7:a", other)
}

// A token that was refused no longer counts for its old holder.
func TestRefusedBearerIsNoLongerKnown(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Default: {Minute: 10}, rate.Pending: {Minute: 5}})
	g.repeat(t, 1, "ok", "customer:7:a", other)
	g.repeat(t, 1, "ok", "customer:7:b", other)
	g.refuse = true
	g.repeat(t, 1, "invalid_token", "customer:7:a", other) // still counted for the customer, because the limiter did not know of the end
	g.repeat(t, 4, "invalid_token", "customer:7:a", other)
	g.repeat(t, 9, "too_many 1m0s", "customer:7:a", other)
	g.refuse = false
	g.repeat(t, 9, "ok", "customer:7:b", other)
}

func TestBearerIsKnownForFiveMinutes(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Pending: {Hour: 2}})
	g.repeat(t, 1, "ok", "member:7:a", other)
	g.repeat(t, 50, "ok", "member:7:a", other)
	g.advance(300*time.Second - time.Nanosecond)
	g.repeat(t, 1, "ok", "member:7:a", other)
	g.advance(time.Nanosecond)
	g.repeat(t, 50, "ok", "member:7:a", other) // one of them counts as pending
	g.advance(300 * time.Second)
	g.repeat(t, 1, "too_many 1h0m0s", "member:7:a", other)
}

// A credential that authentication ignores is not an identity. Otherwise a caller could try login codes without a limit.
func TestNoCredentialCountsByAddress(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	for i := range 6 {
		g.repeat(t, 1, "ok", fmt.Sprintf("polar_crt_%d", i), loginTry)
	}
	g.repeat(t, 1, "too_many 15m0s", "polar_crt_7", loginTry)
	for i, header := range []string{"Basic x", "Bearer", "Bearer ü", "x"} {
		if got := g.as("192.0.2.1", loginTry, "Authorization", header, "Cookie", fmt.Sprint(i)); got[:8] != "too_many" {
			t.Errorf("%q has its own identity: %s", header, got)
		}
	}
}

func TestRatesOfAddresses(t *testing.T) {
	g := newTestLimiter(t, rate.Limits{rate.Default: {Minute: 2}}, netip.MustParsePrefix("10.0.0.0/8"))
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

// If the clock is set back, a caller must not be blocked for longer than the window.
func TestClockSetBack(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	g.repeat(t, 6, "ok", client, loginTry)
	g.repeat(t, 1, "too_many 15m0s", client, loginTry)
	g.advance(-24 * time.Hour)
	g.repeat(t, 6, "ok", client, loginTry)
}

func TestConcurrentCallersGetExactlyTheirRate(t *testing.T) {
	const allowed, callers, each = 1000, 16, 125
	g := newTestLimiter(t, rate.Limits{rate.Default: {Minute: allowed}})
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

// A valid session does not give its holder a further rate for trying login codes.
func TestLoginsCountByAddressWhateverSessionComesAlong(t *testing.T) {
	for what, session := range map[string]string{loginTry: "member:%d:a", emailVerify: "customer:%d:a", loginRequest: "polar_mst_%d"} {
		want := "ok"
		if strings.HasPrefix(session, "polar") && what != emailVerify {
			want = "invalid_token" // forged
		}
		for _, known := range []bool{false, true} {
			g := newTestLimiter(t, rate.Production())
			for i := range 6 {
				if known {
					g.as(fmt.Sprintf(session, i), other)
				}
				g.repeat(t, 1, want, fmt.Sprintf(session, i), what)
			}
			for i := range 3 {
				g.repeat(t, 1, "too_many "+(15*time.Minute).String(), fmt.Sprintf(session, 100+i), what)
			}
			g.repeat(t, 1, "too_many 15m0s", "192.0.2.1", what) // without a session
		}
	}
}

// An organization's access token has a rate of its own, also if its first request comes from a blocked address.
func TestLoginsOfAnAccessTokenCountForTheOrganization(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	g.repeat(t, 6, "ok", "192.0.2.1", loginTry)
	g.repeat(t, 1, "too_many 15m0s", "192.0.2.1", loginTry)
	g.repeat(t, 150, "ok", "organization:7:a", loginTry)
	g.repeat(t, 150, "ok", "organization:7:b", loginRequest) // another token of the organization
	g.repeat(t, 1, "too_many 1m0s", "organization:7:a", loginTry)
	g.repeat(t, 1, "too_many 1m0s", "organization:7:b", loginTry)
	g.repeat(t, 1, "ok", "organization:8:a", loginTry)
	g.repeat(t, 1, "ok", "organization:7:a", other)
	g.repeat(t, 6, "ok", "organization:8:a", emailVerify)
	g.repeat(t, 1, "too_many 15m0s", "organization:7:a", emailVerify) // confirmations count by address
}

// The owner of a network does not get the rate of each of its addresses.
func TestNetworksHaveARate(t *testing.T) {
	for _, tt := range []struct {
		name    string
		address func(i int) string
		hour    int
	}{
		{"IPv4 /24", func(i int) string { return fmt.Sprintf("203.0.113.%d", i%256) }, 120},
		{"IPv6 /64", func(i int) string { return fmt.Sprintf("2001:db8:1:100::%x", i) }, 12},
		{"IPv6 /56", func(i int) string { return fmt.Sprintf("2001:db8:1:1%02x::1", i%256) }, 60},
		{"IPv6 /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i%65536) }, 240},
	} {
		for _, what := range []string{loginTry, emailVerify} {
			g := newTestLimiter(t, rate.Production())
			admitted := 0
			for i := range 30_000 {
				if i%510 == 509 {
					g.advance(time.Minute)
				}
				if g.as(tt.address(i*7), what) == "ok" {
					admitted++
				}
			}
			if admitted != tt.hour {
				t.Errorf("%s %s: %d requests an hour, want %d", tt.name, what, admitted, tt.hour)
			}
			g.repeat(t, 1, "ok", "198.51.100.7", what)
		}
	}
}

// A client that is blocked does not use up the rate of its neighbors.
func TestBlockedClientDoesNotCountForItsNetwork(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	g.repeat(t, 6, "ok", "203.0.113.1", loginTry)
	g.repeat(t, 500, "too_many 15m0s", "203.0.113.1", loginTry)
	g.repeat(t, 6, "ok", "203.0.113.2", loginTry)
	g.repeat(t, 6, "ok", "2001:db8:0:1::1", loginTry)
	g.repeat(t, 500, "too_many 15m0s", "2001:db8:0:1::1", loginTry)
	g.repeat(t, 6, "ok", "2001:db8:0:2::1", loginTry)
}

// The log has one line for a caller that reached a limit, and not one for each refused request.
func TestReachedLimitIsLoggedOnce(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	var log strings.Builder
	g.Limits.Log = slog.New(slog.NewTextHandler(&log, nil))
	g.repeat(t, 6, "ok", client, loginTry)
	g.repeat(t, 5, "too_many 15m0s", client, loginTry)
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") || !strings.Contains(got, "limit=login client="+client+" retry_in_ms=900000") {
		t.Errorf("log: %s", got)
	}
}
