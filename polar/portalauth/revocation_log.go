package portalauth

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/polar"
)

// subject is what a revocation applies to: a session, identified by its key, or a member or customer, identified by its
// ID.
type subject struct {
	kind   byte // 's', 'm' or 'c'; zero means no subject
	hi, lo uint64
}

func subjectOf(kind byte, id string) subject {
	parsed, ok := parseUUID(id)
	if !ok {
		return subject{}
	}
	return subject{kind, binary.BigEndian.Uint64(parsed[:8]), binary.BigEndian.Uint64(parsed[8:])}
}

// sessionSubject returns the session of a well-formed token.
func sessionSubject(token string) subject { return subject{kind: 's', lo: sessionKey(token)} }

const (
	// maxRevocations limits the number of stored revocations. Beyond it, all cached entries are fetched again.
	maxRevocations = 100_000
	// settleTime is how long another node of the server may still accept a revoked session, plus a margin.
	settleTime = 2 * time.Second
)

// revocation is the count of the log and the time, in nanoseconds since 1970, of the last revocation of a subject.
type revocation struct {
	count uint64
	at    int64
}

// revocationLog stores the revocations that the stream reported. It counts them. A lookup notes the count before it
// asks the server, so that a revocation during the lookup is known to be newer than the answer.
type revocationLog struct {
	count atomic.Uint64

	mu sync.RWMutex
	// current contains the revocations since rotatedAt, and previous those of the period before. Together they cover
	// more time than any cached answer is used for.
	current, previous map[subject]revocation
	rotatedAt         time.Time
	// all is the last revocation of all sessions.
	all revocation
}

// verdict is the effect of the revocations on an entry, from none to the strongest.
type verdict int

const (
	valid verdict = iota
	// unsettled means that the answer may come from a node that did not know of a revocation yet. It is used once and
	// not cached.
	unsettled
	// outdated means that a revocation is newer than the answer. The server is asked again.
	outdated
	// revoked means that the session itself was revoked, which is final.
	revoked
)

// check compares an entry with the revocations of its subjects.
func (f *revocationLog) check(e *entry) verdict {
	f.mu.RLock()
	defer f.mu.RUnlock()
	worst := f.all.check(e)
	for _, h := range e.subjects {
		end, ok := f.current[h]
		if !ok {
			end, ok = f.previous[h]
		}
		switch {
		case !ok:
		case h.kind == 's':
			return revoked
		default:
			worst = max(worst, end.check(e))
		}
	}
	return worst
}

// sessionRevoked reports whether the session of a token was revoked.
func (f *revocationLog) sessionRevoked(token string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	h := sessionSubject(token)
	return f.current[h].count > 0 || f.previous[h].count > 0
}

func (end revocation) check(e *entry) verdict {
	switch {
	case end.count > e.revision:
		return outdated
	case end.count > 0 && e.fetchedAt < end.at+int64(settleTime):
		return unsettled
	}
	return valid
}

// add stores a revocation. If its subject is missing or invalid, it applies to all sessions.
func (f *revocationLog) add(r *polar.CustomerSessionRevocation, now time.Time, horizon time.Duration) {
	h := subject{}
	switch {
	case r.CustomerSessionID != nil:
		if id, ok := parseUUID(*r.CustomerSessionID); ok {
			h = subject{kind: 's', lo: sessionKeyOfID(id)}
		}
	case r.MemberID != nil:
		h = subjectOf('m', *r.MemberID)
	case r.CustomerID != nil:
		h = subjectOf('c', *r.CustomerID)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	this := revocation{f.count.Load() + 1, now.UnixNano()}
	if h.kind == 0 || len(f.current) >= maxRevocations { // for example, all sessions of the organization were revoked
		f.all, f.current, f.previous = this, nil, nil
	} else {
		if now.Sub(f.rotatedAt) > horizon || f.current == nil {
			f.previous, f.current, f.rotatedAt = f.current, map[subject]revocation{}, now
		}
		f.current[h] = this
	}
	f.count.Add(1) // last, so that a reader of the new count finds the revocation
}

// Delays before the verifier reconnects to the stream.
const (
	minReconnectWait = 500 * time.Millisecond
	maxReconnectWait = 30 * time.Second
	noStreamWait     = 10 * time.Minute
)

// followStream follows the stream of revocations until ctx ends.
func (v *Verifier) followStream(ctx context.Context) {
	last, wait := "", minReconnectWait
	for ctx.Err() == nil {
		err := v.readStream(ctx, &last, &wait)
		if ctx.Err() != nil {
			return
		}
		pause := wait/2 + rand.N(wait/2)
		switch {
		case errors.Is(err, polar.ErrMissingSecurity):
			v.observe(Event{Kind: EventStreamUnavailable, Err: err})
			return
		case errors.Is(err, polar.ErrNotFound):
			v.observe(Event{Kind: EventStreamUnavailable, Err: err})
			pause = noStreamWait
		default:
			v.observe(Event{Kind: EventStreamLost, Err: err})
		}
		wait = min(2*wait, maxReconnectWait)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// readStream follows the stream until its connection ends. Entries that were cached before the first connection are
// fetched again, because a revocation may have been missed.
func (v *Verifier) readStream(ctx context.Context, last *string, wait *time.Duration) error {
	connected := false
	for event, err := range v.client.CustomerSessions.Revocations(ctx, *last) {
		if err != nil {
			return err
		}
		if !connected {
			connected, *wait = true, minReconnectWait
			if *last == "" {
				v.revocations.add(&polar.CustomerSessionRevocation{}, v.options.Now(), v.maxEntryAge())
			}
			v.observe(Event{Kind: EventStreamConnected})
		}
		*last = event.ID
		if event.Revocation != nil {
			v.revocations.add(event.Revocation, v.options.Now(), v.maxEntryAge())
			v.observe(Event{Kind: EventRevocation})
		}
	}
	return nil
}

// maxEntryAge is longer than any cached entry is used, including the time of its lookup.
func (v *Verifier) maxEntryAge() time.Duration {
	return v.options.MaxStaleness + v.options.ServeStale + lookupTimeout
}
