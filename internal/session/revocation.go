package session

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Revocation is a row of the revocation log. Processes and clients that cache sessions follow this log.
type Revocation struct {
	// Seq is the position in the log. Rows become visible in ascending order of Seq.
	Seq int64
	// Organization, Customer, Member and Session are keys. If all sessions of a member or a customer ended, Session is 0. If
	// all sessions of a customer ended, Member is 0 too. If all sessions of an organization ended, Customer is 0 too.
	Organization, Customer, Member, Session token.Key
	// Generation is the new generation of the member, customer or organization. Sessions with a lower generation ended. If
	// Session is not 0, Generation is 1. If Generation is 0, no session ended: access tokens of the organization were revoked or
	// lost scopes, or the organization was blocked, so its streams must check the access tokens of their clients.
	Generation uint32
	Reason     Reason
	// At is in UTC, in whole microseconds.
	At time.Time
}

// NamedRevocation is a revocation with the ids that the API shows. If a key is 0, the id is zero too.
type NamedRevocation struct {
	Revocation
	CustomerID, MemberID, SessionID token.ID
}

const (
	// PollInterval is how often a process reads revocations that other processes wrote.
	PollInterval = 250 * time.Millisecond
	// MaxStaleness is how long a process may use its cache without having read the revocation log.
	MaxStaleness = time.Second

	pollPage = 1000
	// maxEnded is the maximum number of revocations in memory. If there are more, they are dropped together with the whole
	// cache.
	maxEnded = 1 << 16
)

// follower holds the revocations of the log that sessions in the cache and in current lookups may not include yet.
type follower struct {
	mu sync.RWMutex
	// generations maps a holder to the lowest generation that its live sessions can have.
	generations map[holder]uint32
	// hasAny reports whether generations has entries, so that ended can return without taking the lock if there are none.
	hasAny atomic.Bool

	shared bool
	// noted has a channel for each organization that a caller waits for. It is closed when new rows of the organization arrive. The
	// next caller that waits creates a new channel.
	noted map[token.Key]chan struct{}
	// synced is the time of the last complete read of the shared log, as a duration since base. 0 means that the log was never
	// read.
	synced atomic.Int64
}

// holder identifies the sessions that a revocation ended: one session, or all sessions of a member, a customer or an
// organization. Exactly one field is set.
type holder struct{ organization, customer, member, session token.Key }

// base is the origin of monotonic times. Monotonic times do not jump when the system clock is set.
var base = time.Now()

// ended reports whether the session was revoked. A revocation is final, because generations only increase.
func (f *follower) ended(s *Session) bool {
	if !f.hasAny.Load() {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.generations[holder{session: s.ID.Key()}] > 0 ||
		s.Generations.Customer < f.generations[holder{customer: s.Customer}] ||
		s.Member != 0 && s.Generations.Member < f.generations[holder{member: s.Member}] ||
		s.Generations.Organization < f.generations[holder{organization: s.Organization}]
}

// fresh reports whether the log was read recently enough to use the cache.
func (f *follower) fresh() bool {
	if !f.shared {
		return true
	}
	at := f.synced.Load()
	return at != 0 && time.Since(base)-time.Duration(at) <= MaxStaleness
}

// round is a number that changes at least once per MaxStaleness. Lookups of different rounds are not shared.
func (f *follower) round() int64 {
	if !f.shared {
		return 0
	}
	return int64(time.Since(base) / MaxStaleness)
}

// note adds rows of the log. The same row may be added twice.
func (s *Service) note(rows []Revocation) {
	if len(rows) == 0 {
		return
	}
	f := &s.log
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.generations == nil {
		f.generations = map[holder]uint32{}
	}
	for _, r := range rows {
		if r.Generation > 0 {
			h := holderOf(r)
			f.generations[h] = max(f.generations[h], r.Generation)
		}
		if changed := f.noted[r.Organization]; changed != nil {
			close(changed)
			delete(f.noted, r.Organization)
		}
	}
	if len(f.generations) > maxEnded {
		s.cache.clear() // clear the cache first, because cached sessions rely on generations
		clear(f.generations)
	}
	f.hasAny.Store(len(f.generations) > 0)
}

// holderOf returns the narrowest holder that a row of the log names.
func holderOf(r Revocation) holder {
	switch {
	case r.Session != 0:
		return holder{session: r.Session}
	case r.Member != 0:
		return holder{member: r.Member}
	case r.Customer != 0:
		return holder{customer: r.Customer}
	}
	return holder{organization: r.Organization}
}

// Changed returns a channel that is closed when the revocation log may have new rows of the organization.
func (s *Service) Changed(org token.Key) <-chan struct{} {
	f := &s.log
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noted == nil {
		f.noted = map[token.Key]chan struct{}{}
	}
	changed := f.noted[org]
	if changed == nil {
		changed = make(chan struct{})
		f.noted[org] = changed
	}
	return changed
}

// Revocations returns up to limit rows of the organization's log whose Seq is greater than after, in ascending order. changed is the
// channel that [Service.Changed] returned before. Callers with the same channel and position share one query, which began after the
// channel was made and therefore sees all rows before it. The caller must not modify the rows.
func (s *Service) Revocations(ctx context.Context, org token.Key, changed <-chan struct{}, after int64, limit int) ([]NamedRevocation, error) {
	shared := s.flight.DoChan(fmt.Sprintf("log %d %p %d %d", org, changed, after, limit), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTimeout)
		defer cancel()
		return s.store.OrganizationRevocations(ctx, org, after, limit)
	})
	select {
	case r := <-shared:
		rows, _ := r.Val.([]NamedRevocation)
		return rows, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// LastRevocation returns the highest Seq of the log of all organizations, or 0 if the log is empty.
func (s *Service) LastRevocation(ctx context.Context) (int64, error) {
	return s.store.LastRevocation(ctx)
}

// Follow reads the revocations that other processes write, until ctx ends. If a read fails, it passes the error to report and
// retries. If no other process shares the store, Follow returns at once.
func (s *Service) Follow(ctx context.Context, report func(error)) {
	if !s.store.Shared() {
		return
	}
	after := int64(-1)
	tick := time.NewTicker(PollInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		began := time.Since(base)
		if err := s.poll(ctx, &after); err == nil {
			s.log.synced.Store(int64(began))
		} else if ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// poll reads the log to its end. The first call only reads the position of the end and clears the cache.
func (s *Service) poll(ctx context.Context, after *int64) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	if *after < 0 {
		last, err := s.store.LastRevocation(ctx)
		if err == nil {
			*after = last
			s.cache.clear()
		}
		return err
	}
	for {
		rows, err := s.store.Revocations(ctx, *after, pollPage)
		if err != nil || len(rows) == 0 {
			return err
		}
		s.note(rows)
		*after = rows[len(rows)-1].Seq
		if len(rows) < pollPage {
			return nil
		}
	}
}
