package main

import (
	"fmt"
	"net/netip"
)

// network is the value of a flag: a network such as 10.0.0.0/8 or a single address.
type network netip.Prefix

// UnmarshalText parses a network. It refuses IPv4-mapped IPv6 networks, because no client address would match them.
func (n *network) UnmarshalText(text []byte) error {
	prefix, err := netip.ParsePrefix(string(text))
	if ip, alone := netip.ParseAddr(string(text)); alone == nil {
		prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	if err != nil || prefix.Addr().Is4In6() || prefix.Addr().Zone() != "" {
		return fmt.Errorf("invalid network %q: use a network such as 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32", text)
	}
	*n = network(prefix)
	return nil
}

// prefixes converts the networks of a flag to prefixes.
func prefixes(networks []network) []netip.Prefix {
	all := make([]netip.Prefix, len(networks))
	for i, n := range networks {
		all[i] = netip.Prefix(n)
	}
	return all
}
