package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// The schema files of each engine. The number at the start of a file name is the schema version after the file is applied. Both
// engines have the same numbers. Released files never change: a later release adds a file with the next number.
//
//go:embed migrations
var migrations embed.FS

// firstSchema is the schema version of release 0.1.0. Stores of development versions have lower numbers.
const firstSchema = 10

// migrate applies the schema files that the store does not have yet, in one transaction. If the schema is current, migrate only
// reads, so that a database role without the right to change the schema can open the store. It returns a versionError if this
// binary cannot use or update the store's schema.
func migrate(ctx context.Context, s *Store) error {
	d := s.dialect()
	files, err := fs.Glob(migrations, path.Join("migrations", d.name, "*.sql"))
	if err != nil {
		return err
	}
	latest := firstSchema + len(files) - 1
	version, err := schemaVersion(ctx, s, d)
	if err != nil || version == latest {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		if d.lockSchema != "" {
			if err := tx.Exec(ctx, d.lockSchema); err != nil {
				return err
			}
		}
		if version, err = schemaVersion(ctx, tx.conn, d); err != nil {
			return err
		}
		if version > latest || version > 0 && version < firstSchema {
			return versionError{version, latest}
		}
		for i, file := range files {
			if n := firstSchema + i; n > version {
				if err := applySchema(ctx, tx, file, n); err != nil {
					return fmt.Errorf("apply schema file %s: %w", file, err)
				}
			}
		}
		return nil
	})
}

// versionError is the error for a store that a newer version of Postern or a version before release 0.1.0 created.
type versionError struct{ version, latest int }

func (e versionError) Error() string {
	if e.version > e.latest {
		return fmt.Sprintf("database is newer than this binary (schema %d, want ≤ %d); upgrade postern", e.version, e.latest)
	}
	return fmt.Sprintf("this store was made by a development version before 0.1.0 (schema %d) and cannot be upgraded; "+
		"create a new one with postern init in another directory or database", e.version)
}

// schemaVersion returns the schema version of the store. It returns 0 for an empty store.
func schemaVersion(ctx context.Context, q querier, d dialect) (version int, err error) {
	var exists bool
	if err := q.queryRow(ctx, d.hasTable, "schema_version").Scan(&exists); err != nil || !exists {
		return 0, err
	}
	err = q.queryRow(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}

func applySchema(ctx context.Context, tx *Tx, file string, version int) error {
	number, _, _ := strings.Cut(path.Base(file), "_")
	if n, err := strconv.Atoi(number); err != nil || n != version {
		return fmt.Errorf("schema file has the number %s, want %d", number, version)
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if version == firstSchema {
		if err := tx.Exec(ctx, `CREATE TABLE schema_version (version INTEGER NOT NULL)`); err != nil {
			return err
		}
	}
	if err := tx.Exec(ctx, string(text)); err != nil {
		return err
	}
	return tx.Exec(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, version)
}
