package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
)

// engine is an empty database of one engine, with a baseline that writes to it.
type engine struct {
	name string
	// config configures a server on the database. open opens only the store.
	config   postern.Config
	open     func(ctx context.Context) (*store.Store, error)
	baseline baseline
	// drop deletes the database.
	drop func()
}

// baseline inserts the same rows into the same tables as Postern, with plain SQL and without Postern's other work.
type baseline interface {
	// commits returns the number of committed transactions so far, including the transactions of Postern.
	commits(ctx context.Context) (int64, error)
	// insertGroup inserts all rows in one transaction.
	insertGroup(ctx context.Context, rows []row) error
	// insertOne inserts one row in its own transaction.
	insertOne(ctx context.Context, r row) error
}

// row is a session to insert. code is the hash of the login code that the same transaction deletes; nil means none.
type row struct {
	session.Entry
	code []byte
}

const (
	insertSession = `INSERT INTO sessions (key, tail, kind, organization, customer, member,
		organization_generation, customer_generation, member_generation, hash, secret, return_url, read_only, idle_timeout,
		created_at, expires_at, seen_at, creator, metadata, created_ip, created_agent, seen_ip, seen_agent, end_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, '{}', $18, $19, '', '', '')`
	deleteCode = `DELETE FROM login_codes WHERE hash = $1`
)

func (r *row) args() []any {
	return []any{
		int64(r.ID.Key()), r.ID.Tail(), string(r.Kind), int64(r.Organization), int64(r.Customer), int64(r.Member),
		int64(r.Generations.Organization), int64(r.Generations.Customer), int64(r.Generations.Member), r.Hash[:], int64(r.Secret), r.ReturnURL,
		r.ReadOnly, r.IdleTimeout.Microseconds(), r.CreatedAt.UnixMicro(), r.ExpiresAt.UnixMicro(), int64(r.Creator), r.CreatedBy.IP, r.CreatedBy.UserAgent,
	}
}

// onEachEngine runs a benchmark on SQLite. It also runs the benchmark on PostgreSQL if a server is configured.
func onEachEngine(measure func(e *engine, ctx context.Context) ([]result, error)) ([]result, error) {
	var results []result
	for _, open := range []func(context.Context) (*engine, error){newSQLite, newPostgres} {
		r, err := onEngine(open, measure)
		if err != nil {
			return nil, err
		}
		results = append(results, r...)
	}
	return results, nil
}

func onEngine(open func(context.Context) (*engine, error), measure func(e *engine, ctx context.Context) ([]result, error)) ([]result, error) {
	ctx := context.Background()
	e, err := open(ctx)
	if e == nil || err != nil {
		return nil, err
	}
	defer e.drop()
	results, err := measure(e, ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.name, err)
	}
	return results, nil
}

// callers is the number of concurrent callers.
const callers = 32

// inParallel calls do for each i from 0 to n-1, from all callers concurrently. It stops at the first error and returns it.
func inParallel(n int, do func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < n && failed.Load() == nil; i = int(next.Add(1) - 1) {
				if err := do(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
