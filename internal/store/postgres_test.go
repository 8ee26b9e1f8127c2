package store_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/store/storetest"
)

func openPostgres(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestPostgres(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend { return openPostgres(t, pgtest.URL(t)) })
}

// Several processes that open an empty database at once create the schema once.
func TestPostgresConcurrentOpenCreatesOneSchema(t *testing.T) {
	url := pgtest.URL(t)
	errs := make(chan error)
	for range 8 {
		go func() {
			s, err := store.OpenPostgres(context.Background(), url)
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestPostgresOpenErrors(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0") // a port that refuses connections after Close
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	for url, want := range map[string]error{
		"mysql://localhost/postern": store.ErrDatabaseURL,
		"postgres://a:s3cret@[::1":  store.ErrDatabaseURL,
		"":                          store.ErrDatabaseURL,
		"postgres://postern:s3cret@" + nobody.Addr().String() + "/postern": store.ErrDatabaseUnreachable,
	} {
		_, err := store.OpenPostgres(t.Context(), url)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, wanted %v", url, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	there := pgtest.URL(t)
	if _, err := store.OpenPostgres(t.Context(), there+"_not"); !errors.Is(err, store.ErrDatabaseUnreachable) || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a database that does not exist: %v", err)
	}
}
