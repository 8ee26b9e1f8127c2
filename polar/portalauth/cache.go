package portalauth

import (
	"crypto/sha256"
	"sync"
)

// digest is the cache key of a token. The cache does not store tokens, so that a memory dump does not reveal any token.
type digest [16]byte

// digestOf returns the digest of a token. The token must have tokenLen bytes.
func digestOf(token string) (d digest) {
	var text [tokenLen]byte
	copy(text[:], token)
	sum := sha256.Sum256(text[:])
	copy(d[:], sum[:])
	return d
}

// entry is a cached answer about a token.
type entry struct {
	// invalid means that the server refused the token. The identity is then empty.
	invalid  bool
	identity Identity
	// subjects are the session, its member and its customer. A revocation of any of them affects the entry.
	subjects [3]subject
	// revision is the number of revocations in the log when the server was asked about the token, or when the entry was last
	// checked against the log.
	revision uint64
	// Times in nanoseconds since 1970. fetchedAt is the time at which the server was asked, expiresAt the end of the session,
	// and usedAt the last use of the entry. An entry that is used because of ServeStale is not fetched again before retryAt.
	fetchedAt, expiresAt, usedAt, retryAt int64
}

// maxShards is the largest number of shards. Shards reduce the waiting for locks.
const maxShards = 32

// cache stores a bounded number of entries. It is safe for concurrent use.
type cache struct {
	// shards has a power of two as its length.
	shards []shard
	// shardSize is the largest number of entries in a shard.
	shardSize int
}

type shard struct {
	mu      sync.Mutex
	entries map[digest]*entry
	pending map[digest]*pendingLookup
	_       [40]byte // padding, so that two shards never share a cache line
}

// newCache returns a cache of at most limit entries, and at least one.
func newCache(limit int) *cache {
	n := maxShards
	for n > 1 && n > limit {
		n /= 2
	}
	c := &cache{shards: make([]shard, n), shardSize: max(1, limit/n)}
	for i := range c.shards {
		c.shards[i].entries, c.shards[i].pending = map[digest]*entry{}, map[digest]*pendingLookup{}
	}
	return c
}

func (c *cache) shard(d digest) *shard { return &c.shards[int(d[0])&(len(c.shards)-1)] }

// put stores an entry. The caller holds the shard's lock.
func (s *shard) put(d digest, e *entry, limit int) {
	if _, there := s.entries[d]; !there && len(s.entries) >= limit {
		s.evict()
	}
	s.entries[d] = e
}

// evict takes a few random entries and deletes the least recently used one. Map iteration provides the randomness.
func (s *shard) evict() {
	const few = 8
	var oldest digest
	var used int64
	n := 0
	for d, e := range s.entries {
		if n == 0 || e.usedAt < used {
			oldest, used = d, e.usedAt
		}
		if n++; n == few {
			break
		}
	}
	delete(s.entries, oldest)
}

func (c *cache) remove(d digest) {
	s := c.shard(d)
	s.mu.Lock()
	delete(s.entries, d)
	s.mu.Unlock()
}

// pendingLookup is a lookup that has not finished. Concurrent calls for the same token wait for its result.
type pendingLookup struct {
	startedAt int64 // in nanoseconds since 1970

	done  chan struct{}
	entry *entry
	err   error
}
