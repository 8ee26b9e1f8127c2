package wiretest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// model is a simple model of sessions: a list of all created sessions with what ends them.
type model struct{ sessions []*modelSession }

type modelSession struct {
	testserver.Created
	member                 *modelMember
	expires, idle, lastUse time.Duration // since the start of the test; idle is 0 without an idle timeout
	dead                   bool
	// ending and ended are for concurrent observers. They are set before and after the request that ends the session.
	ending, ended atomic.Bool
}

func (s *modelSession) live(now time.Duration) bool {
	return !s.dead && now < s.expires && (s.idle == 0 || now < s.lastUse+s.idle)
}

// end calls request, which ends the sessions that match which, and updates the model.
func (m *model) end(which func(*modelSession) bool, end func()) {
	each := func(f func(s *modelSession)) {
		for _, s := range m.sessions {
			if which(s) {
				f(s)
			}
		}
	}
	each(func(s *modelSession) { s.ending.Store(true) })
	end()
	each(func(s *modelSession) { s.dead = true; s.ended.Store(true) })
}

// modelCustomer is a team. Its first member is the owner.
type modelCustomer struct {
	id      string
	members []*modelMember
}

type modelMember struct {
	id       string
	customer *modelCustomer
	manager  bool
}

// randomWalk takes random steps on a server and on the model.
type randomWalk struct {
	*testserver.Server
	*rand.Rand
	model
	customers []*modelCustomer
	// shared reports whether other walks use the same server. Then the walk neither moves the clock nor ends all sessions.
	shared  bool
	publish func(*modelSession)
	history []string
}

var nextAddress atomic.Int64

func newRandomWalk(srv *testserver.Server, r *rand.Rand, shared bool) *randomWalk {
	w := &randomWalk{Server: srv, Rand: r, shared: shared, publish: func(*modelSession) {}}
	for range 3 {
		w.customers = append(w.customers, w.newCustomer())
	}
	return w
}

func testSeed(t *testing.T) uint64 {
	seed := rand.Uint64()
	if text := os.Getenv("POSTERN_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("POSTERN_TEST_SEED=%d", seed)
	return seed
}

// call sends a request without a connection, which is faster, and stops the test if the answer has another status.
func (w *randomWalk) call(want int, token, method, path, format string, args ...any) (m testserver.Created) {
	w.T.Helper()
	body := fmt.Sprintf(format, args...)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a := httptest.NewRecorder()
	w.Postern.Handler().ServeHTTP(a, r)
	if a.Code != want {
		history := w.history[max(0, len(w.history)-40):]
		w.T.Fatalf("%s %s %s: %d %s, want %d, after\n%s", method, path, body, a.Code, a.Body, want, strings.Join(history, "\n"))
	}
	json.Unmarshal(a.Body.Bytes(), &m) // only some answers have a JSON body that matters
	return m
}

func (w *randomWalk) newCustomer() *modelCustomer {
	n := nextAddress.Add(1)
	c := &modelCustomer{id: w.call(201, w.Token, "POST", customers, `{"type":"team","name":"T","owner":{"email":"o%d@example.com"}}`, n).ID}
	var list struct{ Items []testserver.Created }
	a := w.Must(200, w.As(w.Token, "GET", "/v1/members/?customer_id="+c.id, ""))
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || len(list.Items) != 1 {
		w.T.Fatal(err, a.Body)
	}
	c.members = []*modelMember{{list.Items[0].ID, c, true}, w.newMember(c)}
	return c
}

func (w *randomWalk) newMember(c *modelCustomer) *modelMember {
	m := w.call(201, w.Token, "POST", customers+c.id+"/members", `{"email":"m%d@example.com","role":"member"}`, nextAddress.Add(1))
	return &modelMember{id: m.ID, customer: c}
}

// After random steps, a session is live exactly if the model says so.
func TestSessionModel(t *testing.T) {
	t.Parallel()
	forEachCache(t, func(t *testing.T, cache testserver.Option) {
		seed := testSeed(t)
		srv := testserver.New(t, cache, testserver.RateLimits("off"))
		w := newRandomWalk(srv, rand.New(rand.NewPCG(seed, 0)), false)
		steps := 1000
		if testing.Short() {
			steps = 200
		}
		for range steps {
			w.step()
			w.checkSome()
		}
		ended := map[string]int{}
		for _, s := range w.sessions {
			w.checkSession(s)
			if !s.live(w.Elapsed()) {
				ended[fmt.Sprint("ended by a step: ", s.dead)]++
			}
		}
		t.Logf("%d sessions, %v", len(w.sessions), ended)
	})
}

// The same with several concurrent walks, each on its own customers, and with concurrent observers.
func TestSessionModelConcurrently(t *testing.T) {
	t.Parallel()
	forEachCache(t, func(t *testing.T, cache testserver.Option) {
		seed := testSeed(t)
		srv := testserver.New(t, cache, testserver.RateLimits("off"))
		var mu sync.Mutex
		var all []*modelSession
		walks := make([]*randomWalk, 6)
		for i := range walks {
			walks[i] = newRandomWalk(srv, rand.New(rand.NewPCG(seed, uint64(i))), true)
			walks[i].publish = func(s *modelSession) { mu.Lock(); defer mu.Unlock(); all = append(all, s) }
		}
		var walking, looking sync.WaitGroup
		done := make(chan struct{})
		for _, w := range walks {
			walking.Go(func() {
				for range 60 {
					w.step()
					w.checkSome()
				}
			})
		}
		for i := range 2 {
			looking.Go(func() {
				r := rand.New(rand.NewPCG(seed, uint64(100+i)))
				for looks := 0; ; looks++ {
					select {
					case <-done:
						return
					default:
					}
					mu.Lock()
					if len(all) == 0 {
						mu.Unlock()
						continue
					}
					s := all[r.IntN(len(all))]
					mu.Unlock()
					checkConcurrently(srv, s)
				}
			})
		}
		walking.Wait()
		close(done)
		looking.Wait()
	})
}

// checkConcurrently checks a session during other steps: it must not be live if it had ended before, and must be live if no
// step has started to end it.
func checkConcurrently(srv *testserver.Server, s *modelSession) {
	ended := s.ended.Load()
	r := httptest.NewRequest("GET", introspect, nil)
	r.Header.Set("Authorization", "Bearer "+s.Token)
	a := httptest.NewRecorder()
	srv.Postern.Handler().ServeHTTP(a, r)
	if ended && a.Code != 401 || !s.ending.Load() && a.Code != 200 {
		srv.T.Errorf("a session with ended=%v and ending=%v: %d %s", ended, s.ending.Load(), a.Code, a.Body)
	}
}

// checkSome checks some of the newest sessions.
func (w *randomWalk) checkSome() {
	for range min(6, len(w.sessions)) {
		recent := w.sessions[max(0, len(w.sessions)-25):]
		w.checkSession(recent[w.IntN(len(recent))])
	}
}

func (w *randomWalk) checkSession(s *modelSession) {
	w.T.Helper()
	live := s.live(w.Elapsed())
	if info := w.call(200, w.Token, "GET", sessions+s.ID, ""); (info.State == "live") != live {
		w.T.Errorf("session %s is %s, and live is %v, after\n%s", s.ID, info.State, live, strings.Join(w.history[max(0, len(w.history)-40):], "\n"))
	}
	if w.IntN(2) == 0 {
		w.use(s)
	}
}

func (w *randomWalk) use(s *modelSession) {
	w.T.Helper()
	if !s.live(w.Elapsed()) {
		w.call(401, s.Token, "GET", introspect, "")
		return
	}
	w.call(200, s.Token, "GET", introspect, "")
	s.lastUse = w.Elapsed()
}

func (w *randomWalk) step() {
	c := w.customers[w.IntN(len(w.customers))]
	m := c.members[w.IntN(len(c.members))]
	ofCustomer := func(s *modelSession) bool { return s.member.customer == c }
	ofMember := func(s *modelSession) bool { return s.member == m }
	none := func(*modelSession) bool { return false }
	var s *modelSession
	if len(w.sessions) > 0 {
		recent := w.sessions[max(0, len(w.sessions)-25):]
		s = recent[w.IntN(len(recent))]
	}
	path := customers + c.id + "/members/" + m.id
	n := w.IntN(100)
	w.history = append(w.history, fmt.Sprintf("at %s: %d with customer %s, member %s, session %v", w.Elapsed(), n, c.id, m.id, s != nil && s.live(w.Elapsed())))
	switch {
	case n < 35 || s == nil:
		w.createSession(m)
	case n < 45:
		w.use(s)
	case n < 53:
		w.extend(s)
	case n < 60:
		w.end(func(o *modelSession) bool { return o == s }, func() { w.call(200, w.Token, "DELETE", sessions+s.ID, "") })
	case n < 66:
		w.signOut(s)
	case n < 69:
		w.end(ofMember, func() { w.call(204, w.Token, "POST", revoke, `{"customer_id":%q,"member_id":%q}`, c.id, m.id) })
	case n < 71:
		w.end(ofCustomer, func() { w.call(204, w.Token, "POST", revoke, `{"customer_id":%q}`, c.id) })
	case n < 73:
		w.end(ofCustomer, func() {
			w.call(200, w.Token, "PATCH", customers+c.id, `{"email":"c%d@example.com"}`, nextAddress.Add(1))
		})
	case n < 76:
		w.end(ofMember, func() { w.call(200, w.Token, "PATCH", path, `{"email":"n%d@example.com"}`, nextAddress.Add(1)) })
	case n < 82 && m != c.members[0]: // a higher or a lower role
		which, role := none, "billing_manager"
		if m.manager {
			which, role = ofMember, "member"
		}
		m.manager = !m.manager
		w.end(which, func() { w.call(200, w.Token, "PATCH", path, `{"role":%q}`, role) })
	case n < 84 && m != c.members[0]:
		w.end(ofMember, func() { w.call(204, w.Token, "DELETE", path, "") })
		c.members = []*modelMember{c.members[0], w.newMember(c)}
	case n < 86:
		w.end(ofCustomer, func() { w.call(204, w.Token, "DELETE", customers+c.id, "") })
		*c = *w.replacement(c)
	case n < 87 && !w.shared:
		w.end(func(*modelSession) bool { return true }, func() { w.call(204, w.Token, "POST", revoke, `{"all":true}`) })
	case n < 99 && !w.shared:
		w.Advance(time.Duration(w.Int64N(int64(12 * time.Minute))))
	case !w.shared:
		w.Restart(nil)
	}
}

// replacement creates a customer in place of a deleted one. Sessions of the old customer keep a copy of it.
func (w *randomWalk) replacement(c *modelCustomer) *modelCustomer {
	old := *c
	for _, s := range w.sessions {
		if s.member.customer == c {
			s.member = &modelMember{id: s.member.id, customer: &old}
		}
	}
	fresh := w.newCustomer()
	for _, m := range fresh.members {
		m.customer = c
	}
	return fresh
}

func (w *randomWalk) createSession(m *modelMember) {
	lifetime := time.Minute + time.Duration(w.IntN(90))*time.Minute
	s := &modelSession{member: m, expires: w.Elapsed() + lifetime, lastUse: w.Elapsed()}
	more := fmt.Sprintf(`,"expires_in":%d`, lifetime/time.Second)
	if !w.shared && w.IntN(2) == 0 {
		s.idle = time.Minute + time.Duration(w.IntN(20))*time.Minute
		more += fmt.Sprintf(`,"idle_timeout":%d`, s.idle/time.Second)
	}
	s.Created = w.call(201, w.Token, "POST", sessions, `{"customer_id":%q,"member_id":%q%s}`, m.customer.id, m.id, more)
	w.sessions = append(w.sessions, s)
	w.publish(s)
}

func (w *randomWalk) extend(s *modelSession) {
	lifetime := time.Minute + time.Duration(w.IntN(120))*time.Minute
	want := 200
	if !s.live(w.Elapsed()) || w.Elapsed()+lifetime < s.expires {
		want = 409
	}
	w.call(want, w.Token, "PATCH", sessions+s.ID, `{"expires_in":%d}`, lifetime/time.Second)
	if want == 200 {
		s.expires = w.Elapsed() + lifetime
	}
}

// signOut ends a session with its own token or with that of another session of the holder.
func (w *randomWalk) signOut(s *modelSession) {
	if !s.live(w.Elapsed()) {
		w.call(401, s.Token, "DELETE", portalSession, "")
		return
	}
	with, path := s, portalSession
	for _, other := range w.sessions {
		if other.member == s.member && other.live(w.Elapsed()) && w.IntN(2) == 0 {
			with, path = other, portalSessions+"/"+s.ID
		}
	}
	with.lastUse = w.Elapsed()
	w.end(func(o *modelSession) bool { return o == s }, func() { w.call(204, with.Token, "DELETE", path, "") })
}
