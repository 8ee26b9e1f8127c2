package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for the server. It is long because a busy machine
// is no failure, and short enough to name the test that hangs.
const patience = 30 * time.Second

// publicURL is what the servers under test are told to be reached at. It is not
// where they listen, so that links made from the wrong one show.
const publicURL = "https://portal.example.com"

// binary is the path of the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "postern-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)

	binary = filepath.Join(dir, "postern")
	// As a release is built: static. Version control stamps are left out, since
	// they fail in a checkout that belongs to another user.
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/postern")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building postern: %v\n%s", err, out)
		return 1
	}
	defer chromium.close()
	return m.Run()
}

// postern is a command of the program under test, in an environment without
// settings of the caller's own: those of the home alone.
func (h home) postern(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = slices.Clone(h.env)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "POSTERN_") && !strings.HasPrefix(kv, "POLAR_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	return cmd
}

// organization is what `postern init --json` prints.
type organization struct {
	ID          string `json:"organization_id"`
	Slug        string `json:"organization_slug"`
	AccessToken string `json:"access_token"`
}

// initialize makes a store, and the organization acme unless flags name another.
func initialize(t *testing.T, h home, flags ...string) organization {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	args := slices.Concat([]string{"init", "--organization", "acme", "--json"}, h.flags, flags)
	cmd := h.postern(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("postern init: %v\n%s", err, &stderr)
	}
	var org organization
	if err := json.Unmarshal(out, &org); err != nil {
		t.Fatalf("postern init --json printed %q: %v", out, err)
	}
	if org.ID == "" || org.Slug == "" || !strings.HasPrefix(org.AccessToken, "polar_oat_") {
		t.Fatalf("postern init --json printed %q", out)
	}
	return org
}

// server is a running `postern serve`, or `postern dev`.
type server struct {
	url string // http://127.0.0.1:PORT

	t      *testing.T
	cmd    *exec.Cmd
	log    *logBuffer
	exited chan struct{} // closed once the process is gone; err is set by then
	err    error
}

// serveArgs are the arguments of a server on a free port. These tests ask more
// often than a caller may, unless flags say otherwise.
func (h home) serveArgs(flags ...string) []string {
	args := slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--public-url", publicURL}, h.flags, flags)
	if !slices.Contains(flags, "--rate-limits") {
		args = append(args, "--rate-limits", "off")
	}
	return args
}

// serve starts a server and waits until it is healthy. The server is killed when
// the test ends, unless it has ended before.
func serve(t *testing.T, h home, flags ...string) *server {
	t.Helper()
	return start(t, h.postern(context.Background(), h.serveArgs(flags...)...))
}

// start starts a server as serve does.
func start(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, exited: make(chan struct{}), log: &logBuffer{}}
	output, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = s.cmd.Stdout
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}

	addr := make(chan string, 1)
	go func() {
		for lines := bufio.NewReader(output); ; {
			line, err := lines.ReadString('\n')
			s.log.add(line)
			if a, ok := listenAddr(line); ok {
				select {
				case addr <- a:
				default:
				}
			}
			if err != nil {
				break
			}
		}
		s.err = s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.log)
		}
	})

	select {
	case a := <-addr:
		s.url = "http://" + a
	case <-s.exited:
		t.Fatalf("the server ended at its start: %v", s.err)
	case <-time.After(patience):
		t.Fatal("the server did not say where it listens")
	}
	s.waitHealthy()
	return s
}

var addrPattern = regexp.MustCompile(`\b(?:listening.*\baddr"?[=:]"?|is serving http://)([0-9.]+:[0-9]+)`)

// listenAddr finds the address in the line by which the server says that it
// listens: msg=listening addr=127.0.0.1:PORT, or the same as JSON; dev's is for
// people, "is serving http://127.0.0.1:PORT".
func listenAddr(line string) (string, bool) {
	m := addrPattern.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return m[1], true
}

func (s *server) waitHealthy() {
	s.t.Helper()
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		res, err := client.Get(s.url + "/healthz")
		if err != nil {
			last = err
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
		last = errors.New(res.Status)
	}
	s.t.Fatalf("the server did not become healthy: %v", last)
}

// terminate asks the server to end. stopped tells how it did.
func (s *server) terminate() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
}

// stopped waits for the end of a terminated server, which has to be a clean one.
func (s *server) stopped() {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.t.Fatal("the server did not end after SIGTERM")
	}
	if s.err != nil {
		s.t.Fatalf("the server ended after SIGTERM with %v, want exit code 0", s.err)
	}
}

// stop ends the server as an operator does.
func (s *server) stop() {
	s.t.Helper()
	s.terminate()
	s.stopped()
}

// kill is kill -9. A server that has ended already is left alone.
func (s *server) kill() {
	select {
	case <-s.exited:
		return
	default:
	}
	_ = s.cmd.Process.Kill() // fails only if the process has just ended
	<-s.exited
}

// logBuffer keeps what a server has logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) add(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.WriteString(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// client is for all requests of these tests; many run at once.
var client = &http.Client{
	Timeout:   patience,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64},
}

// call sends a request with a bearer token and, unless nil, a JSON body, and
// returns the status and the body of the answer. It has no *testing.T because a
// server that is being killed answers with an error that is expected.
func (s *server) call(method, path, token string, body any) (int, []byte, error) {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, s.url+path, payload)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// createCustomer makes an individual customer and returns its id.
func (s *server) createCustomer(org organization, externalID string) string {
	s.t.Helper()
	status, body, err := s.call("POST", "/v1/customers/", org.AccessToken, map[string]string{
		"type":        "individual",
		"email":       externalID + "@example.com",
		"external_id": externalID,
	})
	if err != nil || status != http.StatusCreated {
		s.t.Fatalf("creating a customer: %d %s %v", status, body, err)
	}
	var customer struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &customer); err != nil || customer.ID == "" {
		s.t.Fatalf("creating a customer answered %s: %v", body, err)
	}
	return customer.ID
}

// postSession asks for a session; sessionToken reads the answer.
func (s *server) postSession(org organization, customerID string) (int, []byte, error) {
	return s.call("POST", "/v1/customer-sessions/", org.AccessToken, map[string]string{
		"customer_id": customerID,
	})
}

// createSession makes a session and returns its token.
func (s *server) createSession(org organization, customerID string) string {
	s.t.Helper()
	status, body, err := s.postSession(org, customerID)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := sessionToken(status, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// sessionToken reads the token out of the answer to the creation of a session.
func sessionToken(status int, body []byte) (string, error) {
	if status != http.StatusCreated {
		return "", fmt.Errorf("creating a session: %d %s", status, body)
	}
	var session struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &session); err != nil {
		return "", fmt.Errorf("creating a session answered %s: %w", body, err)
	}
	if session.Token == "" {
		return "", fmt.Errorf("creating a session answered %s, without a token", body)
	}
	return session.Token, nil
}

// introspect fails the test unless the token is live.
func (s *server) introspect(token string) {
	s.t.Helper()
	if err := s.live(token); err != nil {
		s.t.Error(err)
	}
}

// live returns nil if the token opens a session.
func (s *server) live(token string) error {
	status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
	if err != nil {
		return fmt.Errorf("introspecting: %w", err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("introspecting: %d %s", status, body)
	}
	return nil
}
