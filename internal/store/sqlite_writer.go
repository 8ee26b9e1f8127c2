package store

import (
	"context"
	"database/sql"
	"errors"
)

// sqliteWriter owns the one connection that writes. Writes that wait at the same time share a commit, each in a savepoint
// of its own.
type sqliteWriter struct {
	db    *sql.DB
	conn  *sql.Conn
	group *group[*sqliteWrite]
	// parsed are the statements that most writes consist of.
	parsed map[string]*sql.Stmt
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

// The frame of every write.
const (
	beginGroup  = `BEGIN IMMEDIATE`
	commitGroup = `COMMIT`
	beginOne    = `SAVEPOINT one`
	keepOne     = `RELEASE one`
)

// parse spares the writes that there are most of what costs as much as their inserts.
func (w *sqliteWriter) parse(ctx context.Context) error {
	w.parsed = map[string]*sql.Stmt{}
	for _, query := range []string{beginGroup, commitGroup, beginOne, keepOne, insertSessionRow, insertCode, deleteCode} {
		stmt, err := w.conn.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		w.parsed[query] = stmt
	}
	return nil
}

func (w *sqliteWriter) close() error {
	w.group.close()
	var errs []error
	for _, stmt := range w.parsed { // or the connection would linger, and leave its log behind
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

// commit runs the jobs in one transaction. The error it returns is that of all whose own work went well.
func (w *sqliteWriter) commit(jobs []*sqliteWrite) error {
	ctx := context.Background()
	if _, err := w.exec(ctx, beginGroup); err != nil {
		return unavailable(err)
	}
	for _, job := range jobs {
		if job.err = job.ctx.Err(); job.err != nil {
			continue // its caller is gone: nothing has been done yet, so nothing need be
		}
		job.tx = &Tx{conn: w}
		if job.err = w.savepoint(ctx, job); errors.Is(job.err, errLost) {
			_, err := w.exec(ctx, "ROLLBACK")
			return errors.Join(job.err, err)
		}
	}
	if _, err := w.exec(ctx, commitGroup); err != nil {
		// The rollback fails too when the engine has already rolled back; what counts is that COMMIT did not happen.
		_, undo := w.exec(ctx, "ROLLBACK")
		return unavailable(errors.Join(err, undo))
	}
	return nil
}

// errLost is a transaction in which a savepoint could not be undone: no other write in it can be trusted.
var errLost = errors.New("a write could not be undone")

func (w *sqliteWriter) savepoint(ctx context.Context, job *sqliteWrite) error {
	if _, err := w.exec(ctx, beginOne); err != nil {
		return unavailable(errors.Join(errLost, err))
	}
	err := protect(func() error { return job.fn(job.tx) })
	if err == nil {
		_, err = w.exec(ctx, keepOne)
	}
	if err == nil {
		return nil
	}
	_, back := w.exec(ctx, "ROLLBACK TO one")
	_, release := w.exec(ctx, keepOne)
	if undo := errors.Join(back, release); undo != nil {
		return unavailable(errors.Join(errLost, err, undo))
	}
	return err
}

func (w *sqliteWriter) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if stmt := w.parsed[query]; stmt != nil {
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
