package store

import (
	"context"

	"github.com/postern-go/postern/internal/session"
)

const (
	revocationsAfter = `SELECT seq, organization, customer, member, generation, reason, at FROM revocations WHERE seq > $1 ORDER BY seq LIMIT $2`
	lastRevocation   = `SELECT coalesce(max(seq), 0) FROM revocations`
)

// appendRevocation writes a row of the log and learns its seq.
func appendRevocation(ctx context.Context, tx *Tx, d dialect, r *session.Revocation) error {
	if d.lockLog != "" {
		if err := tx.Exec(ctx, d.lockLog); err != nil {
			return err
		}
	}
	return tx.QueryRow(ctx, `INSERT INTO revocations (organization, customer, member, generation, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq`,
		r.Organization, r.Customer, r.Member, int64(r.Generation), r.Reason, micros(r.At)).Scan(&r.Seq)
}

func scanRevocation(r row) (v session.Revocation, err error) {
	var at int64
	err = r.Scan(&v.Seq, &v.Organization, &v.Customer, &v.Member, &v.Generation, &v.Reason, &at)
	v.At = instant(at)
	return v, err
}

// Revocations is session.Store's.
func (s *Store) Revocations(ctx context.Context, after int64, limit int) ([]session.Revocation, error) {
	return all(scanRevocation)(s.query(ctx, revocationsAfter, after, limit))
}

// LastRevocation is session.Store's.
func (s *Store) LastRevocation(ctx context.Context) (seq int64, err error) {
	err = s.queryRow(ctx, lastRevocation).Scan(&seq)
	return seq, err
}

// OnRevocation is session.Store's.
func (s *Store) OnRevocation(f func([]session.Revocation)) { s.revoked = f }
