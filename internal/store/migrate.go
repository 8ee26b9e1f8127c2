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

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date, all steps in one transaction: a store is never left half way. The steps are the
// files of the dialect's folder, in order; a file's number is the version that it leads to. A schema that is up to date is
// only looked at, so that a role without the right to change it can open the store.
func migrate(ctx context.Context, s *Store) error {
	d := s.dialect()
	steps, err := fs.Glob(migrations, path.Join("migrations", d.name, "*.sql"))
	if err != nil {
		return err
	}
	version, err := schemaVersion(ctx, s, d)
	if err != nil || version == len(steps) {
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
		if version > len(steps) {
			return fmt.Errorf("the store was written by a newer postern (its schema is %d, this one knows up to %d): use that version or a later one", version, len(steps))
		}
		for i, file := range steps[version:] {
			if err := step(ctx, tx, file, version+i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// schemaVersion is 0 for a store that is empty.
func schemaVersion(ctx context.Context, q querier, d dialect) (version int, err error) {
	var there bool
	if err := q.queryRow(ctx, d.hasTable, "schema_version").Scan(&there); err != nil || !there {
		return 0, err
	}
	err = q.queryRow(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}

func step(ctx context.Context, tx *Tx, file string, version int) error {
	number, _, _ := strings.Cut(path.Base(file), "_")
	if n, err := strconv.Atoi(number); err != nil || n != version {
		return fmt.Errorf("migration %s should have the number %d", file, version)
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if version == 1 {
		if err := tx.Exec(ctx, `CREATE TABLE schema_version (version INTEGER NOT NULL)`); err != nil {
			return err
		}
	}
	if err := tx.Exec(ctx, string(text)); err != nil {
		return fmt.Errorf("migration %s: %w", file, err)
	}
	return tx.Exec(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, version)
}
