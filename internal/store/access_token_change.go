package store

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ChangeAccessTokens implements directory.Store. The lock on the organization makes transactions wait for each other, because a
// lock on the tokens would not keep another transaction from inserting a token.
func (s *Store) ChangeAccessTokens(ctx context.Context, org token.Key, c directory.TokenSetChange, change func(set *directory.TokenSet) error) error {
	return s.writeOnce(ctx, c.Claim, func(tx *Tx) error {
		if err := s.lockRow(ctx, tx, "organizations", org); err != nil {
			return err
		}
		was, err := all(scanAccessToken)(tx.Query(ctx, liveAccessTokens, org, micros(c.Now), keyOrZero(c.Target)))
		if err != nil {
			return err
		}
		set := directory.TokenSet{Tokens: slices.Clone(was)}
		if c.Made {
			if set.Made, err = all(scanKey)(tx.Query(ctx, tokensMadeWith, c.Target.Key())); err != nil {
				return err
			}
		}
		if err := change(&set); err != nil {
			return err
		}
		for i, t := range set.Tokens {
			switch {
			case i >= len(was): // new tokens are at the end of the list
				err = insertAccessToken(ctx, tx, t)
			case !reflect.DeepEqual(was[i], t):
				if err = updateAccessToken(ctx, tx, t); err == nil && directory.LostAccess(was[i], t) {
					err = s.signOutOperators(ctx, tx, t.ID.Key(), c.Now)
				}
			}
			if err != nil {
				return err
			}
		}
		if err := markEnding(ctx, tx, set); err != nil {
			return err
		}
		for i, t := range was {
			if now := set.Tokens[i]; t.RevokedAt == nil && (now.RevokedAt != nil || len(now.Scopes) < len(t.Scopes)) {
				if err := s.noteAccess(ctx, tx, org, c.Now); err != nil {
					return err
				}
				break
			}
		}
		return s.audit(ctx, tx, tokenSetEvents(org, c.Target, was, set)...)
	})
}

// maxImpersonations is the maximum number of impersonated sessions that end with their access token. The others expire within 15
// minutes.
const maxImpersonations = 1000

// signOutOperators deletes the operator sessions of an access token, and ends the sessions with which these operators look at the
// portals of customers.
func (s *Store) signOutOperators(ctx context.Context, tx *Tx, access token.Key, now time.Time) error {
	if err := tx.Exec(ctx, `DELETE FROM operator_sessions WHERE access_token = $1`, access); err != nil {
		return err
	}
	var w where
	w.add(`s.creator = `, access)
	w.add(`s.impersonated`)
	inState(&w, session.Live, now, nil)
	keys, err := all(scanKey)(tx.Query(ctx, `SELECT s.key`+fromSessions+w.String()+` LIMIT `+w.arg(maxImpersonations), w.args...))
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.endLiveSession(ctx, tx, key, session.AccessTokenRevoked, now); err != nil {
			return err
		}
	}
	return nil
}

// liveAccessTokens finds the access tokens of organization $1 that are neither revoked nor expired at the time $2, and the token $3,
// even if it has expired.
const liveAccessTokens = selectAccessToken + ` WHERE t.key IN (
	SELECT key FROM access_tokens WHERE organization = $1 AND revoked_at IS NULL AND expires_at IS NULL UNION ALL
	SELECT key FROM access_tokens WHERE organization = $1 AND revoked_at IS NULL AND expires_at > $2 UNION ALL
	SELECT key FROM access_tokens WHERE organization = $1 AND revoked_at IS NULL AND key = $3) ORDER BY t.created_at, t.key`

// tokensMadeWith finds the tokens that were created with a token, with one of these tokens, and so on.
//
// #nosec G101 -- A query, not a credential.
const tokensMadeWith = `WITH RECURSIVE made (key) AS (
		SELECT key FROM access_tokens WHERE creator = $1 AND creator <> 0
		UNION SELECT t.key FROM access_tokens t JOIN made m ON t.creator = m.key WHERE t.creator <> 0
	) SELECT key FROM made`

func updateAccessToken(ctx context.Context, tx *Tx, t directory.AccessToken) error {
	return tx.Exec(ctx, `UPDATE access_tokens SET parent = $2, scopes = $3, comment = $4, expires_at = $5, modified_at = $6, revoked_at = $7 WHERE key = $1`,
		t.ID.Key(), keyOrZero(t.Parent), scopesText(t.Scopes), t.Comment, microsOrNull(t.ExpiresAt), microsOrNull(t.ModifiedAt), microsOrNull(t.RevokedAt))
}

// markEnding marks the tokens whose sessions must end.
func markEnding(ctx context.Context, tx *Tx, set directory.TokenSet) error {
	for _, key := range set.Ending {
		if err := tx.Exec(ctx, `UPDATE access_tokens SET sessions_end = $2, sessions_end_at = $3 WHERE key = $1`,
			key, string(set.EndReason), micros(set.EndedAt)); err != nil {
			return err
		}
	}
	return nil
}

// #nosec G101 -- A query, not a credential.
const endingTokens = `SELECT key, sessions_end_at FROM access_tokens WHERE sessions_end <> '' ORDER BY key`

// EndingTokens implements directory.Store.
func (s *Store) EndingTokens(ctx context.Context) ([]directory.EndingToken, error) {
	return all(func(r row) (t directory.EndingToken, err error) {
		var since int64
		err = r.Scan(&t.Key, &since)
		t.Since = instant(since)
		return t, err
	})(s.query(ctx, endingTokens))
}

// EndCreatedSessions implements directory.Store.
func (s *Store) EndCreatedSessions(ctx context.Context, creator, after token.Key, now time.Time, limit int) (last token.Key, n int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		last, n = 0, 0
		reason, found, err := find(tx.QueryRow(ctx, `SELECT sessions_end FROM access_tokens WHERE key = $1 AND sessions_end <> ''`, creator),
			func(r row) (reason session.Reason, err error) {
				err = r.Scan(&reason)
				return reason, err
			})
		if err != nil || !found {
			return err
		}
		var w where
		w.add(`s.creator = `, creator)
		w.add(`s.creator <> 0`) // for the partial index
		w.add(`s.key > `, after)
		inState(&w, session.Live, now, nil)
		keys, err := all(scanKey)(tx.Query(ctx, `SELECT s.key`+fromSessions+w.String()+` ORDER BY s.key LIMIT `+w.arg(limit), w.args...))
		if err != nil {
			return err
		}
		for _, key := range keys {
			last, n = key, n+1
			if err := s.endLiveSession(ctx, tx, key, reason, now); err != nil {
				return err
			}
		}
		return nil
	})
	return last, n, err
}

// endLiveSession locks a session and ends it, unless another transaction has ended it.
func (s *Store) endLiveSession(ctx context.Context, tx *Tx, key token.Key, reason session.Reason, now time.Time) error {
	e, found, err := s.lockEntry(ctx, tx, key)
	if err != nil || !found || e.State(now) != session.Live {
		return err
	}
	e.EndedAt, e.EndReason = &now, reason
	return s.endSession(ctx, tx, e)
}

// SettleEndingToken implements directory.Store.
func (s *Store) SettleEndingToken(ctx context.Context, t directory.EndingToken) error {
	_, err := s.affect(ctx, `UPDATE access_tokens SET sessions_end = '' WHERE key = $1 AND sessions_end_at = $2`, t.Key, micros(t.Since))
	return err
}
