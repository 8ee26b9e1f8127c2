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

// patience is the timeout for everything that waits. It is long enough for a busy machine.
const patience = 30 * time.Second

// publicURL is the --public-url of the servers. It differs from the address on which they listen, so that tests notice links with the
// wrong one.
const publicURL = "https://portal.example.com"

// binary is the path of the program under test. TestMain builds it.
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
	// Build like a release, without cgo. Version control stamping fails in a checkout that another user owns.
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

// command returns a command of the program under test. Its environment has no POSTERN_ or POLAR_ variables except those of the config.
func (c config) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = slices.Clone(c.env)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "POSTERN_") && !strings.HasPrefix(kv, "POLAR_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	return cmd
}

// organization is the output of `postern init --json`.
type organization struct {
	ID          string `json:"organization_id"`
	Slug        string `json:"organization_slug"`
	AccessToken string `json:"access_token"`
}

// initialize creates the store and an organization, named acme unless flags contain another name.
func initialize(t *testing.T, c config, flags ...string) organization {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	args := slices.Concat([]string{"init", "--organization", "acme", "--json"}, c.flags, flags)
	cmd := c.command(ctx, args...)
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
	exited chan struct{} // closed after the process has ended and err is set
	err    error
}

// serveArgs returns the arguments of `postern serve` on a free port. Rate limits are off unless flags set them.
func (c config) serveArgs(flags ...string) []string {
	args := slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--public-url", publicURL}, c.flags, flags)
	if !slices.Contains(flags, "--rate-limits") {
		args = append(args, "--rate-limits", "off")
	}
	return args
}

// serve starts a server and waits until it is healthy. The server is killed when the test ends.
func serve(t *testing.T, c config, flags ...string) *server {
	t.Helper()
	return start(t, c.command(context.Background(), c.serveArgs(flags...)...))
}

// start starts a server command and waits until it is healthy.
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
			t.Logf("log of the server:\n%s", s.log)
		}
	})

	select {
	case a := <-addr:
		s.url = "http://" + a
	case <-s.exited:
		t.Fatalf("the server did not start: %v", s.err)
	case <-time.After(patience):
		t.Fatal("the server did not log its address")
	}
	s.waitHealthy()
	return s
}

var addrPattern = regexp.MustCompile(`\b(?:listening.*\baddr"?[=:]"?|is serving http://)([0-9.]+:[0-9]+)`)

// listenAddr returns the address in the log line of a server that listens: msg=listening addr=127.0.0.1:PORT, the same as JSON, or
// "is serving http://127.0.0.1:PORT" of `postern dev`.
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

// terminate sends SIGTERM to the server.
func (s *server) terminate() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
}

// stopped waits for the exit of a terminated server. The exit code must be 0.
func (s *server) stopped() {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.t.Fatal("the server did not exit after SIGTERM")
	}
	if s.err != nil {
		s.t.Fatalf("after SIGTERM the server exited with %v, want exit code 0", s.err)
	}
}

// stop terminates the server and waits for its exit.
func (s *server) stop() {
	s.t.Helper()
	s.terminate()
	s.stopped()
}

// kill sends SIGKILL to the server, unless it has already exited, and waits for its exit.
func (s *server) kill() {
	select {
	case <-s.exited:
		return
	default:
	}
	_ = s.cmd.Process.Kill() // fails only if the process has just ended
	<-s.exited
}

// logBuffer stores the log of a server.
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

// client is the HTTP client of all tests.
var client = &http.Client{
	Timeout:   patience,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64},
}

// call sends a request with a bearer token and an optional JSON body, and returns the status and the body of the answer. It returns
// errors instead of failing the test, because requests to a killed server are expected to fail.
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

// createCustomer creates an individual customer and returns its id.
func (s *server) createCustomer(org organization, externalID string) string {
	s.t.Helper()
	status, body, err := s.call("POST", "/v1/customers/", org.AccessToken, map[string]string{
		"type":        "individual",
		"email":       externalID + "@example.com",
		"external_id": externalID,
	})
	if err != nil || status != http.StatusCreated {
		s.t.Fatalf("create customer: %d %s %v", status, body, err)
	}
	var customer struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &customer); err != nil || customer.ID == "" {
		s.t.Fatalf("create customer: answer %s: %v", body, err)
	}
	return customer.ID
}

// postSession creates a session and returns the answer, which sessionToken decodes.
func (s *server) postSession(org organization, customerID string) (int, []byte, error) {
	return s.call("POST", "/v1/customer-sessions/", org.AccessToken, map[string]string{
		"customer_id": customerID,
	})
}

// createSession creates a session and returns its token.
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

// sessionToken returns the token from the answer to the creation of a session.
func sessionToken(status int, body []byte) (string, error) {
	if status != http.StatusCreated {
		return "", fmt.Errorf("create session: %d %s", status, body)
	}
	var session struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &session); err != nil {
		return "", fmt.Errorf("create session: answer %s: %w", body, err)
	}
	if session.Token == "" {
		return "", fmt.Errorf("create session: no token in %s", body)
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

// live returns nil if the token is live.
func (s *server) live(token string) error {
	status, body, err := s.call("GET", "/v1/customer-portal/customer-session/introspect", token, nil)
	if err != nil {
		return fmt.Errorf("introspect: %w", err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("introspect: %d %s", status, body)
	}
	return nil
}
