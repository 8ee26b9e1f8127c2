package web_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/web"
)

func TestCookieNames(t *testing.T) {
	if got := web.CookieNames("a", true); web.CookieName("a", true) != "__Secure-a" || !slices.Equal(got, []string{"__Secure-a", "a"}) {
		t.Errorf("on https: %s, %s", web.CookieName("a", true), got)
	}
	if got := web.CookieNames("a", false); web.CookieName("a", false) != "a" || !slices.Equal(got, []string{"a"}) {
		t.Errorf("on http: %s, %s", web.CookieName("a", false), got)
	}
}

// The package polar/portalauth has the same test.
func TestCookieValues(t *testing.T) {
	many := "postern_session=1; postern_session=2; postern_session=3; postern_session=4; postern_session=5; postern_session=6; postern_session=7; postern_session=8; postern_session=9"
	for _, tt := range []struct{ name, cookies, want string }{
		{"none", "a=b", ""},
		{"one", "a=b; postern_session=1", "1"},
		{"two of one name", "postern_session=1; postern_session=2", "1 2"},
		{"the same twice", "postern_session=1; postern_session=1; __Host-postern_session=1", "1"},
		{"empty ones", "postern_session=; postern_session=2; postern_session=", "2"},
		{"safer names first", "postern_session=1; __Secure-postern_session=2; __Host-postern_session=3", "3 2 1"},
		{"another case is another cookie", "Postern_Session=1; __host-postern_session=2", ""},
		{"more than are tried", many, "1 2 3 4 5 6 7 8"},
		{"many of another name", strings.ReplaceAll(many, "postern_session", "x") + "; postern_session=1", "1"},
	} {
		r := &http.Request{Header: http.Header{"Cookie": {tt.cookies}}}
		if got := strings.Join(web.CookieValues(r, web.ForwardAuthCookies...), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A dead token does not hide a live one. The next request counts for the caller of the live token from the start.
func TestVerifyAny(t *testing.T) {
	now := time.Now()
	l := web.NewLimiter(rate.NewMemory(rate.Limits{}), web.LimiterOptions{})
	ada := web.Identity{Kind: web.Customer, Key: 7}
	broken := errors.New("broken")
	var tried []string
	verify := func(bearer string) (web.Identity, error) {
		tried = append(tried, bearer)
		switch bearer {
		case "live":
			return ada, nil
		case "broken":
			return web.Identity{}, broken
		}
		return web.Identity{}, fault.New(fault.InvalidToken, bearer)
	}
	for _, tt := range []struct{ bearers, tried, err string }{
		{"", "", ""},
		{"live", "live", ""},
		{"dead live dead", "dead live", ""},
		{"dead worse", "dead worse", "invalid_token: dead"},
		{"dead broken live", "dead broken", "broken"},
	} {
		tried = nil
		err := l.VerifyAny(t.Context(), web.Claim{}, strings.Fields(tt.bearers), now, verify)
		if got := strings.Join(tried, " "); got != tt.tried || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), strings.TrimPrefix(tt.err, "invalid_token: ")) {
			t.Errorf("%q: tried %q, %v", tt.bearers, got, err)
		}
	}
	bearers := []string{"dead", "live"}
	if got := l.KnownFirst(bearers, now); !slices.Equal(got, []string{"live", "dead"}) || bearers[0] != "dead" {
		t.Errorf("the limiter orders %q as %q", bearers, got)
	}
	if got := l.KnownFirst([]string{"dead", "worse"}, now); !slices.Equal(got, []string{"dead", "worse"}) {
		t.Errorf("the limiter orders unknown tokens as %q", got)
	}
	var off *web.Limiter
	if err := off.VerifyAny(t.Context(), web.Claim{}, []string{"dead", "live"}, now, verify); err != nil || !slices.Equal(off.KnownFirst(bearers, now), bearers) {
		t.Errorf("without limits: %v", err)
	}
}
