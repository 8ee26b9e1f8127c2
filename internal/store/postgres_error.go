package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgFault makes fault.Unavailable of a server that cannot be reached or cannot answer now. Any other error stays as it is,
// and so does that of a caller who has given up.
func pgFault(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) {
		return err
	}
	if server, refused := errors.AsType[*pgconn.PgError](err); refused {
		if mayWorkLater(server.Code) {
			return silent(err)
		}
		return err
	}
	if _, mistake := errors.AsType[pgx.ScanArgError](err); mistake {
		return err
	}
	return silent(err) // what the server has not said, the connection has
}

// mayWorkLater tells of PostgreSQL's error codes (appendix A), by class and one by one.
func mayWorkLater(code string) bool {
	switch code {
	case "25006", // read_only_sql_transaction: a stand-by that has not taken over yet
		"25P03", // idle_in_transaction_session_timeout
		"55P03": // lock_not_available
		return true
	}
	switch class := code[:min(2, len(code))]; class {
	case "08", // connection exception
		"3D", // the database is not there: it is being restored, or has moved
		"40", // transaction rollback: what was tried again, and lost again
		"53", // insufficient resources
		"57", // operator intervention: the server stops, or a statement took too long
		"58": // system error
		return true
	}
	return false
}

// lostRace reports whether somebody else's transaction was in the way.
func lostRace(err error) bool {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch server.Code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	case "23505": // unique_violation: of two who saw that a name is free, one was first
		return true
	}
	return false
}

// pgRow and pgRows tell what went wrong as faults.
type pgRow struct{ pgx.Row }

func (r pgRow) Scan(dest ...any) error { return pgFault(r.Row.Scan(dest...)) }

type pgRows struct{ pgx.Rows }

func (r pgRows) Scan(dest ...any) error { return pgFault(r.Rows.Scan(dest...)) }

func (r pgRows) Err() error { return pgFault(r.Rows.Err()) }
