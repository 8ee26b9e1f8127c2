package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/openapi/openapitest"
)

// The server is sent ten thousand requests that were valid and then were spoiled. Whatever is in them, each is answered, in
// the words of the API and never with a failure of the server, no other organization is touched or told of, and no token
// comes into the log. POSTERN_TEST_SEED repeats a run.
func TestMutations(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("POSTERN_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("POSTERN_TEST_SEED=%d", seed)
	count := 10_000
	if testing.Short() {
		count = 1000
	}

	log := &logBook{}
	h := newHouse(t, false, limited("off"), func(c *postern.Config) {
		c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	mails := newMailroom(t, h.mail)
	org, err := h.postern.CreateOrganization(t.Context(), postern.NewOrganization{Slug: "bolt"})
	if err != nil {
		t.Fatal(err)
	}
	other := newScene(h, mails, org.ID, org.Slug, org.AccessToken, 0)
	before := other.snapshot(h)
	if n := strings.Count(before, " 200 ") + strings.Count(before, " 204"); n < 14 {
		t.Fatalf("only %d answers to compare:\n%s", n, before)
	}

	trial := &trial{house: h, mails: mails, other: &other, seed: seed, tokens: other.tokens()}
	var wg sync.WaitGroup
	const workers = 4
	for worker := range workers {
		wg.Go(func() { trial.play(worker*count/workers, (worker+1)*count/workers) })
	}
	wg.Wait()

	if after := other.snapshot(h); after != before {
		t.Errorf("the other organization was\n%s\nand is\n%s", before, after)
	}
	trial.report()
	log.mustNotHold(t, append(trial.tokens, mails.secrets...))
}

// logBook is a log that a test reads.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) mustNotHold(t *testing.T, secrets []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.b.String()
	if !strings.Contains(text, "level=DEBUG") {
		t.Error("nothing was logged")
	}
	if at := strings.Index(text, "level=ERROR msg=request"); at >= 0 {
		t.Errorf("a failure of the server was logged: %.1000s", text[at:])
	}
	leaks := 0
	for _, secret := range secrets {
		if at := strings.Index(text, secret); secret != "" && at >= 0 {
			if leaks++; leaks <= 3 {
				from, to := strings.LastIndex(text[:at], "\n")+1, at+len(secret)
				t.Errorf("the log holds %s: %.1000s", secret, text[from:to])
			}
		}
	}
	if leaks > 3 {
		t.Errorf("%d secrets in all", leaks)
	}
}

// trial is a run of [TestMutations].
type trial struct {
	*house
	mails *mailroom
	other *scene
	seed  uint64

	mu       sync.Mutex
	tokens   []string
	statuses map[int]int
	failures int
}

// perScene is how many requests are about the same customers: some of them delete these.
const perScene = 25

func (tr *trial) play(from, to int) {
	operations := openapi.Operations()
	var own scene
	for i := from; i < to; i++ {
		if (i-from)%perScene == 0 {
			own = newScene(tr.house, tr.mails, tr.org, "acme", tr.token, i+1)
			tr.mu.Lock()
			tr.tokens = append(tr.tokens, own.tokens()...)
			tr.mu.Unlock()
		}
		m := &mutator{rand.New(rand.NewPCG(tr.seed, uint64(i))), &own, tr.other}
		op := pick(m, operations)
		r, ok := own.valid(op)
		if !ok {
			tr.t.Errorf("%s %s (%s) has no valid request: add one to hostile_request_test.go", op.Method, op.Path, op.ID)
			return
		}
		m.mutate(&r)
		a, err := tr.throw(&r)
		tr.count(a.status)
		if refused(a, err) {
			continue
		}
		if err == nil {
			err = tr.check(&r, a)
		}
		if err != nil {
			tr.fail(i, op, &r, a, err)
		}
	}
}

// fail tells of few failures: one flaw is often found again and again.
func (tr *trial) fail(i int, op openapi.Operation, r *request, a answer, err error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.failures++; tr.failures <= 10 {
		tr.t.Errorf("mutation %d of %s: %v\n%.600q\n%d %.600s", i, op.ID, err, r.bytes(), a.status, a.body)
	}
}

func (tr *trial) report() {
	tr.t.Logf("answers: %v", tr.statuses)
	if tr.failures > 10 {
		tr.t.Errorf("%d mutations failed", tr.failures)
	}
	for _, status := range []int{200, 201, 204, 307, 400, 401, 404, 405, 411, 413, 422} {
		if tr.statuses[status] == 0 {
			tr.t.Errorf("no request was answered with %d: the mutations do not reach far enough", status)
		}
	}
}

const patience = 20 * time.Second

// throw sends the bytes of a request and waits for the answer. Where the server waits for more, there is no more.
func (tr *trial) throw(r *request) (a answer, err error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(tr.server.URL, "http://"))
	if err != nil {
		return a, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return a, err
	}
	sent := make(chan struct{})
	go func() { // the server need not read it all before it answers
		defer close(sent)
		io.WriteString(conn, r.bytes())
		if r.short {
			conn.(*net.TCPConn).CloseWrite()
		}
	}()
	nudge := time.AfterFunc(time.Second, func() { conn.(*net.TCPConn).CloseWrite() })
	defer nudge.Stop()
	reader := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(reader, &http.Request{Method: r.method})
		if err != nil {
			return a, fmt.Errorf("no answer: %w", err)
		}
		if response.StatusCode == http.StatusContinue {
			continue
		}
		var whole io.Reader = response.Body
		if response.Header.Get("Content-Type") == "text/event-stream" { // which has no end
			whole = io.LimitReader(whole, int64(len("id: 0\nretry: 1000\n")))
		}
		body, err := io.ReadAll(whole)
		return answer{response.StatusCode, response.Header, string(body)}, err
	}
}

// refused reports whether net/http itself has refused what is no HTTP, before any of this program saw it.
func refused(a answer, err error) bool {
	switch {
	case err != nil: // it does not read on, and so what it has written may be lost
		return errors.Is(err, syscall.ECONNRESET)
	case a.status == http.StatusExpectationFailed:
		return a.body == ""
	}
	return a.header.Get("Date") == "" && slices.Contains([]int{400, 431, 501, 505}, a.status)
}

func (tr *trial) count(status int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.statuses == nil {
		tr.statuses = map[int]int{}
	}
	tr.statuses[status]++
}

func (tr *trial) check(r *request, a answer) error {
	sent := r.bytes()
	for _, secret := range tr.other.known() {
		if strings.Contains(a.body, secret) && !strings.Contains(sent, secret) {
			return errors.New("the answer tells of another organization: " + secret)
		}
	}
	if a.status == http.StatusServiceUnavailable && strings.Contains(a.body, "The caller went away.") {
		return nil // the test hung up, and nobody reads this
	}
	if a.status >= 500 || a.status < 200 {
		return fmt.Errorf("a failure of the server")
	}
	return tr.checkDialect(r, a)
}

func (tr *trial) checkDialect(r *request, a answer) error {
	u, err := url.ParseRequestURI(r.target())
	if err != nil || r.method == http.MethodHead {
		return nil
	}
	path := u.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/api/v1/"); ok {
		path = "/v1/" + rest
	}
	preflight := r.method == http.MethodOptions && strings.HasPrefix(a.header.Get("Content-Type"), "text/plain")
	switch {
	case openapitest.Documents(r.method, path):
		var f finding
		openapitest.Check(&f, r.method, path, a.status, a.header, []byte(a.body))
		return f.err
	case preflight, a.status == http.StatusTemporaryRedirect && a.body == "" && a.header.Get("Location") != "":
		return nil
	case a.status < 400:
		return errors.New("nothing is documented there, and it goes well")
	}
	var problem map[string]any
	if err := json.Unmarshal([]byte(a.body), &problem); err != nil || problem["detail"] == nil && problem["error"] == nil {
		return fmt.Errorf("not an error as others are: %w", err)
	}
	return nil
}

// finding takes the place of a test that would fail.
type finding struct {
	testing.TB
	err error
}

func (f *finding) Helper() {}

func (f *finding) Errorf(format string, args ...any) {
	f.err = fmt.Errorf(format, args...)
}
