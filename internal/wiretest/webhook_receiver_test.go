package wiretest_test

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

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/webhook"
)

// webhookEvent is an event as a receiver gets it.
type webhookEvent struct {
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

// receiver receives webhooks. It checks every signature and answers as the test sets it.
type receiver struct {
	t      *testing.T
	server *httptest.Server

	mu      sync.Mutex
	secrets []string
	// answer returns the status for an event.
	answer func(e webhookEvent) int
	events []webhookEvent
	// rejected holds the events that were answered with an error.
	rejected []webhookEvent
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, answer: func(webhookEvent) int { return http.StatusNoContent }}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender closed the connection
	}
	e := webhookEvent{ID: q.Header.Get("Webhook-Id"), body: string(body)}
	if err := json.Unmarshal(body, &e); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.mu.Lock()
	if !r.validSignature(q.Header, e.ID, body) {
		r.t.Errorf("the signature %q of %s is invalid", q.Header.Get("Webhook-Signature"), e.ID)
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
		r.rejected = append(r.rejected, e)
	}
	r.mu.Unlock()
	if status/100 == 3 {
		w.Header().Set("Location", r.server.URL+"/elsewhere")
	}
	w.WriteHeader(status)
}

// validSignature checks the signature as Standard Webhooks specifies: one signature must match one of the secrets.
func (r *receiver) validSignature(h http.Header, id string, body []byte) bool {
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

func (r *receiver) setAnswer(answer func(e webhookEvent) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) setStatus(code int) { r.setAnswer(func(webhookEvent) int { return code }) }

func (r *receiver) setSecrets(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

func (r *receiver) all() (taken, tried []webhookEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events), slices.Clone(r.rejected)
}

// waitLimit limits how long a test waits. It is long so that tests pass on a busy machine.
const waitLimit = 20 * time.Second

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(waitLimit); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within the time limit", what)
		}
	}
}

// waitFor waits until n events were accepted and returns them.
func (r *receiver) waitFor(n int) []webhookEvent {
	r.t.Helper()
	var taken []webhookEvent
	eventually(r.t, "events", func() bool {
		taken, _ = r.all()
		return len(taken) >= n
	})
	return taken
}

func (r *receiver) waitForRejected(n int) []webhookEvent {
	r.t.Helper()
	var tried []webhookEvent
	eventually(r.t, "attempts", func() bool {
		_, tried = r.all()
		return len(tried) >= n
	})
	return tried
}

// allowLoopback allows webhook endpoints on this machine.
func allowLoopback(c *testserver.Options) {
	c.Webhooks = webhook.Options{AllowHTTP: true, AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

const endpoints = "/v1/webhooks/endpoints"

type endpoint struct {
	ID, Secret   string
	Enabled      bool
	FailingSince *string `json:"failing_since"`
}

// subscribe creates an endpoint for the receiver, for the named events or, if there are none, for all.
func subscribe(srv *testserver.Server, r *receiver, events ...string) endpoint {
	srv.T.Helper()
	if events == nil {
		events = []string{"session.created", "session.first_used", "session.revoked", "session.expired", "login.failed"}
	}
	list, _ := json.Marshal(events)
	e := requestEndpoint(srv, "POST", endpoints, 201, `{"url":"`+r.server.URL+`/hook","events":`+string(list)+`}`)
	r.setSecrets(e.Secret)
	return e
}

func requestEndpoint(srv *testserver.Server, method, path string, status int, body string) (e endpoint) {
	srv.T.Helper()
	a := srv.As(srv.Token, method, path, body)
	if a.Status != status {
		srv.T.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		srv.T.Fatal(err)
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

func listDeliveries(srv *testserver.Server, query string) []webhookDelivery {
	srv.T.Helper()
	a := srv.As(srv.Token, "GET", "/v1/webhooks/deliveries?limit=100&"+query, "")
	var list struct{ Items []webhookDelivery }
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 {
		srv.T.Fatalf("deliveries: %d %s", a.Status, a.Body)
	}
	return list.Items
}
