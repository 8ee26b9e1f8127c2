package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// Errors of [Open], for errors.Is.
var (
	// ErrNoStore means that the data directory contains no store.
	ErrNoStore = errors.New("no store in data directory")
	// ErrInUse means that another process has opened the data directory.
	ErrInUse = store.ErrInUse
)

// errBackend means that a configuration has neither a data directory nor a database, or has both.
var errBackend = errors.New("configure either a data directory (--data) or a database (--database-url)")

// Init creates the store if it does not exist. An existing store stays unchanged. In a data directory, Init also creates the
// secret file; it returns an error if the store exists and its secret file does not. In a database, Init creates the schema.
func Init(ctx context.Context, c Config) error {
	switch {
	case (c.DataDir == "") == (c.DatabaseURL == ""):
		return errBackend
	case c.DatabaseURL != "":
		if _, err := databaseSecrets(c.Secrets); err != nil {
			return err
		}
		return Migrate(ctx, c.DatabaseURL)
	}
	if !store.HasSQLite(c.DataDir) { // create the secret first, because a store must never exist without its secret
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return fmt.Errorf("create data directory: %w", err)
		}
		if err := createSecret(c.DataDir); err != nil {
			return err
		}
	}
	if _, err := readSecrets(c.DataDir); err != nil {
		return err
	}
	s, err := store.OpenSQLite(ctx, c.DataDir, store.SQLiteOptions{Unsynced: c.Unsynced})
	if err != nil {
		return err
	}
	return s.Close()
}

// Migrate updates the schema of a PostgreSQL database. [Open] does so too if its database role has the permission.
func Migrate(ctx context.Context, databaseURL string) error {
	s, err := store.OpenPostgres(ctx, databaseURL)
	if err != nil {
		return err
	}
	return s.Close()
}

// open opens the store that [Init] created.
func (c *Config) open(ctx context.Context) (*store.Store, *token.Secrets, error) {
	switch {
	case (c.DataDir == "") == (c.DatabaseURL == ""):
		return nil, nil, errBackend
	case c.DatabaseURL != "":
		secrets, err := databaseSecrets(c.Secrets)
		if err != nil {
			return nil, nil, err
		}
		s, err := store.OpenPostgres(ctx, c.DatabaseURL)
		return s, secrets, err
	}
	if err := hasStore(c.DataDir); err != nil {
		return nil, nil, err
	}
	secrets, err := readSecrets(c.DataDir)
	if err != nil {
		return nil, nil, err
	}
	s, err := store.OpenSQLite(ctx, c.DataDir, store.SQLiteOptions{Unsynced: c.Unsynced})
	return s, secrets, err
}

// hasStore returns an error if the data directory has no store, or if this process cannot see it.
func hasStore(dir string) error {
	err := store.StatSQLite(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w %s; create one with: postern init --data %s --organization SLUG", ErrNoStore, dir, dir)
	case err != nil:
		return fmt.Errorf("read data directory: %w; run postern as the user who owns the directory", err)
	}
	return nil
}
