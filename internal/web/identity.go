package web

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
