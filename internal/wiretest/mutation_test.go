package wiretest_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/openapi/openapitest"
	"github.com/postern-go/postern/internal/testserver"
)

// The server gets ten thousand mutated requests, fewer under the race detector. Every answer is in a format of the API and below
// 500, another organization is neither changed nor revealed, and no token appears in the log. POSTERN_TEST_SEED repeats a run.
func TestMutations(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("POSTERN_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("POSTERN_TEST_SEED=%d", seed)
	srv := testserver.New(t, testserver.RateLimits("off"), newGitHub(t).configure)
	mails := newMailIndex(t, srv.Mail)
	bolt := srv.Neighbor("bolt")
	other := newFixture(srv, mails, bolt.OrgID, "bolt", bolt.Token, 0)
	before := other.snapshot(srv)
	if n := strings.Count(before, " 200 ") + strings.Count(before, " 204"); n < 14 {
		t.Fatalf("only %d answers to compare:\n%s", n, before)
	}

	trial := &mutationTest{Server: srv, mails: mails, other: &other, seed: seed, tokens: other.tokens()}
	var wg sync.WaitGroup
	const workers = 4
	for worker := range workers {
		wg.Go(func() { trial.run(worker*mutatedRequests/workers, (worker+1)*mutatedRequests/workers) })
	}
	wg.Wait()

	if after := other.snapshot(srv); after != before {
		t.Errorf("the other organization was\n%s\nand is\n%s", before, after)
	}
	trial.report()
	checkLog(srv, append(trial.tokens, mails.all()...))
}

// checkLog fails the test if the log contains a secret or an error of the server.
func checkLog(srv *testserver.Server, secrets []string) {
	srv.T.Helper()
	for _, secret := range secrets {
		if secret != "" {
			srv.AddSecret(secret)
		}
	}
	text := srv.Log.String()
	if !strings.Contains(text, "level=DEBUG") {
		srv.T.Error("nothing was logged")
	}
	if at := strings.Index(text, "level=ERROR msg=request"); at >= 0 {
		srv.T.Errorf("an error of the server was logged: %.1000s", text[at:])
	}
	srv.CheckNoSecrets("the log", text)
}

// mutationTest is the state of [TestMutations].
type mutationTest struct {
	*testserver.Server
	mails *mailIndex
	other *fixture
	seed  uint64

	mu       sync.Mutex
	tokens   []string
	statuses map[int]int
	failures int
}

// requestsPerFixture is the number of requests about the same customers. It is small because some requests delete them.
const requestsPerFixture = 25

func (tr *mutationTest) run(from, to int) {
	operations := openapi.Operations()
	var own fixture
	for i := from; i < to; i++ {
		if (i-from)%requestsPerFixture == 0 {
			own = newFixture(tr.Server, tr.mails, tr.OrgID, "acme", tr.Token, i+1)
			tr.mu.Lock()
			tr.tokens = append(tr.tokens, own.tokens()...)
			tr.mu.Unlock()
		}
		m := &mutator{rand.New(rand.NewPCG(tr.seed, uint64(i))), &own, tr.other}
		op := pick(m, operations)
		r, ok := own.valid(op)
		if !ok {
			tr.T.Errorf("%s %s (%s) has no valid request: add one to hostile_request_test.go", op.Method, op.Path, op.ID)
			return
		}
		m.mutate(&r)
		a, err := tr.send(&r)
		tr.count(a.Status)
		if refused(a, err) || streamed(op) && errors.Is(err, io.ErrUnexpectedEOF) {
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

// fail reports the first failures only, because one bug fails many requests.
func (tr *mutationTest) fail(i int, op openapi.Operation, r *request, a testserver.Answer, err error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.failures++; tr.failures <= 10 {
		tr.T.Errorf("mutation %d of %s: %v\n%.600q\n%d %.600s", i, op.ID, err, r.bytes(), a.Status, a.Body)
	}
}

func (tr *mutationTest) report() {
	tr.T.Logf("answers: %v", tr.statuses)
	if tr.failures > 10 {
		tr.T.Errorf("%d mutations failed", tr.failures)
	}
	if mutatedRequests < 10_000 {
		return
	}
	for _, status := range []int{200, 201, 204, 307, 400, 401, 404, 405, 411, 413, 422} {
		if tr.statuses[status] == 0 {
			tr.T.Errorf("no request was answered with %d: the mutations do not reach far enough", status)
		}
	}
}

const answerTimeout = 20 * time.Second

// send sends the bytes of a request and waits for the answer. If the server waits for more bytes, the connection is closed for
// writing.
func (tr *mutationTest) send(r *request) (a testserver.Answer, err error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(tr.URL, "http://"))
	if err != nil {
		return a, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return a, err
	}
	sent := make(chan struct{})
	go func() { // the server may answer before it has read everything
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
		return testserver.ReadAnswer(response, r.method+" "+r.path)
	}
}

// streamed reports whether the server sends the answer of an operation piece by piece. It stops when the client stops sending in the
// middle of a request, because the client may be gone.
func streamed(op openapi.Operation) bool { return op.ID == "customers:export" }

// refused reports whether the request was refused before its operation was known: by net/http, by the check of the request line, or
// because a request without a body declared a length above the limit.
func refused(a testserver.Answer, err error) bool {
	switch {
	case err != nil: // net/http stops reading, which can lose its answer
		return errors.Is(err, syscall.ECONNRESET)
	case a.Status == http.StatusExpectationFailed:
		return a.Body == ""
	case a.Status == http.StatusBadRequest && a.Body == "Invalid HTTP request received.", a.Status == http.StatusRequestEntityTooLarge:
		return true
	}
	return a.Header.Get("Date") == "" && slices.Contains([]int{400, 431, 501, 505}, a.Status)
}

func (tr *mutationTest) count(status int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.statuses == nil {
		tr.statuses = map[int]int{}
	}
	tr.statuses[status]++
}

func (tr *mutationTest) check(r *request, a testserver.Answer) error {
	sent := r.bytes()
	for _, secret := range tr.other.private() {
		if strings.Contains(a.Body, secret) && !strings.Contains(sent, secret) {
			return errors.New("the answer contains data of another organization: " + secret)
		}
	}
	if a.Status == http.StatusServiceUnavailable && strings.Contains(a.Body, "The client closed the connection.") {
		return nil // the test closed the connection
	}
	if a.Status >= 500 || a.Status < 200 {
		return fmt.Errorf("the server failed")
	}
	return tr.checkErrorFormat(r, a)
}

func (tr *mutationTest) checkErrorFormat(r *request, a testserver.Answer) error {
	u, err := url.ParseRequestURI(r.target())
	if err != nil || r.method == http.MethodHead {
		return nil
	}
	path := u.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/api/v1/"); ok {
		path = "/v1/" + rest
	}
	preflight := r.method == http.MethodOptions && strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain")
	switch {
	case openapitest.OperationID(r.method, path) != "":
		var f recordedFailure
		openapitest.Check(&f, r.method, path, a.Status, a.Header, []byte(a.Body))
		return f.err
	case preflight, a.Status == http.StatusTemporaryRedirect && a.Body == "" && a.Header.Get("Location") != "":
		return nil
	case a.Status < 400:
		return errors.New("an undocumented request succeeded")
	}
	var problem map[string]any
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil || problem["detail"] == nil && problem["error"] == nil {
		return fmt.Errorf("not in an error format of the API: %w", err)
	}
	return nil
}

// recordedFailure is a testing.TB that records a failure.
type recordedFailure struct {
	testing.TB
	err error
}

func (f *recordedFailure) Helper() {}

func (f *recordedFailure) Errorf(format string, args ...any) {
	f.err = fmt.Errorf(format, args...)
}
