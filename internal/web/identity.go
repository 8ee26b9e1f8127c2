package web

import (
	"encoding/binary"
	"net/netip"
)

// Identity is whom a request is counted for. Authentication sets it from what it verified; two requests of the same
// caller have equal identities. The zero Identity is nobody in particular.
type Identity struct {
	Kind IdentityKind
	// Key is the number of the caller among those of its kind.
	Key uint64
}

// IdentityKind says what the key of an [Identity] numbers.
type IdentityKind uint8

// The kinds that authentication verifies.
const (
	Customer IdentityKind = iota + 1
	Member
	Organization
	// bearer is a credential that nobody has verified yet; its key is a seeded hash of the whole token.
	bearer
	ipv4
	ipv6
)

// identityOf is the identity of a client without a credential. Whoever has one IPv6 address has the other 2^64 of its
// network too, so it counts as one. Clients without an IP address are all the same.
func identityOf(ip netip.Addr) Identity {
	switch {
	case ip.Is4():
		b := ip.As4()
		return Identity{ipv4, uint64(binary.BigEndian.Uint32(b[:]))}
	case ip.Is6():
		b := ip.As16()
		return Identity{ipv6, binary.BigEndian.Uint64(b[:8])}
	}
	return Identity{}
}
