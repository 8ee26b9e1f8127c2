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
	// Organization, Customer and Member are keys. Member is 0 when the sessions of all members, and the customer's own,
	// have ended.
	Organization, Customer, Member token.Key
	// Generation is the holder's new one: its sessions of a lower generation have ended.
	Generation uint32
	// Reason says why, for people: a stable word such as "email_changed".
	Reason string
	// At is UTC, in whole microseconds.
	At time.Time
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

// follower knows what the log says of the sessions that the cache may still hold.
type follower struct {
	mu    sync.RWMutex
	ended map[holder]ending
	// some is whether ended has entries: the hot path asks before it locks.
	some atomic.Bool

	shared bool
	// synced is when the shared log was last read to its end, as time since base; 0 is never.
	synced atomic.Int64
}

// holder is whose sessions have ended; member is 0 for a whole customer.
type holder struct{ customer, member token.Key }

type ending struct {
	generation uint32
	at         time.Time
}

var base = time.Now()

// current reports whether what the cache says of a session can be believed.
func (f *follower) current(s *Session) bool {
	if f.shared && !f.fresh() {
		return false
	}
	if !f.some.Load() {
		return true
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if s.CustomerGeneration < f.ended[holder{customer: s.Customer}].generation {
		return false
	}
	return s.Member == 0 || s.MemberGeneration >= f.ended[holder{s.Customer, s.Member}].generation
}

func (f *follower) fresh() bool {
	at := f.synced.Load()
	return at != 0 && time.Since(base)-time.Duration(at) <= MaxStaleness
}

// note takes rows of the log in. It may see a row twice.
func (s *Sessions) note(rows []Revocation) {
	if len(rows) == 0 {
		return
	}
	f := &s.log
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended == nil {
		f.ended = map[holder]ending{}
	}
	for _, r := range rows {
		who := holder{r.Customer, r.Member}
		if f.ended[who].generation < r.Generation {
			f.ended[who] = ending{r.Generation, r.At}
		}
	}
	f.some.Store(true)
	if len(f.ended) > maxEnded/2 {
		s.forget()
	}
}

// forget drops what no session in the cache can be older than, and, where that is not enough, the cache itself.
func (s *Sessions) forget() {
	f := &s.log
	old := s.now().Add(-Lifetime)
	for who, e := range f.ended {
		if e.at.Before(old) {
			delete(f.ended, who)
		}
	}
	if len(f.ended) > maxEnded {
		s.cache.clear()
		clear(f.ended)
	}
	f.some.Store(len(f.ended) > 0)
}

// Follow reads the revocations that other processes write, until ctx ends. It is for a store that is shared; for any other
// it returns at once. What it cannot read, it tells report, and tries again.
func (s *Sessions) Follow(ctx context.Context, report func(error)) {
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
func (s *Sessions) poll(ctx context.Context, after *int64) error {
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
