package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"

	"modernc.org/sqlite"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/store"
)

// sqliteFloor is one connection with the settings of the store's own.
type sqliteFloor struct {
	db             *sql.DB
	insert, redeem *sql.Stmt
}

var sqliteCommits atomic.Int64

func init() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, _ string) error {
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			sqliteCommits.Add(1)
			return 0
		})
		return nil
	})
}

func sqliteGround(ctx context.Context) (*ground, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	g := &ground{
		engine: "SQLite",
		config: postern.Config{DataDir: dir, RateLimits: postern.RateLimitsOff()},
		open:   func(ctx context.Context) (*store.Store, error) { return store.OpenSQLite(ctx, dir) },
		drop:   func() { os.RemoveAll(dir) },
	}
	f, err := newSQLiteFloor(ctx, g)
	if err != nil {
		g.drop()
		return nil, err
	}
	g.floor = f
	g.drop = func() {
		f.db.Close()
		os.RemoveAll(dir)
	}
	return g, nil
}

func newSQLiteFloor(ctx context.Context, g *ground) (*sqliteFloor, error) {
	if err := postern.Init(ctx, g.config); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(g.config.DataDir, "postern.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	f := &sqliteFloor{db: db}
	var failed, failedToo error
	f.insert, failed = db.PrepareContext(ctx, insertSession)
	f.redeem, failedToo = db.PrepareContext(ctx, deleteCode)
	return f, errors.Join(failed, failedToo)
}

func (f *sqliteFloor) commits(context.Context) (int64, error) { return sqliteCommits.Load(), nil }

func (f *sqliteFloor) together(ctx context.Context, rows []kept) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, redeem := tx.StmtContext(ctx, f.insert), tx.StmtContext(ctx, f.redeem)
	for _, row := range rows {
		if row.code != nil {
			if _, err := redeem.ExecContext(ctx, row.code); err != nil {
				return err
			}
		}
		if _, err := insert.ExecContext(ctx, row.args()...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (f *sqliteFloor) alone(ctx context.Context, row kept) error {
	return f.together(ctx, []kept{row})
}
