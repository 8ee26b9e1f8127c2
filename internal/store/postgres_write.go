package store

import "context"

// maxTries is the maximum number of times that a write runs if it conflicts with other transactions.
const maxTries = 8

// write runs fn in its own transaction. After a conflict with another transaction, it runs fn again. fn then sees the changes
// of the other transaction.
func (e *postgres) write(ctx context.Context, fn func(tx *Tx) error) error {
	var err error
	for range maxTries {
		if err = ctx.Err(); err != nil {
			return err
		}
		if err = e.try(ctx, fn); !lostRace(err) {
			break
		}
	}
	return err
}

func (e *postgres) try(ctx context.Context, fn func(tx *Tx) error) error {
	begun, err := e.pool.Begin(ctx)
	if err != nil {
		return pgFault(err)
	}
	ctx = context.WithoutCancel(ctx) // from here on, the server's timeouts apply
	tx := &Tx{conn: pgQuerier{begun}}
	if err := recoverPanic(func() error { return fn(tx) }); err != nil {
		// Rollback fails only if the connection is broken. In that case, the server rolls back.
		_ = begun.Rollback(ctx)
		return err
	}
	if err := begun.Commit(ctx); err != nil {
		return pgFault(err)
	}
	tx.committed()
	return nil
}
