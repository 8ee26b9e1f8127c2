package api_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store/pgtest"
)

// A session that one process remembers is refused by it soon after another process has ended it.
func TestRevocationReachesOtherProcesses(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	a := newHouse(t, false, limited("off"), func(c *postern.Config) {
		c.DataDir, c.DatabaseURL, c.Secrets = "", database, []string{postern.NewSecret()}
	})
	b := &house{t: t, config: a.config}
	b.open()
	t.Cleanup(b.close)
	c := a.customer()
	stream := b.listen(a.token, "")
	const tries, bound = 50, 2 * time.Second
	var took []time.Duration
	for range tries {
		s := a.sessionFor(c)
		for range 3 { // b remembers it
			b.live(s.Token, true)
		}
		time.Sleep(rand.N(session.PollInterval)) // or every try would begin right after a look into the log
		a.must(200, a.as(a.token, "DELETE", sessions+s.ID, ""))
		began := time.Now()
		a.live(s.Token, false)
		for {
			r := httptest.NewRequest("GET", introspect, nil)
			r.Header.Set("Authorization", "Bearer "+s.Token)
			w := httptest.NewRecorder()
			b.postern.Handler().ServeHTTP(w, r)
			if w.Code == 401 {
				break
			}
			if time.Since(began) > bound {
				t.Fatalf("a session that was ended %s ago is live: %d", time.Since(began), w.Code)
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(began))
		if e := stream.next(); text(e.CustomerSessionID) != s.ID {
			t.Errorf("the stream of the other process tells of %+v", e)
		}
	}
	slices.Sort(took)
	t.Logf("of %d, the quickest %s, half within %s, nine of ten within %s, all within %s",
		tries, took[0], took[tries/2], took[tries*9/10], took[tries-1])
}
