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

// holder is whose sessions have ended: a session by its key, or a member or a customer by its id.
type subject struct {
	kind   byte // 's', 'm' or 'c'; 0 for none
	hi, lo uint64
}

func subjectOf(kind byte, id string) subject {
	parsed, ok := parseUUID(id)
	if !ok {
		return subject{}
	}
	return subject{kind, binary.BigEndian.Uint64(parsed[:8]), binary.BigEndian.Uint64(parsed[8:])}
}

// holderOfToken is the session of a well-formed token.
func sessionSubject(token string) subject { return subject{kind: 's', lo: sessionKey(token)} }

const (
	// maxEnded bounds how many ends are remembered one by one. Beyond, everything that is remembered of sessions is asked again.
	maxRevocations = 100_000
	// settling is how long after an end another node of the server may still answer as if there had been none, with a reserve.
	settleTime = 2 * time.Second
)

// ending is when a holder's sessions have ended: the count of revocations then, and the time in nanoseconds since 1970.
type revocation struct {
	count uint64
	at    int64
}

// feed knows which sessions have ended, by the stream of revocations. Revocations are counted, and whoever asks the server notes
// the count before: what ends during the question is then known to be later than the answer.
type revocationLog struct {
	count atomic.Uint64

	mu sync.RWMutex
	// ended has the holders whose sessions have ended since turned; before has those of the time before that. Both together go
	// back further than any answer that is still believed.
	current, previous map[subject]revocation
	rotatedAt         time.Time
	// all is the last time that everybody's sessions have ended, or may have.
	all revocation
}

// standing is what the stream says of an answer.
type verdict int

const (
	valid verdict = iota
	// unsettled is an answer that may be older than it seems: it is good once, and not worth remembering.
	unsettled
	// overtaken is an answer that may not hold any more: it is asked again.
	outdated
	// ended is a session that has ended. It will not live again.
	revoked
)

// judge holds an answer against the revocations.
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

// over reports whether the session of a token is known to have ended. It will not live again.
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

// end notes a revocation. One whose holder cannot be read ends everything.
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
	if h.kind == 0 || len(f.current) >= maxRevocations { // the organization's all, for one
		f.all, f.current, f.previous = this, nil, nil
	} else {
		if now.Sub(f.rotatedAt) > horizon || f.current == nil {
			f.previous, f.current, f.rotatedAt = f.current, map[subject]revocation{}, now
		}
		f.current[h] = this
	}
	f.count.Add(1) // behind the note: who sees the count finds it
}

// The waits of somebody who comes back to the stream.
const (
	minReconnectWait = 500 * time.Millisecond
	maxReconnectWait = 30 * time.Second
	noStreamWait     = 10 * time.Minute
)

// follow follows the stream of revocations until ctx ends.
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

// listen is one connection to the stream. What was remembered before the first is held for nothing: it may have ended unheard.
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

// horizon is longer than any answer is believed, the asking included.
func (v *Verifier) maxEntryAge() time.Duration {
	return v.options.MaxStaleness + v.options.ServeStale + lookupTimeout
}
