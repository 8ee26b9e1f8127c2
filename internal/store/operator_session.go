package store

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	selectOperatorSession = `SELECT s.key, s.tail, s.organization, t.key, t.tail, s.hash, s.secret, s.created_at, s.expires_at, s.seen_at,
		s.created_ip, s.created_agent, s.seen_ip, s.seen_agent FROM operator_sessions s JOIN access_tokens t ON t.key = s.access_token`
	operatorSessionByKey = selectOperatorSession + ` WHERE s.key = $1`
)

func scanOperatorSession(r row) (s directory.OperatorSession, err error) {
	var own, access uuid
	var hash []byte
	var created, expires, seen int64
	err = r.Scan(&own.key, &own.tail, &s.Organization, &access.key, &access.tail, &hash, &s.Secret, &created, &expires, &seen,
		&s.CreatedBy.IP, &s.CreatedBy.UserAgent, &s.LastUsedBy.IP, &s.LastUsedBy.UserAgent)
	s.ID, s.AccessToken, s.Hash = own.id(), access.id(), hashOf(hash)
	s.CreatedAt, s.ExpiresAt, s.LastUsedAt = instant(created), instant(expires), instant(seen)
	return s, err
}

// InsertOperatorSession implements directory.Store.
func (s *Store) InsertOperatorSession(ctx context.Context, o directory.OperatorSession) error {
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.Exec(ctx, `DELETE FROM operator_sessions WHERE access_token = $1 AND key NOT IN (
			SELECT key FROM operator_sessions WHERE access_token = $1 ORDER BY key DESC LIMIT $2)`,
			o.AccessToken.Key(), directory.MaxOperatorSessions-1); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `INSERT INTO operator_sessions (key, tail, organization, access_token, hash, secret, created_at, expires_at, seen_at,
			created_ip, created_agent, seen_ip, seen_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			o.ID.Key(), o.ID.Tail(), o.Organization, o.AccessToken.Key(), o.Hash[:], int64(o.Secret), micros(o.CreatedAt), micros(o.ExpiresAt),
			micros(o.LastUsedAt), o.CreatedBy.IP, o.CreatedBy.UserAgent, o.LastUsedBy.IP, o.LastUsedBy.UserAgent); err != nil {
			return err
		}
		event := operatorSessionEvent(audit.OperatorSignedIn, o)
		event.Actor = audit.ActorFrom(ctx) // a visitor from the client's address, who is now the operator
		event.Actor.Kind, event.Actor.Key, event.Actor.Session = audit.Operator, o.AccessToken.Key(), o.ID
		return s.audit(ctx, tx, event)
	})
}

// OperatorSession implements directory.Store.
func (s *Store) OperatorSession(ctx context.Context, key token.Key) (directory.OperatorSession, bool, error) {
	return find(s.queryRow(ctx, operatorSessionByKey, key), scanOperatorSession)
}

// OperatorSessions implements directory.Store.
func (s *Store) OperatorSessions(ctx context.Context, org token.Key, expiry, used time.Time, limit int) ([]directory.OperatorSession, error) {
	return all(scanOperatorSession)(s.query(ctx, selectOperatorSession+` WHERE s.organization = $1 AND s.expires_at > $2 AND s.seen_at > $3
		ORDER BY s.key DESC LIMIT $4`, org, micros(expiry), micros(used), limit))
}

// UseOperatorSession implements directory.Store. It does not replace a later use with an earlier one.
func (s *Store) UseOperatorSession(ctx context.Context, key token.Key, at time.Time, by session.Client) error {
	_, err := s.affect(ctx, `UPDATE operator_sessions SET seen_at = $2, seen_ip = $3, seen_agent = $4 WHERE key = $1 AND seen_at < $2`,
		key, micros(at), by.IP, by.UserAgent)
	return err
}

// DeleteOperatorSession implements directory.Store.
func (s *Store) DeleteOperatorSession(ctx context.Context, o directory.OperatorSession, revoked bool) (deleted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, `DELETE FROM operator_sessions WHERE key = $1`, o.ID.Key())
		if deleted = n == 1; err != nil || !deleted {
			return err
		}
		action := audit.OperatorSignedOut
		if revoked {
			action = audit.OperatorSessionOver
		}
		return s.audit(ctx, tx, operatorSessionEvent(action, o))
	})
	return deleted && err == nil, err
}

func operatorSessionEvent(action audit.Action, o directory.OperatorSession) audit.Event {
	return audit.Event{Action: action, Organization: o.Organization, Target: audit.Target{Kind: audit.OnOperatorSession, ID: o.ID}}
}
