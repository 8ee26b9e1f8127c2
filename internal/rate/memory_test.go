package rate

import (
	"testing"
	"time"
	"unsafe"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// takes takes n events of a key and fails the test unless each gets the same wait.
func takes(t *testing.T, table *table, who uint64, n int, want time.Duration) {
	t.Helper()
	for i := range n {
		if got := table.take([2]uint64{1, who}, noon.UnixNano()); got.Wait != want {
			t.Fatalf("event %d of %d: wait %s, want %s", i+1, n, got.Wait, want)
		}
	}
}

// used returns the number of events that a full table has counted in the minute.
func (t *table) used() (n int) {
	for i := range t.sets {
		for _, s := range t.sets[i].slots {
			n += int(min(s.used[minute], t.rate.Minute))
		}
	}
	return n + int(min(t.overflow.used[minute], t.overflowRate.Minute))
}

func TestNewKeysDoNotDisplaceBlocks(t *testing.T) {
	table := newTable(Production()[Login], 1)
	takes(t, table, 1, 6, 0)
	takes(t, table, 1, 1, 900*time.Second)
	for stranger := range uint64(4) {
		takes(t, table, 10+stranger, 1, 0)
	}
	takes(t, table, 1, 1, 900*time.Second)
	for blocked := range uint64(7) {
		for table.take([2]uint64{1, 100 + blocked}, noon.UnixNano()).Wait == 0 {
		}
	}
	takes(t, table, 1, 1, 900*time.Second)
	for blocked := range uint64(7) {
		takes(t, table, 100+blocked, 1, 900*time.Second)
	}
}

// Every event that a full table admits is in one of its counts, so that keys without a slot do not get more than the table's rate.
func TestFullTableCountsEveryEvent(t *testing.T) {
	const limit = 5
	table := newTable(Rate{Minute: limit}, 1)
	admitted := 0
	for event := range 100_000 {
		if !table.take([2]uint64{1, uint64(event)}, noon.UnixNano()).Refused() {
			admitted++
		}
		if used := table.used(); used != admitted {
			t.Fatalf("%d events were admitted, and %d are counted", admitted, used)
		}
	}
	if want := ways*limit + overflowFactor*limit; admitted != want {
		t.Errorf("%d events were admitted, want %d", admitted, want)
	}
	later := noon.Add(time.Minute).UnixNano()
	if r := table.take([2]uint64{1, 7}, later); r.Refused() {
		t.Errorf("the table is full after the window: %+v", r)
	}
}

func TestReturnedEventsDoNotCount(t *testing.T) {
	m := NewMemory(Limits{LoginOrganization: {Minute: 3, Hour: 4}})
	k := Key{Bucket: LoginOrganization}
	take := func(want bool) {
		t.Helper()
		if r, err := m.Take(t.Context(), k, noon); err != nil || r.Refused() == want {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for range 10 {
		take(true)
		m.Return(t.Context(), k, noon)
	}
	take(true)
	take(true)
	take(true)
	take(false)
	take(false)
	m.Return(t.Context(), k, noon)
	take(true)
	take(false)
	if r, _ := m.Take(t.Context(), k, noon.Add(40*time.Second)); r.Left != 20*time.Second || r.Wait != time.Minute {
		t.Errorf("%+v", r)
	}
	m.Return(t.Context(), Key{Bucket: Default}, noon) // a bucket without a limit
}

func TestFirstRefusalIsMarked(t *testing.T) {
	for name, r := range map[string]Rate{"window": {Hour: 2}, "block": {Hour: 2, Block: time.Hour}} {
		m := NewMemory(Limits{LoginOrganization: r})
		first := 0
		for range 10 {
			if r, _ := m.Take(t.Context(), Key{Bucket: LoginOrganization}, noon); r.First {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%s: %d refusals are the first", name, first)
		}
	}
}

func TestDayLimit(t *testing.T) {
	m := NewMemory(Limits{EmailUpdate: {Hour: 2, Day: 3}})
	k := Key{Bucket: EmailUpdate, ID: [2]uint64{1, 2}}
	for i, want := range []bool{true, true, false} {
		if r, _ := m.Take(t.Context(), k, noon); r.Refused() == want {
			t.Errorf("event %d: %+v", i, r)
		}
	}
	later := noon.Add(time.Hour)
	if r, _ := m.Take(t.Context(), k, later); r.Refused() {
		t.Errorf("after an hour: %+v", r)
	}
	if r, _ := m.Take(t.Context(), k, later); r.Left != 23*time.Hour {
		t.Errorf("the day's limit: %+v", r)
	}
}

// The size of a Memory is the documented one.
func TestMemorySize(t *testing.T) {
	const documented = 49 << 20
	size := uintptr(0)
	for _, table := range NewMemory(Production()).tables {
		if table != nil {
			size += uintptr(len(table.sets)) * unsafe.Sizeof(slotSet{})
		}
	}
	if size > documented || size < documented*9/10 {
		t.Errorf("a Memory has %d bytes, and the documentation says %d", size, documented)
	}
	if unsafe.Sizeof(slot{}) != 80 {
		t.Errorf("a slot has %d bytes", unsafe.Sizeof(slot{}))
	}
}

func TestPerDay(t *testing.T) {
	for _, tt := range []struct {
		rate Rate
		want int
	}{{Rate{}, 0}, {Rate{Minute: 6, Hour: 12}, 288}, {Rate{Minute: 1}, 1440}, {Rate{Second: 1, Day: 100}, 100}} {
		if got := tt.rate.PerDay(); got != tt.want {
			t.Errorf("%+v: %d, want %d", tt.rate, got, tt.want)
		}
	}
}
