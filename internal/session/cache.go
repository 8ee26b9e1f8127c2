package session

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// cache holds records of live sessions. Each shard is a ring of bytes, in which a new record overwrites the oldest, and a map
// from key to offset. The cache contains no pointers, so that the garbage collector does not scan a million entries.
type cache struct {
	shards [shards]shard
	// epoch is the number of times that the cache was cleared.
	epoch atomic.Int64
}

const (
	shards = 64
	// indexBytes is the size of a map entry, measured with a hundred thousand entries.
	indexBytes = 32
	// meanBytes is the size of a record with a short return URL. It is the basis for dividing the memory limit between the ring
	// and the map.
	meanBytes = recordBytes + 32
)

type shard struct {
	mu    sync.Mutex
	index map[token.Key]uint32
	ring  []byte
	// limit is the maximum size of the ring, in bytes.
	limit int
	// head is the offset for the next record, and tail the offset of the oldest record. wrap is the end of the old records
	// after head has returned to the start of the ring, and 0 before that.
	head, tail, wrap int
}

func newCache(bytes int) *cache {
	c := &cache{}
	for i := range c.shards {
		c.shards[i].index = map[token.Key]uint32{}
		c.shards[i].limit = bytes / shards * meanBytes / (meanBytes + indexBytes)
	}
	return c
}

// shard selects a shard by the low bits of a key, which are random.
func (c *cache) shard(key token.Key) *shard { return &c.shards[uint64(key)%shards] }

// get returns a copy of a record. It reports false if the record is not cached. It allocates memory only for the return URL.
func (c *cache) get(key token.Key) (Record, bool) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.index[key]
	if !ok {
		return Record{}, false
	}
	return decode(s.ring[at:]), true
}

// put stores a record. If the ring is full, the record overwrites the oldest ones. put stores nothing if the epoch has changed
// since the caller read the record from the store.
func (c *cache) put(r Record, epoch int64) {
	key := r.ID.Key()
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	size := recordBytes + len(r.ReturnURL)
	if size > s.limit || c.epoch.Load() != epoch {
		return
	}
	if at, ok := s.index[key]; ok {
		if old := s.ring[at:]; sizeAt(old) == size { // the return URL never changes
			was := decode(old) // the cached record may be newer; expiry and last use only increase
			r.ExpiresAt, r.LastUsedAt = latest(r.ExpiresAt, was.ExpiresAt), latest(r.LastUsedAt, was.LastUsedAt)
			encode(old[:size], r)
		}
		return
	}
	at := s.reserve(size)
	encode(s.ring[at:at+size], r)
	s.index[key] = uint32(at)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clear empties the cache and begins a new epoch, so that a lookup in progress does not cache a record that it read before.
func (c *cache) clear() {
	c.epoch.Add(1)
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		clear(s.index)
		s.head, s.tail, s.wrap = 0, 0, 0
		s.mu.Unlock()
	}
}

// reserve frees size bytes of the ring and returns their offset.
func (s *shard) reserve(size int) int {
	if s.head+size > s.limit { // return to the start; the records from tail on stay until they are overwritten
		for s.wrap > 0 {
			s.evict()
		}
		s.wrap, s.head = s.head, 0
	}
	for s.wrap > 0 && s.tail < s.head+size {
		s.evict()
	}
	at := s.head
	s.head += size
	if grow := s.head - len(s.ring); grow > 0 {
		s.ring = append(s.ring, make([]byte, grow)...)
	}
	return at
}

// evict drops the oldest record.
func (s *shard) evict() {
	delete(s.index, keyAt(s.ring[s.tail:]))
	s.tail += sizeAt(s.ring[s.tail:])
	if s.tail >= s.wrap {
		s.tail, s.wrap = 0, 0
	}
}

// recordBytes is the size of a record without its return URL. The layout is: size, key, tail of the id, hash, secret, flags,
// organization, customer, member, created, expires, the generations of organization, customer and member, idle timeout, last
// use, return URL.
const recordBytes = 4 + 8 + 8 + 32 + 4 + 1 + 8 + 8 + 8 + 8 + 8 + 4 + 4 + 4 + 8 + 8

const (
	kindMember     = 1 << 0
	kindReadOnly   = 1 << 1
	impersonated   = 1 << 2
	lastUsedOffset = recordBytes - 8
)

func sizeAt(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

func keyAt(b []byte) token.Key { return token.Key(binary.LittleEndian.Uint64(b[4:])) }

func encode(b []byte, r Record) {
	le := binary.LittleEndian
	le.PutUint32(b, uint32(len(b)))
	le.PutUint64(b[4:], uint64(r.ID.Key()))
	le.PutUint64(b[12:], uint64(r.ID.Tail()))
	copy(b[20:52], r.Hash[:])
	le.PutUint32(b[52:], uint32(r.Secret))
	b[56] = 0
	if r.Kind == token.Member {
		b[56] |= kindMember
	}
	if r.ReadOnly {
		b[56] |= kindReadOnly
	}
	if r.Impersonated {
		b[56] |= impersonated
	}
	le.PutUint64(b[57:], uint64(r.Organization))
	le.PutUint64(b[65:], uint64(r.Customer))
	le.PutUint64(b[73:], uint64(r.Member))
	le.PutUint64(b[81:], uint64(r.CreatedAt.UnixMicro()))
	le.PutUint64(b[89:], uint64(r.ExpiresAt.UnixMicro()))
	le.PutUint32(b[97:], r.Generations.Organization)
	le.PutUint32(b[101:], r.Generations.Customer)
	le.PutUint32(b[105:], r.Generations.Member)
	le.PutUint64(b[109:], uint64(r.IdleTimeout))
	putLastUsed(b, r.LastUsedAt)
	copy(b[recordBytes:], r.ReturnURL)
}

func decode(b []byte) Record {
	le := binary.LittleEndian
	r := Record{Secret: token.SecretID(le.Uint32(b[52:]))}
	copy(r.Hash[:], b[20:52])
	r.ID = token.IDOf(keyAt(b), int64(le.Uint64(b[12:])))
	r.Kind = token.Customer
	if b[56]&kindMember != 0 {
		r.Kind = token.Member
	}
	r.ReadOnly = b[56]&kindReadOnly != 0
	r.Impersonated = b[56]&impersonated != 0
	r.Organization = token.Key(le.Uint64(b[57:]))
	r.Customer = token.Key(le.Uint64(b[65:]))
	r.Member = token.Key(le.Uint64(b[73:]))
	r.CreatedAt = time.UnixMicro(int64(le.Uint64(b[81:]))).UTC()
	r.ExpiresAt = time.UnixMicro(int64(le.Uint64(b[89:]))).UTC()
	r.Generations = Generations{le.Uint32(b[97:]), le.Uint32(b[101:]), le.Uint32(b[105:])}
	r.IdleTimeout = time.Duration(le.Uint64(b[109:]))
	if seen := int64(le.Uint64(b[lastUsedOffset:])); seen != 0 {
		r.LastUsedAt = time.UnixMicro(seen).UTC()
	}
	r.ReturnURL = string(b[recordBytes:sizeAt(b)])
	return r
}

// putLastUsed writes the last use of a record. The zero time is written as 0.
func putLastUsed(b []byte, at time.Time) {
	var micros int64
	if !at.IsZero() {
		micros = at.UnixMicro()
	}
	binary.LittleEndian.PutUint64(b[lastUsedOffset:], uint64(micros))
}

// setLastUsed updates the last use of a cached session.
func (c *cache) setLastUsed(key token.Key, at time.Time) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.index[key]; ok {
		putLastUsed(s.ring[i:], at)
	}
}
