package admin_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern"
)

// house is a whole Postern on a SQLite file, with a clock that the test moves. No test may find a token in its log, nor in a page
// that does not show it for the one time.
type house struct {
	t       *testing.T
	server  *httptest.Server
	postern *postern.Server
	token   string // of the organization acme, with every scope
	org     string
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

// newHouse limits nobody, unless configure says otherwise.
func newHouse(t *testing.T, configure ...func(*postern.Config)) *house {
	t.Helper()
	h := &house{t: t, log: &logged{}, base: time.Date(2026, 10, 1, 12, 0, 30, 0, time.UTC)}
	config := postern.Config{
		DataDir: t.TempDir(), RateLimits: postern.RateLimitsOff(), Admin: true,
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time { return h.base.Add(time.Duration(h.elapsed.Load())) },
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

// api calls with a token, and returns the status. What is to be read into something must have gone well.
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

type made struct {
	ID    string `json:"id"`
	Token string `json:"token"`
}

// customer makes one out of the members of a JSON object, and returns its id.
func (h *house) customer(members string) string {
	h.t.Helper()
	var c made
	h.api(h.token, "POST", "/v1/customers/", "{"+members+"}", &c)
	return c.ID
}

func (h *house) ada() string {
	h.t.Helper()
	return h.customer(`"type":"individual","email":"ada@example.com","name":"Ada Lovelace","external_id":"user_1"`)
}

// session makes one for a customer.
func (h *house) session(customer string) made {
	h.t.Helper()
	var s made
	h.api(h.token, "POST", "/v1/customer-sessions/", `{"customer_id":"`+customer+`"}`, &s)
	h.keep(s.Token)
	return s
}

// accessToken makes one with these scopes.
func (h *house) accessToken(scopes ...string) made {
	h.t.Helper()
	list, err := json.Marshal(scopes)
	if err != nil {
		h.t.Fatal(err)
	}
	var body struct {
		Token string `json:"token"`
		Made  made   `json:"organization_access_token"`
	}
	h.api(h.token, "POST", "/v1/organization-access-tokens/", `{"comment":"some","scopes":`+string(list)+`}`, &body)
	return made{body.Made.ID, h.keep(body.Token)}
}

// live reports whether a token opens a session.
func (h *house) live(token string) bool {
	h.t.Helper()
	return h.api(token, "GET", "/v1/customer-portal/customer-session/introspect", "", nil) == http.StatusOK
}

// browser keeps cookies, by name and path, and follows nothing.
type browser struct {
	h       *house
	cookies map[[2]string]string
}

func (h *house) browser() *browser { return &browser{h, map[[2]string]string{}} }

// operator is a browser that has signed in with a token.
func (h *house) operator(token string) *browser {
	h.t.Helper()
	b := h.browser()
	b.post("/admin/sign-in", url.Values{"token": {token}}).leads("/admin")
	return b
}

type page struct {
	h      *house
	asked  string
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string) page { return b.send("GET", path, nil) }

func (b *browser) post(path string, form url.Values, headers ...string) page {
	return b.send("POST", path, form, append([]string{"Sec-Fetch-Site", "same-origin"}, headers...)...)
}

// send asks for a page, which must have no secret. Headers come in pairs.
func (b *browser) send(method, path string, form url.Values, headers ...string) page {
	b.h.t.Helper()
	p := b.revealing(method, path, form, headers...)
	b.h.clean(p.asked, p.text)
	return p
}

// revealing is send for a page that shows a secret.
func (b *browser) revealing(method, path string, form url.Values, headers ...string) page {
	t := b.h.t
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, b.h.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for cookie, value := range b.cookies {
		if strings.HasPrefix(r.URL.Path, cookie[1]) {
			r.AddCookie(&http.Cookie{Name: cookie[0], Value: value})
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range answer.Cookies() {
		if key := [2]string{c.Name, c.Path}; c.MaxAge < 0 {
			delete(b.cookies, key)
		} else {
			b.cookies[key] = c.Value
		}
	}
	p := page{b.h, method + " " + path, answer.StatusCode, answer.Header, string(text)}
	p.h.clean(p.asked+", where it leads", p.header.Get("Location"))
	return p
}

// is fails unless the page has the status and these texts.
func (p page) is(status int, texts ...string) page {
	p.h.t.Helper()
	if p.status != status {
		p.h.t.Fatalf("%s: %d, wanted %d: %s", p.asked, p.status, status, p.text)
	}
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			p.h.t.Errorf("%s has no %q: %s", p.asked, text, p.text)
		}
	}
	return p
}

// without fails when the page has one of the texts.
func (p page) without(texts ...string) page {
	p.h.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text, text) {
			p.h.t.Errorf("%s has %q", p.asked, text)
		}
	}
	return p
}

// leads fails unless the page leads elsewhere, after a form.
func (p page) leads(to string) page {
	p.h.t.Helper()
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != to {
		p.h.t.Fatalf("%s: %d to %q, wanted %q: %s", p.asked, p.status, got, to, p.text)
	}
	return p
}

// value is the value of an input by its id.
func (p page) value(id string) string {
	p.h.t.Helper()
	found := regexp.MustCompile(`<input id="` + id + `"[^>]* value="([^"]*)"`).FindStringSubmatch(p.text)
	if found == nil {
		p.h.t.Fatalf("%s has no input %s: %s", p.asked, id, p.text)
	}
	return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(found[1])
}

// number is the text of the element that is marked for tests.
func (p page) number(test string) string {
	p.h.t.Helper()
	found := regexp.MustCompile(`data-test="` + test + `">([^<]*)<`).FindStringSubmatch(p.text)
	if found == nil {
		p.h.t.Fatalf("%s has no %s: %s", p.asked, test, p.text)
	}
	return found[1]
}
