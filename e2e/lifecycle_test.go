package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestListenAddr(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"time=2026-09-01T08:00:00.000Z level=INFO msg=listening addr=127.0.0.1:8787 data=/tmp/x\n", "127.0.0.1:8787"},
		{`{"level":"INFO","msg":"listening","addr":"127.0.0.1:8787"}`, "127.0.0.1:8787"},
		{"Postern 0.1.0 is serving http://127.0.0.1:8787\n", "127.0.0.1:8787"},
		{"level=INFO msg=request remote_addr=127.0.0.1:5000\n", ""},
		{"level=INFO msg=listening\n", ""},
	} {
		if got, ok := listenAddr(tt.line); got != tt.want || ok != (tt.want != "") {
			t.Errorf("listenAddr(%q) = %q, %v; want %q", tt.line, got, ok, tt.want)
		}
	}
}

// What one run of the server has acknowledged, the next one has.
func TestRestartKeepsSessions(t *testing.T) { onBoth(t, restartKeepsSessions) }

func restartKeepsSessions(t *testing.T, h home) {
	org := initialize(t, h)

	s := serve(t, h)
	token := s.createSession(org, s.createCustomer(org, "ada"))
	s.introspect(token)
	s.stop()

	s = serve(t, h)
	s.introspect(token)
	s.stop()
}

// SIGTERM while a request is being handled: no new connection is taken, the
// request is answered as if nothing had happened, and the exit code is 0.
func TestTerminateDrains(t *testing.T) { onBoth(t, terminateDrains) }

func terminateDrains(t *testing.T, h home) {
	org := initialize(t, h)
	s := serve(t, h)
	customer := s.createCustomer(org, "ada")
	host := strings.TrimPrefix(s.url, "http://")

	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}

	// The server answers "100 Continue" when the handler asks for the body: from
	// then on it waits in the middle of the request, without a timed guess here.
	body := fmt.Sprintf(`{"customer_id":%q}`, customer)
	fmt.Fprintf(conn, "POST /v1/customer-sessions/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		host, org.AccessToken, len(body))
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("instead of 100 Continue: %q, %v", line, err)
	}
	if line, err = r.ReadString('\n'); err != nil || line != "\r\n" {
		t.Fatalf("after 100 Continue: %q, %v", line, err)
	}

	s.terminate()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		probe, err := net.DialTimeout("tcp", host, time.Second)
		if err != nil {
			break // no longer listening: the drain has begun
		}
		probe.Close()
		if time.Now().After(deadline) {
			t.Fatal("still listening after SIGTERM")
		}
	}

	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("the request in flight got no answer: %v", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	token, err := sessionToken(res.StatusCode, answer)
	if err != nil {
		t.Fatal(err)
	}
	s.stopped()

	// And what it answered is true.
	s = serve(t, h)
	s.introspect(token)
	s.stop()
}

// Two servers on one data directory would each trust a cache that the other
// makes stale: the second one is refused, and the first does not notice. What
// several servers share is a database.
func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := directoryHome(dir)
	org := initialize(t, h)
	s := serve(t, h)
	token := s.createSession(org, s.createCustomer(org, "ada"))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	second := h.postern(ctx, h.serveArgs()...)
	var stderr bytes.Buffer
	second.Stderr = &stderr
	err := second.Run()

	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Fatalf("the second server ended with %v, want an exit code above 0\n%s", err, &stderr)
	}
	// The message names the directory and says why, in words for an operator.
	if msg := stderr.String(); !strings.Contains(msg, dir) || !strings.Contains(msg, "in use") {
		t.Errorf("the second server said %q, which lacks %q or %q", msg, dir, "in use")
	}

	s.introspect(token)
	s.stop()

	s = serve(t, h) // the refusal ends with the first server
	s.introspect(token)
	s.stop()
}
