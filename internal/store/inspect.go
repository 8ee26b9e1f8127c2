package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
)

// Inspection is the state of a store, for operators.
type Inspection struct {
	// Schema is the version of the store's schema, or 0 if the store is empty. Latest is the version that this binary uses. If they
	// differ, Secrets and Newest are not set.
	Schema, Latest int
	// Secrets are the secrets on which live sessions and access tokens depend.
	Secrets map[token.SecretID]SecretUse
	// Newest is the time of the newest entry of the audit log, or zero if there is none.
	Newest time.Time
	// InUse reports whether another process has opened a data directory.
	InUse bool
	// Ahead is how far the database server's clock is ahead of now. It is 0 for a data directory.
	Ahead time.Duration
	// Pool is the number of connections that one server opens to a database server, Most the number that it allows to all of its
	// clients, and Others how many other clients have. They are 0 for a data directory.
	Pool, Most, Others int
}

// InspectSQLite inspects the store in a directory without changing it, also if another process has opened it. It returns an error if
// the database is damaged, or cannot be read.
func InspectSQLite(ctx context.Context, dir string, now time.Time) (i Inspection, err error) {
	s, err := ReadSQLite(dir)
	if err != nil {
		return i, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var damage string
	if err := s.queryRow(ctx, `PRAGMA quick_check(1)`).Scan(&damage); err != nil {
		return i, fmt.Errorf("read %s: %w", filepath.Join(dir, databaseFile), err)
	}
	if damage != "ok" {
		return i, fmt.Errorf("%s is damaged: %s", filepath.Join(dir, databaseFile), damage)
	}
	if i.InUse, err = inUse(filepath.Join(dir, lockFile)); err != nil {
		return i, err
	}
	err = s.inspect(ctx, &i, now)
	return i, err
}

// inUse reports whether a process holds the lock of a data directory. It does not create the file.
func inUse(path string) (bool, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", path, err)
	}
	return !free, lock.Unlock()
}

// InspectPostgres inspects the store in a database without changing it. Its errors are those of [OpenPostgres].
func InspectPostgres(ctx context.Context, databaseURL string, now func() time.Time) (i Inspection, err error) {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return i, err
	}
	i.Pool = int(config.MaxConns)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return i, ErrDatabaseURL
	}
	e := newPostgres(pool)
	s := &Store{engine: e, now: now}
	s.SetMetrics(nil)
	defer func() { err = errors.Join(err, e.close()) }()
	if err := e.check(ctx); err != nil {
		return i, err
	}
	if err := s.queryRow(ctx, `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		(SELECT count(*)::int FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend')`).Scan(&i.Most, &i.Others); err != nil {
		return i, err
	}
	var clock time.Time
	before := now()
	if err := s.queryRow(ctx, `SELECT clock_timestamp()`).Scan(&clock); err != nil {
		return i, err
	}
	after := now()
	i.Ahead = clock.Sub(before.Add(after.Sub(before) / 2))
	err = s.inspect(ctx, &i, after)
	return i, err
}

// inspect sets what both engines have.
func (s *Store) inspect(ctx context.Context, i *Inspection, now time.Time) error {
	d := s.dialect()
	files, err := fs.Glob(migrations, path.Join("migrations", d.name, "*.sql"))
	if err != nil {
		return err
	}
	i.Latest = firstSchema + len(files) - 1
	if i.Schema, err = schemaVersion(ctx, s, d); err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	if i.Schema != 0 && (i.Schema < firstSchema || i.Schema > i.Latest) {
		return versionError{i.Schema, i.Latest}
	}
	if i.Schema != i.Latest {
		return nil
	}
	if i.Secrets, err = s.SecretUses(ctx, now); err != nil {
		return fmt.Errorf("count the uses of secrets: %w", err)
	}
	entries, err := s.AuditEntries(ctx, audit.Query{Page: 1, Limit: 1})
	if len(entries) > 0 {
		i.Newest = entries[0].CreatedAt
	}
	return err
}
