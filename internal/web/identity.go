package web

import (
	"encoding/binary"
	"net/netip"
)

// Identity identifies the caller whose requests a rate limit counts. Authentication sets it. All requests of one caller have
// the same Identity. The zero Identity is an unknown caller.
type Identity struct {
	Kind IdentityKind
	// Key identifies the caller among the callers of its kind.
	Key uint64
}

// IdentityKind is the kind of caller that the key of an [Identity] identifies.
type IdentityKind uint8

// The kinds of callers that authentication verifies.
const (
	Customer IdentityKind = iota + 1
	Member
	Organization
	// bearer is a bearer token that is not verified yet. Its key is a seeded hash of the whole token.
	bearer
	ipv4
	ipv6
)

// identityOf returns the identity of a client without a credential. An IPv6 client usually controls a whole /64 network, so the
// network counts as one client. All clients without an IP address share the zero Identity.
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
