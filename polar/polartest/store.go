package polartest

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
)

// Names of the files in a data directory.
const (
	databaseFile = "postern.db"
	secretFile   = "secret"
)

// emptyDatabase returns the database of an empty store. It creates the database only once, because that takes longer than the
// rest of [New].
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

// newStore creates a store with a new secret.
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
