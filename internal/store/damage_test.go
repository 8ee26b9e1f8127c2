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

// damagedCopy copies a closed store and damages the copy.
func damagedCopy(t *testing.T, whole []byte, damage func([]byte) []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "postern.db"), damage(append([]byte(nil), whole...)), 0o600); err != nil {
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
			return insert(t.Context(), tx, fmt.Sprint("org", i), token.Key(i))
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
	for name, damage := range map[string]func([]byte) []byte{
		"cut in the header":  func(b []byte) []byte { return b[:50] },
		"cut after one page": func(b []byte) []byte { return b[:4096] },
		"a wiped header":     func(b []byte) []byte { clear(b[:100]); return b },
		"a wiped schema":     func(b []byte) []byte { clear(b[100:4096]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := damagedCopy(t, whole, damage)
			s, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{})
			if err == nil {
				s.Close()
				t.Fatal("the damaged store was opened")
			}
			if _, err := store.OpenSQLite(t.Context(), dir, store.SQLiteOptions{}); err == nil || err == store.ErrInUse {
				t.Errorf("the second attempt: %v; the first must have released the lock", err)
			}
		})
	}
}

// Damage that is found after opening causes errors, not panics.
func TestDamagedStoreDoesNotPanic(t *testing.T) {
	whole := wholeStore(t)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := damagedCopy(t, whole, func(b []byte) []byte {
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

// use calls the reads of a store and ignores the results.
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
