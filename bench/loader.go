package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// loader sends raw HTTP requests over persistent connections. Each connection waits for the answer before it sends the next
// request.
type loader struct {
	connections int
	// request appends the n-th request to b.
	request func(b []byte, n int64) []byte
}

// introspectRequests returns a loader that introspects the sessions one after another.
func introspectRequests(tokens []string) loader {
	return loader{connections, func(b []byte, n int64) []byte {
		b = append(b, "GET "+path+" HTTP/1.1\r\nHost: postern\r\nAuthorization: Bearer "...)
		b = append(b, tokens[int(n*7919)%len(tokens)]...)
		return append(b, "\r\n\r\n"...)
	}}
}

// send sends the given number of requests.
func (l loader) send(addr string, requests int64) (perSecond float64, err error) {
	return l.rate(addr, func(n int64) bool { return n < requests })
}

// run sends requests for the given time.
func (l loader) run(addr string, d time.Duration) (perSecond float64, err error) {
	end := time.Now().Add(d)
	return l.rate(addr, func(int64) bool { return time.Now().Before(end) })
}

func (l loader) rate(addr string, more func(n int64) bool) (perSecond float64, err error) {
	began := time.Now()
	n, err := l.each(addr, more)
	return float64(n) / time.Since(began).Seconds(), err
}

// each sends requests over all connections while more returns true. The requests are raw bytes, so that the loader needs little
// CPU time.
func (l loader) each(addr string, more func(n int64) bool) (int64, error) {
	var n atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range l.connections {
		wg.Go(func() {
			if err := l.pump(addr, &n, more); err != nil {
				failed.Store(&err)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return n.Load(), nil
}

func (l loader) pump(addr string, n *atomic.Int64, more func(n int64) bool) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out []byte
	for i := n.Add(1) - 1; more(i); i = n.Add(1) - 1 {
		out = l.request(out[:0], i)
		if _, err := conn.Write(out); err != nil {
			return err
		}
		if err := readAnswer(in); err != nil {
			return err
		}
	}
	return nil
}

// readAnswer reads one answer with a Content-Length.
func readAnswer(in *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !strings.HasPrefix(string(line), "HTTP/1.1 20") {
			return fmt.Errorf("unexpected answer %q", line)
		}
		if len(line) <= 2 {
			break
		}
		if rest, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			fmt.Sscan(rest, &length)
		}
	}
	_, err := in.Discard(length)
	return err
}
