package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

// received is an event as a receiver sees it.
type received struct {
	ID, Type  string
	Timestamp time.Time
	Data      struct {
		ID, State, Reason string
		CustomerID        string  `json:"customer_id"`
		EndReason         *string `json:"end_reason"`
		LastSeenAt        *string `json:"last_seen_at"`
		Email             *string
	}
	body string
}

// receiver is a customer of webhooks: it checks every signature under the secrets that it knows, and answers as told.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu      sync.Mutex
	secrets []string
	// answer decides about a request: the status, and how it came to be.
	answer func(e received) int
	events []received
	// tried are the events that were not taken.
	tried []received
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, answer: func(received) int { return http.StatusNoContent }}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender has given up
	}
	e := received{ID: q.Header.Get("Webhook-Id"), body: string(body)}
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.mu.Lock()
	if !r.signed(q.Header, e.ID, body) {
		r.t.Errorf("the signature %q of %s is none", q.Header.Get("Webhook-Signature"), e.ID)
	}
	if strings.Contains(e.body, "polar_") {
		r.t.Errorf("a token was sent: %s", e.body)
	}
	answer := r.answer
	r.mu.Unlock()
	status := answer(e)
	r.mu.Lock()
	if status/100 == 2 {
		r.events = append(r.events, e)
	} else {
		r.tried = append(r.tried, e)
	}
	r.mu.Unlock()
	if status/100 == 3 {
		w.Header().Set("Location", r.server.URL+"/elsewhere")
	}
	w.WriteHeader(status)
}

// signed is the specification's, written anew: any of the signatures under any of the secrets.
func (r *receiver) signed(h http.Header, id string, body []byte) bool {
	for _, secret := range r.secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			r.t.Error(err)
		}
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, id+"."+h.Get("Webhook-Timestamp")+"."+string(body))
		if slices.Contains(strings.Split(h.Get("Webhook-Signature"), " "), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
			return true
		}
	}
	return false
}

func (r *receiver) set(answer func(e received) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) status(code int) { r.set(func(received) int { return code }) }

func (r *receiver) knows(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

func (r *receiver) got() (taken, tried []received) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events), slices.Clone(r.tried)
}

// deadline bounds what a test waits for; it is long because a busy machine is no failure.
const deadline = 20 * time.Second

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// waitFor waits until n events were taken, and returns them.
func (r *receiver) waitFor(n int) []received {
	r.t.Helper()
	var taken []received
	eventually(r.t, "events", func() bool {
		taken, _ = r.got()
		return len(taken) >= n
	})
	return taken
}

func (r *receiver) waitForTries(n int) []received {
	r.t.Helper()
	var tried []received
	eventually(r.t, "attempts", func() bool {
		_, tried = r.got()
		return len(tried) >= n
	})
	return tried
}

// ownMachine lets events be sent to a receiver of the test.
func ownMachine(c *postern.Config) {
	c.Webhooks = postern.Webhooks{AllowHTTP: true, AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

const endpoints = "/v1/webhooks/endpoints"

type endpoint struct {
	ID, Secret   string
	Enabled      bool
	FailingSince *string `json:"failing_since"`
}

// subscribe makes an endpoint for the receiver, for all events or the named ones.
func (h *house) subscribe(r *receiver, events ...string) endpoint {
	h.t.Helper()
	if events == nil {
		events = []string{"session.created", "session.first_used", "session.revoked", "session.expired", "login.failed"}
	}
	list, _ := json.Marshal(events)
	e := h.endpoint("POST", endpoints, 201, `{"url":"`+r.server.URL+`/hook","events":`+string(list)+`}`)
	r.knows(e.Secret)
	return e
}

func (h *house) endpoint(method, path string, status int, body string) (e endpoint) {
	h.t.Helper()
	a := h.as(h.token, method, path, body)
	if a.status != status {
		h.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		h.t.Fatal(err)
	}
	return e
}

type webhookDelivery struct {
	State         string
	Attempts      int
	HTTPCode      *int                      `json:"http_code"`
	Error         *string                   `json:"error"`
	NextAttemptAt *string                   `json:"next_attempt_at"`
	WebhookEvent  struct{ ID, Type string } `json:"webhook_event"`
}

func (h *house) deliveries(query string) []webhookDelivery {
	h.t.Helper()
	a := h.as(h.token, "GET", "/v1/webhooks/deliveries?limit=100&"+query, "")
	var list struct{ Items []webhookDelivery }
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 {
		h.t.Fatalf("deliveries: %d %s", a.status, a.body)
	}
	return list.Items
}
