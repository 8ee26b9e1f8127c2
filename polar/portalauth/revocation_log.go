package portalauth

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/polar"
)

// subject is the target of a revocation: a session, identified by its key, or a member or customer, identified by its ID.
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
	// maxRevocations is the limit of a verifier's revocationLog. Beyond it, all cached entries are fetched again.
	maxRevocations = 100_000
	// settleTime is how long another node of the server may still accept a revoked session, plus a margin.
	settleTime = 2 * time.Second
)

// revocation is the last revocation of a subject: the count of the log, and the time in nanoseconds since 1970.
type revocation struct {
	count uint64
	at    int64
}

// revocationLog stores and counts the revocations that the stream reported. A lookup reads the count before it asks the server.
// If a revocation arrives during the lookup, its count is higher, so it is known to be newer than the answer.
type revocationLog struct {
	count atomic.Uint64
	// limit is the largest number of revocations in each of current and previous.
	limit int

	mu sync.RWMutex
	// current contains the revocations since rotatedAt, and previous the revocations of the period before. Together they cover
	// more time than the maximum age of a cached answer.
	current, previous map[subject]revocation
	rotatedAt         time.Time
	// all is the last revocation that applies to all sessions.
	all revocation
}

// verdict is the effect of the revocations on an entry. The values are in ascending order, from no effect to the strongest.
type verdict int

const (
	valid verdict = iota
	// unsettled means that the answer may come from a node that had not yet received a revocation. The answer is used once and
	// not cached.
	unsettled
	// outdated means that a revocation is newer than the answer. The server is asked again.
	outdated
	// revoked means that the session itself was revoked. A revocation is final.
	revoked
)

// check compares an entry with the revocations of its subjects.
func (l *revocationLog) check(e *entry) verdict {
	l.mu.RLock()
	defer l.mu.RUnlock()
	strongest := l.all.check(e)
	for _, s := range e.subjects {
		r, ok := l.current[s]
		if !ok {
			r, ok = l.previous[s]
		}
		switch {
		case !ok:
		case s.kind == 's':
			return revoked
		default:
			strongest = max(strongest, r.check(e))
		}
	}
	return strongest
}

// sessionRevoked reports whether the session of a token was revoked.
func (l *revocationLog) sessionRevoked(token string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := sessionSubject(token)
	return l.current[s].count > 0 || l.previous[s].count > 0
}

func (r revocation) check(e *entry) verdict {
	switch {
	case r.count > e.revision:
		return outdated
	case r.count > 0 && e.fetchedAt < r.at+int64(settleTime):
		return unsettled
	}
	return valid
}

// add stores a revocation. If its subject is missing or invalid, it applies to all sessions.
func (l *revocationLog) add(r *polar.CustomerSessionRevocation, now time.Time, maxAge time.Duration) {
	s := subject{}
	switch {
	case r.CustomerSessionID != nil:
		if id, ok := parseUUID(string(*r.CustomerSessionID)); ok {
			s = subject{kind: 's', lo: sessionKeyOfID(id)}
		}
	case r.MemberID != nil:
		s = subjectOf('m', string(*r.MemberID))
	case r.CustomerID != nil:
		s = subjectOf('c', string(*r.CustomerID))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	added := revocation{l.count.Load() + 1, now.UnixNano()}
	if s.kind == 0 || len(l.current) >= l.limit { // for example, all sessions of the organization were revoked
		l.all, l.current, l.previous = added, nil, nil
	} else {
		if now.Sub(l.rotatedAt) > maxAge || l.current == nil {
			l.previous, l.current, l.rotatedAt = l.current, map[subject]revocation{}, now
		}
		l.current[s] = added
	}
	l.count.Add(1) // set last, so that a reader of the new count finds the revocation
}
