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

// ground is an empty store on one of the engines, and a floor under it.
type ground struct {
	engine string
	// config is where a Postern finds it, and open opens the store alone.
	config postern.Config
	open   func(ctx context.Context) (*store.Store, error)
	floor  floor
	// drop leaves nothing of it.
	drop func()
}

// floor writes to the same tables what Postern writes, and does nothing besides.
type floor interface {
	// commits is how many transactions have written by now, Postern's included.
	commits(ctx context.Context) (int64, error)
	// together keeps all of the rows in one transaction.
	together(ctx context.Context, rows []kept) error
	// alone keeps a row in a transaction of its own.
	alone(ctx context.Context, row kept) error
}

// kept is a session to keep, and the hash of the login code that it uses up; nil for none.
type kept struct {
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

func (k *kept) args() []any {
	return []any{
		int64(k.ID.Key()), k.ID.Tail(), string(k.Kind), int64(k.Organization), int64(k.Customer), int64(k.Member),
		int64(k.Generations.Organization), int64(k.Generations.Customer), int64(k.Generations.Member), k.Hash[:], int64(k.Secret), k.ReturnURL,
		k.ReadOnly, k.IdleTimeout.Microseconds(), k.CreatedAt.UnixMicro(), k.ExpiresAt.UnixMicro(), int64(k.Creator), k.CreatedBy.IP, k.CreatedBy.UserAgent,
	}
}

// onGrounds measures on every engine that there is here. Without a PostgreSQL its leg is left out, and the report says so.
func onGrounds(measure func(g *ground, ctx context.Context) ([]result, error)) ([]result, error) {
	var results []result
	for _, open := range []func(context.Context) (*ground, error){sqliteGround, postgresGround} {
		r, err := onGround(open, measure)
		if err != nil {
			return nil, err
		}
		results = append(results, r...)
	}
	return results, nil
}

func onGround(open func(context.Context) (*ground, error), measure func(g *ground, ctx context.Context) ([]result, error)) ([]result, error) {
	ctx := context.Background()
	g, err := open(ctx)
	if g == nil || err != nil {
		return nil, err
	}
	defer g.drop()
	results, err := measure(g, ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.engine, err)
	}
	return results, nil
}

// callers is how many ask at the same time.
const callers = 32

// inParallel does everything from 0 to n, with all callers; the first error ends it.
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
