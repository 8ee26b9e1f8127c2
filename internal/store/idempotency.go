package store

import (
	"context"
	"errors"

	"github.com/postern-go/postern/internal/idempotency"
)

// errNothingMade rolls back a write that creates nothing although it has not failed, for example because a name is taken. The
// idempotency key of such a write stays free.
var errNothingMade = errors.New("nothing was created")

// orNil returns nil for errNothingMade.
func orNil(err error) error {
	if errors.Is(err, errNothingMade) {
		return nil
	}
	return err
}

// writeOnce is [Store.Write] for a create. It claims an idempotency key and stores the answer in the same transaction. It returns
// [*idempotency.Repeated], without running fn, if the key was claimed before. A nil claim makes the create not repeatable.
func (s *Store) writeOnce(ctx context.Context, c *idempotency.Claim, fn func(tx *Tx) error) error {
	if c == nil {
		return s.write(ctx, fn)
	}
	return s.write(ctx, func(tx *Tx) error {
		if err := claimKey(ctx, tx, c); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		if c.Answer == nil {
			return errors.New("a create with an idempotency key has no answer")
		}
		return tx.Exec(ctx, `UPDATE idempotency_keys SET secret = $3, answer = $4 WHERE scope = $1 AND name = $2`,
			c.Scope, c.Names[0][:], int64(c.Secret), c.Answer)
	})
}

// claimKey inserts the row of an idempotency key. On PostgreSQL, it waits for a transaction that has inserted the same row.
func claimKey(ctx context.Context, tx *Tx, c *idempotency.Claim) error {
	for _, older := range c.Names[1:] {
		if err := repeated(ctx, tx, c, older[:]); err != nil {
			return err
		}
	}
	name := c.Names[0][:]
	n, err := tx.Affect(ctx, `INSERT INTO idempotency_keys (scope, name, secret, answer, expires_at) VALUES ($1, $2, 0, $3, $4)
		ON CONFLICT (scope, name) DO NOTHING`, c.Scope, name, []byte{}, micros(c.ExpiresAt))
	if err != nil || n == 1 {
		return err
	}
	if err := repeated(ctx, tx, c, name); err != nil {
		return err
	}
	// The key has expired, so the new create takes over the row.
	return tx.Exec(ctx, `UPDATE idempotency_keys SET expires_at = $3 WHERE scope = $1 AND name = $2`, c.Scope, name, micros(c.ExpiresAt))
}

// repeated returns the answer as an error if the key with that name was claimed and has not expired.
func repeated(ctx context.Context, tx *Tx, c *idempotency.Claim, name []byte) error {
	before, found, err := find(tx.QueryRow(ctx, `SELECT secret, answer FROM idempotency_keys WHERE scope = $1 AND name = $2 AND expires_at > $3`,
		c.Scope, name, micros(c.At)), func(r row) (before idempotency.Repeated, err error) {
		err = r.Scan(&before.Secret, &before.Answer)
		return before, err
	})
	if err != nil || !found {
		return err
	}
	return &before
}
