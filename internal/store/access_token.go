package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const selectAccessToken = `SELECT t.key, t.tail, o.key, o.tail, t.scopes, t.comment, t.hash, t.secret, t.created_at, t.expires_at
	FROM access_tokens t JOIN organizations o ON o.key = t.organization`

func scanAccessToken(r row) (t directory.AccessToken, err error) {
	var own, org uuid
	var scopes string
	var hash []byte
	var created int64
	var expires sql.NullInt64
	err = r.Scan(&own.key, &own.tail, &org.key, &org.tail, &scopes, &t.Comment, &hash, &t.Secret, &created, &expires)
	t.ID, t.Organization, t.Hash = own.id(), org.id(), hashOf(hash)
	for scope := range strings.FieldsSeq(scopes) {
		t.Scopes = append(t.Scopes, directory.Scope(scope))
	}
	t.CreatedAt, t.ExpiresAt = instant(created), instantOrNil(expires)
	return t, err
}

func insertAccessToken(ctx context.Context, tx *Tx, t directory.AccessToken) error {
	scopes := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		scopes[i] = string(scope)
	}
	return tx.Exec(ctx, `INSERT INTO access_tokens (key, tail, organization, scopes, comment, hash, secret, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.ID.Key(), t.ID.Tail(), t.Organization.Key(), strings.Join(scopes, " "), t.Comment, t.Hash[:], t.Secret,
		micros(t.CreatedAt), microsOrNull(t.ExpiresAt))
}

// InsertAccessToken is directory.Store's.
func (s *Store) InsertAccessToken(ctx context.Context, t directory.AccessToken) error {
	return s.Write(ctx, func(tx *Tx) error { return insertAccessToken(ctx, tx, t) })
}

// AccessToken is directory.Store's.
func (s *Store) AccessToken(ctx context.Context, key token.Key) (directory.AccessToken, bool, error) {
	return find(s.accessToken.QueryRowContext(ctx, key), scanAccessToken)
}
