package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/store"
)

// postgresVariable is the name of an environment variable. Its value is the postgres:// URL of a role that may create
// databases.
const postgresVariable = "POSTERN_TEST_POSTGRES"

// postgresBaseline uses as many connections as the store.
type postgresBaseline struct{ pool *pgxpool.Pool }

// newPostgres creates a database on the configured server. It returns nil if no server is configured.
func newPostgres(ctx context.Context) (*engine, error) {
	server := os.Getenv(postgresVariable)
	if server == "" {
		fmt.Println("PostgreSQL is skipped: set " + postgresVariable + " to the URL of a server")
		return nil, nil
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL", postgresVariable)
	}
	name := "bench_" + strings.ToLower(rand.Text())
	if err := onServer(ctx, server, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return nil, err
	}
	u.Path = "/" + name
	drop := func() { onServer(context.Background(), server, "DROP DATABASE "+name+" WITH (FORCE)") }
	e := &engine{
		name:   "PostgreSQL",
		config: postern.Config{DatabaseURL: u.String(), Secrets: []string{postern.NewSecret()}, RateLimits: "off"},
		open:   func(ctx context.Context) (*store.Store, error) { return store.OpenPostgres(ctx, u.String()) },
	}
	b, err := newPostgresBaseline(ctx, e)
	if err != nil {
		drop()
		return nil, err
	}
	e.baseline = b
	e.drop = func() {
		b.pool.Close()
		drop()
	}
	return e, nil
}

func newPostgresBaseline(ctx context.Context, e *engine) (*postgresBaseline, error) {
	if err := postern.Migrate(ctx, e.config.DatabaseURL); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(e.config.DatabaseURL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(ctx, config)
	return &postgresBaseline{pool}, err
}

func onServer(ctx context.Context, server, statement string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("%s: %w", postgresVariable, err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// commits counts the transactions that have inserted a session.
func (b *postgresBaseline) commits(ctx context.Context) (n int64, err error) {
	err = b.pool.QueryRow(ctx, `SELECT count(DISTINCT xmin::text) FROM sessions`).Scan(&n)
	return n, err
}

// insertGroup inserts all rows with one statement. Only COPY would be faster.
func (b *postgresBaseline) insertGroup(ctx context.Context, rows []row) error {
	columns, codes := toColumns(rows)
	if codes != nil {
		return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `DELETE FROM login_codes WHERE hash = ANY($1)`, codes); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, insertSessions, columns...)
			return err
		})
	}
	_, err := b.pool.Exec(ctx, insertSessions, columns...)
	return err
}

const insertSessions = `INSERT INTO sessions (key, tail, kind, organization, customer, member,
	organization_generation, customer_generation, member_generation, hash, secret, return_url, read_only, idle_timeout,
	created_at, expires_at, creator, created_ip, created_agent, seen_at, metadata, seen_ip, seen_agent, end_reason)
	SELECT *, 0, '{}', '', '', '' FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bigint[], $12::text[], $13::boolean[], $14::bigint[],
	$15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::text[])`

// toColumns converts rows to one slice for each column, and returns the hashes of their login codes.
func toColumns(rows []row) (columns []any, codes [][]byte) {
	for i := range rows {
		for column, v := range rows[i].args() {
			if i == 0 {
				columns = append(columns, emptyColumn(v))
			}
			switch list := columns[column].(type) {
			case []int64:
				columns[column] = append(list, v.(int64))
			case []string:
				columns[column] = append(list, v.(string))
			case []bool:
				columns[column] = append(list, v.(bool))
			case [][]byte:
				columns[column] = append(list, v.([]byte))
			}
		}
		if rows[i].code != nil {
			codes = append(codes, rows[i].code)
		}
	}
	return columns, codes
}

// emptyColumn returns an empty slice for values of the type of v.
func emptyColumn(v any) any {
	switch v.(type) {
	case int64:
		return []int64{}
	case string:
		return []string{}
	case bool:
		return []bool{}
	}
	return [][]byte{}
}

func (b *postgresBaseline) insertOne(ctx context.Context, r row) error {
	if r.code == nil {
		_, err := b.pool.Exec(ctx, insertSession, r.args()...)
		return err
	}
	return pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, deleteCode, r.code); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, insertSession, r.args()...)
		return err
	})
}
