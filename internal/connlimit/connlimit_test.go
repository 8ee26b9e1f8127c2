package connlimit

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/metrics"
)

type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type testServer struct {
	*testing.T
	addr    string
	log     *lockedLog
	limits  *Limits
	metrics *metrics.Metrics
}

// start serves the sizes of request bodies, within limits.
func start(t *testing.T, o Options) testServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := new(lockedLog)
	o.Log, o.Metrics = slog.New(slog.NewTextHandler(log, nil)), metrics.New()
	limits := New(o)
	h := &http.Server{ConnState: limits.ConnState, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, len(b))
	})}
	go h.Serve(limits.Listener(listener))
	t.Cleanup(func() { h.Close() })
	return testServer{t, listener.Addr().String(), log, limits, o.Metrics}
}

type client struct {
	testServer
	net.Conn
	r *bufio.Reader
}

func (s testServer) dial() *client {
	s.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{s, c, bufio.NewReader(c)}
}

// ask sends a request and returns the status and the body of the answer.
func (c *client) ask(request string) (status int, body string) {
	c.Helper()
	if _, err := io.WriteString(c.Conn, request); err != nil {
		c.Fatal(err)
	}
	return c.answer()
}

func (c *client) answer() (status int, body string) {
	c.Helper()
	r, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func (s testServer) counts(line string) {
	s.Helper()
	w := httptest.NewRecorder()
	s.metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
		s.Errorf("the metrics lack %s", line)
	}
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// open waits until the limits count n connections.
func (s testServer) open(n int) {
	s.Helper()
	for range 2000 {
		s.limits.mu.Lock()
		total, addresses := s.limits.total, len(s.limits.of)
		s.limits.mu.Unlock()
		if total == n && (n > 0 || addresses == 0) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	s.Errorf("the limits do not count %d connections", n)
}

func TestConnectionsAreLimited(t *testing.T) {
	for _, tt := range []struct {
		name   string
		o      Options
		admits int
		status int
		limit  string
	}{
		{"in total", Options{Total: 3}, 3, 503, "connections"},
		{"for each address", Options{Total: 10, PerAddress: 2}, 2, 429, "connections-per-address"},
		{"for each address of others", Options{Total: 3, PerAddress: 2, Exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, 3, 503, "connections"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, tt.o)
			var clients []*client
			for range tt.admits {
				c := s.dial()
				if status, _ := c.ask(get); status != 200 {
					t.Fatalf("status %d", status)
				}
				clients = append(clients, c)
			}
			for range 3 {
				refused := s.dial()
				if status, _ := refused.answer(); status != tt.status {
					t.Errorf("beyond the limit: %d, want %d", status, tt.status)
				}
				if _, err := refused.r.ReadByte(); err == nil {
					t.Error("a refused connection stays open")
				}
			}
			s.counts(fmt.Sprintf("postern_connections %d", tt.admits))
			s.counts(fmt.Sprintf("postern_requests_refused_total{limit=%q} 3", tt.limit))
			if n := strings.Count(s.log.text(), "level=WARN"); n != 1 {
				t.Errorf("%d log lines, want 1: %s", n, s.log.text())
			}
			clients[0].Close()
			s.open(tt.admits - 1)
			if status, _ := s.dial().ask(get); status != 200 {
				t.Errorf("after a connection has ended: %d", status)
			}
			for _, c := range clients {
				if c != clients[0] {
					if status, _ := c.ask(get); status != 200 {
						t.Errorf("an earlier connection: %d", status)
					}
				}
			}
		})
	}
}

func TestEndedConnectionsLeaveNoCounts(t *testing.T) {
	s := start(t, Options{Total: 100, PerAddress: 100})
	for range 20 {
		c := s.dial()
		c.ask(get)
		c.Close()
	}
	s.open(0)
	s.counts("postern_connections 0")
}

func TestHeadersAreLimited(t *testing.T) {
	headers := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "H%d: x\r\n", i)
		}
		return b.String()
	}
	lines := strings.Repeat("\r\n", 5000)
	post := func(extra, body string) string {
		return fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s", len(body), extra, body)
	}
	s := start(t, Options{Total: 100})
	c := s.dial()
	// The lines of bodies do not count, neither do those of earlier requests on the connection.
	for i := range 20 {
		if status, body := c.ask(post(headers(maxHeaders-2), lines)); status != 200 || body != "10000" {
			t.Fatalf("request %d: %d %s", i+1, status, body)
		}
	}
	if status, _ := c.ask(post(headers(maxHeaders-1), "")); status != 431 {
		t.Errorf("too many headers: %d, want 431", status)
	}
	if _, err := c.r.ReadByte(); err == nil {
		t.Error("the connection stays open")
	}
	// A client gets the answer before the head has ended.
	c = s.dial()
	if status, _ := c.ask("GET / HTTP/1.1\r\n" + headers(maxHeaders+1)); status != 431 {
		t.Errorf("an unfinished head: %d, want 431", status)
	}
	s.open(0)
	s.counts(`postern_requests_refused_total{limit="headers"} 2`)
}

// The end of the head is found wherever the parts that the network delivers begin.
func TestHeadInPartsIsCounted(t *testing.T) {
	head := []byte("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n")
	for size := range len(head) {
		c := newConn(nil, netip.Addr{}, nil)
		for rest := head; len(rest) > 0; {
			n := min(size+1, len(rest))
			if !c.inHead.Load() || !c.count(rest[:n]) {
				t.Fatalf("parts of %d bytes: the head ended early", size+1)
			}
			rest = rest[n:]
		}
		if c.inHead.Load() || c.lines != 3 {
			t.Errorf("parts of %d bytes: %d lines, in head %v", size+1, c.lines, c.inHead.Load())
		}
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::", "[fe80::1%eth0]:80": "fe80::",
	} {
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := addressOf(peer{addr: net.TCPAddrFromAddrPort(addr)}); got.String() != want {
			t.Errorf("%s counts as %s, want %s", text, got, want)
		}
	}
	if got := addressOf(peer{addr: &net.UnixAddr{Name: "/run/x", Net: "unix"}}); got.IsValid() {
		t.Errorf("a Unix socket counts as %s", got)
	}
}

type peer struct {
	net.Conn
	addr net.Addr
}

func (p peer) RemoteAddr() net.Addr { return p.addr }

func TestCapacityFollowsTheLimitOfOpenFiles(t *testing.T) {
	for _, tt := range []struct {
		wanted int
		files  uint64
		want   int
	}{
		{10_000, 65_536, 10_000}, {10_000, 1024, 824}, {10_000, 256, 128}, {100, 1024, 100}, {0, 1024, 824}, {10_000, 0, 10_000}, {10_000, 1<<64 - 1, 10_000}, {0, 1<<64 - 1, 0},
	} {
		if got := capacity(tt.wanted, tt.files); got != tt.want {
			t.Errorf("%d connections with %d files: %d, want %d", tt.wanted, tt.files, got, tt.want)
		}
	}
}
