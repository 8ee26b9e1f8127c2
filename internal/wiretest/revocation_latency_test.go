package wiretest_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/token"
)

// A process that has a session in its cache refuses the session soon after another process has ended it.
func TestRevocationReachesOtherProcesses(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	a := testserver.New(t, testserver.RateLimits("off"), func(c *testserver.Options) {
		c.DataDir, c.DatabaseURL, c.Secrets = "", database, []string{token.NewSecret()}
	})
	b := a.Second()
	c := a.Ada()
	stream := b.Listen(a.Token, "")
	const tries, bound = 50, 2 * time.Second
	var took []time.Duration
	for range tries {
		s := a.CustomerSession(c)
		for range 3 { // now the session is in the cache of b
			expectLive(b, s.Token, true)
		}
		time.Sleep(rand.N(session.PollInterval)) // otherwise every try would start right after b read the revocation log
		a.Must(200, a.As(a.Token, "DELETE", sessions+s.ID, ""))
		began := time.Now()
		expectLive(a, s.Token, false)
		for {
			r := httptest.NewRequest("GET", introspect, nil)
			r.Header.Set("Authorization", "Bearer "+s.Token)
			w := httptest.NewRecorder()
			b.Postern.Handler().ServeHTTP(w, r)
			if w.Code == 401 {
				break
			}
			if time.Since(began) > bound {
				t.Fatalf("a session is live %s after it was ended: %d", time.Since(began), w.Code)
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(began))
		if e := stream.Next(); testserver.OrNull(e.CustomerSessionID) != s.ID {
			t.Errorf("the stream of the other process sent %+v", e)
		}
	}
	slices.Sort(took)
	t.Logf("of %d, the quickest %s, half within %s, nine of ten within %s, all within %s",
		tries, took[0], took[tries/2], took[tries*9/10], took[tries-1])
}
