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
type holder struct {
	kind   byte // 's', 'm' or 'c'; 0 for none
	hi, lo uint64
}

func holderOf(kind byte, id string) holder {
	parsed, ok := parseUUID(id)
	if !ok {
		return holder{}
	}
	return holder{kind, binary.BigEndian.Uint64(parsed[:8]), binary.BigEndian.Uint64(parsed[8:])}
}

// holderOfToken is the session of a well-formed token.
func holderOfToken(token string) holder { return holder{kind: 's', lo: sessionKey(token)} }

const (
	// maxEnded bounds how many ends are remembered one by one. Beyond, everything that is remembered of sessions is asked again.
	maxEnded = 100_000
	// settling is how long after an end another node of the server may still answer as if there had been none, with a reserve.
	settling = 2 * time.Second
)

// ending is when a holder's sessions have ended: the count of revocations then, and the time in nanoseconds since 1970.
type ending struct {
	count uint64
	at    int64
}

// feed knows which sessions have ended, by the stream of revocations. Revocations are counted, and whoever asks the server notes
// the count before: what ends during the question is then known to be later than the answer.
type feed struct {
	count atomic.Uint64

	mu sync.RWMutex
	// ended has the holders whose sessions have ended since turned; before has those of the time before that. Both together go
	// back further than any answer that is still believed.
	ended, before map[holder]ending
	turned        time.Time
	// all is the last time that everybody's sessions have ended, or may have.
	all ending
}

// standing is what the stream says of an answer.
type standing int

const (
	good standing = iota
	// unsettled is an answer that may be older than it seems: it is good once, and not worth remembering.
	unsettled
	// overtaken is an answer that may not hold any more: it is asked again.
	overtaken
	// ended is a session that has ended. It will not live again.
	ended
)

// judge holds an answer against the revocations.
func (f *feed) judge(e *entry) standing {
	f.mu.RLock()
	defer f.mu.RUnlock()
	worst := f.all.judge(e)
	for _, h := range e.holders {
		end, ok := f.ended[h]
		if !ok {
			end, ok = f.before[h]
		}
		switch {
		case !ok:
		case h.kind == 's':
			return ended
		default:
			worst = max(worst, end.judge(e))
		}
	}
	return worst
}

// over reports whether the session of a token is known to have ended. It will not live again.
func (f *feed) over(token string) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	h := holderOfToken(token)
	return f.ended[h].count > 0 || f.before[h].count > 0
}

func (end ending) judge(e *entry) standing {
	switch {
	case end.count > e.seen:
		return overtaken
	case end.count > 0 && e.asked < end.at+int64(settling):
		return unsettled
	}
	return good
}

// end notes a revocation. One whose holder cannot be read ends everything.
func (f *feed) end(r *polar.CustomerSessionRevocation, now time.Time, horizon time.Duration) {
	h := holder{}
	switch {
	case r.CustomerSessionID != nil:
		if id, ok := parseUUID(*r.CustomerSessionID); ok {
			h = holder{kind: 's', lo: keyOf(id)}
		}
	case r.MemberID != nil:
		h = holderOf('m', *r.MemberID)
	case r.CustomerID != nil:
		h = holderOf('c', *r.CustomerID)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	this := ending{f.count.Load() + 1, now.UnixNano()}
	if h.kind == 0 || len(f.ended) >= maxEnded { // the organization's all, for one
		f.all, f.ended, f.before = this, nil, nil
	} else {
		if now.Sub(f.turned) > horizon || f.ended == nil {
			f.before, f.ended, f.turned = f.ended, map[holder]ending{}, now
		}
		f.ended[h] = this
	}
	f.count.Add(1) // behind the note: who sees the count finds it
}

// The waits of somebody who comes back to the stream.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
	absentWait  = 10 * time.Minute
)

// follow follows the stream of revocations until ctx ends.
func (v *Verifier) follow(ctx context.Context) {
	last, wait := "", firstWait
	for ctx.Err() == nil {
		err := v.listen(ctx, &last, &wait)
		if ctx.Err() != nil {
			return
		}
		pause := wait/2 + rand.N(wait/2)
		switch {
		case errors.Is(err, polar.ErrMissingSecurity):
			v.observe(Event{Kind: FeedAbsent, Err: err})
			return
		case errors.Is(err, polar.ErrNotFound):
			v.observe(Event{Kind: FeedAbsent, Err: err})
			pause = absentWait
		default:
			v.observe(Event{Kind: FeedLost, Err: err})
		}
		wait = min(2*wait, longestWait)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// listen is one connection to the stream. What was remembered before the first is held for nothing: it may have ended unheard.
func (v *Verifier) listen(ctx context.Context, last *string, wait *time.Duration) error {
	connected := false
	for event, err := range v.client.CustomerSessions.Revocations(ctx, *last) {
		if err != nil {
			return err
		}
		if !connected {
			connected, *wait = true, firstWait
			if *last == "" {
				v.feed.end(&polar.CustomerSessionRevocation{}, v.options.Now(), v.horizon())
			}
			v.observe(Event{Kind: FeedConnected})
		}
		*last = event.ID
		if event.Revocation != nil {
			v.feed.end(event.Revocation, v.options.Now(), v.horizon())
			v.observe(Event{Kind: Ended})
		}
	}
	return nil
}

// horizon is longer than any answer is believed, the asking included.
func (v *Verifier) horizon() time.Duration {
	return v.options.MaxStaleness + v.options.ServeStale + askTimeout
}
