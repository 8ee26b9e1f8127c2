package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Use is one use of a session.
type Use struct {
	Session token.Key
	At      time.Time
	Client  Client
	// First reports whether this process has not recorded an earlier use. Another process may have recorded one.
	First bool
}

// FlushEvery is the interval at which recorded uses are written to the store, together in one write. If a process is killed,
// the uses since the last write are lost.
const FlushEvery = 5 * time.Second

// maxPending is the maximum number of uses in memory. Further uses are dropped until the next write.
const maxPending = 1 << 16

// pendingUses holds, for each session, the last use that is not in the store yet.
type pendingUses struct {
	flushing sync.Mutex // serializes flushes

	mu      sync.Mutex
	pending map[token.Key]Use
	// written holds the uses of the last write, which a lookup that began before that write did not read.
	written map[token.Key]Use
}

// recall updates a session that was read from the store with a use that is not written yet.
func (p *pendingUses) recall(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, last := range []Use{p.written[s.ID.Key()], p.pending[s.ID.Key()]} {
		s.LastUsedAt = latest(s.LastUsedAt, last.At)
	}
}

// hasFirst reports whether the first use of a session is not written yet.
func (p *pendingUses) hasFirst(session token.Key) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending[session].First
}

// RecordUse records in memory that the client used a live session now. [Service.FlushPeriodically] writes the use to the
// store.
func (s *Service) RecordUse(live *Session, c Client) {
	now := s.instant()
	s.cache.setLastUsed(live.ID.Key(), now)
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	if s.uses.pending == nil {
		s.uses.pending = map[token.Key]Use{}
	}
	if last, known := s.uses.pending[live.ID.Key()]; known || len(s.uses.pending) < maxPending {
		s.uses.pending[live.ID.Key()] = Use{Session: live.ID.Key(), At: now, Client: c.Short(), First: last.First || live.LastUsedAt.IsZero()}
	}
}

// FlushPeriodically writes recorded uses and counts of events to the store until ctx ends, and once more at the end. If a write fails, it passes the
// error to report and retries.
func (s *Service) FlushPeriodically(ctx context.Context, report func(error)) {
	tick, counts := time.NewTicker(FlushEvery), time.NewTicker(activityEvery)
	defer tick.Stop()
	defer counts.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx = context.WithoutCancel(ctx)
			if err := errors.Join(s.Flush(ctx), s.FlushActivity(ctx)); err != nil {
				report(err)
			}
			return
		case <-counts.C:
			if err := s.FlushActivity(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		case <-tick.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
	}
}

// Flush writes recorded uses to the store. If this fails, they stay recorded.
func (s *Service) Flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	s.uses.flushing.Lock()
	defer s.uses.flushing.Unlock()
	s.uses.mu.Lock()
	list := make([]Use, 0, len(s.uses.pending))
	for _, use := range s.uses.pending {
		list = append(list, use)
	}
	s.uses.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	if err := s.store.RecordUses(ctx, list); err != nil {
		return err
	}
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	s.uses.written = make(map[token.Key]Use, len(list))
	for _, use := range list {
		s.uses.written[use.Session] = use
		if s.uses.pending[use.Session] == use { // a use that was recorded during the write stays
			delete(s.uses.pending, use.Session)
		}
	}
	return nil
}
