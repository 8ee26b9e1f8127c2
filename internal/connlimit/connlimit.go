// Package connlimit bounds what the connections of an HTTP server take before a handler sees a request: their number, in total
// and for each client address, and the number of header lines of a request.
//
//	limits := connlimit.New(connlimit.Options{Total: 10_000, PerAddress: 500, Exempt: proxies, Log: logger})
//	h := &http.Server{Handler: handler, ConnState: limits.ConnState, MaxHeaderBytes: 16 << 10}
//	err := h.Serve(limits.Listener(listener))
//
// The server holds at most MaxHeaderBytes (and 4 KiB of net/http) of headers for each connection, so the limit of connections
// also bounds the memory of all headers. A connection beyond a limit gets an answer without a body, and is closed.
package connlimit

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/metrics"
)

// Options are the limits.
type Options struct {
	// Total is the maximum number of connections. PerAddress is the maximum for each client address, and for each /64 network of
	// IPv6. 0 means no limit.
	Total, PerAddress int
	// Exempt are networks without a limit for each address, such as reverse proxies. IPv4 networks are written as IPv4.
	Exempt []netip.Prefix
	// Log gets a line when a limit is reached, at most once a minute for each limit. It is required.
	Log *slog.Logger
	// Metrics counts connections; nil counts nothing.
	Metrics *metrics.Metrics
}

// Limits applies limits to the connections of its listeners. It is safe for concurrent use.
type Limits struct {
	Options
	mu    sync.Mutex
	total int
	// of counts the connections of each address that is not exempt.
	of map[netip.Addr]int
	// logged is when a limit was last logged.
	logged map[string]time.Time
}

// New returns limits. Connections of several listeners count together.
func New(o Options) *Limits {
	return &Limits{Options: o, of: map[netip.Addr]int{}, logged: map[string]time.Time{}}
}

// Listener returns a listener whose Accept returns only connections within the limits. Accept never returns an error because of a
// limit.
func (l *Limits) Listener(inner net.Listener) net.Listener { return &listener{inner, l} }

type listener struct {
	net.Listener
	limits *Limits
}

// The answers to connections beyond a limit. A client may retry.
const (
	busy       = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	tooMany    = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	tooManyFor = "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := addressOf(c)
		refusal := l.limits.open(client)
		if refusal == "" {
			return newConn(c, client, l.limits), nil
		}
		refuse(c, refusal)
		c.Close()
	}
}

// refuse sends an answer without waiting for a client that does not read.
func refuse(c net.Conn, answer string) {
	c.SetWriteDeadline(time.Now().Add(time.Second))
	c.Write([]byte(answer))
}

// open counts a connection and returns "", or returns the answer of the limit that the connection exceeds.
func (l *Limits) open(client netip.Addr) (refusal string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Total > 0 && l.total >= l.Total {
		l.refused("connections", "the limit of connections is reached; new connections are closed", "limit", l.Total, "flag", "--max-connections")
		return busy
	}
	if l.counts(client) {
		if l.of[client] >= l.PerAddress {
			l.refused("connections-per-address", "a client reached its limit of connections; if it is a reverse proxy, name it in --trusted-proxies",
				"client", client.String(), "limit", l.PerAddress, "flag", "--max-connections-per-address")
			return tooMany
		}
		l.of[client]++
	}
	l.total++
	l.Metrics.Connections(1)
	return ""
}

// closed counts the end of a connection.
func (l *Limits) closed(client netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	l.Metrics.Connections(-1)
	if !l.counts(client) {
		return
	}
	if l.of[client]--; l.of[client] == 0 {
		delete(l.of, client)
	}
}

// counts reports whether the limit for each address applies to a client.
func (l *Limits) counts(client netip.Addr) bool {
	return l.PerAddress > 0 && client.IsValid() && !slices.ContainsFunc(l.Exempt, func(p netip.Prefix) bool { return p.Contains(client) })
}

// logInterval is the time between two log lines about one limit.
const logInterval = time.Minute

// refused counts and logs a refusal. The caller holds mu.
func (l *Limits) refused(limit, message string, attrs ...any) {
	l.Metrics.Refused(limit)
	if now := time.Now(); now.Sub(l.logged[limit]) >= logInterval {
		l.logged[limit] = now
		l.Log.Warn(message, attrs...)
	}
}

// addressOf returns the address that counts for a connection: an IPv4 address, or the first address of an IPv6 /64. It returns the
// zero Addr for a connection without an IP address, such as a Unix socket.
func addressOf(c net.Conn) netip.Addr {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if !ip.Is6() {
		return ip
	}
	network, _ := ip.Prefix(64) // an IPv6 address has 128 bits
	return network.Addr()
}
