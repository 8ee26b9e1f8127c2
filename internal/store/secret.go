package store

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// SecretUse holds the numbers of live sessions and access tokens whose tokens are hashed with a secret.
type SecretUse struct{ Sessions, AccessTokens int }

const (
	sessionsBySecret     = `SELECT s.secret, count(*)` + fromSessions
	accessTokensBySecret = `SELECT secret, count(*) FROM access_tokens WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) GROUP BY secret`
)

// SecretUses returns the numbers of live sessions and access tokens for each secret, including secrets that are no longer
// active. It reads all sessions.
func (s *Store) SecretUses(ctx context.Context, now time.Time) (map[token.SecretID]SecretUse, error) {
	var w where
	inState(&w, session.Live, now, nil)
	sessions, err := all(scanSecretCount)(s.query(ctx, sessionsBySecret+w.String()+` GROUP BY s.secret`, w.args...))
	if err != nil {
		return nil, err
	}
	tokens, err := all(scanSecretCount)(s.query(ctx, accessTokensBySecret, micros(now)))
	if err != nil {
		return nil, err
	}
	uses := map[token.SecretID]SecretUse{}
	for _, c := range sessions {
		uses[c.id] = SecretUse{Sessions: c.n}
	}
	for _, c := range tokens {
		uses[c.id] = SecretUse{Sessions: uses[c.id].Sessions, AccessTokens: c.n}
	}
	return uses, nil
}

type secretCount struct {
	id token.SecretID
	n  int
}

func scanSecretCount(r row) (c secretCount, err error) {
	err = r.Scan(&c.id, &c.n)
	return c, err
}

// SQLiteSecretUses is like [Store.SecretUses], for a data directory that may be open in another process.
func SQLiteSecretUses(ctx context.Context, dir string, now time.Time) (uses map[token.SecretID]SecretUse, err error) {
	s, err := ReadSQLite(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.SecretUses(ctx, now)
}

// retireChunk is the maximum number of sessions that one transaction ends.
const retireChunk = 500

// RetireSecret ends the live sessions whose tokens are hashed with the secret, with the given reason. It also revokes the
// access tokens that are hashed with the secret. It returns the numbers of ended sessions and revoked tokens, even if it
// returns an error. A repeated call continues the work.
func (s *Store) RetireSecret(ctx context.Context, id token.SecretID, reason session.Reason, now time.Time) (ended SecretUse, err error) {
	for n := retireChunk; n == retireChunk; ended.Sessions += n {
		if err := s.Write(ctx, func(tx *Tx) error {
			n, err = s.retireSessions(ctx, tx, id, reason, now)
			return err
		}); err != nil {
			return ended, err
		}
	}
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, `UPDATE access_tokens SET revoked_at = $2 WHERE secret = $1 AND revoked_at IS NULL
			AND (expires_at IS NULL OR expires_at > $2)`, int64(id), micros(now))
		if ended.AccessTokens = int(n); err != nil {
			return err
		}
		organizations, err := all(scanKey)(tx.Query(ctx, `SELECT DISTINCT organization FROM access_tokens WHERE secret = $1 AND revoked_at = $2`, int64(id), micros(now)))
		for _, org := range organizations {
			if err == nil {
				err = s.noteAccess(ctx, tx, org, now)
			}
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, secretRetiredEvent(audit.Details{AccessTokens: ended.AccessTokens}))
	})
	return ended, err
}

func (s *Store) retireSessions(ctx context.Context, tx *Tx, id token.SecretID, reason session.Reason, now time.Time) (int, error) {
	var w where
	w.add(`s.secret = `, int64(id))
	inState(&w, session.Live, now, nil)
	live, err := all(scanEntry)(tx.Query(ctx, selectEntry+w.String()+` ORDER BY s.key LIMIT `+w.arg(retireChunk), w.args...))
	if err != nil {
		return 0, err
	}
	for _, e := range live {
		e.EndedAt, e.EndReason = &now, reason
		if err := s.endSession(ctx, tx, e.Entry); err != nil {
			return 0, err
		}
	}
	if len(live) == 0 {
		return 0, nil
	}
	return len(live), s.audit(ctx, tx, secretRetiredEvent(audit.Details{Sessions: len(live), Reason: string(reason)}))
}
