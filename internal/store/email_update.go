package store

import (
	"context"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
)

const (
	fromEmailUpdates = ` FROM email_updates p JOIN customers c ON c.key = p.customer JOIN organizations o ON o.key = c.organization
		WHERE p.key = $1 AND c.deleted_at IS NULL AND ` + stillPending
	emailUpdateByKey  = `SELECT p.key, p.customer, p.email, p.hash, p.secret, p.created_at, p.expires_at` + fromEmailUpdates
	insertEmailUpdate = `INSERT INTO email_updates (key, customer, email, hash, secret, created_at, expires_at, pending_generation)
		SELECT $1, c.key, $3, $4, $5, $6, $7, o.pending_generation FROM customers c JOIN organizations o ON o.key = c.organization
		WHERE c.key = $2 AND c.deleted_at IS NULL AND ` + notBlocked
	useEmailUpdate = `DELETE FROM email_updates WHERE key = $1 AND EXISTS (SELECT 1` + fromEmailUpdates + `)`
)

// InsertEmailUpdate implements directory.Store.
func (s *Store) InsertEmailUpdate(ctx context.Context, u directory.EmailUpdate) (inserted bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err := tx.Affect(ctx, insertEmailUpdate,
			u.Key, u.Customer, u.Email, u.Hash[:], int64(u.Secret), micros(u.CreatedAt), micros(u.ExpiresAt))
		if inserted = n == 1; err != nil || !inserted {
			return err
		}
		return s.auditCustomer(ctx, tx, audit.EmailUpdateRequested, u.Customer)
	})
	return inserted && err == nil, err
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
	return s.Write(ctx, func(tx *Tx) error {
		customer, found, err := find(tx.QueryRow(ctx, `DELETE FROM email_updates WHERE key = $1 RETURNING customer`, key), scanKey)
		if err != nil || !found {
			return err
		}
		return s.auditCustomer(ctx, tx, audit.EmailUpdateWithdrawn, customer)
	})
}

// auditCustomer records an action on a customer, unless the customer is deleted.
func (s *Store) auditCustomer(ctx context.Context, tx *Tx, action audit.Action, customer token.Key) error {
	c, found, err := find(tx.QueryRow(ctx, customerByKey, customer), scanCustomer)
	if err != nil || !found {
		return err
	}
	return s.audit(ctx, tx, customerEvent(action, c, audit.Details{}))
}
