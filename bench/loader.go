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

// loader sends requests over connections that it keeps, each of which waits for its answer before it asks again.
type loader struct {
	connections int
	// request appends the n-th request to b.
	request func(b []byte, n int64) []byte
}

// introspecting asks for one session after the other.
func introspecting(tokens []string) loader {
	return loader{connections, func(b []byte, n int64) []byte {
		b = append(b, "GET "+path+" HTTP/1.1\r\nHost: postern\r\nAuthorization: Bearer "...)
		b = append(b, tokens[int(n*7919)%len(tokens)]...)
		return append(b, "\r\n\r\n"...)
	}}
}

// send sends that many requests.
func (l loader) send(addr string, requests int64) (perSecond float64, err error) {
	return l.rate(addr, func(n int64) bool { return n < requests })
}

// run sends requests for a time.
func (l loader) run(addr string, d time.Duration) (perSecond float64, err error) {
	end := time.Now().Add(d)
	return l.rate(addr, func(int64) bool { return time.Now().Before(end) })
}

func (l loader) rate(addr string, more func(n int64) bool) (perSecond float64, err error) {
	began := time.Now()
	n, err := l.each(addr, more)
	return float64(n) / time.Since(began).Seconds(), err
}

// each keeps connections busy with raw requests, so that the loader costs little and the same for both servers.
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
		if err := answered(in); err != nil {
			return err
		}
	}
	return nil
}

// answered reads one answer of a known length.
func answered(in *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !strings.HasPrefix(string(line), "HTTP/1.1 20") {
			return fmt.Errorf("the server answered %q", line)
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
