package main

import (
	"fmt"
	"net/netip"
)

// network is a flag's value such as 10.0.0.0/8; an address alone is a network of one.
type network netip.Prefix

// UnmarshalText refuses IPv4 within IPv6, which would match no client.
func (n *network) UnmarshalText(text []byte) error {
	prefix, err := netip.ParsePrefix(string(text))
	if ip, alone := netip.ParseAddr(string(text)); alone == nil {
		prefix, err = netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	if err != nil || prefix.Addr().Is4In6() || prefix.Addr().Zone() != "" {
		return fmt.Errorf("%q is no network: write one such as 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32", text)
	}
	*n = network(prefix)
	return nil
}

// prefixes are the networks as they are configured.
func prefixes(networks []network) []netip.Prefix {
	all := make([]netip.Prefix, len(networks))
	for i, n := range networks {
		all[i] = netip.Prefix(n)
	}
	return all
}
