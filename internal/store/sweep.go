package store

import (
	"context"
	"time"
)

const (
	// sweepChunk is how many rows one transaction removes at most: others' writes wait for no more.
	sweepChunk = 1000
	// sweepGrace is how long what has expired is kept: the clocks of the processes that share a store differ.
	sweepGrace = time.Hour
	// keepRevocations is how long a row of the revocation log is kept, for those who follow it.
	keepRevocations = 30 * 24 * time.Hour
	// keepEvents is how long an event can be delivered again.
	keepEvents = 30 * 24 * time.Hour
)

// leftovers are the tables with rows that end in the order of an index, so that a sweep reads little more than what it
// removes. Sessions, whose lifetimes differ, are not among them.
var leftovers = []struct {
	table, key, order, end string
	keep                   time.Duration
}{
	{"email_updates", "key", "key", "expires_at", sweepGrace},
	{"tickets", "key", "key", "expires_at", sweepGrace},
	{"login_codes", "hash", "expires_at", "expires_at", sweepGrace},
	{"idempotency_keys", "organization, name", "expires_at", "expires_at", sweepGrace},
	{"revocations", "seq", "seq", "at", keepRevocations},
	{"webhook_deliveries", "seq", "seq", "created_at", keepEvents},
	{"webhook_events", "key", "key", "at", keepEvents},
}

// Sweep removes what is of no use any more: sessions, login codes, email updates, tickets and idempotency keys that expired an
// hour ago or earlier, and rows of the revocation log and events that are older than 30 days. It returns how many rows it has
// removed, also when it could not go on. Several may sweep the same store at once.
func (s *Store) Sweep(ctx context.Context, now time.Time) (removed int, err error) {
	removed, err = s.sweepSessions(ctx, micros(now.Add(-sweepGrace)))
	for _, l := range leftovers {
		statement := `DELETE FROM ` + l.table + ` WHERE (` + l.key + `) IN (SELECT ` + l.key + ` FROM (SELECT ` + l.key + `, ` + l.end +
			` FROM ` + l.table + ` ORDER BY ` + l.order + ` LIMIT $2) oldest WHERE ` + l.end + ` < $1)`
		for n := int64(1); n > 0 && err == nil; removed += int(n) {
			n, err = s.remove(ctx, statement, micros(now.Add(-l.keep)), sweepChunk)
		}
	}
	return removed, err
}

// remove returns 0 with an error.
func (s *Store) remove(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err = tx.Affect(ctx, statement, args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// sessionChunk is the last key of the next few sessions, -1 when there are none, and how many of them have expired.
const sessionChunk = `SELECT coalesce(max(key), -1), coalesce(sum(CASE WHEN expires_at < $2 THEN 1 ELSE 0 END), 0)
	FROM (SELECT key, expires_at FROM sessions WHERE key > $1 ORDER BY key LIMIT $3) chunk`

// sweepSessions walks over all sessions: one that was made long ago may live longer than one that was made since. It writes
// only where there is something to remove.
func (s *Store) sweepSessions(ctx context.Context, before int64) (removed int, err error) {
	for after := int64(-1); ; {
		var last, expired int64
		if err := s.queryRow(ctx, sessionChunk, after, before, sweepChunk).Scan(&last, &expired); err != nil || last < 0 {
			return removed, err
		}
		if expired > 0 {
			n, err := s.remove(ctx, `DELETE FROM sessions WHERE key > $1 AND key <= $2 AND expires_at < $3`, after, last, before)
			if removed += int(n); err != nil {
				return removed, err
			}
		}
		after = last
	}
}
