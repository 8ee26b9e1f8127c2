package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
)

// sqliteWriter owns the only connection that writes. Writes that wait at the same time share a commit. Each write runs in its
// own savepoint.
type sqliteWriter struct {
	db    *sql.DB
	conn  *sql.Conn
	group *group[*sqliteWrite]
	// preparedWrites holds the most frequent statements of writes, by their SQL.
	preparedWrites map[string]*sql.Stmt
}

type sqliteWrite struct {
	ctx  context.Context
	fn   func(tx *Tx) error
	tx   *Tx
	err  error
	done chan struct{}
}

func newSQLiteWriter(ctx context.Context, db *sql.DB) (*sqliteWriter, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &sqliteWriter{db: db, conn: conn}
	w.group = newGroup(1, w.run)
	return w, nil
}

func (w *sqliteWriter) write(ctx context.Context, fn func(tx *Tx) error) error {
	job := &sqliteWrite{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := w.group.add(ctx, job); err != nil {
		return err
	}
	<-job.done
	if job.err == nil {
		job.tx.committed()
	}
	return job.err
}

// The statements before and after the writes of a group.
const (
	beginGroup  = `BEGIN IMMEDIATE`
	commitGroup = `COMMIT`
	beginOne    = `SAVEPOINT one`
	releaseOne  = `RELEASE one`
)

// prepareWrites prepares the most frequent statements, because parsing a statement takes as long as running it.
func (w *sqliteWriter) prepareWrites(ctx context.Context) error {
	w.preparedWrites = map[string]*sql.Stmt{}
	frequent := []string{beginGroup, commitGroup, beginOne, releaseOne, insertSessionRow, insertCode, useCode}
	for _, query := range append(frequent, slices.Collect(maps.Values(auditStatements))...) {
		if w.preparedWrites[query] != nil { // several kinds of actors have the same statement
			continue
		}
		stmt, err := w.conn.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		w.preparedWrites[query] = stmt
	}
	return nil
}

func (w *sqliteWriter) close() error {
	w.group.close()
	var errs []error
	for _, stmt := range w.preparedWrites { // an open statement would keep the connection open, and the -wal file would stay on disk
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

func (w *sqliteWriter) run(jobs []*sqliteWrite) {
	err := w.commit(jobs)
	for _, job := range jobs {
		if job.err == nil {
			job.err = err
		}
		close(job.done)
	}
}

// commit runs the jobs in one transaction and sets the error of each job that fails. It returns the error of the commit, which
// applies to all other jobs.
func (w *sqliteWriter) commit(jobs []*sqliteWrite) error {
	ctx := context.Background()
	if _, err := w.exec(ctx, beginGroup); err != nil {
		return notSaved(err)
	}
	for _, job := range jobs {
		if job.err = job.ctx.Err(); job.err != nil {
			continue // the caller no longer waits, and the job has not started
		}
		job.tx = &Tx{conn: w}
		if job.err = w.savepoint(ctx, job); errors.Is(job.err, errUndoFailed) {
			_, err := w.exec(ctx, "ROLLBACK")
			return errors.Join(job.err, err)
		}
	}
	if _, err := w.exec(ctx, commitGroup); err != nil {
		// If SQLite has already rolled back, ROLLBACK fails too. Either way, nothing was committed.
		_, undo := w.exec(ctx, "ROLLBACK")
		return notSaved(errors.Join(err, undo))
	}
	return nil
}

// errUndoFailed means that a savepoint could not be rolled back. The whole transaction must then be rolled back.
var errUndoFailed = errors.New("cannot roll back a write")

func (w *sqliteWriter) savepoint(ctx context.Context, job *sqliteWrite) error {
	if _, err := w.exec(ctx, beginOne); err != nil {
		return notSaved(errors.Join(errUndoFailed, err))
	}
	err := recoverPanic(func() error { return job.fn(job.tx) })
	if err == nil {
		_, err = w.exec(ctx, releaseOne)
	}
	if err == nil {
		return nil
	}
	_, back := w.exec(ctx, "ROLLBACK TO one")
	_, release := w.exec(ctx, releaseOne)
	if undo := errors.Join(back, release); undo != nil {
		return notSaved(errors.Join(errUndoFailed, err, undo))
	}
	return err
}

func (w *sqliteWriter) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if stmt := w.preparedWrites[query]; stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = w.conn.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, sqliteFault(ctx, err)
	}
	return result.RowsAffected()
}

func (w *sqliteWriter) queryRow(ctx context.Context, query string, args ...any) row {
	return sqliteRow{w.conn.QueryRowContext(ctx, query, args...), ctx}
}

func (w *sqliteWriter) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := w.conn.QueryContext(ctx, query, args...)
	return sqliteRows{r, ctx}, sqliteFault(ctx, err)
}
