package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// resident returns the memory of the server that is in RAM, in bytes. Linux has it in /proc; other systems have ps.
func (s *server) resident() int64 {
	s.t.Helper()
	pid := s.cmd.Process.Pid
	kilobytes, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err == nil {
		_, rest, _ := strings.Cut(string(kilobytes), "VmRSS:")
		line, _, _ := strings.Cut(rest, " kB")
		kilobytes = []byte(line)
	} else if kilobytes, err = exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output(); err != nil {
		s.t.Fatalf("read the memory of the server: %v", err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(kilobytes)), 10, 64)
	if err != nil {
		s.t.Fatalf("the memory of the server is %q", kilobytes)
	}
	return n << 10
}

// growth measures the memory of a server until the returned function is called, which returns how much it grew at most.
func (s *server) growth() (most func() int64) {
	before := s.resident()
	var peak atomic.Int64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
			peak.Store(max(peak.Load(), s.resident()))
		}
	}()
	return func() int64 {
		close(done)
		<-ended
		return max(peak.Load(), s.resident()) - before
	}
}

// head returns the head of a POST request with a body of length bytes.
func head(path string, length int, headers ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: portal.example.com\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n",
		path, length, strings.Join(append(headers, ""), "\r\n"))
}

// flood opens n connections at the same time, calls send with each, and counts the statuses of the answers; 0 means none.
func (s *server) flood(n int, send func(i int, c net.Conn) error) map[int]int {
	s.t.Helper()
	statuses := map[int]int{}
	var mu sync.Mutex
	var all, connected sync.WaitGroup
	connected.Add(n)
	for i := range n {
		all.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			connected.Done()
			if err != nil {
				s.t.Error(err)
				return
			}
			defer c.Close()
			connected.Wait()
			c.SetDeadline(time.Now().Add(2 * patience))
			answered := make(chan int, 1)
			go func() {
				status := 0
				if r, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
					status = r.StatusCode
				}
				answered <- status
			}()
			if err := send(i, c); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
				s.t.Error(err)
			}
			status := <-answered
			mu.Lock()
			statuses[status]++
			mu.Unlock()
		})
	}
	all.Wait()
	return statuses
}

// many are flags for floods from one address.
var many = []string{"--max-connections-per-address", "0"}

const (
	createSession = "/v1/customer-sessions/"
	logIn         = "/v1/customer-portal/customer-session/authenticate"
	megabyte      = 1 << 20
)

// 1,000 connections that each send 10 MB without a token take less than 100 MB.
func TestLongBodiesOfUnknownCallersTakeNoMemory(t *testing.T) {
	s, _ := running(t)
	body := bytes.Repeat([]byte("["), 10_000_000)
	for _, path := range []string{createSession, logIn} {
		stop := s.growth()
		statuses := s.flood(1000, func(_ int, c net.Conn) error {
			if _, err := io.WriteString(c, head(path, len(body))); err != nil {
				return err
			}
			_, err := c.Write(body)
			return err
		})
		grew := stop()
		t.Logf("%s: the server grew by %d MB; answers: %v", path, grew/megabyte, statuses)
		if grew > 100*megabyte {
			t.Errorf("%s: the server grew by %d MB", path, grew/megabyte)
		}
		want := http.StatusUnauthorized
		if path == logIn {
			want = http.StatusRequestEntityTooLarge
		}
		if statuses[want] < 900 || statuses[want]+statuses[0] != 1000 { // a reset can destroy the answer
			t.Errorf("%s: answers %v, want %d", path, statuses, want)
		}
	}
}

// running starts a server for floods.
func running(t *testing.T) (*server, organization) {
	t.Helper()
	c := config{flags: []string{"--data", t.TempDir()}}
	org := initialize(t, c)
	return serve(t, c, many...), org
}

func gzipped(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for range n / megabyte {
		if _, err := w.Write(make([]byte, megabyte)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile returns bodies of at most n bytes that cost a parser much.
func hostile(n int) map[string]string {
	var keys strings.Builder
	for i := 0; keys.Len() < n-20; i++ {
		fmt.Fprintf(&keys, `"%x":1,`, i)
	}
	list := func(item string) string { return "[" + strings.Repeat(item+",", n/(len(item)+1)-2) + "1]" }
	return map[string]string{
		"deep arrays":      strings.Repeat("[", n),
		"deep objects":     strings.Repeat(`{"":`, n/4),
		"many deep arrays": list(strings.Repeat("[", 190) + strings.Repeat("]", 190)),
		"a huge number":    strings.Repeat("9", n),
		"a huge exponent":  "1e" + strings.Repeat("9", n-2),
		"many numbers":     list("1"),
		"many objects":     list("{}"),
		"many members":     list(`{"a":1}`),
		"many keys":        "{" + keys.String() + `"":1}`,
		"one key often":    "{" + strings.Repeat(`"email":1,`, n/10-2) + `"":1}`,
		"a long text":      `{"email":"` + strings.Repeat("x", n-30) + `"}`,
		"escapes":          `{"code":"` + strings.Repeat(`\u20ac`, n/6-5) + `"}`,
	}
}

var everyBody = flag.Bool("every-body", false, "try every kind of hostile body, from more connections")

// Bodies that are expensive to parse take a bounded amount of memory, with and without an access token. Without -every-body, the
// test tries a few kinds.
func TestFieldHostileBodiesTakeBoundedMemory(t *testing.T) {
	s, org := running(t)
	token := "Authorization: Bearer " + org.AccessToken
	const most = 300 * megabyte // the budget of 64 MiB, answers that repeat the input, and what the collector has not freed yet
	for _, tt := range []struct {
		name, path string
		n, length  int
		headers    []string
	}{
		{"anonymous", createSession, 1000, 64 << 10, nil},
		{"anonymous login", logIn, 1000, 64 << 10, nil},
		{"access token", createSession, 300, megabyte, []string{token}},
	} {
		for name, body := range hostile(tt.length) {
			if !*everyBody {
				if name != "many numbers" && name != "deep arrays" && name != "a long text" {
					continue
				}
				tt.n = 100
			}
			stop := s.growth()
			statuses := s.flood(tt.n, func(_ int, c net.Conn) error {
				_, err := io.WriteString(c, head(tt.path, len(body), tt.headers...)+body)
				return err
			})
			grew := stop()
			t.Logf("%s, %s: the server grew by %d MB; answers: %v", tt.name, name, grew/megabyte, statuses)
			if grew > most {
				t.Errorf("%s, %s: the server grew by %d MB", tt.name, name, grew/megabyte)
			}
			for status := range statuses {
				switch status {
				case 0, 400, 401, 422, 503:
				default:
					t.Errorf("%s, %s: answers %v", tt.name, name, statuses)
				}
			}
		}
	}
	s.waitHealthy()
}

// The server does not decompress bodies, and refuses bodies without a length.
func TestCompressedAndChunkedBodiesAreNotExpanded(t *testing.T) {
	s, org := running(t)
	token := "Authorization: Bearer " + org.AccessToken
	bomb := gzipped(t, 512*megabyte)
	for _, tt := range []struct {
		name, request string
		status        int
	}{
		{"gzip", head(createSession, len(bomb), "Content-Encoding: gzip", token) + bomb, 400},
		{"gzip without a token", head(createSession, len(bomb), "Content-Encoding: gzip") + bomb, 401},
		{"chunked", "POST " + createSession + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + token + "\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat("x", 1<<16)+"\r\n", 100), 411},
	} {
		stop := s.growth()
		statuses := s.flood(50, func(_ int, c net.Conn) error {
			_, err := io.WriteString(c, tt.request)
			return err
		})
		grew := stop()
		t.Logf("%s: the server grew by %d MB; answers: %v", tt.name, grew/megabyte, statuses)
		if grew > 150*megabyte || statuses[tt.status] == 0 || statuses[tt.status]+statuses[0]+statuses[503] != 50 {
			t.Errorf("%s: the server grew by %d MB; answers: %v, want %d", tt.name, grew/megabyte, statuses, tt.status)
		}
	}
}

// Clients that send long bodies slowly are disconnected, and do not keep others from logging in meanwhile.
func TestFieldSlowBodiesHoldUpNobody(t *testing.T) {
	s, _ := running(t)
	stop := s.growth()
	release := make(chan struct{})
	var slow sync.WaitGroup
	slow.Go(func() {
		statuses := s.flood(1000, func(i int, c net.Conn) error {
			if _, err := io.WriteString(c, head(logIn, 64<<10)+strings.Repeat(" ", 60<<10)); err != nil {
				return err
			}
			<-release
			return nil
		})
		if statuses[400]+statuses[503] < 900 {
			t.Errorf("slow clients: answers %v, want 400 and 503", statuses)
		}
		t.Logf("slow clients: answers %v", statuses)
	})
	time.Sleep(time.Second) // the slow clients have sent what they send
	for i := range 20 {
		start := time.Now()
		r, err := client.Post(s.url+logIn, "application/json", strings.NewReader(`{"code":"ABCDEFGH"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusUnauthorized || time.Since(start) > 2*time.Second {
			t.Errorf("login %d: %d after %s, want 401", i+1, r.StatusCode, time.Since(start))
		}
	}
	start := time.Now()
	time.AfterFunc(15*time.Second, func() { close(release) })
	slow.Wait()
	if grew := stop(); grew > 150*megabyte {
		t.Errorf("the server grew by %d MB", grew/megabyte)
	} else {
		t.Logf("the server grew by %d MB; the last slow client was answered after %s", grew/megabyte, time.Since(start))
	}
}
