package token

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
	"time"
)

// Key is the primary key of a row: 41 bits of milliseconds, then 22 random bits. Keys ascend with time, so that inserts
// append to the end of their table's index. A key is never negative.
type Key int64

const (
	maxKey     = 1<<63 - 1
	keyRandom  = 22
	keyEpoch   = 1735689600000 // 2025-01-01T00:00:00Z in milliseconds; 41 bits last until 2094
	keyMillis  = 1<<41 - 1
	tailBits   = 59
	keyLowBits = 3 // bits of the key that follow the variant in a UUID
)

// ID is a version-4 UUID (RFC 9562, section 5.4). Its first 63 free bits are a [Key]. The other 59 free bits, its tail, are
// random. Any version-4 UUID is a valid ID, but the keys of UUIDs that other programs created do not ascend with time.
type ID [16]byte

// NewID returns an ID whose key contains the time. Keys are unique within a process. If two processes
// create a key in the same millisecond, the keys are equal once in four million times.
func NewID(now time.Time) ID {
	var b [11]byte
	rand.Read(b[:])
	millis := uint64(now.UnixMilli()-keyEpoch) & keyMillis
	low := uint64(b[0])<<16 | uint64(b[1])<<8 | uint64(b[2])
	key := ascend(Key(millis<<keyRandom | low&(1<<keyRandom-1)))
	tail := int64(binary.BigEndian.Uint64(b[3:]) & (1<<tailBits - 1))
	return IDOf(key, tail)
}

// lastKey is the highest key that this process has created. keyWindow is the maximum time by which the clock can be behind
// lastKey. If the clock is further behind, it was set back, or another clock is ahead of it.
var lastKey atomic.Int64

const keyWindow = 1000 << keyRandom // one second

// lastKeys has the last key of each second in which a clock is behind lastKey. Its length is a prime, so that seconds that differ by minutes,
// hours or days have different elements.
var lastKeys [8191]atomic.Int64

// ascend returns the key if it is higher than the last key of its time, and the successor of that key otherwise.
func ascend(key Key) Key {
	next := int64(key)
	last := &lastKey
	if last.Load()-next >= keyWindow {
		last = &lastKeys[uint64(next)/keyWindow%uint64(len(lastKeys))]
	}
	for {
		highest := last.Load()
		if next = int64(key); next <= highest && highest-next < keyWindow {
			next = highest + 1
		}
		if last.CompareAndSwap(highest, next) {
			return Key(next)
		}
	}
}

// IDOf returns the ID with the given key and tail.
func IDOf(key Key, tail int64) ID {
	var id ID
	k := uint64(key)
	binary.BigEndian.PutUint64(id[:8], k>>(keyLowBits+12)<<16|0x4000|k>>keyLowBits&0xFFF)
	binary.BigEndian.PutUint64(id[8:], 0x8000000000000000|k&(1<<keyLowBits-1)<<tailBits|uint64(tail))
	return id
}

// Key returns the key in the ID.
func (id ID) Key() Key {
	hi, lo := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	return Key(hi>>16<<(keyLowBits+12) | hi&0xFFF<<keyLowBits | lo>>tailBits&(1<<keyLowBits-1))
}

// Tail returns the random bits of the ID that are not part of its key.
func (id ID) Tail() int64 { return int64(binary.BigEndian.Uint64(id[8:]) & (1<<tailBits - 1)) }

// IsZero reports whether the ID is the zero value.
func (id ID) IsZero() bool { return id == ID{} }

// Time returns the time in the key, which is the time of its creation in whole milliseconds.
func (k Key) Time() time.Time { return time.UnixMilli(int64(k>>keyRandom) + keyEpoch).UTC() }

// String returns the canonical form: lower case, with dashes.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// ParseID parses the canonical form of an ID. It reports false for any other text.
func ParseID(text string) (id ID, ok bool) {
	if len(text) != 36 {
		return ID{}, false
	}
	bare := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	if _, err := hex.Decode(id[:], []byte(bare)); err != nil || id.String() != text {
		return ID{}, false
	}
	return id, true
}

// StringOrNil returns the canonical form, or nil for the zero ID.
func (id ID) StringOrNil() *string {
	if id.IsZero() {
		return nil
	}
	text := id.String()
	return &text
}
