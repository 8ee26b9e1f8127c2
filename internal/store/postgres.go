package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// minPostgres is the oldest major version of PostgreSQL that its developers still maintain.
const minPostgres = 14

// Errors of [OpenPostgres], for errors.Is.
var (
	ErrDatabaseURL         = errors.New("database URL is invalid; write it as postgres://user:password@host:5432/database")
	ErrDatabaseUnreachable = errors.New("cannot connect to the database")
	ErrDatabaseTooOld      = errors.New("PostgreSQL is too old")
	ErrSchema              = errors.New("cannot update the database schema")
)

// OpenPostgres opens the store in a database, and creates or updates its schema. databaseURL is a connection URL of libpq
// (https://www.postgresql.org/docs/current/libpq-connect.html). Errors never contain the URL, because it may contain a
// password.
func OpenPostgres(ctx context.Context, databaseURL string) (*Store, error) {
	s, err := openPostgres(ctx, databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return s, nil
}

func openPostgres(ctx context.Context, databaseURL string) (*Store, error) {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, ErrDatabaseURL
	}
	e := newPostgres(pool)
	if err := e.check(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	s := &Store{engine: e, now: time.Now}
	s.SetMetrics(nil)
	if err = migrate(ctx, s); err == nil {
		err = e.prepare(ctx)
	}
	if err != nil {
		if _, refused := errors.AsType[versionError](err); !refused {
			err = fmt.Errorf("%w: %w; run postern migrate with a role that owns the schema", ErrSchema, err)
		}
		return nil, errors.Join(err, e.close())
	}
	return s, nil
}

// postgresConfig parses the URL and sets timeouts of statements, locks, transactions and connection attempts, unless the URL sets
// them.
func postgresConfig(databaseURL string) (*pgxpool.Config, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, ErrDatabaseURL
	}
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, ErrDatabaseURL // the parser's error may contain the password
	}
	set := config.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name": "postern", "statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s",
	} {
		if _, given := set[name]; !given {
			set[name] = value
		}
	}
	if !u.Query().Has("connect_timeout") {
		config.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	if !u.Query().Has("pool_max_conns") {
		config.MaxConns = 16
	}
	return config, nil
}

// postgres is the engine of a store that several processes can share.
type postgres struct {
	pgQuerier
	pool *pgxpool.Pool
	// inserts and lookups combine concurrent calls into one statement.
	inserts *group[*sessionInsert]
	lookups *group[*sessionLookup]
	*pgLocks
}

func newPostgres(pool *pgxpool.Pool) *postgres {
	e := &postgres{pgQuerier: pgQuerier{pool}, pool: pool, pgLocks: &pgLocks{pool: pool}}
	e.inserts = newGroup(1, e.insertSessions)
	e.lookups = newGroup(2, e.lookUpSessions)
	return e
}

// check returns an error if the server is unreachable or too old. The error states what the operator can do.
func (e *postgres) check(ctx context.Context) error {
	var text string
	if err := e.queryRow(ctx, `SHOW server_version_num`).Scan(&text); err != nil {
		return fmt.Errorf("%w: %s; check that the server runs and that host, port, user and password are right", ErrDatabaseUnreachable, shortCause(err))
	}
	if version, err := strconv.Atoi(text); err != nil || version < minPostgres*10000 {
		return fmt.Errorf("%w (version %d, want ≥ %d); upgrade PostgreSQL", ErrDatabaseTooOld, version/10000, minPostgres)
	}
	return nil
}

// shortCause returns the reason why a connection failed. It omits the connection settings that pgx adds to its errors.
func shortCause(err error) string {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return server.Message
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the server did not respond in time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}

// prepare prepares all queries on one connection, to detect mistakes. The other connections prepare a query when they first use
// it.
func (e *postgres) prepare(ctx context.Context) error {
	return e.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		for _, query := range statements {
			if _, err := c.Conn().Prepare(ctx, query, query); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *postgres) dialect() dialect {
	return dialect{
		name:       "postgres",
		shared:     true,
		hasTable:   `SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1)`,
		lockSchema: `SELECT pg_advisory_xact_lock(` + schemaLock + `)`,
		lockLog:    `SELECT pg_advisory_xact_lock(` + logLock + `)`,
		forUpdate:  ` FOR NO KEY UPDATE`,
		skipLocked: ` FOR UPDATE SKIP LOCKED`,
		position:   "strpos",
	}
}

// The numbers of Postern's advisory locks. The numbers must never change, because servers of different versions share the
// locks.
const (
	schemaLock = "7209371160001"
	logLock    = "7209371160002"
)

// scanner returns the whole pool. Lists use at most a quarter of its connections.
func (e *postgres) scanner() (querier, int) {
	return e.pgQuerier, max(2, int(e.pool.Config().MaxConns)/4)
}

func (e *postgres) ping(ctx context.Context) error { return e.pool.Ping(ctx) }

func (e *postgres) close() error {
	e.inserts.close()
	e.lookups.close()
	e.release()
	e.pool.Close()
	return nil
}

// pgQuerier runs queries on a pool or in a transaction.
type pgQuerier struct{ db pgDB }

// pgDB is the common interface of a pool and a transaction.
type pgDB interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

func (q pgQuerier) queryRow(ctx context.Context, query string, args ...any) row {
	return pgRow{q.db.QueryRow(ctx, query, args...)}
}

func (q pgQuerier) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := q.db.Query(ctx, query, args...)
	return pgRows{r}, pgFault(err)
}

func (q pgQuerier) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if len(args) == 0 {
		args = []any{pgx.QueryExecModeSimpleProtocol} // a schema file has several statements, which only the simple protocol accepts
	}
	tag, err := q.db.Exec(ctx, query, args...)
	return tag.RowsAffected(), pgFault(err)
}

// sessionByKey queues a lookup and waits until the lookups of its group are done. If ctx ends, the lookup continues for the
// other callers.
func (e *postgres) sessionByKey(ctx context.Context, key token.Key) (session.Record, bool, error) {
	job := &sessionLookup{key: key, done: make(chan struct{})}
	if err := e.lookups.add(ctx, job); err != nil {
		return session.Record{}, false, err
	}
	select {
	case <-job.done:
		return job.record, job.found, job.err
	case <-ctx.Done():
		return session.Record{}, false, ctx.Err()
	}
}

// insertSession queues an insert and waits for the commit of its group.
func (e *postgres) insertSession(ctx context.Context, entry session.Entry) (bool, error) {
	job := &sessionInsert{ctx: ctx, entry: entry, done: make(chan struct{})}
	if err := e.inserts.add(ctx, job); err != nil {
		return false, err
	}
	<-job.done
	return job.inserted, job.err
}
