package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// pgLocks holds PostgreSQL advisory locks, all on one connection. PostgreSQL frees the locks when the connection breaks or the
// process ends. A process must not take the same lock twice, because PostgreSQL would grant it a second time.
type pgLocks struct {
	pool *pgxpool.Pool
	mu   sync.Mutex
	conn *pgxpool.Conn
	held int
}

// lockTimeout is the timeout of a statement that takes or frees a lock.
const lockTimeout = 5 * time.Second

func (l *pgLocks) lock(ctx context.Context, number int64) (release func(), locked bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil || l.conn.Conn().IsClosed() {
		l.drop()
		if l.conn, err = l.pool.Acquire(ctx); err != nil {
			return nil, false, pgFault(err)
		}
	}
	conn := l.conn
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, number).Scan(&locked); err != nil || !locked {
		if l.held == 0 || err != nil {
			l.drop()
		}
		return nil, false, pgFault(err)
	}
	l.held++
	return func() { l.unlock(conn, number) }, true, nil
}

func (l *pgLocks) unlock(conn *pgxpool.Conn, number int64) {
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if conn != l.conn {
		return // the connection broke, which freed its locks
	}
	l.held--
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, number); err != nil || l.held == 0 {
		l.drop()
	}
}

// release frees all locks.
func (l *pgLocks) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
}

// drop returns the connection to the pool. If the connection still holds locks, drop closes it, which frees the locks.
func (l *pgLocks) drop() {
	if l.conn == nil {
		return
	}
	if l.held > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
		defer cancel()
		// Errors do not matter: if the connection is broken, the server frees the locks.
		_, _ = l.conn.Exec(ctx, `SELECT pg_advisory_unlock_all()`)
		_ = l.conn.Conn().Close(ctx)
	}
	l.conn.Release()
	l.conn, l.held = nil, 0
}
