package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-go/postern/internal/fault"
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

// Exec runs a statement. It does not stop when ctx ends: what is half done is not undone by interrupting the engine, which
// may roll back what others wait for too.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.Affect(ctx, query, args...)
	return err
}

// Affect is [Tx.Exec], and tells how many rows it has changed.
func (tx *Tx) Affect(ctx context.Context, query string, args ...any) (rows int64, err error) {
	return tx.conn.exec(context.WithoutCancel(ctx), query, args...)
}

// QueryRow runs a query for one row, and does not stop when ctx ends either.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) row {
	return tx.conn.queryRow(context.WithoutCancel(ctx), query, args...)
}

// Query runs a query for several rows, and does not stop when ctx ends either.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (rows, error) {
	return tx.conn.query(context.WithoutCancel(ctx), query, args...)
}

// After has f called once the transaction is committed, before its write returns.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) committed() {
	for _, f := range tx.after {
		f()
	}
}

// protect turns a panic of one write into its error: an engine serves everybody.
func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v", p)
		}
	}()
	return fn()
}

// silent is for an engine that cannot do what is asked of it now, and unavailable for a write that was not kept.
func silent(err error) error {
	return fault.New(fault.Unavailable, "The store does not answer.").Because(err)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "The store could not keep this.").Because(err)
}

var errClosed = fault.New(fault.Unavailable, "The store is closed.")

// isFault reports whether an error is a refusal that somebody has thought of.
func isFault(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok
}
