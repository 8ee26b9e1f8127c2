package postern

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// errBackend is a configuration that names no place to keep things, or two.
var errBackend = errors.New("name either a data directory (--data) or a database (--database-url)")

// Init makes the store where it is missing, and leaves what is there alone: in a data directory with its secret, which it
// refuses to replace when it is lost; in a database with its schema, and with nothing else.
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
	if !store.HasSQLite(c.DataDir) { // the secret comes first: a store is never seen without one
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return fmt.Errorf("the data directory cannot be made: %w", err)
		}
		if err := makeSecret(c.DataDir); err != nil {
			return err
		}
	}
	if _, err := readSecrets(c.DataDir); err != nil {
		return err
	}
	s, err := store.OpenSQLite(ctx, c.DataDir)
	if err != nil {
		return err
	}
	return s.Close()
}

// Migrate brings a database's schema up to date. [Open] does it too, where its role may; a role that may not needs somebody
// who has done it before.
func Migrate(ctx context.Context, databaseURL string) error {
	s, err := store.OpenPostgres(ctx, databaseURL)
	if err != nil {
		return err
	}
	return s.Close()
}

// open opens what [Init] made.
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
	if !store.HasSQLite(c.DataDir) {
		return nil, nil, fmt.Errorf("%w %s: make one with postern init --data %s --organization NAME", ErrNoStore, c.DataDir, c.DataDir)
	}
	secrets, err := readSecrets(c.DataDir)
	if err != nil {
		return nil, nil, err
	}
	s, err := store.OpenSQLite(ctx, c.DataDir)
	return s, secrets, err
}
