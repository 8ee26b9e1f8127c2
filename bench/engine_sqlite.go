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

// sqliteBaseline uses one connection with the same settings as the store's writing connection.
type sqliteBaseline struct {
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

func newSQLite(ctx context.Context) (*engine, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	e := &engine{
		name:   "SQLite",
		config: postern.Config{DataDir: dir, RateLimits: "off"},
		open: func(ctx context.Context) (*store.Store, error) {
			return store.OpenSQLite(ctx, dir, store.SQLiteOptions{})
		},
		drop: func() { os.RemoveAll(dir) },
	}
	b, err := newSQLiteBaseline(ctx, e)
	if err != nil {
		e.drop()
		return nil, err
	}
	e.baseline = b
	e.drop = func() {
		b.db.Close()
		os.RemoveAll(dir)
	}
	return e, nil
}

func newSQLiteBaseline(ctx context.Context, e *engine) (*sqliteBaseline, error) {
	if err := postern.Init(ctx, e.config); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.config.DataDir, "postern.db")+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-16384)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	b := &sqliteBaseline{db: db}
	var insertErr, redeemErr error
	b.insert, insertErr = db.PrepareContext(ctx, insertSession)
	b.redeem, redeemErr = db.PrepareContext(ctx, deleteCode)
	return b, errors.Join(insertErr, redeemErr)
}

func (b *sqliteBaseline) commits(context.Context) (int64, error) { return sqliteCommits.Load(), nil }

func (b *sqliteBaseline) insertGroup(ctx context.Context, rows []row) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, redeem := tx.StmtContext(ctx, b.insert), tx.StmtContext(ctx, b.redeem)
	for _, r := range rows {
		if r.code != nil {
			if _, err := redeem.ExecContext(ctx, r.code); err != nil {
				return err
			}
		}
		if _, err := insert.ExecContext(ctx, r.args()...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (b *sqliteBaseline) insertOne(ctx context.Context, r row) error {
	return b.insertGroup(ctx, []row{r})
}
