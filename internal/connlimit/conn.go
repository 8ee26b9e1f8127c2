package connlimit

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// maxHeaders is the maximum number of header lines of a request. A parsed line takes up to a hundred bytes more than its text.
const maxHeaders = 100

// conn is a counted connection. It counts the lines of each request's head, from the start of the connection or the end of the
// request before, until the empty line.
type conn struct {
	net.Conn
	client netip.Addr
	limits *Limits
	closed sync.Once

	// inHead reports whether the bytes that are read belong to the head of a request. It is atomic because http.Server reads
	// from another goroutine while a handler runs.
	inHead atomic.Bool
	lines  int
	// atStart reports whether the last byte that was read ended a line.
	atStart bool
}

func newConn(c net.Conn, client netip.Addr, l *Limits) *conn {
	counted := &conn{Conn: c, client: client, limits: l}
	counted.inHead.Store(true)
	return counted
}

// ConnState is the field ConnState of an http.Server. It detects where the next request on a connection starts.
func (l *Limits) ConnState(c net.Conn, s http.ConnState) {
	if c, ok := c.(*conn); ok && s == http.StateIdle {
		c.lines, c.atStart = 0, false
		c.inHead.Store(true)
	}
}

// Read implements net.Conn. If the head of a request has too many lines, Read sends an answer and returns io.EOF.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.inHead.Load() && !c.count(b[:n]) {
		c.limits.mu.Lock()
		c.limits.refused("headers", "a client sent too many headers", "client", c.client.String(), "limit", maxHeaders)
		c.limits.mu.Unlock()
		refuse(c.Conn, tooManyFor)
		return 0, io.EOF
	}
	return n, err
}

// count counts the lines of a part of a head. It reports false if there are too many.
func (c *conn) count(b []byte) bool {
	for len(b) > 0 {
		if c.atStart && b[0] == '\r' {
			b = b[1:]
			continue
		}
		if c.atStart && b[0] == '\n' {
			c.inHead.Store(false)
			return true
		}
		end := bytes.IndexByte(b, '\n')
		if c.atStart = end >= 0; !c.atStart {
			return true
		}
		if c.lines++; c.lines > 1+maxHeaders { // the first line is not a header
			return false
		}
		b = b[end+1:]
	}
	return true
}

// CloseWrite lets http.Server end its side of the connection first, so that a client that is still sending can read the answer.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.closed.Do(func() { c.limits.closed(c.client) })
	return c.Conn.Close()
}
