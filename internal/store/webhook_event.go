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

// OnEvent is webhook.Store's.
func (s *Store) OnEvent(f func()) { s.kept = f }

func (s *Store) wake() {
	if s.kept != nil {
		s.kept()
	}
}

// InsertEvent is webhook.Store's.
func (s *Store) InsertEvent(ctx context.Context, e webhook.Event) error {
	return s.Write(ctx, func(tx *Tx) error { return s.emit(ctx, tx, e) })
}

type listener struct {
	key   token.Key
	kinds string
}

// emit keeps an event and a delivery of it for every endpoint that wants to hear it; for none, it keeps nothing.
func (s *Store) emit(ctx context.Context, tx *Tx, e webhook.Event) error {
	endpoints, err := all(func(r row) (l listener, err error) {
		err = r.Scan(&l.key, &l.kinds)
		return l, err
	})(tx.Query(ctx, `SELECT key, events FROM webhook_endpoints WHERE organization = $1 AND enabled`, e.Organization))
	if err != nil {
		return err
	}
	endpoints = slices.DeleteFunc(endpoints, func(l listener) bool { return !slices.Contains(strings.Fields(l.kinds), string(e.Kind)) })
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
			rand.Int64N(1<<59), e.ID.Key(), l.key, e.Subject, micros(e.At)); err != nil {
			return err
		}
	}
	tx.After(s.wake)
	return nil
}

// tell keeps the event of a session as it is now.
func (s *Store) tell(ctx context.Context, tx *Tx, kind webhook.Kind, key token.Key, at time.Time) error {
	e, found, err := entry(ctx, tx.conn, key, "")
	if err != nil || !found {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(kind, e, at))
}

// idleGrace is how late the last use of a session may be known.
const idleGrace = 2 * session.FlushEvery

// dueAt is when to look whether a session has ended.
func dueAt(s *session.Session) time.Time {
	if s.IdleTimeout == 0 {
		return s.EndsAt()
	}
	return s.EndsAt().Add(idleGrace)
}

// announce tells of a new session, and has its end watched.
func (s *Store) announce(ctx context.Context, tx *Tx, e session.Entry) error {
	if !e.Announce {
		return nil
	}
	if err := tx.Exec(ctx, `INSERT INTO webhook_watches (session, organization, customer, member, used, due_at)
		VALUES ($1, $2, $3, $4, FALSE, $5) ON CONFLICT (session) DO NOTHING`,
		e.ID.Key(), e.Organization, e.Customer, e.Member, micros(dueAt(&e.Session))); err != nil {
		return err
	}
	return s.tell(ctx, tx, webhook.SessionCreated, e.ID.Key(), e.CreatedAt)
}

// watchLive has the ends of all live sessions of an organization watched. When each of them is due is found out soon.
func watchLive(ctx context.Context, tx *Tx, org token.Key, now time.Time) error {
	var w where
	at := w.arg(micros(now))
	w.add(`s.organization = `, org)
	inState(&w, session.Live, now, nil)
	return tx.Exec(ctx, `INSERT INTO webhook_watches (session, organization, customer, member, used, due_at)
		SELECT s.key, s.organization, s.customer, s.member, s.seen_at > 0, CAST(`+at+` AS BIGINT)
		FROM sessions s JOIN organizations o ON o.key = s.organization JOIN customers c ON c.key = s.customer
		LEFT JOIN members m ON m.key = s.member`+w.String()+` ON CONFLICT (session) DO NOTHING`, w.args...)
}

// tellFirstUse tells of the first use of a session that is watched, once.
func (s *Store) tellFirstUse(ctx context.Context, tx *Tx, v session.Use) error {
	n, err := tx.Affect(ctx, `UPDATE webhook_watches SET used = TRUE WHERE session = $1 AND NOT used`, v.Session)
	if err != nil || n == 0 {
		return err
	}
	return s.tell(ctx, tx, webhook.SessionFirstUsed, v.Session, v.At)
}

// tellEnd tells of a session that was ended by itself, if it is watched, and ends the watch.
func (s *Store) tellEnd(ctx context.Context, tx *Tx, e session.Entry) error {
	n, err := tx.Affect(ctx, `DELETE FROM webhook_watches WHERE session = $1`, e.ID.Key())
	if err != nil || n == 0 {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(webhook.SessionRevoked, e, *e.EndedAt))
}

// hurryWatches has the sessions of a holder looked at now, because all of them have ended.
func hurryWatches(ctx context.Context, tx *Tx, r session.Revocation) error {
	var w where
	at := w.arg(micros(r.At))
	w.add(`organization = `, r.Organization)
	if r.Customer != 0 {
		w.add(`customer = `, r.Customer)
	}
	if r.Member != 0 {
		w.add(`member = `, r.Member)
	}
	return tx.Exec(ctx, `UPDATE webhook_watches SET due_at = `+at+w.String(), w.args...)
}

const dueWatches = `SELECT session FROM webhook_watches WHERE due_at <= $1 ORDER BY due_at LIMIT $2`

// EndWatches is webhook.Store's. Several processes share the work: a watch that another one looks at is passed by.
func (s *Store) EndWatches(ctx context.Context, now time.Time, limit int) (n int, err error) {
	if due, err := all(scanKey)(s.query(ctx, dueWatches, micros(now), 1)); err != nil || len(due) == 0 {
		return 0, err
	}
	err = s.Write(ctx, func(tx *Tx) error {
		due, err := all(scanKey)(tx.Query(ctx, dueWatches+s.dialect().skipLocked, micros(now), limit))
		n = len(due)
		for _, key := range due {
			if err == nil {
				err = s.endWatch(ctx, tx, key, now)
			}
		}
		return err
	})
	return n, err
}

// UntoldEnds is webhook.Store's. The plus keeps SQLite from walking over all sessions of the organization that are watched: it
// takes the index of those that are due.
func (s *Store) UntoldEnds(ctx context.Context, org token.Key, now time.Time) (n int, err error) {
	err = s.queryRow(ctx, `SELECT count(*) FROM webhook_watches WHERE +organization = $1 AND due_at <= $2`, org, micros(now)).Scan(&n)
	return n, err
}

func (s *Store) endWatch(ctx context.Context, tx *Tx, key token.Key, now time.Time) error {
	e, found, err := entry(ctx, tx.conn, key, "")
	if err != nil {
		return err
	}
	kind, at := webhook.SessionExpired, e.EndsAt()
	if e.EndedAt != nil {
		kind, at = webhook.SessionRevoked, *e.EndedAt
	} else if due := dueAt(&e.Session); found && due.After(now) {
		return tx.Exec(ctx, `UPDATE webhook_watches SET due_at = $2 WHERE session = $1`, key, micros(due))
	}
	if err := tx.Exec(ctx, `DELETE FROM webhook_watches WHERE session = $1`, key); err != nil || !found {
		return err
	}
	return s.emit(ctx, tx, webhook.SessionEvent(kind, e, at))
}
