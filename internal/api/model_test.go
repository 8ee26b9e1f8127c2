package api_test

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

	"github.com/postern-go/postern"
)

// model is what sessions are: a list of those that were made, with what ends them.
type model struct{ sessions []*modelled }

type modelled struct {
	made
	of                   *modelMember
	expires, idle, since time.Duration // after start; idle is 0 for none
	dead                 bool
	// dying and gone are for those who look on meanwhile: before and after it is ended.
	dying, gone atomic.Bool
}

func (s *modelled) live(now time.Duration) bool {
	return !s.dead && now < s.expires && (s.idle == 0 || now < s.since+s.idle)
}

// kill ends the sessions for which which is true, around what ends them.
func (m *model) kill(which func(*modelled) bool, end func()) {
	each := func(f func(s *modelled)) {
		for _, s := range m.sessions {
			if which(s) {
				f(s)
			}
		}
	}
	each(func(s *modelled) { s.dying.Store(true) })
	end()
	each(func(s *modelled) { s.dead = true; s.gone.Store(true) })
}

// modelCustomer is a team, whose first member is its owner.
type modelCustomer struct {
	id      string
	members []*modelMember
}

type modelMember struct {
	id       string
	customer *modelCustomer
	manager  bool
}

// walk plays random steps against a server and the model.
type walk struct {
	*house
	*rand.Rand
	model
	customers []*modelCustomer
	// shared is whether others walk beside: then the clock stands still, and nobody ends everybody's sessions.
	shared  bool
	publish func(*modelled)
	history []string
}

var walkers atomic.Int64

func newWalk(h *house, r *rand.Rand, shared bool) *walk {
	w := &walk{house: h, Rand: r, shared: shared, publish: func(*modelled) {}}
	for range 3 {
		w.customers = append(w.customers, w.newCustomer())
	}
	return w
}

func seeded(t *testing.T) uint64 {
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

// call asks without a connection, which is quicker; a status that is not wanted fails.
func (w *walk) call(want int, token, method, path, format string, args ...any) (m made) {
	w.t.Helper()
	body := fmt.Sprintf(format, args...)
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	a := httptest.NewRecorder()
	w.postern.Handler().ServeHTTP(a, r)
	if a.Code != want {
		history := w.history[max(0, len(w.history)-40):]
		w.t.Fatalf("%s %s %s: %d %s, wanted %d, after\n%s", method, path, body, a.Code, a.Body, want, strings.Join(history, "\n"))
	}
	json.Unmarshal(a.Body.Bytes(), &m) // what is no JSON is of no interest
	return m
}

func (w *walk) newCustomer() *modelCustomer {
	n := walkers.Add(1)
	c := &modelCustomer{id: w.call(201, w.token, "POST", customers, `{"type":"team","name":"T","owner":{"email":"o%d@example.com"}}`, n).ID}
	var list struct{ Items []made }
	a := w.must(200, w.as(w.token, "GET", "/v1/members/?customer_id="+c.id, ""))
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list.Items) != 1 {
		w.t.Fatal(err, a.body)
	}
	c.members = []*modelMember{{list.Items[0].ID, c, true}, w.newMember(c)}
	return c
}

func (w *walk) newMember(c *modelCustomer) *modelMember {
	m := w.call(201, w.token, "POST", customers+c.id+"/members", `{"email":"m%d@example.com","role":"member"}`, walkers.Add(1))
	return &modelMember{id: m.ID, customer: c}
}

func (w *walk) now() time.Duration { return time.Duration(w.elapsed.Load()) }

// Whatever happens, a session is live when the model says so, and only then.
func TestModel(t *testing.T) {
	t.Parallel()
	eachCache(t, func(t *testing.T, cache func(*postern.Config)) {
		seed := seeded(t)
		h := newHouse(t, false, cache, limited("off"))
		w := newWalk(h, rand.New(rand.NewPCG(seed, 0)), false)
		steps := 1000
		if testing.Short() {
			steps = 200
		}
		for range steps {
			w.step()
			w.look()
		}
		ended := map[string]int{}
		for _, s := range w.sessions {
			w.lookAt(s)
			if !s.live(w.now()) {
				ended[fmt.Sprint("dead by a step: ", s.dead)]++
			}
		}
		t.Logf("%d sessions, %v", len(w.sessions), ended)
	})
}

// The same while others walk, each among customers of its own, and somebody looks on.
func TestModelConcurrently(t *testing.T) {
	t.Parallel()
	eachCache(t, func(t *testing.T, cache func(*postern.Config)) {
		seed := seeded(t)
		h := newHouse(t, false, cache, limited("off"))
		var mu sync.Mutex
		var all []*modelled
		walks := make([]*walk, 6)
		for i := range walks {
			walks[i] = newWalk(h, rand.New(rand.NewPCG(seed, uint64(i))), true)
			walks[i].publish = func(s *modelled) { mu.Lock(); defer mu.Unlock(); all = append(all, s) }
		}
		var walking, looking sync.WaitGroup
		done := make(chan struct{})
		for _, w := range walks {
			walking.Go(func() {
				for range 60 {
					w.step()
					w.look()
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
					onlooker(h, s)
				}
			})
		}
		walking.Wait()
		close(done)
		looking.Wait()
	})
}

// onlooker checks what is certain: what has ended before is dead, and what does not begin to end by then is live.
func onlooker(h *house, s *modelled) {
	gone := s.gone.Load()
	r := httptest.NewRequest("GET", introspect, nil)
	r.Header.Set("Authorization", "Bearer "+s.Token)
	a := httptest.NewRecorder()
	h.postern.Handler().ServeHTTP(a, r)
	if gone && a.Code != 401 || !s.dying.Load() && a.Code != 200 {
		h.t.Errorf("a session that is ended (%v) or about to be (%v): %d %s", gone, s.dying.Load(), a.Code, a.Body)
	}
}

// look asks for some of the sessions, as their holders and as their issuer do.
func (w *walk) look() {
	for range min(6, len(w.sessions)) {
		recent := w.sessions[max(0, len(w.sessions)-25):]
		w.lookAt(recent[w.IntN(len(recent))])
	}
}

func (w *walk) lookAt(s *modelled) {
	w.t.Helper()
	live := s.live(w.now())
	if info := w.call(200, w.token, "GET", sessions+s.ID, ""); (info.State == "live") != live {
		w.t.Errorf("session %s is %s, and live is %v, after\n%s", s.ID, info.State, live, strings.Join(w.history[max(0, len(w.history)-40):], "\n"))
	}
	if w.IntN(2) == 0 {
		w.use(s)
	}
}

func (w *walk) use(s *modelled) {
	w.t.Helper()
	if !s.live(w.now()) {
		w.call(401, s.Token, "GET", introspect, "")
		return
	}
	w.call(200, s.Token, "GET", introspect, "")
	s.since = w.now()
}

func (w *walk) step() {
	c := w.customers[w.IntN(len(w.customers))]
	m := c.members[w.IntN(len(c.members))]
	ofCustomer := func(s *modelled) bool { return s.of.customer == c }
	ofMember := func(s *modelled) bool { return s.of == m }
	nobody := func(*modelled) bool { return false }
	var s *modelled
	if len(w.sessions) > 0 {
		recent := w.sessions[max(0, len(w.sessions)-25):]
		s = recent[w.IntN(len(recent))]
	}
	path := customers + c.id + "/members/" + m.id
	n := w.IntN(100)
	w.history = append(w.history, fmt.Sprintf("at %s: %d with customer %s, member %s, session %v", w.now(), n, c.id, m.id, s != nil && s.live(w.now())))
	switch {
	case n < 35 || s == nil:
		w.begin(m)
	case n < 45:
		w.use(s)
	case n < 53:
		w.extend(s)
	case n < 60:
		w.kill(func(o *modelled) bool { return o == s }, func() { w.call(200, w.token, "DELETE", sessions+s.ID, "") })
	case n < 66:
		w.signOut(s)
	case n < 69:
		w.kill(ofMember, func() { w.call(204, w.token, "POST", revoke, `{"customer_id":%q,"member_id":%q}`, c.id, m.id) })
	case n < 71:
		w.kill(ofCustomer, func() { w.call(204, w.token, "POST", revoke, `{"customer_id":%q}`, c.id) })
	case n < 73:
		w.kill(ofCustomer, func() { w.call(200, w.token, "PATCH", customers+c.id, `{"email":"c%d@example.com"}`, walkers.Add(1)) })
	case n < 76:
		w.kill(ofMember, func() { w.call(200, w.token, "PATCH", path, `{"email":"n%d@example.com"}`, walkers.Add(1)) })
	case n < 82 && m != c.members[0]: // up, or down
		which, role := nobody, "billing_manager"
		if m.manager {
			which, role = ofMember, "member"
		}
		m.manager = !m.manager
		w.kill(which, func() { w.call(200, w.token, "PATCH", path, `{"role":%q}`, role) })
	case n < 84 && m != c.members[0]:
		w.kill(ofMember, func() { w.call(204, w.token, "DELETE", path, "") })
		c.members = []*modelMember{c.members[0], w.newMember(c)}
	case n < 86:
		w.kill(ofCustomer, func() { w.call(204, w.token, "DELETE", customers+c.id, "") })
		*c = *w.replacement(c)
	case n < 87 && !w.shared:
		w.kill(func(*modelled) bool { return true }, func() { w.call(204, w.token, "POST", revoke, `{"all":true}`) })
	case n < 99 && !w.shared:
		w.advance(time.Duration(w.Int64N(int64(12 * time.Minute))))
	case !w.shared:
		w.restart(nil)
	}
}

// replacement is a new customer; the sessions of the old one keep pointing to the old.
func (w *walk) replacement(c *modelCustomer) *modelCustomer {
	old := *c
	for _, s := range w.sessions {
		if s.of.customer == c {
			s.of = &modelMember{id: s.of.id, customer: &old}
		}
	}
	fresh := w.newCustomer()
	for _, m := range fresh.members {
		m.customer = c
	}
	return fresh
}

func (w *walk) begin(m *modelMember) {
	lifetime := time.Minute + time.Duration(w.IntN(90))*time.Minute
	s := &modelled{of: m, expires: w.now() + lifetime, since: w.now()}
	more := fmt.Sprintf(`,"expires_in":%d`, lifetime/time.Second)
	if !w.shared && w.IntN(2) == 0 {
		s.idle = time.Minute + time.Duration(w.IntN(20))*time.Minute
		more += fmt.Sprintf(`,"idle_timeout":%d`, s.idle/time.Second)
	}
	s.made = w.call(201, w.token, "POST", sessions, `{"customer_id":%q,"member_id":%q%s}`, m.customer.id, m.id, more)
	w.sessions = append(w.sessions, s)
	w.publish(s)
}

func (w *walk) extend(s *modelled) {
	lifetime := time.Minute + time.Duration(w.IntN(120))*time.Minute
	want := 200
	if !s.live(w.now()) || w.now()+lifetime < s.expires {
		want = 409
	}
	w.call(want, w.token, "PATCH", sessions+s.ID, `{"expires_in":%d}`, lifetime/time.Second)
	if want == 200 {
		s.expires = w.now() + lifetime
	}
}

// signOut ends a session from within, or from another of the same holder's.
func (w *walk) signOut(s *modelled) {
	if !s.live(w.now()) {
		w.call(401, s.Token, "DELETE", portalSession, "")
		return
	}
	with, path := s, portalSession
	for _, other := range w.sessions {
		if other.of == s.of && other.live(w.now()) && w.IntN(2) == 0 {
			with, path = other, portalSessions+"/"+s.ID
		}
	}
	with.since = w.now()
	w.kill(func(o *modelled) bool { return o == s }, func() { w.call(204, with.Token, "DELETE", path, "") })
}
