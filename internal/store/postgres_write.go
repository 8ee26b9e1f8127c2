package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

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
	if err != nil && !isFault(err) && ctx.Err() == nil && connectionLost(err) {
		return unavailable(err)
	}
	return err
}

func (e *postgres) try(ctx context.Context, fn func(tx *Tx) error) error {
	begun, err := e.pool.Begin(ctx)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // the server's own timeouts bound what follows
	tx := &Tx{conn: pgQuerier{begun}}
	if err := protect(func() error { return fn(tx) }); err != nil {
		// A rollback fails when the connection is gone, and then the server rolls back by itself.
		_ = begun.Rollback(ctx)
		return err
	}
	if err := begun.Commit(ctx); err != nil {
		return err
	}
	tx.committed()
	return nil
}

// lostRace reports whether somebody else's transaction was in the way (PostgreSQL's error codes, appendix A).
func lostRace(err error) bool {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || isFault(err) {
		return false
	}
	switch server.Code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	case "23505": // unique_violation: of two who saw that a name is free, one was first
		return true
	}
	return false
}

// connectionLost reports whether the server could not be reached, rather than refused.
func connectionLost(err error) bool {
	_, refused := errors.AsType[*pgconn.PgError](err)
	return !refused && !errors.Is(err, pgx.ErrNoRows)
}
