package rate

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// Memory is a [Limiter] that counts in a fixed amount of this process's memory: 49 MiB, of which the system provides only the
// parts that are used. With several processes, each counts alone, so that a caller has the whole rate in each of them.
type Memory struct {
	tables [buckets]*table
}

// NewMemory returns a Memory with the limits.
func NewMemory(limits Limits) *Memory {
	m := &Memory{}
	for b := range m.tables {
		if r := limits.Of(Bucket(b)); r.Limited() {
			m.tables[b] = newTable(r, setsOf(Bucket(b)))
		}
	}
	return m
}

// setsOf returns the number of sets in a bucket's table. A set has room for eight keys.
func setsOf(b Bucket) int {
	switch b {
	case Default, Pending, Login, EmailUpdate, CodeAddress, MailRecipient:
		return 1 << 13
	case CodeServer, MailServer:
		return 1
	}
	return 1 << 11
}

// Take implements [Limiter]. It returns no error.
func (m *Memory) Take(_ context.Context, k Key, now time.Time) (Refusal, error) {
	if t := m.tables[k.Bucket]; t != nil {
		return t.take(k.ID, now.UnixNano()), nil
	}
	return Refusal{}, nil
}

// Return implements [Limiter]. It returns no error.
func (m *Memory) Return(_ context.Context, k Key, now time.Time) error {
	if t := m.tables[k.Bucket]; t != nil {
		t.give(k.ID, now.UnixNano())
	}
	return nil
}

// table counts the events of one bucket. Each key has a slot in a set of eight slots. A seeded hash selects the set, so that an
// attacker cannot fill the set of a chosen key. Slots contain no pointers, and each set has its own lock.
//
// No event is ever uncounted. If a set is full, a new key takes the slot of the key that has used the smallest share of its rate,
// and takes over its counts; the other key continues in the same way when it comes back. If all eight keys have used their whole
// rate, a new key counts in the overflow slot, which all such keys share.
type table struct {
	seed maphash.Seed
	rate Rate
	sets []slotSet

	overflowRate Rate
	mu           sync.Mutex
	overflow     slot
}

// overflowFactor is the rate of the overflow slot, as a multiple of the rate of one key.
const overflowFactor = 100

type slotSet struct {
	mu    sync.Mutex
	slots [ways]slot
}

const ways = 8

// slot holds the counts of one key. It takes 80 bytes.
type slot struct {
	id [2]uint64
	// began holds the start of each window in Unix nanoseconds, and used the events that were counted in it. After a refusal,
	// used is one more than the limit.
	began [windows]int64
	used  [windows]uint32
	taken bool
}

func newTable(r Rate, sets int) *table {
	return &table{seed: maphash.MakeSeed(), rate: r, sets: make([]slotSet, sets), overflowRate: r.times(overflowFactor)}
}

func (t *table) set(id [2]uint64) *slotSet {
	return &t.sets[maphash.Comparable(t.seed, id)%uint64(len(t.sets))]
}

func (t *table) take(id [2]uint64, now int64) Refusal {
	set := t.set(id)
	set.mu.Lock()
	defer set.mu.Unlock()
	if s := set.slot(id, &t.rate, now); s != nil {
		return s.take(&t.rate, now)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.overflow.take(&t.overflowRate, now)
}

func (t *table) give(id [2]uint64, now int64) {
	set := t.set(id)
	set.mu.Lock()
	defer set.mu.Unlock()
	if s := set.find(id); s != nil {
		s.give(&t.rate, now)
	}
}

func (s *slotSet) find(id [2]uint64) *slot {
	for i := range s.slots {
		if s.slots[i].taken && s.slots[i].id == id {
			return &s.slots[i]
		}
	}
	return nil
}

// slot returns the slot of a key. It returns nil if the key has no slot, and each key of the set has used its whole rate.
func (s *slotSet) slot(id [2]uint64, rate *Rate, now int64) *slot {
	if found := s.find(id); found != nil {
		return found
	}
	var least *slot
	leastShare := uint64(full)
	for i := range s.slots {
		if share := s.slots[i].share(rate, now); share < leastShare {
			least, leastShare = &s.slots[i], share
		}
	}
	if least == nil {
		return nil
	}
	if leastShare == 0 { // no window is open
		*least = slot{}
	}
	least.id, least.taken = id, true
	return least
}

func (s *slot) take(rate *Rate, now int64) (refused Refusal) {
	if s.live(block, rate, now) {
		left := s.left(block, rate, now)
		return Refusal{Wait: left, Left: left}
	}
	limits := rate.limits()
	for window, limit := range limits {
		if !s.live(window, rate, now) {
			s.used[window] = 0
		} else if limit > 0 && s.used[window] >= limit {
			refused = Refusal{Wait: rate.length(window), Left: s.left(window, rate, now), First: s.used[window] == limit}
			s.used[window] = limit
			if limit < math.MaxUint32 {
				s.used[window]++
			}
		}
	}
	if refused.Refused() && rate.Block > 0 {
		s.began[block], s.used[block] = now, 1
		return Refusal{Wait: rate.Block, Left: rate.Block, First: true}
	}
	if refused.Refused() {
		return refused
	}
	for window, limit := range limits {
		if limit == 0 {
			continue
		}
		if s.used[window] == 0 {
			s.began[window] = now
		}
		s.used[window]++
	}
	return Refusal{}
}

func (s *slot) give(rate *Rate, now int64) {
	for window, limit := range rate.limits() {
		if limit > 0 && s.live(window, rate, now) {
			s.used[window] = min(s.used[window], limit) - 1
		}
	}
}

// live reports whether the window has not ended. A window that starts in the future counts as ended, because the clock was set
// back.
func (s *slot) live(window int, rate *Rate, now int64) bool {
	age := now - s.began[window]
	return s.used[window] > 0 && age >= 0 && age < int64(rate.length(window))
}

func (s *slot) left(window int, rate *Rate, now int64) time.Duration {
	return rate.length(window) - time.Duration(now-s.began[window])
}

// full is the share of a key that has used its whole rate or is blocked.
const full = 1000

// share returns the used part of the key's rate, in thousandths, and at least 1 if a window is open. It is 0 for a free slot.
func (s *slot) share(rate *Rate, now int64) uint64 {
	if s.live(block, rate, now) {
		return full
	}
	most := uint64(0)
	for window, limit := range rate.limits() {
		if limit > 0 && s.live(window, rate, now) {
			most = max(most, 1, min(full, uint64(s.used[window])*full/uint64(limit)))
		}
	}
	return most
}
