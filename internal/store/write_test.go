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

// keep inserts a row that is easy to find again.
func keep(ctx context.Context, tx *store.Tx, slug string, key token.Key) error {
	return tx.Exec(ctx, `INSERT INTO organizations (key, tail, slug, name, member_model, created_at) VALUES ($1, 0, $2, $2, 1, 0)`, key, slug)
}

func kept(t *testing.T, s *store.Store, slug string) bool {
	t.Helper()
	_, found, err := s.OrganizationBySlug(context.Background(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// together makes the writes share one commit: they queue up behind one that waits for them.
func together(t *testing.T, s *store.Store, writes ...func() error) []error {
	t.Helper()
	begun, let := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Write(context.Background(), func(*store.Tx) error { close(begun); <-let; return nil }); err != nil {
			t.Errorf("the write that the others wait for: %v", err)
		}
	})
	<-begun
	errs := make([]error, len(writes))
	for i, write := range writes {
		wg.Go(func() { errs[i] = write() })
	}
	close(let)
	wg.Wait()
	return errs
}

func TestWriteUndoesOnlyWhatFailed(t *testing.T) {
	s := open(t, t.TempDir())
	mine := errors.New("mine alone")
	errs := together(t, s,
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return keep(t.Context(), tx, "good", 1) })
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				return errors.Join(keep(t.Context(), tx, "bad", 2), mine)
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				if err := keep(t.Context(), tx, "panics", 3); err != nil {
					return err
				}
				panic("a mistake")
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return keep(t.Context(), tx, "too", 4) })
		},
	)
	if errs[0] != nil || errs[3] != nil {
		t.Errorf("good writes were told %v and %v", errs[0], errs[3])
	}
	if !errors.Is(errs[1], mine) {
		t.Errorf("the failed one was told %v", errs[1])
	}
	if errs[2] == nil || !strings.Contains(errs[2].Error(), "a mistake") {
		t.Errorf("the one that panicked was told %v", errs[2])
	}
	for slug, want := range map[string]bool{"good": true, "too": true, "bad": false, "panics": false} {
		if kept(t, s, slug) != want {
			t.Errorf("%s is kept: %v, wanted %v", slug, !want, want)
		}
	}
}

// A caller who gives up in the middle of its write is told what became of it, and nobody else hears of it.
func TestWriteThatHasBegunIsNotStopped(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, giveUp := context.WithCancel(t.Context())
	err := s.Write(ctx, func(tx *store.Tx) error {
		giveUp()
		return keep(ctx, tx, "begun", 1)
	})
	if err != nil || !kept(t, s, "begun") {
		t.Errorf("a write that had begun: %v, kept %v", err, kept(t, s, "begun"))
	}
	err = s.Write(ctx, func(tx *store.Tx) error { return keep(ctx, tx, "late", 2) })
	if !errors.Is(err, context.Canceled) || kept(t, s, "late") {
		t.Errorf("a write whose caller was gone before: %v, kept %v", err, kept(t, s, "late"))
	}
}

// What cannot be undone takes the whole group with it: an answer that says kept must be true.
func TestWriteThatCannotBeUndone(t *testing.T) {
	s := open(t, t.TempDir())
	errs := together(t, s,
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return keep(t.Context(), tx, "one", 1) })
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				if err := keep(t.Context(), tx, "lost", 2); err != nil {
					return err
				}
				return errors.Join(tx.Exec(t.Context(), "ROLLBACK"), errors.New("the engine has rolled back"))
			})
		},
		func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error { return keep(t.Context(), tx, "three", 3) })
		},
	)
	for i, slug := range []string{"one", "lost", "three"} {
		if (errs[i] == nil) != kept(t, s, slug) {
			t.Errorf("%s was told %v, but kept is %v", slug, errs[i], kept(t, s, slug))
		}
	}
	if !fault.Is(errs[1], fault.Unavailable) {
		t.Errorf("the one that was lost was told %v", errs[1])
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return keep(t.Context(), tx, "after", 4) }); err != nil || !kept(t, s, "after") {
		t.Errorf("the next write: %v", err)
	}
}

func TestReopenKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 300 { // more than one group
		if err := s.Write(t.Context(), func(tx *store.Tx) error {
			return keep(t.Context(), tx, "org"+strings.Repeat("x", i), token.Key(i))
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

// Close waits for what has queued up; whoever comes later is refused, and nobody hangs.
func TestCloseAmongWrites(t *testing.T) {
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
			t.Errorf("writer %d was told %v", i, err)
		}
		if _, found, _ := s.Organization(t.Context(), token.Key(i)); found != (err == nil) {
			t.Errorf("writer %d was told %v, but kept is %v", i, err, found)
		}
	}
}
