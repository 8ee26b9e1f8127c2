package session

import (
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// counted returns the count of a kind of event in a minute.
func (h *hour) counted(what eventKind, minute int64) int {
	s := &h.slots[slotOf(minute)]
	if s.minute.Load() != minute {
		return 0
	}
	return int(s.counts[what].Load())
}

func TestHourCountsByMinute(t *testing.T) {
	var h hour
	start := time.Date(2026, 10, 1, 12, 0, 30, 0, time.UTC)
	for i := range 200 { // more than the number of slots, so that each is reused
		at := start.Add(time.Duration(i) * time.Minute)
		for range i%3 + 1 {
			h.count(verified, at)
		}
		h.count(created, at)
		for back := range min(i+1, ActivityLength) {
			minute := minuteOf(at) - int64(back)
			if got, want := h.counted(verified, minute), (i-back)%3+1; got != want {
				t.Fatalf("minute %d, %d ago: %d, wanted %d", i, back, got, want)
			}
		}
		if got := h.counted(refused, minuteOf(at)); got != 0 {
			t.Fatalf("%d refused, wanted 0", got)
		}
	}
	last := start.Add(199 * time.Minute)
	if h.idle(minuteOf(last.Add(59 * time.Minute))) {
		t.Error("idle while the last event is still counted")
	}
	if !h.idle(minuteOf(last.Add(60 * time.Minute))) {
		t.Error("not idle after an hour")
	}
}

// Several goroutines begin a minute at the same time.
func TestMinuteStartsOnceUnderConcurrency(t *testing.T) {
	const callers, each = 16, 500
	var a activity
	at := time.Unix(60_000, 0)
	a.count(created, 1, at.Add(-64*time.Minute)) // use the slot in an earlier minute
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				a.count(created, 1, at)
			}
		})
	}
	wg.Wait()
	if got := a.of(1).counted(created, minuteOf(at)); got != callers*each {
		t.Errorf("%d, wanted %d", got, callers*each)
	}
}

func TestActivityIsBounded(t *testing.T) {
	var a activity
	at := time.Unix(1_000_000, 0)
	for org := range token.Key(maxCounted) {
		a.count(created, org+1, at)
	}
	if a.count(created, maxCounted+1, at); a.of(maxCounted+1) != nil {
		t.Error("the number of organizations is not bounded")
	}
	later := at.Add(time.Hour)
	a.count(created, 1, later)
	a.count(created, maxCounted+1, later)
	if a.of(1) == nil || a.of(maxCounted+1) == nil || a.of(2) != nil {
		t.Error("idle organizations were not replaced")
	}
	if got := a.of(maxCounted+1).counted(created, minuteOf(later)); got != 1 {
		t.Errorf("counted %d, wanted 1", got)
	}
}

// Every request counts an event.
func TestCountingDoesNotAllocate(t *testing.T) {
	var a activity
	at := time.Unix(1_000_000, 0)
	a.count(verified, 1<<40, at)
	if n := testing.AllocsPerRun(1000, func() { a.count(verified, 1<<40, at) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
