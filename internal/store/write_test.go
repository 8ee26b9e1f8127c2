package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// insert inserts an organization with the slug.
func insert(ctx context.Context, tx *store.Tx, slug string, key token.Key) error {
	return tx.Exec(ctx, `INSERT INTO organizations (key, tail, slug, name, member_model, created_at) VALUES ($1, 0, $2, $2, 1, 0)`, key, slug)
}

func exists(t *testing.T, s *store.Store, slug string) bool {
	t.Helper()
	_, found, err := s.OrganizationBySlug(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// writeTogether runs the writes in one commit. They are queued behind another write that waits for them.
func writeTogether(t *testing.T, s *store.Store, writes ...func() error) []error {
	t.Helper()
	begun, proceed := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Write(context.Background(), func(*store.Tx) error { close(begun); <-proceed; return nil }); err != nil {
			t.Errorf("the write before the group: %v", err)
		}
	})
	<-begun
	errs := make([]error, len(writes))
	for i, write := range writes {
		wg.Go(func() { errs[i] = write() })
	}
	close(proceed)
	wg.Wait()
	return errs
}

func TestFailedWriteIsRolledBackAlone(t *testing.T) {
	s := open(t, t.TempDir())
	failure := errors.New("error of the write")
	errs := writeTogether(t, s,
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "good", 1) })
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				return errors.Join(insert(t.Context(), tx, "bad", 2), failure)
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				if err := insert(t.Context(), tx, "panics", 3); err != nil {
					return err
				}
				panic("panic of the write")
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "too", 4) })
		},
	)
	if errs[0] != nil || errs[3] != nil {
		t.Errorf("good writes returned %v and %v", errs[0], errs[3])
	}
	if !errors.Is(errs[1], failure) {
		t.Errorf("the failed write returned %v", errs[1])
	}
	if errs[2] == nil || !strings.Contains(errs[2].Error(), "panic of the write") {
		t.Errorf("the write that panicked returned %v", errs[2])
	}
	for slug, want := range map[string]bool{"good": true, "too": true, "bad": false, "panics": false} {
		if exists(t, s, slug) != want {
			t.Errorf("%s exists: %v, wanted %v", slug, !want, want)
		}
	}
}

// A write whose context is canceled after its start still commits and returns its result.
func TestStartedWriteIgnoresCancellation(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Write(ctx, func(tx *store.Tx) error {
		cancel()
		return insert(ctx, tx, "begun", 1)
	})
	if err != nil || !exists(t, s, "begun") {
		t.Errorf("a started write: %v, committed %v", err, exists(t, s, "begun"))
	}
	err = s.Write(ctx, func(tx *store.Tx) error { return insert(ctx, tx, "late", 2) })
	if !errors.Is(err, context.Canceled) || exists(t, s, "late") {
		t.Errorf("a write with a canceled context: %v, committed %v", err, exists(t, s, "late"))
	}
}

// If the rollback of one write fails, no write of the group may report success without being committed.
func TestFailedRollbackFailsTheGroup(t *testing.T) {
	s := open(t, t.TempDir())
	errs := writeTogether(t, s,
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "one", 1) })
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				if err := insert(t.Context(), tx, "lost", 2); err != nil {
					return err
				}
				return errors.Join(tx.Exec(t.Context(), "ROLLBACK"), errors.New("the engine has rolled back"))
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "three", 3) })
		},
	)
	for i, slug := range []string{"one", "lost", "three"} {
		if (errs[i] == nil) != exists(t, s, slug) {
			t.Errorf("%s returned %v, but committed is %v", slug, errs[i], exists(t, s, slug))
		}
	}
	if !fault.Is(errs[1], fault.Unavailable) {
		t.Errorf("the lost write returned %v", errs[1])
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return insert(t.Context(), tx, "after", 4) }); err != nil || !exists(t, s, "after") {
		t.Errorf("the next write: %v", err)
	}
}

func TestReopenedStoreIsComplete(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 300 { // more than one group
		if err := s.Write(t.Context(), func(tx *store.Tx) error {
			return insert(t.Context(), tx, "org"+strings.Repeat("x", i), token.Key(i))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	for i := range 300 {
		if o, found, err := s.Organization(t.Context(), token.Key(i)); err != nil || !found || o.ID != token.IDOf(token.Key(i), 0) {
			t.Fatalf("organization %d: %+v, %v, %v", i, o, found, err)
		}
	}
}

// Close waits for queued writes. Later writes return fault.Unavailable, and none blocks.
func TestCloseDuringWrites(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	const writers = 50
	errs, begun := make([]error, writers), make(chan struct{}, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			begun <- struct{}{}
			_, errs[i] = s.InsertOrganization(context.Background(),
				directory.Organization{ID: token.IDOf(token.Key(i), 0), Slug: "s" + strings.Repeat("x", i)},
				directory.AccessToken{ID: token.IDOf(token.Key(i), 0), Organization: token.IDOf(token.Key(i), 0)})
		})
	}
	<-begun
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	s = open(t, dir)
	for i, err := range errs {
		if err != nil && !fault.Is(err, fault.Unavailable) {
			t.Errorf("writer %d got %v", i, err)
		}
		if _, found, _ := s.Organization(t.Context(), token.Key(i)); found != (err == nil) {
			t.Errorf("writer %d got %v, but committed is %v", i, err, found)
		}
	}
}
