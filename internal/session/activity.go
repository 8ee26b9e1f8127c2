package session

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Count holds the counts of one minute or of one hour.
type Count struct {
	// At is the start of the minute or hour.
	At time.Time
	// Created is the number of new sessions, LoggedIn the number of those that their holders created by logging in, Verified the number
	// of accepted tokens, and Ended the number of entries that were added to the revocation log, all of one organization.
	Created, LoggedIn, Verified, Ended int
	// Refused is the number of refused tokens of all organizations, because the organization of a refused token is not known.
	Refused int
}

// StoredCount is a count of one organization in the store. Only the counts of the organization 0 have refused tokens.
type StoredCount struct {
	Organization token.Key
	// Span is the length of the time that is counted: a minute or an hour.
	Span time.Duration
	Count
}

// ActivityLength is the number of minutes for which events are counted.
const ActivityLength = 60

// eventKind is the kind of a counted event.
type eventKind int

const (
	created eventKind = iota
	loggedIn
	verified
	ended
	refused

	eventKinds = 5
)

// activity counts events in memory. Each request costs one atomic addition. [Service.FlushActivity] adds the counts to those in the
// store.
type activity struct {
	// flushing is held while counts are added to the store, and while the store is read together with the counts that are not in it.
	flushing sync.Mutex
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
	// stored are the counts of the minute storedAt that are in the store. The lock flushing of activity guards them.
	storedAt int64
	stored   [eventKinds]uint32
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

// unstored returns the counts of a slot that are not in the store, and their minute.
func (s *minuteSlot) unstored() (minute int64, counts [eventKinds]uint32) {
	minute = s.minute.Load()
	for i := range counts {
		counts[i] = s.counts[i].Load()
		if s.storedAt == minute {
			counts[i] -= s.stored[i]
		}
	}
	if s.minute.Load() != minute { // the slot was reused meanwhile
		return 0, [eventKinds]uint32{}
	}
	return minute, counts
}

// keep notes that counts of a minute are in the store.
func (s *minuteSlot) keep(minute int64, counts [eventKinds]uint32) {
	if s.storedAt != minute {
		s.storedAt, s.stored = minute, [eventKinds]uint32{}
	}
	for i, n := range counts {
		s.stored[i] += n
	}
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

// CountCreated counts a new session that [Service.Prepare] returned and that the caller has stored.
func (s *Service) CountCreated(issued Issued) {
	s.activity.count(created, issued.Organization, issued.CreatedAt)
	if issued.byHolder {
		s.activity.count(loggedIn, issued.Organization, issued.CreatedAt)
	}
}

// countEnds counts the rows that this process added to the revocation log.
func (s *Service) countEnds(rows []Revocation) {
	for _, r := range rows {
		if r.Generation != 0 {
			s.activity.count(ended, r.Organization, r.At)
		}
	}
}
