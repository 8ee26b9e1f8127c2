package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientIP returns the address of the client that sent a request, as the trusted proxies saw it: it reads X-Forwarded-For
// from the right and stops at the first address that is not trusted to tell of the next. What stands further left was
// written by the client itself. Other headers are not looked at, and neither is this one when the peer is not a trusted
// proxy. An entry that is no address ends the walk at the proxy that passed it on.
//
// IPv4 addresses within IPv6 are returned as IPv4, so trusted IPv4 networks must be written as such. The zero Addr stands
// for a peer without an IP address, such as one on a Unix socket.
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	client := parseIP(r.RemoteAddr)
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest, more := lines[i], true; more; {
			if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(client) }) {
				return client
			}
			comma := strings.LastIndexByte(rest, ',')
			said := parseIP(rest[comma+1:])
			if !said.IsValid() {
				return client
			}
			client = said
			if more = comma >= 0; more {
				rest = rest[:comma]
			}
		}
	}
	return client
}

// parseIP reads an address with or without brackets and port; the zero Addr stands for anything else.
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
