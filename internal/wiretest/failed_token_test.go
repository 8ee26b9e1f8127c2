package wiretest_test

import (
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/token"
)

// Wherever the server accepts a token, it refuses a client that invents them, before it looks them up. A damaged token counts in
// the same way.
func TestInventedTokensAreLimitedEverywhere(t *testing.T) {
	t.Parallel()
	invented := func(kind token.Kind) string { return token.Mint(kind, token.NewID(time.Now()).Key()).Reveal() }
	damaged := func(kind token.Kind) string {
		text := []byte(invented(kind))
		last := &text[len(text)-1]
		if *last++; *last > 'z' || *last == ':' || *last == '[' { // another character of the alphabet
			*last = '0'
		}
		return string(text)
	}
	for name, make := range map[string]func(token.Kind) string{"invented": invented, "damaged": damaged} {
		for _, tt := range []struct {
			name, path, header, prefix string
			kind                       token.Kind
			invalid                    int
		}{
			{"session", introspect, "Authorization", "Bearer ", token.Member, 401},
			{"access token", customers, "Authorization", "Bearer ", token.Organization, 401},
			{"outside /v1", "/healthz", "Authorization", "Bearer ", token.Customer, 401},
			{"no route", "/nowhere", "Authorization", "Bearer ", token.Customer, 401},
			{"forward authentication", forwardAuth, "Cookie", "__Host-postern_session=", token.Customer, 401},
			{"portal", "/acme/portal/sessions", "Cookie", "__Secure-postern_session=", token.Customer, 303},
			{"admin", "/admin/customers", "Cookie", "__Secure-postern_session=", token.Operator, 303},
		} {
			if tt.path == forwardAuth && name == "damaged" { // a cookie without a token of the right form counts as no cookie
				continue
			}
			t.Run(tt.name+", "+name, func(t *testing.T) {
				srv := testserver.New(t, testserver.RateLimits("failed-token=5/m"), func(c *testserver.Options) { c.Admin = true })
				for i := range 8 {
					want := tt.invalid
					if i >= 5 {
						want = 429
					}
					if a := srv.Send("GET", tt.path, "", tt.header, tt.prefix+make(tt.kind)); a.Status != want {
						t.Errorf("token %d: %d %.100s, want %d", i+1, a.Status, a.Body, want)
					}
				}
			})
		}
	}
}
