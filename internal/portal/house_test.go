package portal_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

// house is a whole Postern on a SQLite file, with a clock that the test moves and mails that it reads. No test may find a token
// or a code in its log.
type house struct {
	t       *testing.T
	server  *httptest.Server
	postern *postern.Server
	token   string // of the organization acme
	org     string
	mails   chan string
	log     *logged
	elapsed atomic.Int64
	base    time.Time
	secrets []string
}

// logged is a log that can be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// inbox hands every mail on as it is shown on a terminal.
type inbox chan string

func (i inbox) Write(b []byte) (int, error) {
	i <- string(b)
	return len(b), nil
}

// newHouse limits nobody, unless configure says otherwise.
func newHouse(t *testing.T, configure ...func(*postern.Config)) *house {
	t.Helper()
	h := &house{t: t, mails: make(chan string, 100), log: &logged{}, base: time.Now().Truncate(time.Second)}
	config := postern.Config{
		DataDir: t.TempDir(), RateLimits: postern.RateLimitsOff(),
		Log:  slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:  func() time.Time { return h.base.Add(time.Duration(h.elapsed.Load())) },
		Mail: postern.Mail{Terminal: inbox(h.mails)},
	}
	for _, f := range configure {
		f(&config)
	}
	if err := postern.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.postern, err = postern.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewServer(h.postern.Handler())
	org := h.organization(postern.NewOrganization{Slug: "acme", Name: "Acme"})
	h.token, h.org = org.AccessToken, org.ID
	t.Cleanup(func() {
		h.server.Close()
		if err := h.postern.Close(); err != nil {
			t.Error(err)
		}
		h.clean("the log", h.log.String())
	})
	return h
}

func (h *house) organization(n postern.NewOrganization) postern.Organization {
	h.t.Helper()
	org, err := h.postern.CreateOrganization(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	h.keep(org.AccessToken)
	return org
}

func limited(text string) func(*postern.Config) {
	return func(c *postern.Config) {
		var err error
		if c.RateLimits, err = postern.ParseRateLimits(text); err != nil {
			panic(err)
		}
	}
}

func (h *house) advance(d time.Duration) { h.elapsed.Add(int64(d)) }

// keep notes a secret that must turn up nowhere.
func (h *house) keep(secret string) string {
	h.secrets = append(h.secrets, secret)
	return secret
}

// clean refuses a text in which there is a secret.
func (h *house) clean(what, text string) {
	h.t.Helper()
	for _, secret := range h.secrets {
		if strings.Contains(text, secret) {
			h.t.Errorf("%s has the secret %s…", what, secret[:min(len(secret), 14)])
		}
	}
}

// api calls as the organization, or with another token.
func (h *house) api(token, method, path, body string, into any) int {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil || answer.StatusCode >= 300 {
			h.t.Fatalf("%s %s: %d %s: %v", method, path, answer.StatusCode, text, err)
		}
	}
	return answer.StatusCode
}

// customer makes one out of the members of a JSON object, and returns its id.
func (h *house) customer(members string) string {
	h.t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	h.api(h.token, "POST", "/v1/customers/", "{"+members+"}", &made)
	return made.ID
}

func (h *house) ada() string {
	h.t.Helper()
	return h.customer(`"type":"individual","email":"ada@example.com","name":"Ada Lovelace"`)
}

// member adds one to a team, and returns its id.
func (h *house) member(customer, email, role string) string {
	h.t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	h.api(h.token, "POST", "/v1/customers/"+customer+"/members", `{"email":"`+email+`","role":"`+role+`"}`, &made)
	return made.ID
}

// session is a new one, and the way into the portal with it.
type session struct{ Token, ID, Link string }

func (h *house) session(members string) session {
	h.t.Helper()
	var made struct {
		Token             string `json:"token"`
		ID                string `json:"id"`
		CustomerPortalURL string `json:"customer_portal_url"`
	}
	h.api(h.token, "POST", "/v1/customer-sessions/", "{"+members+"}", &made)
	h.keep(made.Token)
	at := strings.Index(made.CustomerPortalURL, "/acme/portal")
	if at < 0 {
		h.t.Fatalf("the link is %s", made.CustomerPortalURL)
	}
	return session{made.Token, made.ID, made.CustomerPortalURL[at:]}
}

// live reports whether a token opens a session.
func (h *house) live(token string) bool {
	h.t.Helper()
	return h.api(token, "GET", "/v1/customer-portal/customer-session/introspect", "", nil) == http.StatusOK
}

var (
	codeLine = regexp.MustCompile(`(?m)^\s*([A-Z0-9]{6,32})\s*$`)
	linkLine = regexp.MustCompile(`/acme/portal/verify-email\?token=(\S+)`)
)

// mail waits for one.
func (h *house) mail() string {
	h.t.Helper()
	select {
	case text := <-h.mails:
		return text
	case <-time.After(20 * time.Second):
		h.t.Fatal("no mail has come")
		return ""
	}
}

func (h *house) code() string {
	h.t.Helper()
	text := h.mail()
	found := codeLine.FindStringSubmatch(text)
	if found == nil {
		h.t.Fatalf("no code in %s", text)
	}
	return h.keep(found[1])
}
