package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgFault returns fault.Unavailable if the server is not reachable or cannot run the statement at the moment. Other errors,
// and the error of a canceled context, are returned unchanged.
func pgFault(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) {
		return err
	}
	if server, refused := errors.AsType[*pgconn.PgError](err); refused {
		if isTemporary(server.Code) {
			return unavailable(err)
		}
		return err
	}
	if _, mistake := errors.AsType[pgx.ScanArgError](err); mistake {
		return err
	}
	return unavailable(err) // an error that the server did not send is an error of the connection
}

// isTemporary reports whether a PostgreSQL error code (appendix A of its manual) describes a temporary condition.
func isTemporary(code string) bool {
	switch code {
	case "25006", // read_only_sql_transaction: a standby before failover
		"25P03", // idle_in_transaction_session_timeout
		"55P03": // lock_not_available
		return true
	}
	switch class := code[:min(2, len(code))]; class {
	case "08", // connection exception
		"3D", // database does not exist, for example during a restore
		"40", // transaction rollback, after all retries
		"53", // insufficient resources
		"57", // operator intervention: the server shuts down, or a statement timed out
		"58": // system error
		return true
	}
	return false
}

// lostRace reports whether the error is a conflict with another transaction, so that a retry can succeed.
func lostRace(err error) bool {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch server.Code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	case "23505": // unique_violation: another transaction inserted the same key after this transaction checked for it
		return true
	}
	return false
}

// pgRow and pgRows convert errors of reading with pgFault.
type pgRow struct{ pgx.Row }

func (r pgRow) Scan(dest ...any) error { return pgFault(r.Row.Scan(dest...)) }

type pgRows struct{ pgx.Rows }

func (r pgRows) Scan(dest ...any) error { return pgFault(r.Rows.Scan(dest...)) }

func (r pgRows) Err() error { return pgFault(r.Rows.Err()) }
