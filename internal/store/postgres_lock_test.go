package store_test

import (
	"testing"

	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// Only one process can lock an endpoint. A process that closes its store frees its locks.
func TestPostgresLocksExcludeOtherProcesses(t *testing.T) {
	url := pgtest.URL(t)
	first, second := openPostgres(t, url), openPostgres(t, url)
	take := func(key token.Key) func() {
		t.Helper()
		release, locked, err := first.LockEndpoint(t.Context(), key)
		if err != nil || !locked {
			t.Fatalf("%d: %v, %v", key, locked, err)
		}
		return release
	}
	free := func(key token.Key, want bool) {
		t.Helper()
		release, locked, err := second.LockEndpoint(t.Context(), key)
		if err != nil || locked != want {
			t.Errorf("%d is free: %v, %v", key, locked, err)
		}
		if locked {
			release()
		}
	}
	one, two := take(1), take(2)
	free(1, false)
	free(2, false)
	free(3, true)
	one()
	free(1, true)
	free(2, false)
	two()
	free(2, true)
	take(4)
	free(4, false)
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	free(4, true)
}
