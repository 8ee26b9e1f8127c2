package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

const (
	// #nosec G101 -- A query, not a credential.
	selectAccessToken = `SELECT t.key, t.tail, o.key, o.tail, t.scopes, t.comment, t.hash, t.secret, t.created_at, t.modified_at,
		t.expires_at, t.last_used_at FROM access_tokens t JOIN organizations o ON o.key = t.organization`
	issuedByKey      = selectAccessToken + ` WHERE t.key = $1`
	accessTokenByKey = issuedByKey + ` AND t.revoked_at IS NULL`
)

func scanAccessToken(r row) (t directory.AccessToken, err error) {
	var own, org uuid
	var scopes string
	var hash []byte
	var created int64
	var modified, expires, used sql.NullInt64
	err = r.Scan(&own.key, &own.tail, &org.key, &org.tail, &scopes, &t.Comment, &hash, &t.Secret, &created, &modified, &expires, &used)
	t.ID, t.Organization, t.Hash = own.id(), org.id(), hashOf(hash)
	for scope := range strings.FieldsSeq(scopes) {
		t.Scopes = append(t.Scopes, directory.Scope(scope))
	}
	t.CreatedAt, t.ModifiedAt, t.ExpiresAt, t.LastUsedAt = instant(created), instantOrNil(modified), instantOrNil(expires), instantOrNil(used)
	return t, err
}

func scopesText(scopes []directory.Scope) string { return strings.Join(scopeNames(scopes), " ") }

func scopeNames(scopes []directory.Scope) []string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = string(scope)
	}
	return names
}

func insertAccessToken(ctx context.Context, tx *Tx, t directory.AccessToken) error {
	return tx.Exec(ctx, `INSERT INTO access_tokens (key, tail, organization, scopes, comment, hash, secret, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.ID.Key(), t.ID.Tail(), t.Organization.Key(), scopesText(t.Scopes), t.Comment, t.Hash[:], t.Secret,
		micros(t.CreatedAt), microsOrNull(t.ExpiresAt))
}

// InsertAccessToken implements directory.Store.
func (s *Store) InsertAccessToken(ctx context.Context, t directory.AccessToken, limit int, claim *idempotency.Claim) (inserted bool, err error) {
	err = s.writeOnce(ctx, claim, func(tx *Tx) error {
		if limit > 0 {
			if err := s.lockRow(ctx, tx, "organizations", t.Organization.Key()); err != nil { // so that concurrent inserts cannot exceed the limit
				return err
			}
			var n int
			if err := tx.QueryRow(ctx, countAccessTokens, t.Organization.Key(), micros(t.CreatedAt), limit).Scan(&n); err != nil {
				return err
			}
			if n >= limit {
				return errNothingMade
			}
		}
		inserted = true
		if err := insertAccessToken(ctx, tx, t); err != nil {
			return err
		}
		return s.audit(ctx, tx, accessTokenEvent(audit.AccessTokenCreated, t, audit.Details{Scopes: scopeNames(t.Scopes)}))
	})
	return inserted && err == nil, orNil(err)
}

// countAccessTokens counts up to $3 access tokens of organization $1 that are neither revoked nor expired at the time $2.
const countAccessTokens = `SELECT count(*) FROM (
	SELECT key FROM access_tokens WHERE organization = $1 AND revoked_at IS NULL AND expires_at IS NULL UNION ALL
	SELECT key FROM access_tokens WHERE organization = $1 AND revoked_at IS NULL AND expires_at > $2 LIMIT $3) live`

// AccessToken implements directory.Store.
func (s *Store) AccessToken(ctx context.Context, key token.Key) (directory.AccessToken, bool, error) {
	return find(s.queryRow(ctx, accessTokenByKey, key), scanAccessToken)
}

// IssuedAccessToken implements directory.Store.
func (s *Store) IssuedAccessToken(ctx context.Context, key token.Key) (directory.AccessToken, bool, error) {
	return find(s.queryRow(ctx, issuedByKey, key), scanAccessToken)
}

// AccessTokens implements directory.Store.
func (s *Store) AccessTokens(ctx context.Context, q directory.AccessTokenQuery) ([]directory.AccessToken, int, error) {
	var w where
	w.add(`t.organization = `, q.Organization)
	w.add(`t.revoked_at IS NULL`)
	return list(ctx, s, scanAccessToken, selectAccessToken, w, `access_tokens t`, `t`, q.Sort, q.Page)
}

// ChangeAccessToken implements directory.Store.
func (s *Store) ChangeAccessToken(ctx context.Context, key token.Key, change func(t *directory.AccessToken) error) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		var t directory.AccessToken
		if t, found, err = find(tx.QueryRow(ctx, accessTokenByKey+s.dialect().forUpdate, key), scanAccessToken); err != nil || !found {
			return err
		}
		was := t
		was.Scopes = slices.Clone(t.Scopes)
		if err := change(&t); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `UPDATE access_tokens SET scopes = $2, comment = $3, modified_at = $4, revoked_at = $5 WHERE key = $1`,
			key, scopesText(t.Scopes), t.Comment, microsOrNull(t.ModifiedAt), microsOrNull(t.RevokedAt)); err != nil {
			return err
		}
		return s.audit(ctx, tx, accessTokenEvents(was, t)...)
	})
	return found, err
}

// TouchAccessToken implements directory.Store.
func (s *Store) TouchAccessToken(ctx context.Context, key token.Key, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		return tx.Exec(ctx, `UPDATE access_tokens SET last_used_at = $2 WHERE key = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
			key, micros(at))
	})
}
