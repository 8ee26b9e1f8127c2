package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Minute holds the counts of one minute.
type Minute struct {
	// At is the start of the minute.
	At time.Time
	// Created is the number of new sessions and Verified the number of accepted tokens, of one organization.
	Created, Verified int
	// Refused is the number of refused tokens of all organizations, because the organization of a refused token is not known.
	Refused int
}

// ActivityLength is the number of minutes for which events are counted.
const ActivityLength = 60

// eventKind is the kind of a counted event.
type eventKind int

const (
	created eventKind = iota
	verified
	refused

	eventKinds = 3
)

// activity counts events in memory. Each request costs one atomic addition.
type activity struct {
	began time.Time
	// all counts events whose organization is not known.
	all hour
	// organizations is replaced as a whole while mu is held, so that readers need no lock.
	mu            sync.Mutex
	organizations atomic.Pointer[map[token.Key]*hour]
}

// maxCounted is the maximum number of organizations that are counted. Beyond it, a new organization replaces one without recent
// events.
const maxCounted = 4096

// hour is a ring of minutes. It has four more slots than [ActivityLength], so that a slot is not reused while a caller reads
// it.
type hour struct {
	mu    sync.Mutex
	slots [ActivityLength + 4]minuteSlot
}

type minuteSlot struct {
	minute atomic.Int64
	counts [eventKinds]atomic.Uint32
}

func minuteOf(at time.Time) int64 { return at.Unix() / 60 }

func slotOf(minute int64) int64 {
	const n = ActivityLength + 4
	return (minute%n + n) % n // minute is negative before 1970
}

func (h *hour) count(what eventKind, at time.Time) {
	minute := minuteOf(at)
	s := &h.slots[slotOf(minute)]
	if s.minute.Load() != minute {
		h.begin(s, minute)
	}
	s.counts[what].Add(1)
}

func (h *hour) begin(s *minuteSlot, minute int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.minute.Load() == minute {
		return
	}
	for i := range s.counts {
		s.counts[i].Store(0)
	}
	s.minute.Store(minute)
}

func (h *hour) counted(what eventKind, minute int64) int {
	s := &h.slots[slotOf(minute)]
	if s.minute.Load() != minute {
		return 0
	}
	return int(s.counts[what].Load())
}

// idle reports whether there was no event in the last hour.
func (h *hour) idle(now int64) bool {
	for i := range h.slots {
		if s := &h.slots[i]; now-s.minute.Load() < ActivityLength {
			return false
		}
	}
	return true
}

// count counts an event of an organization.
func (a *activity) count(what eventKind, org token.Key, at time.Time) {
	h := a.of(org)
	if h == nil {
		h = a.add(org, at)
	}
	if h != nil {
		h.count(what, at)
	}
}

// of returns the counts of an organization, or nil if the organization has no events yet.
func (a *activity) of(org token.Key) *hour {
	if known := a.organizations.Load(); known != nil {
		return (*known)[org]
	}
	return nil
}

// add starts counting for an organization. It returns nil if the maximum number of organizations is reached.
func (a *activity) add(org token.Key, at time.Time) *hour {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h := a.of(org); h != nil {
		return h
	}
	known, now := map[token.Key]*hour{}, minuteOf(at)
	if before := a.organizations.Load(); before != nil {
		for key, h := range *before {
			if len(*before) < maxCounted || !h.idle(now) {
				known[key] = h
			}
		}
	}
	if len(known) >= maxCounted {
		return nil
	}
	h := &hour{}
	known[org] = h
	a.organizations.Store(&known)
	return h
}

// Activity returns the counts of an organization in this process for each of the last minutes, the oldest first. The last
// minute is not over yet. since is when counting began.
func (s *Service) Activity(org token.Key) (minutes []Minute, since time.Time) {
	last, own := minuteOf(s.now()), s.activity.of(org)
	minutes = make([]Minute, ActivityLength)
	for i := range minutes {
		minute := last - int64(ActivityLength-1-i)
		m := Minute{At: time.Unix(minute*60, 0).UTC(), Refused: s.activity.all.counted(refused, minute)}
		if own != nil {
			m.Created, m.Verified = own.counted(created, minute), own.counted(verified, minute)
		}
		minutes[i] = m
	}
	return minutes, s.activity.began
}

// CountCreated counts a new session that [Service.Prepare] returned and that the caller has stored.
func (s *Service) CountCreated(issued Issued) {
	s.activity.count(created, issued.Organization, issued.CreatedAt)
}
