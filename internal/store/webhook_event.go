package store

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// OnEvent implements webhook.Store.
func (s *Store) OnEvent(f func()) { s.onEvent = f }

// notifyEvent runs the callback of OnEvent.
func (s *Store) notifyEvent() {
	if s.onEvent != nil {
		s.onEvent()
	}
}

// InsertEvent implements webhook.Store.
func (s *Store) InsertEvent(ctx context.Context, e webhook.Event) error {
	return s.Write(ctx, func(tx *Tx) error { return s.emit(ctx, tx, e) })
}

type subscriber struct {
	key   token.Key
	kinds string
}

// emit inserts an event, and a delivery for every endpoint that subscribes to the event. If there is no such endpoint, it
// inserts nothing.
func (s *Store) emit(ctx context.Context, tx *Tx, e webhook.Event) error {
	endpoints, err := all(func(r row) (l subscriber, err error) {
		err = r.Scan(&l.key, &l.kinds)
		return l, err
	})(tx.Query(ctx, `SELECT key, events FROM webhook_endpoints WHERE organization = $1 AND enabled`, e.Organization))
	if err != nil {
		return err
	}
	endpoints = slices.DeleteFunc(endpoints, func(l subscriber) bool { return !slices.Contains(strings.Fields(l.kinds), string(e.Kind)) })
	if len(endpoints) == 0 {
		return nil
	}
	if err := tx.Exec(ctx, `INSERT INTO webhook_events (key, tail, organization, type, body, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.ID.Key(), e.ID.Tail(), e.Organization, string(e.Kind), string(e.Body), micros(e.At)); err != nil {
		return err
	}
	for _, l := range endpoints {
		if err := tx.Exec(ctx, `INSERT INTO webhook_deliveries (tail, event, endpoint, subject, state, attempts, first_at, next_at, http_code, error,
			created_at) VALUES ($1, $2, $3, $4, 'pending', 0, $5, coalesce((SELECT max(next_at) FROM webhook_deliveries
			WHERE endpoint = $3 AND subject = $4 AND state = 'pending' AND next_at > $5), $5), 0, '', $5)`,
			// #nosec G404 -- The ID of a delivery is not a secret.
			rand.Int64N(1<<59), e.ID.Key(), l.key, e.Subject, micros(e.At)); err != nil {
			return err
		}
	}
	tx.After(s.notifyEvent)
	return nil
}

// emitSession emits an event with the current state of a session.
func (s *Store) emitSession(ctx context.Context, tx *Tx, kind webhook.Kind, key token.Key, at time.Time) error {
	e, found, err := entry(ctx, tx.conn, key)
	if err != nil || !found {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(kind, e, at))
}

// idleGrace is how long it can take until a use of a session is written to the store.
const idleGrace = 2 * session.FlushEvery

// dueAt returns the time at which to check whether a session has ended.
func dueAt(s *session.Session) time.Time {
	if s.IdleTimeout == 0 {
		return s.EndsAt()
	}
	return s.EndsAt().Add(idleGrace)
}

// announce emits the event of a new session and watches for its end, if e.Announce is set.
func (s *Store) announce(ctx context.Context, tx *Tx, e session.Entry) error {
	if !e.Announce {
		return nil
	}
	if err := tx.Exec(ctx, `INSERT INTO webhook_watches (session, organization, customer, member, used, due_at)
		VALUES ($1, $2, $3, $4, FALSE, $5) ON CONFLICT (session) DO NOTHING`,
		e.ID.Key(), e.Organization, e.Customer, e.Member, micros(dueAt(&e.Session))); err != nil {
		return err
	}
	return s.emitSession(ctx, tx, webhook.SessionCreated, e.ID.Key(), e.CreatedAt)
}

// watchLiveSessions adds a watch for the end of each live session of an organization. The watches are due at once. The first
// check sets the time at which the session can end. Each transaction adds the watches of up to sweepChunk sessions, so that other
// writes do not wait for many of them. New sessions have their watch from their creation on.
func (s *Store) watchLiveSessions(ctx context.Context, org token.Key, now time.Time) error {
	ctx = context.WithoutCancel(ctx)
	for after := token.Key(-1); ; {
		var last token.Key
		if err := s.queryRow(ctx, `SELECT coalesce(max(key), -1) FROM (
			SELECT key FROM sessions WHERE organization = $1 AND key > $2 ORDER BY key LIMIT $3) chunk`, org, after, sweepChunk).Scan(&last); err != nil || last < 0 {
			return err
		}
		var w where
		at := w.arg(micros(now))
		w.add(`s.organization = `, org)
		w.add(`s.key > `, after)
		w.add(`s.key <= `, last)
		inState(&w, session.Live, now, nil)
		if _, err := s.affect(ctx, `INSERT INTO webhook_watches (session, organization, customer, member, used, due_at)
			SELECT s.key, s.organization, s.customer, s.member, s.seen_at > 0, CAST(`+at+` AS BIGINT)
			`+fromSessions+w.String()+` ON CONFLICT (session) DO NOTHING`, w.args...); err != nil {
			return err
		}
		after = last
	}
}

// emitFirstUse emits the event of a session's first use if the session is watched. It emits the event only once.
func (s *Store) emitFirstUse(ctx context.Context, tx *Tx, v session.Use) error {
	n, err := tx.Affect(ctx, `UPDATE webhook_watches SET used = TRUE WHERE session = $1 AND NOT used`, v.Session)
	if err != nil || n == 0 {
		return err
	}
	return s.emitSession(ctx, tx, webhook.SessionFirstUsed, v.Session, v.At)
}

// emitEnd emits the end event of a session that was revoked individually, if the session is watched, and ends the watch.
func (s *Store) emitEnd(ctx context.Context, tx *Tx, e session.Entry) error {
	watched, err := endWatch(ctx, tx, e.ID.Key(), *e.EndedAt)
	if err != nil || !watched {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(webhook.SessionRevoked, e, *e.EndedAt))
}

// endWatch ends the watch of a session whose end event is about to be emitted. It reports whether there was one. If the event of the
// first use was not emitted, the watch stays for a while, because a use is stored some seconds later, perhaps by another process.
func endWatch(ctx context.Context, tx *Tx, key token.Key, now time.Time) (watched bool, err error) {
	n, err := tx.Affect(ctx, `DELETE FROM webhook_watches WHERE session = $1 AND used`, key)
	if err == nil && n == 0 {
		n, err = tx.Affect(ctx, `UPDATE webhook_watches SET ended = TRUE, due_at = $2 WHERE session = $1 AND NOT ended`, key, micros(now.Add(idleGrace)))
	}
	return n > 0, err
}

// checkWatchesNow makes the watches of a holder due, because all sessions of the holder have ended.
func checkWatchesNow(ctx context.Context, tx *Tx, r session.Revocation) error {
	var w where
	at := w.arg(micros(r.At))
	w.add(`organization = `, r.Organization)
	if r.Customer != 0 {
		w.add(`customer = `, r.Customer)
	}
	if r.Member != 0 {
		w.add(`member = `, r.Member)
	}
	return tx.Exec(ctx, `UPDATE webhook_watches SET due_at = `+at+w.String()+` AND NOT ended`, w.args...)
}

const dueWatches = `SELECT session FROM webhook_watches WHERE due_at <= $1 ORDER BY due_at LIMIT $2`

// EmitEndEvents implements webhook.Store. Several processes can share the work: each process skips the watches that another
// process has locked.
func (s *Store) EmitEndEvents(ctx context.Context, now time.Time, limit int) (n int, err error) {
	if due, err := all(scanKey)(s.query(ctx, dueWatches, micros(now), 1)); err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.Write(ctx, func(tx *Tx) error {
		due, err := all(scanKey)(tx.Query(ctx, dueWatches+s.dialect().skipLocked, micros(now), limit))
		n = len(due)
		for _, key := range due {
			if err == nil {
				err = s.checkWatch(ctx, tx, key, now)
			}
		}
		return err
	})
	return n, err
}

// PendingEnds implements webhook.Store. The unary plus keeps SQLite from using the index on organization. With that index,
// SQLite would read all watches of the organization instead of only those that are due.
func (s *Store) PendingEnds(ctx context.Context, org token.Key, now time.Time) (n int, err error) {
	err = s.queryRow(ctx, `SELECT count(*) FROM webhook_watches WHERE +organization = $1 AND due_at <= $2 AND NOT ended`, org, micros(now)).Scan(&n)
	return n, err
}

// checkWatch emits the end event of a session that has ended, and ends its watch. If the session is live, it postpones the watch. If
// the event was emitted before, it deletes the watch.
func (s *Store) checkWatch(ctx context.Context, tx *Tx, key token.Key, now time.Time) error {
	e, found, err := entry(ctx, tx.conn, key)
	if err != nil {
		return err
	}
	kind, at := webhook.SessionExpired, e.EndsAt()
	if e.EndedAt != nil {
		kind, at = webhook.SessionRevoked, *e.EndedAt
	} else if due := dueAt(&e.Session); found && due.After(now) {
		return tx.Exec(ctx, `UPDATE webhook_watches SET due_at = $2 WHERE session = $1`, key, micros(due))
	}
	remove := `DELETE FROM webhook_watches WHERE session = $1`
	if found {
		remove += ` AND ended`
	}
	if n, err := tx.Affect(ctx, remove, key); err != nil || n > 0 {
		return err
	}
	if watched, err := endWatch(ctx, tx, key, now); err != nil || !watched {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(kind, e, at))
}
