package store

import (
	"context"
	"time"
)

// deletedRetention is how long customers and members are kept after their deletion, and access tokens after they were revoked or
// expired, so that lists of sessions, the revocation log and webhooks can still name them. The audit log has their ids longer.
const deletedRetention = 30 * 24 * time.Hour

// purges delete, in this order, what was deleted before the time $1. Each statement deletes up to $2 rows and runs until it
// deletes none. An access token stays while a session or another access token names it.
var purges = []string{
	purge("sessions", `SELECT s.key FROM sessions s JOIN customers c ON c.key = s.customer WHERE c.deleted_at < $1`),
	purge("sessions", `SELECT s.key FROM sessions s JOIN members m ON m.key = s.member AND m.customer = s.customer WHERE m.deleted_at < $1`),
	purge("email_updates", `SELECT u.key FROM email_updates u JOIN customers c ON c.key = u.customer WHERE c.deleted_at < $1`),
	purge("members", `SELECT m.key FROM members m WHERE m.deleted_at < $1
		AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.customer = m.customer AND s.member = m.key)`),
	purge("customers", `SELECT c.key FROM customers c WHERE c.deleted_at < $1
		AND NOT EXISTS (SELECT 1 FROM members m WHERE m.customer = c.key) AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.customer = c.key)
		AND NOT EXISTS (SELECT 1 FROM email_updates u WHERE u.customer = c.key)`),
	purge("access_tokens", unnamedTokens+`t.revoked_at < $1`),
	purge("access_tokens", unnamedTokens+`t.expires_at < $1`),
}

// #nosec G101 -- A query, not a credential.
const unnamedTokens = `SELECT t.key FROM access_tokens t WHERE t.sessions_end = ''
	AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.creator = t.key AND s.creator <> 0)
	AND NOT EXISTS (SELECT 1 FROM access_tokens c WHERE c.creator = t.key AND c.creator <> 0) AND `

func purge(table, keys string) string {
	return `DELETE FROM ` + table + ` WHERE key IN (` + keys + ` LIMIT $2)`
}

// purgeDeleted runs the purges. It returns the number of deleted rows, even if it returns an error.
func (s *Store) purgeDeleted(ctx context.Context, now time.Time) (removed int, err error) {
	for _, statement := range purges {
		for n := int64(1); n > 0; removed += int(n) {
			if n, err = s.affect(ctx, statement, micros(now.Add(-deletedRetention)), sweepChunk); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}
