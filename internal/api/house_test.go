package api_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/openapi/openapitest"
	"github.com/postern-go/postern/internal/store/pgtest"
)

// start is the time at which every scenario begins.
var start = time.Date(2026, 10, 1, 12, 0, 0, 120_000_000, time.UTC)

// house is a whole Postern with a clock that the test moves and a mail server that the test reads. It is on a SQLite file,
// or, where POSTERN_TEST_BACKEND is postgres, on a database of its own.
type house struct {
	t       *testing.T
	server  *httptest.Server
	postern *postern.Server
	token   string // of the organization
	org     string
	mail    *postbox
	config  postern.Config
	elapsed atomic.Int64
}

// newHouse has the rates of production, unless configure says otherwise.
func newHouse(t *testing.T, withoutMembers bool, configure ...func(*postern.Config)) *house {
	t.Helper()
	h := &house{t: t, mail: newPostbox(t)}
	config := postern.Config{
		PublicURL: "https://portal.example.com/",
		Now:       func() time.Time { return start.Add(time.Duration(h.elapsed.Load())) },
		Mail:      postern.Mail{SMTPURL: h.mail.url, From: "Postern <login@example.com>"},
	}
	if os.Getenv("POSTERN_TEST_BACKEND") == "postgres" {
		config.DatabaseURL, config.Secrets = pgtest.URL(t), []string{postern.NewSecret()}
	} else {
		config.DataDir = t.TempDir()
	}
	for _, f := range configure {
		f(&config)
	}
	if err := postern.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	h.config = config
	h.open()
	org, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "acme", WithoutMembers: withoutMembers})
	if err != nil {
		t.Fatal(err)
	}
	h.token, h.org = org.AccessToken, org.ID
	t.Cleanup(h.close)
	return h
}

// organization makes another organization in the same house.
func (h *house) organization(n postern.NewOrganization) postern.Organization {
	h.t.Helper()
	org, err := h.postern.CreateOrganization(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return org
}

func (h *house) open() {
	h.t.Helper()
	var err error
	if h.postern, err = postern.Open(h.t.Context(), h.config); err != nil {
		h.t.Fatal(err)
	}
	h.server = httptest.NewServer(h.postern.Handler())
}

func (h *house) close() {
	h.server.Close()
	if err := h.postern.Close(); err != nil {
		h.t.Error(err)
	}
}

// restart is another process on the same store. meanwhile may be nil.
func (h *house) restart(meanwhile func()) {
	h.t.Helper()
	h.close()
	if meanwhile != nil {
		meanwhile()
	}
	h.open()
}

// limited has rates of its own.
func limited(text string) func(*postern.Config) {
	return func(c *postern.Config) {
		var err error
		if c.RateLimits, err = postern.ParseRateLimits(text); err != nil {
			panic(err)
		}
	}
}

func (h *house) advance(d time.Duration) { h.elapsed.Add(int64(d)) }

type answer struct {
	status int
	header http.Header
	body   string
	asked  string // method and path, for whoever reads what failed
}

// ask sends a request; headers come in pairs, and a body is JSON unless they say otherwise. The answer of every route that
// the API's document has is held to it.
func (h *house) ask(method, path, body string, headers ...string) answer {
	h.t.Helper()
	a := h.send(method, path, body, headers...)
	bare, _, _ := strings.Cut(strings.TrimPrefix(path, "/api"), "?")
	if openapitest.Documents(method, bare) {
		openapitest.Check(h.t, method, bare, a.status, a.header, []byte(a.body))
		note(method, bare, a.status)
	}
	return a
}

func (h *house) send(method, path, body string, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := whole(response)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text), method + " " + path}
}

func (h *house) as(token, method, path, body string, headers ...string) answer {
	h.t.Helper()
	return h.ask(method, path, body, append([]string{"Authorization", "Bearer " + token}, headers...)...)
}

// whole is the body of an answer; of a stream, which has no end, its beginning.
func whole(r *http.Response) ([]byte, error) {
	if r.Header.Get("Content-Type") != "text/event-stream" {
		return io.ReadAll(r.Body)
	}
	b := make([]byte, 4096)
	n, err := r.Body.Read(b)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:n], err
}
