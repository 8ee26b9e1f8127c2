package portalauth

import (
	"crypto/sha256"
	"sync"
)

// digest stands for a token where tokens are remembered: a dump of the memory opens nothing.
type digest [16]byte

// digestOf takes a text of the length of a token.
func digestOf(token string) (d digest) {
	var text [tokenLen]byte
	copy(text[:], token)
	sum := sha256.Sum256(text[:])
	copy(d[:], sum[:])
	return d
}

// entry is what is remembered of a token.
type entry struct {
	// refused is a token that opens nothing. Then there is no identity.
	invalid  bool
	identity Identity
	// holders are the session, its member and its customer.
	subjects [3]subject
	// seen is how many revocations were known when the server was asked, or when this entry was last held against them.
	revision uint64
	// Times are in nanoseconds since 1970. asked is when the server was asked, expires is when the session ends, and used is when the
	// entry was last wanted; until retry, there is no use in asking again.
	fetchedAt, expiresAt, usedAt, retryAt int64
}

// cache remembers entries, a bounded number of them. Safe for concurrent use.
type cache struct {
	shards [32]shard
	// room is how many entries each shard may have.
	shardSize int
}

type shard struct {
	mu      sync.Mutex
	entries map[digest]*entry
	pending map[digest]*pendingLookup
	_       [40]byte // so that two shards share no cache line
}

func newCache(limit int) *cache {
	c := &cache{}
	c.shardSize = max(1, limit/len(c.shards))
	for i := range c.shards {
		c.shards[i].entries, c.shards[i].pending = map[digest]*entry{}, map[digest]*pendingLookup{}
	}
	return c
}

func (c *cache) shard(d digest) *shard { return &c.shards[d[0]%32] }

// keep remembers an entry. The lock of the shard is held.
func (s *shard) put(d digest, e *entry, limit int) {
	if _, there := s.entries[d]; !there && len(s.entries) >= limit {
		s.evict()
	}
	s.entries[d] = e
}

// evict forgets one of a few entries, which the map picks at random: the one that was not used for the longest time.
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

// flight is a question that is being asked. Whoever wants the same answer waits for it.
type pendingLookup struct {
	done  chan struct{}
	entry *entry
	err   error
}
