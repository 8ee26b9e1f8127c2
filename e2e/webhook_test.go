package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// hook receives events. It checks signatures, refuses one in five and lets one in
// a hundred hang, when they come for the first time, and remembers the order in which it took those of each session.
type hook struct {
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	secret []byte
	came   map[string]bool // by id
	seen   map[string]bool // those that were taken
	taken  map[string][]string
}

func newHook(t *testing.T) *hook {
	h := &hook{t: t, came: map[string]bool{}, seen: map[string]bool{}, taken: map[string][]string{}}
	h.server = httptest.NewServer(h)
	t.Cleanup(func() {
		h.server.CloseClientConnections()
		h.server.Close()
	})
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	id := r.Header.Get("Webhook-Id")
	h.mu.Lock()
	again := h.came[id]
	h.came[id] = true
	h.mu.Unlock()
	switch n := rand.IntN(100); {
	case again:
	case n == 0:
		<-r.Context().Done()
		return
	case n < 20:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	mac := hmac.New(sha256.New, h.secret)
	io.WriteString(mac, id+"."+r.Header.Get("Webhook-Timestamp")+"."+string(body))
	if got, want := r.Header.Get("Webhook-Signature"), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != want {
		h.t.Errorf("the signature is %q, wanted %q", got, want)
	}
	var e struct {
		Type string
		Data struct{ ID string }
	}
	if err := json.Unmarshal(body, &e); err != nil {
		h.t.Errorf("%s: %v", body, err)
	}
	if !h.seen[id] { // at least once, and the id tells
		h.seen[id] = true
		h.taken[e.Data.ID] = append(h.taken[e.Data.ID], e.Type)
	}
}

// of are the types of the events of a session, in the order in which they came.
func (h *hook) of(session string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.taken[session], " ")
}

// listen makes an endpoint for the hook.
func (h *hook) listen(s *server, org organization) {
	h.t.Helper()
	status, body, err := s.call(http.MethodPost, "/v1/webhooks/endpoints", org.AccessToken,
		map[string]any{"url": h.server.URL, "events": []string{"session.created", "session.revoked"}})
	var made struct{ Secret string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &made) != nil {
		h.t.Fatalf("an endpoint: %d %s, %v", status, body, err)
	}
	if h.secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(made.Secret, "whsec_")); err != nil {
		h.t.Fatal(err)
	}
}

// What has happened is told, whenever the server is killed: each acknowledged
// session has its events, and they come in their order. Two nodes do not tell
// more, nor in another order.
func TestKillLosesNoEvent(t *testing.T) {
	onBoth(t, func(t *testing.T, h home) {
		const rounds = 3
		org := initialize(t, h)
		receiver := newHook(t)
		flags := []string{"--webhooks-allow-http", "--webhooks-allow-networks", "127.0.0.0/8"}
		nodes := 1
		if slices.Contains(h.flags, "--database-url") {
			nodes = 2
		}
		start := func() []*server {
			var all []*server
			for range nodes {
				all = append(all, serve(t, h, flags...))
			}
			return all
		}

		made, revoked := map[string]bool{}, map[string]bool{}
		for round := range rounds {
			servers := start()
			if round == 0 {
				receiver.listen(servers[0], org)
			}
			customer := servers[0].createCustomer(org, fmt.Sprintf("ada-%d", round))
			livesUntilKilled(t, servers, org, customer, made, revoked)
			t.Logf("round %d: killed after %d sessions, %d of them ended", round, len(made), len(revoked))
		}
		if len(revoked) == 0 {
			t.Fatal("no session was ended")
		}

		servers := start()
		for end := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
			missing := 0
			for id := range made {
				if got := receiver.of(id); got != "session.created session.revoked" && (got != "session.created" || revoked[id]) {
					missing++
				}
			}
			if missing == 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("of %d sessions, %d have not all of their events", len(made), missing)
			}
		}
		for _, s := range servers {
			s.stop()
		}
	})
}

// livesUntilKilled has clients make sessions and end them, kills all servers at a
// random moment, and adds what was acknowledged.
func livesUntilKilled(t *testing.T, servers []*server, org organization, customer string, made, revoked map[string]bool) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				s := servers[(i+n)%len(servers)] // made on one node, and ended on another
				status, body, err := s.postSession(org, customer)
				var session struct{ ID string }
				if err != nil {
					return // killed
				}
				if status != http.StatusCreated || json.Unmarshal(body, &session) != nil {
					t.Errorf("a session: %d %s", status, body)
					return
				}
				mu.Lock()
				made[session.ID] = true
				mu.Unlock()
				status, body, err = servers[(i+n+1)%len(servers)].call(http.MethodDelete, "/v1/customer-sessions/"+session.ID, org.AccessToken, nil)
				if err != nil {
					return
				}
				if status != http.StatusOK {
					t.Errorf("ending a session: %d %s", status, body)
					return
				}
				mu.Lock()
				revoked[session.ID] = true
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
	for _, s := range servers {
		s.kill()
	}
	wg.Wait()
}
