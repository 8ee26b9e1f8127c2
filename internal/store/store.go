// Package store keeps everything Postern must not forget, and holds all of its SQL.
//
//	s, err := store.OpenSQLite(ctx, dir)               // one process, one directory
//	s, err := store.OpenPostgres(ctx, "postgres://…")  // several processes, one database
//	defer s.Close()
//
// A [Store] is a [session.Store], a [directory.Store], a [login.Store] and a [webhook.Store]. The SQL is the same for both engines wherever it
// can be; what differs is behind the interface engine, in sqlite.go and postgres.go. All writes go through one door,
// [Store.Write], and are answered only after the commit is on disk.
package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

var (
	_ session.Store   = (*Store)(nil)
	_ directory.Store = (*Store)(nil)
	_ login.Store     = (*Store)(nil)
	_ webhook.Store   = (*Store)(nil)
)

// Store is a database of sessions and of those who may have them. Safe for concurrent use.
type Store struct {
	engine
	revoked func([]session.Revocation)
	// kept is told of events that this process has kept.
	kept func()
}

// engine is what the two databases do each in its own way.
type engine interface {
	querier
	// write runs fn in a transaction, and then what fn has asked for after it.
	write(ctx context.Context, fn func(tx *Tx) error) error
	// insertSession is a write of one row, together with those that wait at the same time.
	insertSession(ctx context.Context, e session.Entry) (inserted bool, err error)
	// sessionByKey may look up what is asked for at the same time in one query.
	sessionByKey(ctx context.Context, key token.Key) (session.Record, bool, error)
	// lock takes the lock of that number, unless another process has it; then it reports false.
	lock(ctx context.Context, number int64) (release func(), locked bool, err error)
	dialect() dialect
	ping(ctx context.Context) error
	close() error
}

// querier reads. A query that appears in statements was parsed when the store was opened.
type querier interface {
	queryRow(ctx context.Context, query string, args ...any) row
	query(ctx context.Context, query string, args ...any) (rows, error)
}

// dialect is where the SQL of the two engines differs.
type dialect struct {
	// name is the folder of the migrations.
	name string
	// shared is whether other processes may write to the same store.
	shared bool
	// hasTable asks whether the table $1 is there.
	hasTable string
	// lockSchema keeps other processes from migrating at the same time; "" where there are none.
	lockSchema string
	// lockLog makes the numbers of the revocation log ascend in the order of the commits; "" where they do so anyway.
	lockLog string
	// forUpdate, behind a select, keeps other transactions from changing its rows; "" where there are none.
	forUpdate string
	// skipLocked, behind a select, locks its rows, and passes by those that another transaction has locked.
	skipLocked string
	// position is the function that tells where in a text, counted from 1, another one begins; 0 is nowhere.
	position string
	// jsonText is a member of a JSON object, as text.
	jsonText func(column, name string) string
}

// Close waits for the writes that are under way, refuses later ones, and closes the database.
func (s *Store) Close() error { return s.close() }

// Shared is session.Store's.
func (s *Store) Shared() bool { return s.dialect().shared }

// Ping reports whether the store answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ping(ctx); err != nil {
		return silent(err)
	}
	return nil
}

// Write runs fn in a transaction and returns after the commit is durable. An error of fn undoes what fn did and comes
// back as it is; any other error means that nothing of it was kept, but for one: when PostgreSQL is lost while it commits,
// fault.Unavailable comes back, and nobody knows. fn may be called again after it lost a race.
//
// Once fn has started, ctx does not stop it: whoever gives up early would not know whether it was kept.
func (s *Store) Write(ctx context.Context, fn func(tx *Tx) error) error { return s.write(ctx, fn) }

// statements are the queries that are known beforehand. They are parsed once, so that a mistake in one shows when the store
// is opened and not later.
var statements = []string{
	organizationByKey, organizationBySlug, customerByKey, customerByExternalID, countCustomers, memberByKey, memberByExternalID, ownerByCustomer,
	accessTokenByKey, sessionByKey, entryByKey, endOfHolder, emailUpdateByKey, codeByHash, liveCodes,
	revocationsAfter, namedRevocations, lastRevocation,
	endpointByKey, dueWatches, dueEndpoints, dueDeliveries,
}

// row is what a query for one row scans.
type row interface{ Scan(dest ...any) error }

// rows is what a query for several rows scans.
type rows interface {
	row
	Next() bool
	Err() error
	Close()
}

// find scans one row, and reports false when there is none.
func find[T any](r row, scan func(row) (T, error)) (T, bool, error) {
	v, err := scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// all scans every row.
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

// uuid collects a key and a tail from a row.
type uuid struct {
	key  token.Key
	tail int64
}

func (u uuid) id() token.ID { return token.IDOf(u.key, u.tail) }

func micros(t time.Time) int64 { return t.UnixMicro() }

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// microsOrNull is nil for no time.
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

// hashOf copies a hash out of a row; a hash of another length can match no token.
func hashOf(b []byte) (h token.Hash) {
	if len(b) == len(h) {
		copy(h[:], b)
	}
	return h
}
