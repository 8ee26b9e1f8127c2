package store

import (
	"context"
	"database/sql"
	"errors"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFault makes fault.Unavailable of a disk that is full or gone, or of a file that something else holds. Any other
// error stays as it is, and that of a caller who has given up is the context's.
func sqliteFault(ctx context.Context, err error) error {
	failed, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return err
	}
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	switch failed.Code() & 0xff { // the rest of a code goes into detail (https://www.sqlite.org/rescode.html)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_PROTOCOL:
		return silent(err)
	}
	return err
}

// sqliteRow and sqliteRows tell what went wrong as faults.
type sqliteRow struct {
	*sql.Row
	ctx context.Context
}

func (r sqliteRow) Scan(dest ...any) error { return sqliteFault(r.ctx, r.Row.Scan(dest...)) }

type sqliteRows struct {
	*sql.Rows
	ctx context.Context
}

// Close has no error: whatever went wrong, Err has told.
func (r sqliteRows) Close() { r.Rows.Close() }

func (r sqliteRows) Err() error { return sqliteFault(r.ctx, r.Rows.Err()) }
