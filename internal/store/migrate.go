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
// files of the dialect's folder, in order; a file's number is the version that it leads to.
func migrate(ctx context.Context, s *Store, dialect string) error {
	steps, err := fs.Glob(migrations, path.Join("migrations", dialect, "*.sql"))
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`); err != nil {
			return err
		}
		var version int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&version); err != nil {
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

func step(ctx context.Context, tx *Tx, file string, version int) error {
	number, _, _ := strings.Cut(path.Base(file), "_")
	if n, err := strconv.Atoi(number); err != nil || n != version {
		return fmt.Errorf("migration %s should have the number %d", file, version)
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if err := tx.Exec(ctx, string(text)); err != nil {
		return fmt.Errorf("migration %s: %w", file, err)
	}
	return tx.Exec(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, version)
}
