package store

import "context"

// maxTries is how often a write that lost a race is tried.
const maxTries = 8

// write runs fn in a transaction of its own. A write that lost a race is run again: its own checks then see who won.
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
	ctx = context.WithoutCancel(ctx) // the server's own timeouts bound what follows
	tx := &Tx{conn: pgQuerier{begun}}
	if err := protect(func() error { return fn(tx) }); err != nil {
		// A rollback fails when the connection is gone, and then the server rolls back by itself.
		_ = begun.Rollback(ctx)
		return err
	}
	if err := begun.Commit(ctx); err != nil {
		return pgFault(err)
	}
	tx.committed()
	return nil
}
