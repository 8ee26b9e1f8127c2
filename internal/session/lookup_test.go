package session_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// The cache must not hold negative results, because a session that is created later must be found at once.
func TestOnlyLiveSessionsAreCached(t *testing.T) {
	s, store, now := setup(t)
	made := create(t, s)
	row := store.rows[made.ID.Key()]
	delete(store.rows, made.ID.Key())
	for range 2 {
		if _, err := s.Verify(t.Context(), made.Token); !fault.Is(err, fault.InvalidToken) {
			t.Errorf("without a row: %v", err)
		}
	}
	if n := store.lookups.Load(); n != 2 {
		t.Errorf("an unknown session was looked up %d times, wanted 2", n)
	}
	store.rows[made.ID.Key()] = row
	*now = made.ExpiresAt
	for range 2 {
		if _, err := s.Verify(t.Context(), made.Token); !fault.Is(err, fault.InvalidToken) {
			t.Errorf("expired: %v", err)
		}
	}
	if n := store.lookups.Load(); n != 4 {
		t.Errorf("an expired session was cached: %d lookups, wanted 4", n)
	}
	*now = made.ExpiresAt.Add(-time.Microsecond)
	if got, err := s.Verify(t.Context(), made.Token); err != nil || got != made.Session {
		t.Errorf("live again: %+v, %v", got, err)
	}
}

// A forged token with a real key is refused, whether the session is cached or not. The real token stays valid.
func TestForgedTokenWithRealKeyIsRefused(t *testing.T) {
	s, store, _ := setup(t)
	made := create(t, s)
	for i := range 20 {
		if _, err := s.Verify(t.Context(), token.Mint(token.Member, made.ID.Key())); !fault.Is(err, fault.InvalidToken) {
			t.Fatalf("forged token %d: %v", i, err)
		}
	}
	if _, err := s.Verify(t.Context(), made.Token); err != nil {
		t.Errorf("the real token: %v", err)
	}
	if n := store.lookups.Load(); n != 1 {
		t.Errorf("forged tokens caused %d lookups, wanted 1: they share the row", n)
	}
}

func TestSessionsSurviveSecretRotation(t *testing.T) {
	older, newer := token.NewSecret(), token.NewSecret()
	store := &memory{rows: map[token.Key]session.Record{}}
	with := func(texts ...string) *session.Service {
		t.Helper()
		secrets, err := token.NewSecrets(texts...)
		if err != nil {
			t.Fatal(err)
		}
		return session.New(store, secrets, func() time.Time { return noon }, session.Options{})
	}
	before, during, after := with(older), with(newer, older), with(newer)
	first, second := create(t, before), create(t, during)
	for _, tt := range []struct {
		name  string
		s     *session.Service
		token token.Token
		live  bool
	}{
		{"an old token while both secrets are active", during, first.Token, true},
		{"an old token after its secret was retired", after, first.Token, false},
		{"a new token after the old secret was retired", after, second.Token, true},
		{"a new token in a process with only the old secret", before, second.Token, false},
	} {
		for _, heat := range []string{"cold", "warm"} {
			if _, err := tt.s.Verify(t.Context(), tt.token); (err == nil) != tt.live || err != nil && !fault.Is(err, fault.InvalidToken) {
				t.Errorf("%s, %s: %v", tt.name, heat, err)
			}
		}
	}
}

// Concurrent callers share the error of one lookup. The next caller starts a new lookup.
func TestConcurrentLookupsShareAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store, _ := setup(t)
		made := create(t, s)
		store.slow, store.fail = time.Second, errors.New("disk failure")
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := s.Verify(t.Context(), made.Token); !errors.Is(err, store.fail) {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		store.fail = nil
		if _, err := s.Verify(t.Context(), made.Token); err != nil || store.lookups.Load() != 2 {
			t.Errorf("the next caller: %v after %d lookups, wanted 2", err, store.lookups.Load())
		}
	})
}

// stuck is a store that blocks until its context ends.
type stuck struct{ memory }

func (*stuck) Session(ctx context.Context, _ token.Key) (session.Record, bool, error) {
	<-ctx.Done()
	return session.Record{}, false, ctx.Err()
}

// The lookup has its own timeout, because the first caller's context does not apply to it.
func TestLookupTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secrets, err := token.NewSecrets(token.NewSecret())
		if err != nil {
			t.Fatal(err)
		}
		s := session.New(&stuck{}, secrets, time.Now, session.Options{})
		_, err = s.Verify(t.Context(), token.Mint(token.Member, 1))
		if err == nil || fault.Is(err, fault.InvalidToken) {
			t.Errorf("a store that does not answer: %v, wanted an error that is not InvalidToken", err)
		}
	})
}

func TestCreateReturnsAVerifiableToken(t *testing.T) {
	s, store, _ := setup(t)
	made := create(t, s)
	if made.CreatedAt != noon.Truncate(time.Microsecond) || made.ExpiresAt.Sub(made.CreatedAt) != session.DefaultLifetime {
		t.Errorf("created at %s, expires at %s; wanted whole microseconds and a lifetime of %s", made.CreatedAt, made.ExpiresAt, session.DefaultLifetime)
	}
	if made.Token.Key() != made.ID.Key() || store.rows[made.ID.Key()].Session != made.Session {
		t.Errorf("created %+v with the key %d", made, made.Token.Key())
	}
}

// If another process used the same key, Create retries with another one.
func TestCreateRetriesAfterKeyCollision(t *testing.T) {
	s, store, _ := setup(t)
	store.collisions = 1
	if made, err := s.Create(t.Context(), session.Grant{Kind: token.Member}); err != nil || store.rows[made.ID.Key()].Session != made.Session {
		t.Errorf("created %+v, %v", made, err)
	}
	store.collisions = 1000
	if _, err := s.Create(t.Context(), session.Grant{Kind: token.Member}); err == nil {
		t.Error("a session was created although every key exists")
	}
}
