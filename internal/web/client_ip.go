package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP returns the IP address of the client that sent a request. If the peer is a trusted proxy, ClientIP reads
// X-Forwarded-For from right to left and returns the first address that is not a trusted proxy, because a client can forge the
// entries to the left of that address. If an entry is not an IP address, ClientIP returns the address to the right of this
// entry. If the peer is not a trusted proxy, ClientIP ignores the header. It never reads other headers. [Proxy] translates the
// header Forwarded.
//
// ClientIP returns IPv4-mapped IPv6 addresses as IPv4, so trusted IPv4 networks must be given as IPv4. The zero Addr means that
// the peer has no IP address, as on a Unix socket.
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	client := parseIP(r.RemoteAddr)
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			if !isTrusted(client, trusted) {
				return client
			}
			comma := strings.LastIndexByte(rest, ',')
			next := parseIP(rest[comma+1:])
			if !next.IsValid() {
				return client
			}
			client = next
			if more = comma >= 0; more {
				rest = rest[:comma]
			}
		}
	}
	return client
}

// parseIP parses an IP address with or without brackets and port. It returns the zero Addr for any other text.
func parseIP(text string) netip.Addr {
	text = strings.Trim(text, " \t")
	inner, open := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	var ip netip.Addr
	switch {
	case open != closed, strings.Count(text, ":") == 1:
		withPort, _ := netip.ParseAddrPort(text)
		ip = withPort.Addr()
	default:
		ip, _ = netip.ParseAddr(inner)
	}
	return ip.Unmap().WithZone("")
}
