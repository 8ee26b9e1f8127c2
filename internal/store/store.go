// Package store stores Postern's data in SQLite or PostgreSQL, and contains all of its SQL.
//
//	s, err := store.OpenSQLite(ctx, dir, store.SQLiteOptions{}) // one process, one directory
//	s, err := store.OpenPostgres(ctx, "postgres://…")           // several processes, one database
//	defer s.Close()
//
// A [Store] implements [session.Store], [directory.Store], [login.Store], [webhook.Store] and [audit.Store]. Most SQL is the same for both
// engines. The interface engine hides the differences; sqlite.go and postgres.go implement it. A write returns after its
// commit is on disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/slot"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

var (
	_ session.Store   = (*Store)(nil)
	_ directory.Store = (*Store)(nil)
	_ login.Store     = (*Store)(nil)
	_ webhook.Store   = (*Store)(nil)
	_ audit.Store     = (*Store)(nil)
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	engine
	// onRevocation and onEvent are called after a commit that added revocations or webhook events; nil means no callback.
	onRevocation func([]session.Revocation)
	onEvent      func()
	scans        scans
	// rows has a slot for each row that [Store.alone] changes. It is nil for an engine that runs one write transaction at a time.
	rows *slot.Pool
	// now is the clock of the audit log.
	now func() time.Time
}

// engine is the interface of a database engine.
type engine interface {
	querier
	// write runs fn in a transaction and, after the commit, the functions that fn passed to Tx.After.
	write(ctx context.Context, fn func(tx *Tx) error) error
	// insertSession inserts one session. Concurrent inserts share a commit.
	insertSession(ctx context.Context, e session.Entry) (inserted bool, err error)
	// sessionByKey finds a valid session. Concurrent lookups may share a query.
	sessionByKey(ctx context.Context, key token.Key) (session.Record, bool, error)
	// lock takes a numbered lock. It returns false if another process holds the lock.
	lock(ctx context.Context, number int64) (release func(), locked bool, err error)
	// scanner returns the connections for lists, and how many lists can use them at the same time.
	scanner() (q querier, slots int)
	dialect() dialect
	ping(ctx context.Context) error
	close() error
}

// querier runs queries. Opening the store prepares the constant queries in the list statements.
type querier interface {
	queryRow(ctx context.Context, query string, args ...any) row
	query(ctx context.Context, query string, args ...any) (rows, error)
}

// dialect holds the SQL that differs between the engines.
type dialect struct {
	// name is the name of the engine's folder in migrations.
	name string
	// shared reports whether other processes may write to the same store.
	shared bool
	// hasTable is a query that reports whether the table named $1 exists.
	hasTable string
	// lockSchema is a statement that waits until no other process changes the schema. It is empty for an engine whose store
	// only one process can open.
	lockSchema string
	// lockLog is a statement that makes transactions append to the revocation log one at a time, so that seq ascends in the
	// order of commits. It is empty for an engine that runs one write transaction at a time.
	lockLog string
	// forUpdate is appended to a SELECT to lock its rows. It is empty for an engine that runs one write transaction at a time.
	forUpdate string
	// skipLocked is appended to a SELECT to lock its rows and to skip rows that another transaction has locked.
	skipLocked string
	// position is the SQL function that returns the 1-based index of a substring, or 0 if it does not occur.
	position string
}

// Close waits for running writes, then closes the database. Later writes return fault.Unavailable.
func (s *Store) Close() error { return s.close() }

// Shared implements session.Store.
func (s *Store) Shared() bool { return s.dialect().shared }

// Ping returns fault.Unavailable if the database does not respond.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ping(ctx); err != nil {
		return unavailable(err)
	}
	return nil
}

// Write runs fn in a transaction and returns after the commit is durable. If fn returns an error, Write rolls back and returns
// that error. After any other error, nothing was written, with one exception: if the connection to PostgreSQL breaks during the
// commit, Write returns fault.Unavailable and the outcome is unknown. After a conflict with another transaction, Write may call
// fn again.
//
// Once fn has started, the end of ctx does not interrupt it. Otherwise the caller could not know the outcome.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error { return s.write(ctx, fn) }

// affect runs one statement in a transaction. It returns the number of changed rows, or 0 and an error.
func (s *Store) affect(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		n, err = tx.Affect(ctx, statement, args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// statements are the constant queries. They are prepared when a store is opened, which also detects a mistake in a query at
// once.
var statements = []string{
	organizationByKey, organizationBySlug, customerByKey, customerByExternalID, countCustomers, memberByKey, memberByExternalID, ownerByCustomer,
	accessTokenByKey, operatorSessionByKey, liveAccessTokens, tokensMadeWith, endingTokens, sessionByKey, entryByKey, endOfHolder, emailUpdateByKey, codeByHash, liveCodes,
	revocationsAfter, namedRevocations, lastRevocation,
	endpointByKey, dueWatches, dueEndpoints, dueDeliveries,
	hasUnchained, auditChain, chainedAudit, unchainedAudit,
}

// row is the result of a query for one row.
type row interface{ Scan(dest ...any) error }

// rows is the result of a query for several rows.
type rows interface {
	row
	Next() bool
	Err() error
	Close()
}

// find scans one row. It returns false if there is no row.
func find[T any](r row, scan func(row) (T, error)) (T, bool, error) {
	v, err := scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// all returns a function that scans every row of a query's result.
func all[T any](scan func(row) (T, error)) func(rows, error) ([]T, error) {
	return func(r rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer r.Close()
		list := []T{}
		for r.Next() {
			v, err := scan(r)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, r.Err()
	}
}

// uuid holds the columns key and tail of a row, which together are a [token.ID].
type uuid struct {
	key  token.Key
	tail int64
}

func (u uuid) id() token.ID { return token.IDOf(u.key, u.tail) }

func micros(t time.Time) int64 { return t.UnixMicro() }

// microsOrZero converts a time to microseconds. It returns 0 for the zero time.
func microsOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return micros(t)
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// microsOrNull converts a time to microseconds. It returns nil, which is stored as NULL, if t is nil.
func microsOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return micros(*t)
}

func instantOrNil(micros sql.NullInt64) *time.Time {
	if !micros.Valid {
		return nil
	}
	t := instant(micros.Int64)
	return &t
}

// hashOf converts a stored hash. It returns the zero hash, which matches no token, if b has the wrong length.
func hashOf(b []byte) (h token.Hash) {
	if len(b) == len(h) {
		copy(h[:], b)
	}
	return h
}
