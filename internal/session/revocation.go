package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Revocation is a row of the revocation log, which is the one thing that everybody who remembers sessions follows.
type Revocation struct {
	// Seq ascends in the order in which rows can first be read.
	Seq int64
	// Organization, Customer, Member and Session are keys. Session is 0 when all sessions of a holder have ended, Member when
	// those of all members and the customer's own have, and Customer when those of a whole organization have.
	Organization, Customer, Member, Session token.Key
	// Generation is the holder's new one: its sessions of a lower generation have ended. Of one session, it is 1.
	Generation uint32
	Reason     Reason
	// At is UTC, in whole microseconds.
	At time.Time
}

// NamedRevocation is a revocation as others than this server know those whom it names. An id is zero where the key is 0.
type NamedRevocation struct {
	Revocation
	CustomerID, MemberID, SessionID token.ID
}

const (
	// PollInterval is how often a process looks for revocations that other processes have written.
	PollInterval = 250 * time.Millisecond
	// MaxStaleness is how long a process that cannot read the log goes on to answer from memory.
	MaxStaleness = time.Second

	pollPage = 1000
	// maxEnded bounds what is remembered of the log; beyond it, the whole cache is forgotten instead.
	maxEnded = 1 << 16
)

// follower knows what the log says of the sessions that the cache, or a look-up that is under way, may still believe in.
type follower struct {
	mu sync.RWMutex
	// generations are the lowest that the sessions of a holder may have.
	generations map[holder]uint32
	// some is whether generations has entries: the hot path asks before it locks.
	some atomic.Bool

	shared bool
	// noted is closed when rows of the log come in, and made anew for the next ones.
	noted chan struct{}
	// synced is when the shared log was last read to its end, as time since base; 0 is never.
	synced atomic.Int64
}

// holder is whose sessions have ended: a session, or a member, or a customer, or an organization. What is not named is 0.
type holder struct{ organization, customer, member, session token.Key }

// base is what the time is measured from: a clock that is set does not move what is measured so.
var base = time.Now()

// ended reports whether the log says that a session has ended. Generations only grow, so it will not live again.
func (f *follower) ended(s *Session) bool {
	if !f.some.Load() {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.generations[holder{session: s.ID.Key()}] > 0 ||
		s.Generations.Customer < f.generations[holder{customer: s.Customer}] ||
		s.Member != 0 && s.Generations.Member < f.generations[holder{member: s.Member}] ||
		s.Generations.Organization < f.generations[holder{organization: s.Organization}]
}

// fresh reports whether the log is known well enough to answer from memory.
func (f *follower) fresh() bool {
	if !f.shared {
		return true
	}
	at := f.synced.Load()
	return at != 0 && time.Since(base)-time.Duration(at) <= MaxStaleness
}

// round is a number that is the same for no two looks at a store that are further apart than MaxStaleness.
func (f *follower) round() int64 {
	if !f.shared {
		return 0
	}
	return int64(time.Since(base) / MaxStaleness)
}

// note takes rows of the log in. It may see a row twice.
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
		who := holderOf(r)
		f.generations[who] = max(f.generations[who], r.Generation)
	}
	if len(f.generations) > maxEnded {
		s.cache.clear() // before what it was judged by is forgotten
		clear(f.generations)
	}
	f.some.Store(len(f.generations) > 0)
	if f.noted != nil {
		close(f.noted)
		f.noted = nil
	}
}

// holderOf is the narrowest of those whom a row names.
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

// Changed returns a channel that is closed when the revocation log may have grown.
func (s *Service) Changed() <-chan struct{} {
	f := &s.log
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.noted == nil {
		f.noted = make(chan struct{})
	}
	return f.noted
}

// Revocations returns the rows of an organization's log behind after, in order, at most limit of them.
func (s *Service) Revocations(ctx context.Context, org token.Key, after int64, limit int) ([]NamedRevocation, error) {
	return s.store.OrganizationRevocations(ctx, org, after, limit)
}

// LastRevocation returns the highest Seq of the log of all organizations; 0 when it is empty.
func (s *Service) LastRevocation(ctx context.Context) (int64, error) {
	return s.store.LastRevocation(ctx)
}

// Follow reads the revocations that other processes write, until ctx ends. It is for a store that is shared; for any other
// it returns at once. What it cannot read, it tells report, and tries again.
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

// poll reads the log to its end. The first time it only finds out where that is: the cache keeps nothing older.
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
