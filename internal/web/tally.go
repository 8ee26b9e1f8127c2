package web

import (
	"hash/maphash"
	"math"
	"sync"
	"time"
)

// tally counts the requests of callers in a fixed amount of memory. Each caller has a slot in a set of eight slots. A seeded
// hash selects the set, so that an attacker cannot fill the set of a chosen caller. Slots contain no pointers, and each set has
// its own lock.
//
// If a set is full, a new caller gets the slot of the caller that has used the smallest share of its rate. So new callers
// displace each other, and not callers that are close to their limit. The slot of a blocked caller is not reused until the
// block ends. If all eight callers of a set are blocked, the requests of a new caller are not counted. An attacker who can fill
// sets with blocked callers controls tens of thousands of addresses, each with its own rate, and gains little from one more. If
// the new caller was refused instead, the attacker could lock out other callers.
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

// slot holds the counts of one caller in one zone. It takes 64 bytes.
type slot struct {
	key tallyKey
	// began holds the start of each window in Unix nanoseconds, and used the requests that were counted in it.
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

// take counts a request and returns 0. If the request exceeds a limit, take does not count it and returns the time to wait.
func (t *tally) take(identity Identity, zone Zone, now int64) (wait time.Duration) {
	key := tallyKey{identity.Key, identity.Kind, zone}
	set := &t.sets[maphash.Comparable(t.seed, key)%uint64(len(t.sets))]
	set.mu.Lock()
	defer set.mu.Unlock()
	s := t.slot(set, key, now)
	if s == nil {
		return 0
	}
	return s.take(&t.rates[zone], now)
}

// slot returns the slot of a caller. If the caller has no slot, it gets a new one. slot returns nil if all callers of the set
// are blocked.
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

// live reports whether the window has not ended. A window that starts in the future counts as ended, because the clock was set
// back.
func (s *slot) live(window int, rate *Rate, now int64) bool {
	age := now - s.began[window]
	return s.used[window] > 0 && age >= 0 && age < int64(rate.length(window))
}

// blocked is the share of a blocked caller. It is larger than every other share.
const blocked = math.MaxUint64

// share returns the used part of the caller's rate, in thousandths. It is 0 for a free slot.
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
