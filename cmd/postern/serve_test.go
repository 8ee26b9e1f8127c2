package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// lockedBuffer is a log that several goroutines write to and read from.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

// runningIn starts serve with a new store and returns its directory and address.
func runningIn(t *testing.T) (dir, addr string) {
	t.Helper()
	dir = t.TempDir()
	addr, _, _ = running(t, listening{public: "127.0.0.1:0"}, server.Config{DataDir: dir})
	return dir, addr
}

// running starts serve with a new store and returns its public address and its log. stop stops it and returns its error.
func running(t *testing.T, on listening, config server.Config) (addr string, log *lockedBuffer, stop func() error) {
	t.Helper()
	if config.DataDir == "" {
		config.DataDir = t.TempDir()
	}
	if err := server.Init(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	log = new(lockedBuffer)
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- serve(ctx, slog.New(slog.NewTextHandler(log, nil)), on, config, (*server.Server).Handler, func(_ context.Context, _ *server.Server, addr string) error {
			ready <- addr
			return nil
		})
	}()
	select {
	case addr = <-ready:
	case err := <-done:
		t.Fatalf("serve: %v", err)
	}
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return addr, log, stop
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

func TestOperatorListenerServesMetricsApartFromThePublicOne(t *testing.T) {
	addr, log, stop := running(t, listening{public: "127.0.0.1:0", operator: "127.0.0.1:0"}, server.Config{})
	found := regexp.MustCompile(`listening for operators" addr=(\S+)`).FindStringSubmatch(log.text())
	if found == nil {
		t.Fatalf("log: %s", log.text())
	}
	public, operator := "http://"+addr, "http://"+found[1]
	for url, want := range map[string]int{
		public + "/metrics": 404, public + "/healthz": 200, public + "/openapi.json": 200,
		operator + "/metrics": 200, operator + "/healthz": 200, operator + "/openapi.json": 404, operator + "/v1/customers/": 404,
	} {
		if got, body := get(t, url); got != want {
			t.Errorf("%s: %d, want %d: %s", url, got, want, body)
		}
	}
	const want = `postern_requests_total{status="2xx",zone="default"} 2`
	for deadline := time.Now().Add(5 * time.Second); ; { // a long answer is counted after the client has read it
		_, body := get(t, operator+"/metrics")
		if strings.Contains(body, want) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the metrics lack the two requests to the public listener:\n%s", body)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(operator + "/healthz"); err == nil {
		t.Error("the operator listener answers after the server has stopped")
	}
}

// A request that the client keeps open holds its connection.
func TestServeLimitsConnectionsExceptThoseOfTrustedProxies(t *testing.T) {
	for _, tt := range []struct {
		trusted string
		want    int
	}{
		{"192.0.2.0/24", http.StatusTooManyRequests}, {"127.0.0.0/8", http.StatusServiceUnavailable},
	} {
		t.Run(tt.trusted, func(t *testing.T) {
			on := listening{public: "127.0.0.1:0", connections: 3, perAddress: 1}
			addr, log, _ := running(t, on, server.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix(tt.trusted)}})
			var got int
			for range 4 {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				r, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got = r.StatusCode; got != http.StatusOK {
					break
				}
			}
			if got != tt.want {
				t.Errorf("beyond the limit: %d, want %d", got, tt.want)
			}
			if !strings.Contains(log.text(), "--max-connections") {
				t.Errorf("log: %s", log.text())
			}
		})
	}
}
