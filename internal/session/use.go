package session

import (
	"context"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Use is one use of a session.
type Use struct {
	Session token.Key
	At      time.Time
	Client  Client
	// First is whether no earlier use was known. One of several processes may not know it.
	First bool
}

// FlushEvery is how often the uses of sessions are written to the store, all at once: a request of a customer writes
// nothing. A process that is killed forgets the uses since.
const FlushEvery = 5 * time.Second

// maxPending bounds the uses that wait to be written; further ones are noted when their session is used again.
const maxPending = 1 << 16

// sightings are the uses that have not been written yet, the last of each session.
type sightings struct {
	flushing sync.Mutex // held while they are written

	mu      sync.Mutex
	pending map[token.Key]Use
	// written are those of the last flush: a look-up that was under way then has not seen them in the store.
	written map[token.Key]Use
}

// recall gives a session that comes from the store the use that the store does not know yet.
func (p *sightings) recall(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, last := range []Use{p.written[s.ID.Key()], p.pending[s.ID.Key()]} {
		s.LastUsedAt = latest(s.LastUsedAt, last.At)
	}
}

// RecordUse notes that a live session was used, by whom and now. It writes nothing: [Service.FlushPeriodically] does.
func (s *Service) RecordUse(live *Session, c Client) {
	now := s.instant()
	s.cache.see(live.ID.Key(), now)
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.pending == nil {
		s.seen.pending = map[token.Key]Use{}
	}
	if last, known := s.seen.pending[live.ID.Key()]; known || len(s.seen.pending) < maxPending {
		s.seen.pending[live.ID.Key()] = Use{Session: live.ID.Key(), At: now, Client: c.short(), First: last.First || live.LastUsedAt.IsZero()}
	}
}

// FlushPeriodically writes down the uses of sessions until ctx ends, and what is left of them then. What cannot be written, it tells
// report, and tries again.
func (s *Service) FlushPeriodically(ctx context.Context, report func(error)) {
	tick := time.NewTicker(FlushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := s.Flush(context.WithoutCancel(ctx)); err != nil {
				report(err)
			}
			return
		case <-tick.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
	}
}

// Flush writes down the uses of sessions that wait to be. What it cannot write goes on waiting.
func (s *Service) Flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	s.seen.flushing.Lock()
	defer s.seen.flushing.Unlock()
	s.seen.mu.Lock()
	list := make([]Use, 0, len(s.seen.pending))
	for _, sighting := range s.seen.pending {
		list = append(list, sighting)
	}
	s.seen.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	if err := s.store.RecordUses(ctx, list); err != nil {
		return err
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	s.seen.written = make(map[token.Key]Use, len(list))
	for _, sighting := range list {
		s.seen.written[sighting.Session] = sighting
		if s.seen.pending[sighting.Session] == sighting { // or it was used again meanwhile
			delete(s.seen.pending, sighting.Session)
		}
	}
	return nil
}
