package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// On a full disk, writes return fault.Unavailable, reads work, and no stored data is lost.
func TestSQLiteFullDiskIsUnavailable(t *testing.T) {
	s := open(t, t.TempDir())
	org, c := newAcme(t, s)
	pages := func(n string) {
		t.Helper()
		if err := s.Write(t.Context(), func(tx *store.Tx) error {
			var got int
			return tx.QueryRow(t.Context(), `PRAGMA max_page_count = `+n).Scan(&got)
		}); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("x", 1<<20)
	grow := func() error {
		_, _, err := s.ChangeCustomer(t.Context(), c.ID.Key(), directory.Need{}, nil, func(r *directory.Roster) error { r.Customer.Name = &long; return nil })
		return err
	}
	pages("1") // SQLite raises the limit to the current size
	wantUnavailable(t, "a full disk", "change", grow())
	if got, found, err := s.Customer(t.Context(), c.ID.Key()); err != nil || !found || got.Name != nil {
		t.Errorf("the customer on a full disk: %+v, %v, %v", got, found, err)
	}
	pages("1000000")
	if err := grow(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for what, err := range allOperations(canceled, s, org, c) {
		if what != "ping" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: %v", what, err)
		}
	}
}

// A read whose context is canceled returns context.Canceled, not fault.Unavailable.
func TestSQLiteCanceledReadReturnsCanceled(t *testing.T) {
	s := open(t, t.TempDir())
	org, _ := newAcme(t, s)
	name := strings.Repeat("x", 1000)
	for range 300 {
		if _, err := s.InsertCustomer(t.Context(), directory.Customer{ID: token.NewID(time.Now()), Organization: org.ID, Name: &name, Metadata: map[string]any{"a": name}}, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		_, _, err := s.Customers(ctx, directory.CustomerQuery{Organization: org.ID.Key(), Metadata: map[string][]string{"a": {"b"}, "b": {"c"}}, Page: directory.Page{Number: 1, Limit: 10}})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		cancel()
	}
}
