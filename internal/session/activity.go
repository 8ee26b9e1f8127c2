package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Minute is how often something has happened in one minute.
type Minute struct {
	// At is when it began.
	At time.Time
	// Created counts new sessions, and Verified how often a token was found to open a live one: both of one organization.
	Created, Verified int
	// Refused counts tokens that open no live session. Whose they are is not known, so it is of all organizations.
	Refused int
}

// ActivityLength is how many minutes are counted.
const ActivityLength = 60

// happening is what is counted.
type happening int

const (
	created happening = iota
	verified
	refused

	happenings = 3
)

// activity counts what happens in this process. It is in memory alone, and costs every request one atomic addition.
type activity struct {
	began time.Time
	// all counts what is known of no organization.
	all hour
	// organizations is replaced whole by whoever holds mu: the hot path only reads it.
	mu            sync.Mutex
	organizations atomic.Pointer[map[token.Key]*hour]
}

// maxCounted is how many organizations are counted; the idle ones make room for others.
const maxCounted = 4096

// hour has a slot for each minute, by the minute's number: four more than are shown, so that none is used again while it is.
type hour struct {
	mu    sync.Mutex
	slots [ActivityLength + 4]minuteSlot
}

type minuteSlot struct {
	minute atomic.Int64
	counts [happenings]atomic.Uint32
}

func minuteOf(at time.Time) int64 { return at.Unix() / 60 }

func slotOf(minute int64) int64 {
	const n = ActivityLength + 4
	return (minute%n + n) % n // clocks can be before 1970
}

func (h *hour) count(what happening, at time.Time) {
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

func (h *hour) counted(what happening, minute int64) int {
	s := &h.slots[slotOf(minute)]
	if s.minute.Load() != minute {
		return 0
	}
	return int(s.counts[what].Load())
}

// idle reports whether nothing was counted in the last hour.
func (h *hour) idle(now int64) bool {
	for i := range h.slots {
		if s := &h.slots[i]; now-s.minute.Load() < ActivityLength {
			return false
		}
	}
	return true
}

// count notes what has happened to an organization.
func (a *activity) count(what happening, org token.Key, at time.Time) {
	h := a.of(org)
	if h == nil {
		h = a.add(org, at)
	}
	if h != nil {
		h.count(what, at)
	}
}

// of is nil for an organization to which nothing has happened yet.
func (a *activity) of(org token.Key) *hour {
	if known := a.organizations.Load(); known != nil {
		return (*known)[org]
	}
	return nil
}

// add makes room for an organization; nil when there is none.
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

// Activity returns what this process has counted for an organization in each of the last minutes, the oldest first; the last
// one is not over yet. since is when it began to count.
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

// CountCreated notes that a session of [Service.Prepare] was stored.
func (s *Service) CountCreated(made Issued) {
	s.activity.count(created, made.Organization, made.CreatedAt)
}
