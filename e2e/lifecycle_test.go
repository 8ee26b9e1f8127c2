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

func TestRestartKeepsSessions(t *testing.T) { onBothEngines(t, restartKeepsSessions) }

func restartKeepsSessions(t *testing.T, c config) {
	org := initialize(t, c)

	s := serve(t, c)
	token := s.createSession(org, s.createCustomer(org, "ada"))
	s.introspect(token)
	s.stop()

	s = serve(t, c)
	s.introspect(token)
	s.stop()
}

// After SIGTERM the server accepts no new connections, finishes the current request, and exits with code 0.
func TestSIGTERMFinishesRequests(t *testing.T) { onBothEngines(t, sigtermFinishesRequests) }

func sigtermFinishesRequests(t *testing.T, c config) {
	org := initialize(t, c)
	s := serve(t, c)
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

	// The server answers "100 Continue" when the handler reads the body. From then on the request is being handled, and the test
	// needs no delay.
	body := fmt.Sprintf(`{"customer_id":%q}`, customer)
	fmt.Fprintf(conn, "POST /v1/customer-sessions/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		host, org.AccessToken, len(body))
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("got %q, %v, want 100 Continue", line, err)
	}
	if line, err = r.ReadString('\n'); err != nil || line != "\r\n" {
		t.Fatalf("after 100 Continue: %q, %v", line, err)
	}

	s.terminate()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		probe, err := net.DialTimeout("tcp", host, time.Second)
		if err != nil {
			break // the server has stopped listening
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
		t.Fatalf("the request got no answer: %v", err)
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

	// The session that the server has created must exist.
	s = serve(t, c)
	s.introspect(token)
	s.stop()
}

// A data directory can be used by one server only, because each server caches sessions. A second one refuses to start; the first
// one continues.
func TestSecondServerOnDataDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := directoryConfig(dir)
	org := initialize(t, c)
	s := serve(t, c)
	token := s.createSession(org, s.createCustomer(org, "ada"))

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	second := c.command(ctx, c.serveArgs()...)
	var stderr bytes.Buffer
	second.Stderr = &stderr
	err := second.Run()

	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		t.Fatalf("the second server ended with %v, want an exit code above 0\n%s", err, &stderr)
	}
	// The error message names the directory and the reason.
	if msg := stderr.String(); !strings.Contains(msg, dir) || !strings.Contains(msg, "in use") {
		t.Errorf("error of the second server is %q, want it to contain %q and %q", msg, dir, "in use")
	}

	s.introspect(token)
	s.stop()

	s = serve(t, c) // after the first server has stopped, another one can start
	s.introspect(token)
	s.stop()
}
