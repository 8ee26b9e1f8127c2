package session

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// quota limits the live sessions of each organization. It counts the sessions in the store once in each interval
// recount. In between, it adds the sessions that this process creates, so that a create needs no query. Sessions of
// other processes are missing until the next count.
type quota struct {
	limit int
	mu    sync.Mutex
	known map[token.Key]*liveCount
}

// recount is how long a count is used.
const recount = time.Minute

type liveCount struct {
	// n is the number of live sessions at the time at. created is the number of sessions that were created since.
	n, created int
	at         time.Time
	// counting is true while a caller counts. The other callers use the last count meanwhile.
	counting bool
}

// stale reports whether the sessions must be counted again: after the interval recount, or as soon as this process
// has created half of the sessions that the limit still allowed.
func (c *liveCount) stale(limit int, now time.Time) bool {
	return now.Sub(c.at) >= recount || now.Before(c.at) || c.n < limit && c.created > max(1, (limit-c.n)/2)
}

// Admit returns fault.QuotaExceeded if the organization has [Options.MaxLive] live sessions. Call it before a session is created.
// [Service.Create] calls it.
func (s *Service) Admit(ctx context.Context, org token.Key) error {
	q := &s.quota
	if q.limit == 0 {
		return nil
	}
	now := s.instant()
	q.mu.Lock()
	c, known := q.known[org]
	if !known {
		c = &liveCount{}
		q.known[org] = c
	}
	if count := (!known || c.stale(q.limit, now)) && !c.counting; count {
		before := c.created
		c.counting = true
		q.mu.Unlock()
		n, err := s.store.CountLive(ctx, org, now, q.limit)
		q.mu.Lock()
		c.counting = false
		if err != nil {
			if !known {
				delete(q.known, org)
			}
			q.mu.Unlock()
			return err
		}
		c.n, c.created, c.at = n, c.created-before, now // the count may lack sessions that were admitted meanwhile
	}
	defer q.mu.Unlock()
	if c.n+c.created >= q.limit {
		s.metrics.QuotaExceeded("sessions")
		return fault.New(fault.QuotaExceeded, fmt.Sprintf("This organization already has %d live sessions, which is the maximum. Revoke sessions that are not used any more.", q.limit))
	}
	c.created++
	return nil
}
