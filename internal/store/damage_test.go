package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/storetest"
	"github.com/postern-go/postern/internal/token"
)

// damaged copies a closed store, and spoils its database.
func damaged(t *testing.T, whole []byte, spoil func([]byte) []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "postern.db"), spoil(append([]byte(nil), whole...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func wholeStore(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 50 {
		if err := s.Write(t.Context(), func(tx *store.Tx) error {
			return keep(t.Context(), tx, fmt.Sprint("org", i), token.Key(i))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "postern.db"))
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func TestDamagedStoreIsRefused(t *testing.T) {
	whole := wholeStore(t)
	for name, spoil := range map[string]func([]byte) []byte{
		"cut in the header":  func(b []byte) []byte { return b[:50] },
		"cut after one page": func(b []byte) []byte { return b[:4096] },
		"a wiped header":     func(b []byte) []byte { clear(b[:100]); return b },
		"a wiped schema":     func(b []byte) []byte { clear(b[100:4096]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := damaged(t, whole, spoil)
			s, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			if _, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{}); err == nil || err == store.ErrInUse {
				t.Errorf("the second time: %v; the lock must have been given back", err)
			}
		})
	}
}

// Damage that is met later is an error of whoever meets it, never a panic.
func TestDamageIsNeverAPanic(t *testing.T) {
	whole := wholeStore(t)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := damaged(t, whole, func(b []byte) []byte {
			for range 1 + random.IntN(200) {
				b[random.IntN(len(b))] = byte(random.Uint32())
			}
			return b
		})
		s, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{})
		if err != nil {
			continue
		}
		use(s)
		s.Close()
	}
}

// use asks a store for everything, whatever it answers.
func use(b storetest.Backend) {
	ctx := context.Background()
	for i := range token.Key(60) {
		o, found, err := b.Organization(ctx, i)
		_, _, _ = b.OrganizationBySlug(ctx, fmt.Sprint("org", i))
		_, _, _ = b.AccessToken(ctx, i)
		_, _, _ = b.Customer(ctx, i)
		_, _, _ = b.Session(ctx, i)
		if found && err == nil {
			_, _, _ = b.CustomerByExternalID(ctx, o.ID.Key(), "x")
		}
	}
}
