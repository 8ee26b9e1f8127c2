package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/storetest"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend { return open(t, t.TempDir()) })
}

// A commit waits for the disk by default, and does not with the option Unsynced.
func TestSQLiteCommitsAreSynced(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    store.SQLiteOptions
		want int
	}{
		{"full", store.SQLiteOptions{}, 2},
		{"off", store.SQLiteOptions{Unsynced: true}, 0},
	} {
		s, err := store.OpenSQLite(t.Context(), t.TempDir(), tt.o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var got int
		err = s.Write(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(t.Context(), `PRAGMA synchronous`).Scan(&got) })
		if err != nil || got != tt.want {
			t.Errorf("%s: %d %v, wanted %d", tt.name, got, err, tt.want)
		}
	}
}

func TestSQLiteStoreOpensOnlyOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opening the store twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestSQLiteRefusesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "postern.db"), []byte(strings.Repeat("this is not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{}); err == nil {
		t.Error("a text file was opened as a store")
	}
}

func TestSQLiteFilePermissions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a dir? with #odd %41 names")
	s := open(t, dir)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postern.db", "postern.db-wal", "postern.lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, wanted 600", name, info.Mode().Perm())
		}
	}
	if !store.HasSQLite(dir) || store.HasSQLite(t.TempDir()) {
		t.Error("HasSQLite is wrong")
	}
	s.Close()
	if err := s.Write(t.Context(), func(*store.Tx) error { return nil }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a write after Close: %v", err)
	}
}

// A closed store is a single file, so that a copy of the file is complete.
func TestCloseRemovesTheWriteAheadLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "acme", 1) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "postern.db-wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the -wal file of a closed store: %v, wanted none", err)
	}
}
