package store

import (
	"context"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const emailUpdateByKey = `SELECT key, customer, email, hash, secret, created_at, expires_at FROM email_updates WHERE key = $1`

// InsertEmailUpdate implements directory.Store.
func (s *Store) InsertEmailUpdate(ctx context.Context, u directory.EmailUpdate) error {
	_, err := s.affect(ctx, `INSERT INTO email_updates (key, customer, email, hash, secret, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.Key, u.Customer, u.Email, u.Hash[:], int64(u.Secret), micros(u.CreatedAt), micros(u.ExpiresAt))
	return err
}

// EmailUpdate implements directory.Store.
func (s *Store) EmailUpdate(ctx context.Context, key token.Key) (directory.EmailUpdate, bool, error) {
	return find(s.queryRow(ctx, emailUpdateByKey, key), func(r row) (u directory.EmailUpdate, err error) {
		var hash []byte
		var created, expires int64
		err = r.Scan(&u.Key, &u.Customer, &u.Email, &hash, &u.Secret, &created, &expires)
		u.Hash, u.CreatedAt, u.ExpiresAt = hashOf(hash), instant(created), instant(expires)
		return u, err
	})
}

// DeleteEmailUpdate implements directory.Store.
func (s *Store) DeleteEmailUpdate(ctx context.Context, key token.Key) error {
	_, err := s.affect(ctx, `DELETE FROM email_updates WHERE key = $1`, key)
	return err
}
