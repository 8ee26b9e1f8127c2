package webhook

import (
	"errors"
	"net/netip"
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
	for _, network := range g.allowed {
		if network.Contains(ip) {
			return true
		}
	}
	for _, network := range notPublic {
		if network.Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}

// notPublic lists special-purpose networks (RFC 6890). netip.Addr.IsGlobalUnicast accepts most of them. The list includes the
// IPv6 networks whose addresses contain an IPv4 address.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fec0::/10"),
}
