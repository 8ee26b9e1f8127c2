package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const (
	// #nosec G101 -- A query, not a credential.
	selectAccessToken = `SELECT t.key, t.tail, o.key, o.tail, t.parent, coalesce(p.tail, 0), t.creator, t.scopes, t.comment, t.hash, t.secret,
		t.created_at, t.modified_at, t.expires_at, t.last_used_at, t.revoked_at
		FROM access_tokens t JOIN organizations o ON o.key = t.organization LEFT JOIN access_tokens p ON p.key = t.parent`
	issuedByKey      = selectAccessToken + ` WHERE t.key = $1`
	accessTokenByKey = issuedByKey + ` AND t.revoked_at IS NULL`
)

func scanAccessToken(r row) (t directory.AccessToken, err error) {
	var own, org, parent uuid
	var scopes string
	var hash []byte
	var created int64
	var modified, expires, used, revoked sql.NullInt64
	err = r.Scan(&own.key, &own.tail, &org.key, &org.tail, &parent.key, &parent.tail, &t.Creator, &scopes, &t.Comment, &hash, &t.Secret,
		&created, &modified, &expires, &used, &revoked)
	t.ID, t.Organization, t.Parent, t.Hash = own.id(), org.id(), idOf(parent.key, parent.tail), hashOf(hash)
	for scope := range strings.FieldsSeq(scopes) {
		t.Scopes = append(t.Scopes, directory.Scope(scope))
	}
	t.CreatedAt, t.ModifiedAt, t.ExpiresAt, t.LastUsedAt = instant(created), instantOrNil(modified), instantOrNil(expires), instantOrNil(used)
	t.RevokedAt = instantOrNil(revoked)
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
	return tx.Exec(ctx, `INSERT INTO access_tokens (key, tail, organization, parent, creator, scopes, comment, hash, secret, created_at, expires_at,
		sessions_end, sessions_end_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', 0)`,
		t.ID.Key(), t.ID.Tail(), t.Organization.Key(), keyOrZero(t.Parent), t.Creator, scopesText(t.Scopes), t.Comment, t.Hash[:], t.Secret,
		micros(t.CreatedAt), microsOrNull(t.ExpiresAt))
}

// keyOrZero returns the key of an ID, or 0 for the zero ID.
func keyOrZero(id token.ID) token.Key {
	if id.IsZero() {
		return 0
	}
	return id.Key()
}

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
	return list(ctx, s, q.Organization, scanAccessToken, selectAccessToken, w, `access_tokens t`, `t`, q.Sort, q.Page)
}

// TouchAccessToken implements directory.Store.
func (s *Store) TouchAccessToken(ctx context.Context, key token.Key, at time.Time) error {
	return s.Write(ctx, func(tx *Tx) error {
		return tx.Exec(ctx, `UPDATE access_tokens SET last_used_at = $2 WHERE key = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
			key, micros(at))
	})
}
