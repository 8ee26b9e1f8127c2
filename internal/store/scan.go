package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/slot"
	"github.com/postern-go/postern/internal/token"
)

// scans runs the queries of lists, which can read all rows of an organization. These queries have connections of their own, of
// which one organization gets only a share, so that a list neither delays short reads nor other organizations.
type scans struct {
	slots *slot.Pool
	// totals holds the results of slow counts.
	totals totals
}

const (
	// scanQueue is how many lists of one organization can wait for a connection, and scanWait for how long.
	scanQueue = 64
	scanWait  = 5 * time.Second
)

func newScans(slots int, m *metrics.Metrics) scans {
	return scans{slots: slot.New(slot.Options{
		Name: "lists", Total: slots, Each: max(1, slots/2), Queue: scanQueue, Wait: scanWait,
	}, m)}
}

// SetMetrics sets where the store counts callers that wait for a connection or a row. Call it before using the store.
func (s *Store) SetMetrics(m *metrics.Metrics) {
	_, slots := s.scanner()
	s.scans = newScans(slots, m)
	if s.dialect().shared {
		s.rows = slot.New(slot.Options{Name: "rows", Total: maxRows, Each: 1, Queue: rowQueue, Wait: scanWait}, m)
	}
}

const (
	// maxRows is how many rows are being changed at the same time; it is larger than any pool of connections. rowQueue is how many
	// changes of one row can wait, each for at most scanWait.
	maxRows, rowQueue = 1 << 16, 64
)

// alone calls write when no other change of the row in this process runs. On an engine that locks rows, changes of one row thus
// wait without holding a connection each.
func (s *Store) alone(ctx context.Context, row token.Key, write func() error) error {
	release, err := s.rows.Take(ctx, int64(row))
	if err != nil {
		return err
	}
	defer release()
	return write()
}

// scan calls f with the connections for lists when the organization has a slot for them. It returns the errors of [slot.Pool.Take].
func (s *Store) scan(ctx context.Context, org token.Key, f func(q querier) error) error {
	release, err := s.scans.slots.Take(ctx, int64(org))
	if err != nil {
		return err
	}
	defer release()
	q, _ := s.scanner()
	return f(q)
}

const (
	// The result of a count that takes at least slowCount is used again, for reuse times as long as the count took
	// and for at most longestReuse. So repeated counts of the same rows take at most a twentieth of the time of one
	// connection.
	slowCount    = 100 * time.Millisecond
	reuse        = 20
	longestReuse = 5 * time.Minute
	// maxTotals is the maximum number of results in memory.
	maxTotals = 1024
)

// totals holds the results of slow counts by their query and arguments. The zero value is empty.
type totals struct {
	mu    sync.Mutex
	known map[string]total
}

type total struct {
	n     int
	until time.Time
}

func (t *totals) get(key string) (n int, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.known[key]
	return v.n, time.Now().Before(v.until)
}

// put stores the result of a count if the count was slow.
func (t *totals) put(key string, n int, took time.Duration) {
	if took < slowCount {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil || len(t.known) >= maxTotals {
		t.known = map[string]total{}
	}
	t.known[key] = total{n, time.Now().Add(min(reuse*took, longestReuse))}
}

// count returns the result of a count, and whether it is exact: the result of a slow count is used again for some time. key
// identifies the query with its arguments, except for the current time.
func (s *Store) count(ctx context.Context, q querier, key, query string, args []any) (n int, exact bool, err error) {
	if n, found := s.scans.totals.get(key); found {
		return n, false, nil
	}
	began := time.Now()
	if err := q.queryRow(ctx, query, args...).Scan(&n); err != nil {
		return 0, false, err
	}
	s.scans.totals.put(key, n, time.Since(began))
	return n, true, nil
}

// corrected returns the total of a list whose page, after skip rows, has rows of at most limit rows. A page that is not full ends the
// list, so its position is the total, although a remembered count can be old.
func corrected(total, skip, rows, limit int) int {
	if rows < limit && (rows > 0 || skip == 0) {
		return skip + rows
	}
	return total
}

// countKey returns the key of a count without times in its arguments.
func countKey(query string, args []any) string { return fmt.Sprintf("%s\x00%q", query, args) }
