package web

import (
	"encoding/binary"
	"net/netip"

	"github.com/postern-go/postern/internal/rate"
)

// Zone is a part of the API with its own rate limits. Each caller has its own count in each zone: a caller that is blocked in the
// zone Login can still introspect.
type Zone uint8

// The zones. [Default] is the zone of every route under /v1 that names no other.
const (
	Default Zone = iota
	// Login is the zone of requests for login codes and of attempts to log in. Its requests count for the client's address and
	// for the networks that contain the address, whatever bearer token they have. Only the requests of an organization's access
	// token count for the organization instead.
	Login
	// EmailUpdate is the zone of requests for a new email address.
	EmailUpdate
	// EmailConfirm is the zone of attempts to confirm a new email address. Its requests count in the same way as those of
	// Login, together with the requests of EmailUpdate that have no session.
	EmailConfirm
)

// String returns the name of the zone in metrics.
func (z Zone) String() string {
	return [...]string{Default: "default", Login: "login", EmailUpdate: "email-update", EmailConfirm: "email-update"}[z]
}

// bucket returns the bucket of limits in which the requests of the zone count.
func (z Zone) bucket() rate.Bucket {
	return [...]rate.Bucket{Default: rate.Default, Login: rate.Login, EmailUpdate: rate.EmailUpdate, EmailConfirm: rate.EmailUpdate}[z]
}

// counts is a list of keys for which one request counts, the widest network first.
type counts struct {
	keys [3]rate.Key
	n    int
}

func (c *counts) add(b rate.Bucket, kind IdentityKind, id uint64) {
	c.keys[c.n] = rate.Key{Bucket: b, ID: [2]uint64{uint64(kind), id}}
	c.n++
}

// countsOf returns the keys for which a request from an address counts: the networks that contain the address, if networks count
// in the bucket, and the address.
func countsOf(b rate.Bucket, ip netip.Addr) (c counts) {
	who := identityOf(ip)
	if networks, ok := rate.NetworksOf(b); ok {
		switch who.Kind {
		case ipv4:
			c.add(networks.IPv4, ipv4, who.Key>>8)
		case ipv6:
			c.add(networks.IPv6Net48, ipv6, who.Key>>16)
			c.add(networks.IPv6Net56, ipv6, who.Key>>8)
		}
	}
	c.add(b, who.Kind, who.Key)
	return c
}

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
