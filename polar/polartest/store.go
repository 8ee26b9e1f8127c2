package polartest

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
)

// The files of a data directory.
const (
	databaseFile = "postern.db"
	secretFile   = "secret"
)

// emptyDatabase is the database of a store in which nothing is yet. To make one takes longer than all the rest of [New].
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "polartest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := server.Init(context.Background(), server.Config{DataDir: dir}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, databaseFile))
})

// newStore makes a store with a secret of its own.
func newStore(dir string) error {
	database, err := emptyDatabase()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, secretFile), []byte(token.NewSecret()+"\n"), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, databaseFile), database, 0o600)
}
