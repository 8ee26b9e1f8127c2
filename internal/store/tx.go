package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Tx is the transaction of one [Store.Write].
type Tx struct {
	conn  conn
	after []func()
}

// conn is an engine's connection in a transaction.
type conn interface {
	querier
	exec(ctx context.Context, query string, args ...any) (rowsAffected int64, err error)
}

// Exec runs a statement. The end of ctx does not interrupt the statement, because an interrupt can make SQLite roll back the
// other writes of the same commit.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.Affect(ctx, query, args...)
	return err
}

// Affect is like [Tx.Exec] and returns the number of changed rows.
func (tx *Tx) Affect(ctx context.Context, query string, args ...any) (rows int64, err error) {
	return tx.conn.exec(context.WithoutCancel(ctx), query, args...)
}

// QueryRow runs a query for one row. Like [Tx.Exec], it ignores the end of ctx.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) row {
	return tx.conn.queryRow(context.WithoutCancel(ctx), query, args...)
}

// Query runs a query for several rows. Like [Tx.Exec], it ignores the end of ctx.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (rows, error) {
	return tx.conn.query(context.WithoutCancel(ctx), query, args...)
}

// lockRow locks the row of a table until the end of the transaction, on an engine that runs several write transactions at a time.
func (s *Store) lockRow(ctx context.Context, tx *Tx, table string, key token.Key) error {
	if s.dialect().forUpdate == "" {
		return nil
	}
	return tx.Exec(ctx, `SELECT key FROM `+table+` WHERE key = $1`+s.dialect().forUpdate, key)
}

// After registers a function that is called after the commit and before [Store.Write] returns.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) committed() {
	for _, f := range tx.after {
		f()
	}
}

// recoverPanic converts a panic of fn to an error, because other writes may share the goroutine of fn.
func recoverPanic(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write panicked: %v", p)
		}
	}()
	return fn()
}

// unavailable wraps the error of an engine that cannot run a statement at the moment.
func unavailable(err error) error {
	return fault.New(fault.Unavailable, "The database is not available. Repeat the request in a moment.").Because(err)
}

// notSaved wraps the error of a commit that failed.
func notSaved(err error) error {
	return fault.New(fault.Unavailable, "The database could not save the change. Repeat the request in a moment.").Because(err)
}

var errClosed = fault.New(fault.Unavailable, "The database is closed. Repeat the request in a moment.")

// isFault reports whether an error is a [fault.Error].
func isFault(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}
