package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern"
)

const (
	liveSessions = 100_000
	rounds       = 7
	roundTime    = 2 * time.Second
	connections  = 16
	path         = "/v1/customer-portal/customer-session/introspect"
)

// introspectOverHTTP compares a Postern server with 100,000 live sessions to a net/http handler that writes the same header and
// body, in requests per second. Each server is a separate process. The rounds alternate between the two servers, and the result
// is the median of the ratios.
func introspectOverHTTP() ([]result, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tokens, err := fill(dir)
	if err != nil {
		return nil, err
	}
	server, err := start(dir)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	bare, err := start("bare")
	if err != nil {
		return nil, err
	}
	defer bare.stop()

	loader := introspectRequests(tokens)
	if _, err := loader.send(server.addr, liveSessions); err != nil { // warm the cache, so that the measurement does not include the store
		return nil, err
	}
	var values, baselines, ratios []float64
	for range rounds {
		value, err := loader.run(server.addr, roundTime)
		if err != nil {
			return nil, err
		}
		baseline, err := loader.run(bare.addr, roundTime)
		if err != nil {
			return nil, err
		}
		values, baselines, ratios = append(values, value), append(baselines, baseline), append(ratios, value/baseline)
	}
	return []result{{
		Name: "introspect over HTTP, 100,000 live sessions, requests/s", Value: median(values), Baseline: median(baselines),
		Ratio: median(ratios), Target: 0.85, Better: "higher",
	}}, nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// fill creates a store with live sessions through the API and returns their tokens.
func fill(dir string) ([]string, error) {
	ctx := context.Background()
	if err := postern.Init(ctx, postern.Config{DataDir: dir}); err != nil {
		return nil, err
	}
	p, err := postern.Open(ctx, postern.Config{DataDir: dir, RateLimits: "off"})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	org, err := p.CreateOrganization(ctx, postern.NewOrganization{Slug: "bench"})
	if err != nil {
		return nil, err
	}
	if _, err := post(p.Handler(), org.AccessToken, "/v1/customers/", `{"email":"ada@example.com","external_id":"user_1"}`); err != nil {
		return nil, err
	}
	tokens := make([]string, liveSessions)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range 256 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < liveSessions && failed.Load() == nil; i = next.Add(1) - 1 {
				answer, err := post(p.Handler(), org.AccessToken, "/v1/customer-sessions/", `{"external_customer_id":"user_1"}`)
				var created struct{ Token string }
				if err == nil {
					err = json.Unmarshal(answer, &created)
				}
				if err != nil {
					failed.Store(&err)
				}
				tokens[i] = created.Token
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return tokens, nil
}

// post calls the handler directly, without a network, because the time for creating data is not measured.
func post(h http.Handler, token, path, body string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	w := &recorder{header: http.Header{}}
	h.ServeHTTP(w, r)
	if w.status != http.StatusCreated {
		return nil, fmt.Errorf("POST %s: %d %s", path, w.status, w.body)
	}
	return w.body, nil
}

type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(b []byte) (int, error) { w.body = append(w.body, b...); return len(b), nil }

// child is a server in a separate process.
type child struct {
	addr  string
	cmd   *exec.Cmd
	stdin io.Closer
}

func start(what string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "serve", what)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("start server %s: %w", what, err)
	}
	return &child{strings.TrimSpace(addr), cmd, in}, nil
}

func (c *child) stop() {
	c.stdin.Close()
	c.cmd.Wait()
}

// serve is the main function of a child process. It prints its address and serves until its standard input is closed.
func serve(what string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	handler := http.Handler(http.HandlerFunc(bareHandler))
	if what != "bare" {
		const limits = "default=1000000000/m,pending=1000000000/m" // the limit is too high to refuse a request
		p, err := postern.Open(context.Background(), postern.Config{DataDir: what, RateLimits: limits})
		if err != nil {
			panic(err)
		}
		defer p.Close()
		handler = p.Handler()
	}
	fmt.Println(listener.Addr())
	go http.Serve(listener, handler)
	io.Copy(io.Discard, os.Stdin)
}

// bareHandler is the baseline: it writes a constant answer with the header and the length of an answer of Postern.
func bareHandler(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", "application/json")
	h.Set("Polar-Version", "2026-10")
	h.Set("Content-Length", "62")
	w.Write([]byte(`{"expires_at":"2026-11-23T03:00:00.123456Z","return_url":null}`))
}
