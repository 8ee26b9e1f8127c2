package webhook

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
)

// guard prevents requests to private networks (server-side request forgery). It checks the IP address of each connection after
// name resolution, so that no host name can bypass the check.
type guard struct{ allowed []netip.Prefix }

var errForbiddenAddress = errors.New("address is neither public nor in an allowed network")

// control implements net.Dialer.Control.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(to.Addr()) {
		return errForbiddenAddress
	}
	return nil
}

func (g guard) allows(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	within := func(network netip.Prefix) bool { return network.Contains(ip) }
	if slices.ContainsFunc(g.allowed, within) {
		return true
	}
	if ip.Is6() && !globalUnicast.Contains(ip) {
		return false
	}
	return ip.IsGlobalUnicast() && !slices.ContainsFunc(notPublic, within)
}

// globalUnicast holds all IPv6 addresses that IANA has assigned to networks
// (https://www.iana.org/assignments/ipv6-address-space). Outside it are loopback, private and link-local addresses, and the
// addresses from which NAT64 and SIIT translators make IPv4 addresses.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// notPublic lists the networks of IANA's registries of special-purpose addresses, for IPv4 and for [globalUnicast]
// (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry).
// IPv6 networks whose addresses contain an IPv4 address are among them. It also lists addresses outside the registries at
// which cloud providers serve the metadata of a machine.
var notPublic = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // shared by the customers of a provider; also Alibaba's metadata
	"127.0.0.0/8",       // loopback
	"168.63.129.16/32",  // Azure's metadata and virtual network services
	"169.254.0.0/16",    // link-local; also the metadata of most providers
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments; also Oracle's metadata
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // AMT relays
	"192.88.99.0/24",    // 6to4 relays
	"192.168.0.0/16",    // private
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // benchmarks
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, and broadcast
	"2001::/23",         // protocol assignments, such as Teredo
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
