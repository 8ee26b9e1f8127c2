package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/web"
)

// from returns the answer to a request from an address with a bearer token.
func (g *testLimiter) from(ip, bearer, what string) string {
	return g.as(ip, what, "Authorization", "Bearer "+bearer)
}

const (
	invalid  = "invalid_token"
	limited  = "too_many 1m0s"
	outside  = "GET /healthz"
	anywhere = "GET /nowhere"
)

func TestInventedTokensOfOneAddressAreRefused(t *testing.T) {
	for _, what := range []string{other, loginTry, emailRequest, outside, anywhere} {
		t.Run(what, func(t *testing.T) {
			limits := rate.Production()
			limits[rate.Login], limits[rate.EmailUpdate] = rate.Rate{}, rate.Rate{}
			g := newTestLimiter(t, limits)
			tokens := 1000
			if what == other {
				tokens = 60_000
			}
			counts := map[string]int{}
			for i := range tokens {
				counts[g.from(client, fmt.Sprintf("invented:%d", i), what)]++
			}
			if counts[invalid] != 300 || counts[limited] != tokens-300 {
				t.Errorf("answers: %v, want 300 of %s", counts, invalid)
			}
			if asked := g.asked.Load(); asked != 300 {
				t.Errorf("%d tokens were looked up, want 300", asked)
			}
			if got := g.from("198.51.100.2", "invented:x", what); got != invalid {
				t.Errorf("another address: %s", got)
			}
			g.advance(time.Minute)
			if got := g.from(client, "invented:x", what); got != invalid {
				t.Errorf("a minute later: %s", got)
			}
		})
	}
}

// A client with a valid token keeps it when others behind its address send invented tokens.
func TestKnownTokensStayUsable(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	if got := g.from(client, "member:1:known", other); got != "ok" {
		t.Fatal(got)
	}
	for i := range 300 {
		g.from(client, fmt.Sprintf("invented:%d", i), other)
	}
	if got := g.from(client, "member:1:known", other); got != "ok" {
		t.Errorf("a known token: %s", got)
	}
	if got := g.from(client, "member:1:new", other); got != limited {
		t.Errorf("a new token: %s, want %s", got, limited)
	}
	if got := g.as(client, other); got != "ok" {
		t.Errorf("without a token: %s", got)
	}
}

// A server that verifies the sessions of many customers sends many new tokens. They do not count, and the tokens that its own
// clients invented count with a higher rate.
func TestServersMaySendManyNewTokens(t *testing.T) {
	g := newTestLimiter(t, rate.Production())
	for i := range 2000 {
		if got := g.from(client, fmt.Sprintf("member:%d:new", i), other); got != "ok" {
			t.Fatalf("new token %d: %s", i, got)
		}
	}
	const server = "198.51.100.9"
	g.from(server, "organization:1:token", other)
	g.advance(23 * time.Hour)
	counts := map[string]int{}
	for i := range 11_000 {
		counts[g.from(server, fmt.Sprintf("invented:%d", i), other)]++
	}
	if counts[invalid] != 10_000 || counts[limited] != 1000 {
		t.Errorf("the address of a server: %v, want 10000 and 1000", counts)
	}
}

func TestInventedTokensCountForNetworks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ip    func(i int) string
		admit int
	}{
		{"IPv4 /24", func(i int) string { return fmt.Sprintf("198.51.100.%d", i%250) }, 3000},
		{"IPv6 /64", func(i int) string { return fmt.Sprintf("2001:db8::%x", i) }, 300},
		{"IPv6 /56", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i%250) }, 1500},
		{"IPv6 /48", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, 6000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newTestLimiter(t, rate.Production())
			for i := range 8000 {
				g.from(tt.ip(i), fmt.Sprintf("invented:%d", i), other)
			}
			if asked := g.asked.Load(); asked != int64(tt.admit) {
				t.Errorf("%d tokens were looked up, want %d", asked, tt.admit)
			}
		})
	}
}

// Each invalid cookie of a request counts.
func TestEachInvalidCookieCounts(t *testing.T) {
	l := web.NewLimiter(rate.NewMemory(rate.Limits{rate.FailedToken: {Minute: 10}}), web.LimiterOptions{})
	now := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = netip.MustParseAddrPort("198.51.100.1:1000").String()
	refuse := func(string) (web.Identity, error) { return web.Identity{}, fault.New(fault.InvalidToken, "no") }
	for request := range 3 {
		tokens := []string{fmt.Sprint("a", request), fmt.Sprint("b", request), fmt.Sprint("c", request), fmt.Sprint("d", request)}
		claim, err := l.Admit(web.Default, web.WithBearer(r, tokens[0]), now)
		if err != nil {
			t.Fatalf("request %d: %v", request, err)
		}
		if err := l.VerifyAny(t.Context(), claim, tokens, now, refuse); !fault.Is(err, fault.InvalidToken) {
			t.Fatal(err)
		}
	}
	if _, err := l.Admit(web.Default, web.WithBearer(r, "e"), now); !fault.Is(err, fault.TooMany) {
		t.Errorf("after 12 invalid tokens: %v", err)
	}
}
