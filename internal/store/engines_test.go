package store_test

import (
	"testing"

	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/pgtest"
)

// onBothLocations runs a test on both engines. Each call of open opens the same store.
func onBothLocations(t *testing.T, test func(t *testing.T, open func() (*store.Store, error))) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		test(t, func() (*store.Store, error) { return store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{}) })
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.URL(t)
		test(t, func() (*store.Store, error) { return store.OpenPostgres(t.Context(), url) })
	})
}

// onBothEngines runs a test with an empty store of each engine.
func onBothEngines(t *testing.T, test func(t *testing.T, s *store.Store)) {
	onBothLocations(t, func(t *testing.T, open func() (*store.Store, error)) {
		s, err := open()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		test(t, s)
	})
}
