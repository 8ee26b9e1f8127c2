package store

import (
	"context"
	"time"
)

const (
	// sweepChunk is the maximum number of rows that one transaction deletes. It limits how long other writes wait.
	sweepChunk = 1000
	// sweepGrace is how long rows are kept after they expire, because the clocks of the processes that share a store can
	// differ.
	sweepGrace = time.Hour
	// revocationRetention is how long rows of the revocation log are kept for its followers.
	revocationRetention = 30 * 24 * time.Hour
	// eventRetention is how long webhook events are kept, so that they can be delivered again.
	eventRetention = 30 * 24 * time.Hour
	// mailRetention is how long the list of failed mails has a mail.
	mailRetention = 30 * 24 * time.Hour
)

// expiringTables are the tables whose rows expire in the order of an index, so that a sweep reads little more than the rows that
// it deletes. The table sessions is not among them, because lifetimes of sessions differ.
var expiringTables = []struct {
	table, key, order, end string
	retention              time.Duration
}{
	{"email_updates", "key", "key", "expires_at", sweepGrace},
	{"tickets", "key", "key", "expires_at", sweepGrace},
	{"login_codes", "hash", "expires_at", "expires_at", sweepGrace},
	{"session_proofs", "session, hash", "expires_at", "expires_at", sweepGrace},
	{"operator_sessions", "key", "key", "expires_at", sweepGrace},
	{"idempotency_keys", "scope, name", "expires_at", "expires_at", sweepGrace},
	{"activity", "organization, span, at", "expires_at", "expires_at", 0},
	{"failed_mails", "key", "key", "at", mailRetention},
	{"revocations", "seq", "seq", "at", revocationRetention},
	{"webhook_deliveries", "seq", "seq", "created_at", eventRetention},
	{"webhook_events", "key", "key", "at", eventRetention},
}

// Sweep deletes sessions, login codes, operator sessions, proof codes, email updates, tickets and idempotency keys that expired at least an hour ago, and
// counts of activity, and revocations, webhook events, deliveries and failed mails that are older than 30 days. It also deletes customers, members and access tokens that
// were deleted, revoked or expired 30 days ago. It returns the number of deleted rows, even if it
// returns an error. Several processes can sweep the same store at once.
func (s *Store) Sweep(ctx context.Context, now time.Time) (removed int, err error) {
	removed, err = s.sweepSessions(ctx, micros(now.Add(-sweepGrace)))
	for _, l := range expiringTables {
		statement := `DELETE FROM ` + l.table + ` WHERE (` + l.key + `) IN (SELECT ` + l.key + ` FROM (SELECT ` + l.key + `, ` + l.end +
			` FROM ` + l.table + ` ORDER BY ` + l.order + ` LIMIT $2) oldest WHERE ` + l.end + ` < $1)`
		for n := int64(1); n > 0 && err == nil; removed += int(n) {
			n, err = s.affect(ctx, statement, micros(now.Add(-l.retention)), sweepChunk)
		}
	}
	if err != nil {
		return removed, err
	}
	n, err := s.purgeDeleted(ctx, now)
	return removed + n, err
}

// sessionChunk returns the last key of the next $3 sessions, and the number of these sessions that have expired. The key is -1
// if there are no more sessions.
const sessionChunk = `SELECT coalesce(max(key), -1), coalesce(sum(CASE WHEN expires_at < $2 THEN 1 ELSE 0 END), 0)
	FROM (SELECT key, expires_at FROM sessions WHERE key > $1 ORDER BY key LIMIT $3) chunk`

// sweepSessions reads all sessions, because an old session may expire later than a new one. It writes only if a chunk contains
// expired sessions.
func (s *Store) sweepSessions(ctx context.Context, before int64) (removed int, err error) {
	for after := int64(-1); ; {
		var last, expired int64
		if err := s.queryRow(ctx, sessionChunk, after, before, sweepChunk).Scan(&last, &expired); err != nil || last < 0 {
			return removed, err
		}
		if expired > 0 {
			n, err := s.affect(ctx, `DELETE FROM sessions WHERE key > $1 AND key <= $2 AND expires_at < $3`, after, last, before)
			if removed += int(n); err != nil {
				return removed, err
			}
		}
		after = last
	}
}
