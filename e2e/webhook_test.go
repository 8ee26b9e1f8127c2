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

// receiver is a webhook endpoint. It checks signatures, and records the accepted events of each session in order. Of the first
// attempts for an event, it refuses 19 in 100 and leaves 1 in 100 without an answer.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu        sync.Mutex
	secret    []byte
	attempted map[string]bool // by event id
	accepted  map[string]bool // by event id
	events    map[string][]string
}

func newReceiver(t *testing.T) *receiver {
	h := &receiver{t: t, attempted: map[string]bool{}, accepted: map[string]bool{}, events: map[string][]string{}}
	h.server = httptest.NewServer(h)
	t.Cleanup(func() {
		h.server.CloseClientConnections()
		h.server.Close()
	})
	return h
}

func (h *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	id := r.Header.Get("Webhook-Id")
	h.mu.Lock()
	again := h.attempted[id]
	h.attempted[id] = true
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
		h.t.Errorf("signature is %q, want %q", got, want)
	}
	var e struct {
		Type string
		Data struct{ ID string }
	}
	if err := json.Unmarshal(body, &e); err != nil {
		h.t.Errorf("%s: %v", body, err)
	}
	if !h.accepted[id] { // an event can be delivered twice
		h.accepted[id] = true
		h.events[e.Data.ID] = append(h.events[e.Data.ID], e.Type)
	}
}

// typesOf returns the types of the events of a session in the order of their arrival.
func (h *receiver) typesOf(session string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.events[session], " ")
}

// subscribe creates a webhook endpoint with the URL of the receiver.
func (h *receiver) subscribe(s *server, org organization) {
	h.t.Helper()
	status, body, err := s.call(http.MethodPost, "/v1/webhooks/endpoints", org.AccessToken,
		map[string]any{"url": h.server.URL, "events": []string{"session.created", "session.revoked"}})
	var created struct{ Secret string }
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &created) != nil {
		h.t.Fatalf("create webhook endpoint: %d %s, %v", status, body, err)
	}
	if h.secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(created.Secret, "whsec_")); err != nil {
		h.t.Fatal(err)
	}
}

// No event is lost if the server is killed: for each acknowledged change of a session, the endpoint receives an event, in order. Two
// nodes on one database do not send additional events.
func TestKillLosesNoEvent(t *testing.T) {
	onBothEngines(t, func(t *testing.T, c config) {
		const rounds = 3
		org := initialize(t, c)
		receiver := newReceiver(t)
		flags := []string{"--webhooks-allow-http", "--webhooks-allow-networks", "127.0.0.0/8"}
		nodes := 1
		if slices.Contains(c.flags, "--database-url") {
			nodes = 2
		}
		start := func() []*server {
			var all []*server
			for range nodes {
				all = append(all, serve(t, c, flags...))
			}
			return all
		}

		created, revoked := map[string]bool{}, map[string]bool{}
		for round := range rounds {
			servers := start()
			if round == 0 {
				receiver.subscribe(servers[0], org)
			}
			customer := servers[0].createCustomer(org, fmt.Sprintf("ada-%d", round))
			createAndRevokeUntilKilled(t, servers, org, customer, created, revoked)
			t.Logf("round %d: killed after %d sessions, %d of them revoked", round, len(created), len(revoked))
		}
		if len(revoked) == 0 {
			t.Fatal("no session was revoked")
		}

		servers := start()
		for end := time.Now().Add(2 * patience); ; time.Sleep(50 * time.Millisecond) {
			missing := 0
			for id := range created {
				if got := receiver.typesOf(id); got != "session.created session.revoked" && (got != "session.created" || revoked[id]) {
					missing++
				}
			}
			if missing == 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("of %d sessions, %d lack events", len(created), missing)
			}
		}
		for _, s := range servers {
			s.stop()
		}
	})
}

// createAndRevokeUntilKilled creates and revokes sessions with several clients, kills all servers at a random moment, and adds the
// acknowledged changes to created and revoked.
func createAndRevokeUntilKilled(t *testing.T, servers []*server, org organization, customer string, created, revoked map[string]bool) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ; n++ {
				s := servers[(i+n)%len(servers)] // created on one node and revoked on another
				status, body, err := s.postSession(org, customer)
				var session struct{ ID string }
				if err != nil {
					return // killed
				}
				if status != http.StatusCreated || json.Unmarshal(body, &session) != nil {
					t.Errorf("create session: %d %s", status, body)
					return
				}
				mu.Lock()
				created[session.ID] = true
				mu.Unlock()
				status, body, err = servers[(i+n+1)%len(servers)].call(http.MethodDelete, "/v1/customer-sessions/"+session.ID, org.AccessToken, nil)
				if err != nil {
					return
				}
				if status != http.StatusOK {
					t.Errorf("revoke session: %d %s", status, body)
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
