package store

import (
	"context"
	"database/sql"
	"errors"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFault returns fault.Unavailable if the disk is full or unreadable or if another program locks the file. If ctx has
// ended, it returns the error of ctx. Other errors are returned unchanged.
func sqliteFault(ctx context.Context, err error) error {
	failed, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return err
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	switch failed.Code() & 0xff { // the low byte is the primary result code (https://www.sqlite.org/rescode.html)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_PROTOCOL:
		return unavailable(err)
	}
	return err
}

// sqliteRow and sqliteRows convert errors of reading with sqliteFault.
type sqliteRow struct {
	*sql.Row
	ctx context.Context
}

func (r sqliteRow) Scan(dest ...any) error { return sqliteFault(r.ctx, r.Row.Scan(dest...)) }

type sqliteRows struct {
	*sql.Rows
	ctx context.Context
}

// Close drops the error of sql.Rows.Close, which Err has already returned.
func (r sqliteRows) Close() { r.Rows.Close() }

func (r sqliteRows) Err() error { return sqliteFault(r.ctx, r.Rows.Err()) }
