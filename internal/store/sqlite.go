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

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// The files in a data directory. SQLite adds its write-ahead log beside the first.
const (
	databaseFile = "postern.db"
	lockFile     = "postern.lock"
)

// ErrInUse is a data directory that another process has open.
var ErrInUse = errors.New("the data directory is in use by another postern: stop it first, or choose another directory with --data")

// HasSQLite reports whether a store was ever made in the directory.
func HasSQLite(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return err == nil
}

// OpenSQLite opens the store in a directory, makes it when it is not there, and brings it up to date. It yields
// [ErrInUse] when another process has it open, and an error that says what to do when a newer postern has written it.
func OpenSQLite(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the data directory cannot be locked: %w", err)
	}
	if !locked {
		return nil, ErrInUse
	}
	s, err := openSQLite(ctx, filepath.Join(dir, databaseFile))
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	s.release = lock.Unlock
	return s, nil
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	writing, err := sqliteDB(path, "_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, writing)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the store %s cannot be opened: %w", path, err), writing.Close())
	}
	s := &Store{writer: w}
	if err := migrate(ctx, s, "sqlite"); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if s.readers, err = sqliteDB(path, "_pragma=query_only(1)", max(4, 2*runtime.NumCPU())); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.readers.Close(), w.close())
	}
	return s, nil
}

// touch makes the file first, so that nobody but its owner can ever read it.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("the store cannot be opened: %w", err)
	}
	return f.Close()
}

// sqliteDB opens a pool. Its settings are in the name, because one that is set by a statement reaches a single
// connection; the busy timeout comes first, because the others may have to wait. Synchronous is FULL: a commit that was
// acknowledged survives a power loss.
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
