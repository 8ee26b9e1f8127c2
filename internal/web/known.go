package web

import (
	"sync"
	"time"
)

// known remembers as whom bearers were verified, so that the next request of the same caller is counted for it before
// anything is looked up. It is under a seeded hash of the whole token: a token's key is public, and a forger who
// knows it must not spend another's requests.
type known struct {
	sets []knownSet
}

type knownSet struct {
	mu    sync.Mutex
	slots [ways]acquaintance
}

// acquaintance is one bearer: 32 bytes.
type acquaintance struct {
	bearer, key uint64
	// since is when it was verified, in Unix nanoseconds.
	since int64
	kind  IdentityKind
}

// remembered is how long a bearer is remembered.
const remembered = 300 * time.Second

func newKnown(sets int) *known { return &known{make([]knownSet, sets)} }

func (k *known) set(bearer uint64) *knownSet { return &k.sets[bearer%uint64(len(k.sets))] }

// get reports false for a bearer that is not remembered.
func (k *known) get(bearer uint64, now int64) (Identity, bool) {
	set := k.set(bearer)
	set.mu.Lock()
	defer set.mu.Unlock()
	for i := range set.slots {
		if a := &set.slots[i]; a.bearer == bearer && a.kind != 0 {
			age := now - a.since
			return Identity{a.kind, a.key}, age >= 0 && age < int64(remembered)
		}
	}
	return Identity{}, false
}

// put remembers a bearer, in the place of the one that has been known for longest.
func (k *known) put(bearer uint64, who Identity, now int64) {
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
	*oldest = acquaintance{bearer, who.Key, now, who.Kind}
}

// drop forgets a bearer.
func (k *known) drop(bearer uint64) {
	set := k.set(bearer)
	set.mu.Lock()
	defer set.mu.Unlock()
	for i := range set.slots {
		if a := &set.slots[i]; a.bearer == bearer {
			*a = acquaintance{}
		}
	}
}
