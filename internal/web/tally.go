package web

import (
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// tally counts requests of callers, in memory that it has from its beginning. A caller has a slot in one of many sets of
// eight, found by a seeded hash, so that nobody can choose whose set to crowd. A slot holds no pointer, and each set has
// a lock of its own.
//
// In a set that is full of counts that still matter, a newcomer takes the slot of who has used the least of its rates, so
// that a crowd of newcomers displaces itself and not those who are close to a limit. A block keeps its slot until it
// ends; in a set of eight blocks a newcomer is let through uncounted. Whoever can fill the sets with blocks holds tens of
// thousands of addresses with a rate each, and gains little by one that is not counted; refusing instead would let it
// lock everybody out.
type tally struct {
	seed  maphash.Seed
	rates *Rates
	sets  []slotSet
}

type slotSet struct {
	mu    sync.Mutex
	slots [ways]slot
}

const ways = 8

// slot is one caller in one zone: 64 bytes.
type slot struct {
	key tallyKey
	// began is when each window began, in Unix nanoseconds; used is what was counted in it since.
	began [windows]int64
	used  [windows]uint32
}

type tallyKey struct {
	identity uint64
	kind     IdentityKind
	zone     Zone
}

func newTally(rates *Rates, sets int) *tally {
	return &tally{seed: maphash.MakeSeed(), rates: rates, sets: make([]slotSet, sets)}
}

// take counts a request. When it is one too many it is not counted, and take returns how long to wait instead of 0.
func (t *tally) take(who Identity, zone Zone, now int64) (wait time.Duration) {
	key := tallyKey{who.Key, who.Kind, zone}
	set := &t.sets[maphash.Comparable(t.seed, key)%uint64(len(t.sets))]
	set.mu.Lock()
	defer set.mu.Unlock()
	s := t.slot(set, key, now)
	if s == nil {
		return 0
	}
	return s.take(&t.rates[zone], now)
}

// slot finds the caller's slot, or makes it one; it is nil when none can be had.
func (t *tally) slot(set *slotSet, key tallyKey, now int64) *slot {
	for i := range set.slots {
		if set.slots[i].key == key {
			return &set.slots[i]
		}
	}
	var least *slot
	leastShare := uint64(blocked)
	for i := range set.slots {
		s := &set.slots[i]
		if share := s.share(&t.rates[s.key.zone], now); share < leastShare {
			least, leastShare = s, share
		}
	}
	if least != nil {
		*least = slot{key: key}
	}
	return least
}

func (s *slot) take(rate *Rate, now int64) (wait time.Duration) {
	if s.live(block, rate, now) {
		return rate.Block - time.Duration(now-s.began[block])
	}
	limits := rate.limits()
	for window, limit := range limits {
		if !s.live(window, rate, now) {
			s.used[window] = 0
		} else if limit > 0 && s.used[window] >= limit {
			wait = rate.length(window)
		}
	}
	if wait > 0 && rate.Block > 0 {
		s.began[block], s.used[block] = now, 1
		return rate.Block
	}
	if wait > 0 {
		return wait
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
	return 0
}

// live reports whether the window still counts. One that begins in the future does not: the clock was set back.
func (s *slot) live(window int, rate *Rate, now int64) bool {
	age := now - s.began[window]
	return s.used[window] > 0 && age >= 0 && age < int64(rate.length(window))
}

// blocked is more than every share.
const blocked = math.MaxUint64

// share is how much of its rates the caller has used, in thousandths: 0 when the slot is free.
func (s *slot) share(rate *Rate, now int64) uint64 {
	if s.live(block, rate, now) {
		return blocked
	}
	most := uint64(0)
	for window, limit := range rate.limits() {
		if limit > 0 && s.live(window, rate, now) {
			most = max(most, uint64(s.used[window])*1000/uint64(limit))
		}
	}
	return most
}
