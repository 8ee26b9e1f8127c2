package web

import (
	"sync"
	"time"
)

// identityCache stores the verified identities of bearer tokens, so that the limiter can count the next request of a caller
// without a lookup. The cache key is a seeded hash of the whole token. The key part of a token is public, so a cache by that
// part would let other clients use up the rate limit of the token's holder.
type identityCache struct {
	sets []identitySet
	// ttl is how long an identity stays in the cache.
	ttl time.Duration
}

type identitySet struct {
	mu    sync.Mutex
	slots [ways]cachedIdentity
}

// cachedIdentity is the identity of one bearer token. It takes 32 bytes.
type cachedIdentity struct {
	bearer, key uint64
	// since is the time of the verification, in Unix nanoseconds.
	since int64
	kind  IdentityKind
}

// ways is the number of tokens in a set.
const ways = 8

// identityTTL is how long the identity of a token stays in the cache.
const identityTTL = 300 * time.Second

func newIdentityCache(sets int, ttl time.Duration) *identityCache {
	return &identityCache{make([]identitySet, sets), ttl}
}

func (k *identityCache) set(bearer uint64) *identitySet { return &k.sets[bearer%uint64(len(k.sets))] }

// get returns the identity of a bearer token. It reports false if the cache does not have it.
func (k *identityCache) get(bearer uint64, now int64) (Identity, bool) {
	set := k.set(bearer)
	set.mu.Lock()
	defer set.mu.Unlock()
	for i := range set.slots {
		if a := &set.slots[i]; a.bearer == bearer && a.kind != 0 {
			age := now - a.since
			return Identity{a.kind, a.key}, age >= 0 && age < int64(k.ttl)
		}
	}
	return Identity{}, false
}

// put stores the identity of a bearer token. If the set is full, put replaces the oldest entry.
func (k *identityCache) put(bearer uint64, identity Identity, now int64) {
	set := k.set(bearer)
	set.mu.Lock()
	defer set.mu.Unlock()
	oldest := &set.slots[0]
	for i := range set.slots {
		a := &set.slots[i]
		if a.bearer == bearer || a.kind == 0 {
			oldest = a
			break
		}
		if a.since < oldest.since {
			oldest = a
		}
	}
	*oldest = cachedIdentity{bearer, identity.Key, now, identity.Kind}
}

// drop removes a bearer token.
func (k *identityCache) drop(bearer uint64) {
	set := k.set(bearer)
	set.mu.Lock()
	defer set.mu.Unlock()
	for i := range set.slots {
		if a := &set.slots[i]; a.bearer == bearer {
			*a = cachedIdentity{}
		}
	}
}
