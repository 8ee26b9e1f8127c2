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

// leftovers are the tables with rows that end by themselves. Each is walked along an index on which the oldest rows come
// first, so that a sweep reads little more than what it removes.
var leftovers = []struct {
	table, key, order, end string
	keep                   time.Duration
}{
	{"sessions", "key", "key", "expires_at", sweepGrace},
	{"email_updates", "key", "key", "expires_at", sweepGrace},
	{"login_codes", "hash", "expires_at", "expires_at", sweepGrace},
	{"revocations", "seq", "seq", "at", keepRevocations},
	{"webhook_deliveries", "seq", "seq", "created_at", keepEvents},
	{"webhook_events", "key", "key", "at", keepEvents},
}

// Sweep removes what is of no use any more: sessions, login codes and email updates that expired an hour ago or earlier, and
// rows of the revocation log and events that are older than 30 days. It returns how many rows it has removed, also when it could not
// go on. Several may sweep the same store at once.
func (s *Store) Sweep(ctx context.Context, now time.Time) (removed int, err error) {
	for _, l := range leftovers {
		statement := `DELETE FROM ` + l.table + ` WHERE ` + l.key + ` IN (SELECT ` + l.key + ` FROM (SELECT ` + l.key + `, ` + l.end +
			` FROM ` + l.table + ` ORDER BY ` + l.order + ` LIMIT $2) oldest WHERE ` + l.end + ` < $1)`
		before := micros(now.Add(-l.keep))
		for n := int64(1); n > 0; removed += int(n) {
			if err := s.Write(ctx, func(tx *Tx) error {
				n, err = tx.Affect(ctx, statement, before, sweepChunk)
				return err
			}); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}
