package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/token"
)

const (
	// activityEvery is the interval at which counts are added to the store.
	activityEvery = 15 * time.Second
	// activityChunk is the maximum number of counts that one write adds.
	activityChunk = 500
	// ActivityHours is the number of hours for which events are counted.
	ActivityHours = 24
)

// Activity holds the counts of an organization, by all processes that share the store, the oldest first. The last minute and the last
// hour are not over yet.
type Activity struct{ Minutes, Hours []Count }

type unstored struct {
	slot   *minuteSlot
	minute int64
	counts [eventKinds]uint32
}

// collect returns the counts of an organization that are not in the store. The caller holds flushing.
func (h *hour) collect() (found []unstored) {
	for i := range h.slots {
		slot := &h.slots[i]
		if minute, counts := slot.unstored(); counts != [eventKinds]uint32{} {
			found = append(found, unstored{slot, minute, counts})
		}
	}
	return found
}

func (c *Count) add(counts [eventKinds]uint32) {
	c.Created += int(counts[created])
	c.LoggedIn += int(counts[loggedIn])
	c.Verified += int(counts[verified])
	c.Ended += int(counts[ended])
	c.Refused += int(counts[refused])
}

func startOf(minute int64, span time.Duration) time.Time {
	return time.Unix(minute*60, 0).UTC().Truncate(span)
}

// FlushActivity adds the counts of this process to those in the store. If this fails, they are added the next time.
func (s *Service) FlushActivity(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	a := &s.activity
	a.flushing.Lock()
	defer a.flushing.Unlock()
	organizations := []token.Key{0}
	if known := a.organizations.Load(); known != nil {
		organizations = append(organizations, slices.Sorted(maps.Keys(*known))...)
	}
	var rows []StoredCount
	var stored []unstored
	for _, org := range organizations {
		h := &a.all
		if org != 0 {
			h = a.of(org)
		}
		if h == nil {
			continue
		}
		found := h.collect()
		stored, rows = append(stored, found...), append(rows, storedCounts(org, found)...)
		if len(rows) < activityChunk && org != organizations[len(organizations)-1] || len(rows) == 0 {
			continue
		}
		if err := s.store.AddActivity(ctx, rows); err != nil {
			return err
		}
		for _, u := range stored {
			u.slot.keep(u.minute, u.counts)
		}
		rows, stored = nil, nil
	}
	return nil
}

// storedCounts returns the counts of an organization by minutes and by hours, in a fixed order, so that processes that add counts at
// the same time lock the rows in the same order.
func storedCounts(org token.Key, found []unstored) []StoredCount {
	type of struct {
		span time.Duration
		at   time.Time
	}
	sums := map[of]*StoredCount{}
	for _, u := range found {
		for _, span := range []time.Duration{time.Minute, time.Hour} {
			key := of{span, startOf(u.minute, span)}
			if sums[key] == nil {
				sums[key] = &StoredCount{Organization: org, Span: span, Count: Count{At: key.at}}
			}
			sums[key].add(u.counts)
		}
	}
	rows := make([]StoredCount, 0, len(sums))
	for _, sum := range sums {
		rows = append(rows, *sum)
	}
	slices.SortFunc(rows, func(a, b StoredCount) int { return cmp.Or(cmp.Compare(a.Span, b.Span), a.At.Compare(b.At)) })
	return rows
}

// Activity returns the counts of an organization for each of the last minutes and hours.
func (s *Service) Activity(ctx context.Context, org token.Key) (Activity, error) {
	now, a := s.now(), &s.activity
	shown := Activity{Minutes: emptyCounts(now, time.Minute, ActivityLength), Hours: emptyCounts(now, time.Hour, ActivityHours)}
	a.flushing.Lock()
	defer a.flushing.Unlock()
	rows, err := s.store.Activity(ctx, []token.Key{0, org}, shown.Hours[0].At)
	if err != nil {
		return Activity{}, err
	}
	for _, of := range []token.Key{0, org} {
		h := &a.all
		if of != 0 {
			h = a.of(of)
		}
		if h != nil {
			rows = append(rows, storedCounts(of, h.collect())...)
		}
	}
	for _, row := range rows {
		counts := shown.Minutes
		if row.Span == time.Hour {
			counts = shown.Hours
		}
		if i := int(row.At.Sub(counts[0].At) / row.Span); i >= 0 && i < len(counts) && !row.At.Before(counts[0].At) {
			c := &counts[i]
			c.Created, c.LoggedIn, c.Verified = c.Created+row.Created, c.LoggedIn+row.LoggedIn, c.Verified+row.Verified
			c.Ended, c.Refused = c.Ended+row.Ended, c.Refused+row.Refused
		}
	}
	return shown, nil
}

// emptyCounts returns n counts without events, of which the last one contains now.
func emptyCounts(now time.Time, span time.Duration, n int) []Count {
	counts := make([]Count, n)
	for i := range counts {
		counts[i].At = startOf(minuteOf(now), span).Add(-time.Duration(n-1-i) * span)
	}
	return counts
}
