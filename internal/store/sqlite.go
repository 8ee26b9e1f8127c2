package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// The files in a data directory. SQLite adds a -wal and a -shm file next to the database.
const (
	databaseFile = "postern.db"
	lockFile     = "postern.lock"
)

// ErrInUse is the error of [OpenSQLite] if another process has the data directory open.
var ErrInUse = errors.New("data directory is in use by another process; stop that process or choose another directory with --data")

// HasSQLite reports whether the directory contains a store.
func HasSQLite(dir string) bool { return StatSQLite(dir) == nil }

// StatSQLite returns nil if a directory has a store, fs.ErrNotExist if it has none, and another error if this process cannot see it.
func StatSQLite(dir string) error {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return err
}

// SQLiteOptions configures [OpenSQLite].
type SQLiteOptions struct {
	// Unsynced makes commits not wait for the disk. A power failure can then damage the store, so this is for tests only.
	Unsynced bool
}

// OpenSQLite opens the store in a directory. It creates the directory and the store if they do not exist, and updates the
// schema. It returns [ErrInUse] if another process has the store open.
func OpenSQLite(ctx context.Context, dir string, o SQLiteOptions) (*Store, error) {
	s, err := lockSQLite(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return s, nil
}

// lockSQLite opens the store while it holds the lock of the directory. The store releases the lock when it is closed.
func lockSQLite(ctx context.Context, dir string, o SQLiteOptions) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, ErrInUse
	}
	s, err := openSQLite(ctx, filepath.Join(dir, databaseFile), o, lock.Unlock)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return s, nil
}

// ReadSQLite opens a store for reading, also if another process has the directory open. Writes panic.
func ReadSQLite(dir string) (*Store, error) {
	db, err := sqliteDB(filepath.Join(dir, databaseFile), "_pragma=query_only(1)", 1)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return &Store{engine: &sqlite{readers: db, scanners: db}, now: time.Now}, nil
}

// sqlite is the engine of a store that one process uses.
type sqlite struct {
	*sqliteWriter
	// readers are for short reads, and scanners for lists.
	readers, scanners *sql.DB
	prepared          map[string]*sql.Stmt
	// release unlocks the data directory.
	release func() error
}

func openSQLite(ctx context.Context, path string, o SQLiteOptions, release func() error) (*Store, error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	sync := ""
	if o.Unsynced {
		sync = "&_pragma=synchronous(OFF)" // overrides the default of sqliteDB, which comes earlier
	}
	writing, err := sqliteDB(path, "_txlock=immediate"+sync, 1)
	if err != nil {
		return nil, err
	}
	w, err := newSQLiteWriter(ctx, writing)
	if err != nil {
		return nil, errors.Join(err, writing.Close())
	}
	e := &sqlite{sqliteWriter: w, release: release, prepared: map[string]*sql.Stmt{}}
	if e.readers, err = sqliteDB(path, "_pragma=query_only(1)"+sync, max(4, 2*runtime.NumCPU())); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if e.scanners, err = sqliteDB(path, "_pragma=query_only(1)"+sync, maxScans()); err != nil {
		return nil, errors.Join(err, e.readers.Close(), w.close())
	}
	s := &Store{engine: e, now: time.Now}
	s.SetMetrics(nil)
	if err = migrate(ctx, s); err == nil {
		err = e.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.readers.Close(), e.scanners.Close(), w.close())
	}
	return s, nil
}

func (e *sqlite) prepare(ctx context.Context) error {
	if err := e.prepareWrites(ctx); err != nil {
		return err
	}
	for _, query := range statements {
		stmt, err := e.readers.PrepareContext(ctx, query)
		if err != nil {
			return err
		}
		e.prepared[query] = stmt
	}
	return nil
}

func (e *sqlite) queryRow(ctx context.Context, query string, args ...any) row {
	if stmt := e.prepared[query]; stmt != nil {
		return sqliteRow{stmt.QueryRowContext(ctx, args...), ctx}
	}
	return sqliteRow{e.readers.QueryRowContext(ctx, query, args...), ctx}
}

func (e *sqlite) query(ctx context.Context, query string, args ...any) (rows, error) {
	var r *sql.Rows
	var err error
	if stmt := e.prepared[query]; stmt != nil {
		r, err = stmt.QueryContext(ctx, args...)
	} else {
		r, err = e.readers.QueryContext(ctx, query, args...)
	}
	return sqliteRows{r, ctx}, sqliteFault(ctx, err)
}

// insertSession does not group its inserts, because all SQLite writes share commits.
func (e *sqlite) insertSession(ctx context.Context, entry session.Entry) (inserted bool, err error) {
	err = e.write(ctx, func(tx *Tx) error {
		inserted, err = insertSession(ctx, tx, entry)
		return err
	})
	return inserted && err == nil, err
}

func (e *sqlite) sessionByKey(ctx context.Context, key token.Key) (session.Record, bool, error) {
	return find(e.queryRow(ctx, sessionByKey, key), scanSession)
}

// lock always succeeds, because no other process can open the directory.
func (e *sqlite) lock(context.Context, int64) (func(), bool, error) { return func() {}, true, nil }

func (e *sqlite) dialect() dialect {
	return dialect{
		name:     "sqlite",
		hasTable: `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)`,
		position: "instr",
	}
}

// maxScans is how many lists run at the same time: one for each processor, and at least two, so that no organization stops the
// lists of all others.
func maxScans() int { return max(2, runtime.GOMAXPROCS(0)) }

func (e *sqlite) scanner() (querier, int) { return sqliteScanner{e.scanners}, maxScans() }

// sqliteScanner runs queries that are not prepared.
type sqliteScanner struct{ db *sql.DB }

func (s sqliteScanner) queryRow(ctx context.Context, query string, args ...any) row {
	return sqliteRow{s.db.QueryRowContext(ctx, query, args...), ctx}
}

func (s sqliteScanner) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := s.db.QueryContext(ctx, query, args...)
	return sqliteRows{r, ctx}, sqliteFault(ctx, err)
}

func (e *sqlite) ping(ctx context.Context) error { return e.readers.PingContext(ctx) }

func (e *sqlite) close() error {
	if e.sqliteWriter == nil { // opened for reading
		return e.readers.Close()
	}
	return errors.Join(e.sqliteWriter.close(), e.readers.Close(), e.scanners.Close(), e.release())
}

// touch creates the file with permissions for its owner only. SQLite would create it with the permissions that the umask
// allows.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqliteDB opens a pool of connections. The settings are in the data source name, because a PRAGMA statement affects only one
// connection. busy_timeout comes first, because the other settings may have to wait for a lock. With synchronous=FULL, a commit
// survives a power failure.
func sqliteDB(path, extra string, conns int) (*sql.DB, error) {
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(5000)" +
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16384)&" + extra}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}
