package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/postern-go/postern/internal/fault"
)

// Tx is the transaction of one [Store.Write].
type Tx struct {
	conn *sql.Conn
}

// Exec runs a statement. It does not stop when ctx ends: what is half done is not undone by interrupting the engine, which
// may roll the whole group back.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) error {
	_, err := tx.conn.ExecContext(context.WithoutCancel(ctx), query, args...)
	return err
}

// QueryRow runs a query for one row, and does not stop when ctx ends either.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.conn.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// Write runs fn in a transaction and returns after the commit is durable. An error of fn undoes what fn did and comes
// back as it is; any other error means that nothing of it was kept. Writes that wait at the same time share a commit,
// each in a savepoint of its own.
//
// Once fn has started, ctx does not stop it: whoever gives up early would not know whether it was kept.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error {
	return s.writer.do(ctx, fn)
}

// maxGroup is how many writes share a commit at most, so that none waits for ever.
const maxGroup = 256

var errClosed = fault.New(fault.Unavailable, "The store is closed.")

// writer owns the one connection that writes.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	queue chan *write
	mu    sync.RWMutex // held for reading while a write is put into the queue
	ended bool
	done  chan struct{}
}

type write struct {
	ctx  context.Context
	fn   func(tx *Tx) error
	err  error
	done chan struct{}
}

func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, conn: conn, queue: make(chan *write, maxGroup), done: make(chan struct{})}
	go w.run()
	return w, nil
}

func (w *writer) do(ctx context.Context, fn func(tx *Tx) error) error {
	job := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := w.enqueue(ctx, job); err != nil {
		return err
	}
	<-job.done
	return job.err
}

func (w *writer) enqueue(ctx context.Context, job *write) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.ended {
		return errClosed
	}
	select {
	case w.queue <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	if !w.ended {
		w.ended = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
	return errors.Join(w.conn.Close(), w.db.Close())
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		group := w.gather(first)
		err := w.commit(group)
		for _, job := range group {
			if job.err == nil {
				job.err = err
			}
			close(job.done)
		}
	}
}

// gather takes whatever has queued up behind the first write.
func (w *writer) gather(first *write) []*write {
	group := []*write{first}
	for len(group) < maxGroup {
		select {
		case job, ok := <-w.queue:
			if !ok {
				return group
			}
			group = append(group, job)
		default:
			return group
		}
	}
	return group
}

// commit runs the group in one transaction. The error it returns is that of all whose own work went well.
func (w *writer) commit(group []*write) error {
	ctx := context.Background()
	tx := &Tx{conn: w.conn}
	if err := tx.Exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return unavailable(err)
	}
	for _, job := range group {
		if job.err = job.ctx.Err(); job.err != nil {
			continue // its caller is gone: nothing has been done yet, so nothing need be
		}
		if job.err = w.savepoint(ctx, tx, job.fn); errors.Is(job.err, errLost) {
			return errors.Join(job.err, tx.Exec(ctx, "ROLLBACK"))
		}
	}
	if err := tx.Exec(ctx, "COMMIT"); err != nil {
		// The rollback fails too when the engine has already rolled back; what counts is that COMMIT did not happen.
		return unavailable(errors.Join(err, tx.Exec(ctx, "ROLLBACK")))
	}
	return nil
}

// errLost is a transaction in which a savepoint could not be undone: no other write in it can be trusted.
var errLost = errors.New("a write could not be undone")

func (w *writer) savepoint(ctx context.Context, tx *Tx, fn func(tx *Tx) error) error {
	if err := tx.Exec(ctx, "SAVEPOINT one"); err != nil {
		return unavailable(errors.Join(errLost, err))
	}
	err := protect(func() error { return fn(tx) })
	if err == nil {
		err = tx.Exec(ctx, "RELEASE one")
	}
	if err == nil {
		return nil
	}
	if undo := errors.Join(tx.Exec(ctx, "ROLLBACK TO one"), tx.Exec(ctx, "RELEASE one")); undo != nil {
		return unavailable(errors.Join(errLost, err, undo))
	}
	return err
}

// protect turns a panic of one write into its error: the writer serves everybody.
func protect(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v", p)
		}
	}()
	return fn()
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "The store could not keep this.").Because(err)
}
