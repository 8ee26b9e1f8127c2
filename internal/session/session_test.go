package session_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// memory is an in-memory store that counts lookups.
type memory struct {
	session.Store // nil; the tests do not call the other methods
	mu            sync.Mutex
	rows          map[token.Key]session.Record
	lookups       atomic.Int64
	fail          error
	// collisions is the number of inserts that report an existing key.
	collisions int
	slow       time.Duration
}

func (m *memory) InsertSession(_ context.Context, e session.Entry) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.collisions > 0 {
		m.collisions--
		return false, nil
	}
	m.rows[e.ID.Key()] = e.Record
	return true, nil
}

func (m *memory) Revocations(context.Context, int64, int) ([]session.Revocation, error) {
	return nil, nil
}

func (m *memory) LastRevocation(context.Context) (int64, error) { return 0, nil }

func (m *memory) OnRevocation(func([]session.Revocation)) {}

func (m *memory) Shared() bool { return false }

func (m *memory) Session(_ context.Context, key token.Key) (session.Record, bool, error) {
	m.lookups.Add(1)
	time.Sleep(m.slow)
	m.mu.Lock()
	defer m.mu.Unlock()
	r, found := m.rows[key]
	return r, found, m.fail
}

var noon = time.Date(2026, 10, 1, 12, 0, 0, 123456789, time.UTC)

func setup(t *testing.T) (*session.Service, *memory, *time.Time) {
	t.Helper()
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	store, now := &memory{rows: map[token.Key]session.Record{}}, noon
	return session.New(store, secrets, func() time.Time { return now }, session.Options{}), store, &now
}

func create(t *testing.T, s *session.Service) session.Issued {
	t.Helper()
	made, err := s.Create(t.Context(), session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3, ReturnURL: "https://example.com/"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestVerifyRefusesSessionsThatAreNotLive(t *testing.T) {
	s, store, now := setup(t)
	made := create(t, s)
	for range 3 {
		got, err := s.Verify(t.Context(), made.Token)
		if err != nil || got != made.Session {
			t.Fatalf("got %+v, %v, wanted %+v", got, err, made.Session)
		}
	}
	if n := store.lookups.Load(); n != 1 {
		t.Errorf("three requests caused %d lookups, wanted 1", n)
	}
	for name, other := range map[string]token.Token{
		"the same key, other randomness": token.Mint(token.Member, made.Token.Key()),
		"the same key, another kind":     token.Mint(token.Customer, made.Token.Key()),
		"unknown":                        token.Mint(token.Member, 1),
	} {
		if _, err := s.Verify(t.Context(), other); !fault.Is(err, fault.InvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	*now = made.ExpiresAt.Add(-time.Nanosecond)
	if _, err := s.Verify(t.Context(), made.Token); err != nil {
		t.Errorf("just before it expires: %v", err)
	}
	*now = made.ExpiresAt
	if _, err := s.Verify(t.Context(), made.Token); !fault.Is(err, fault.InvalidToken) {
		t.Errorf("when it expires: %v", err)
	}
}

func TestStoreErrorIsNotCached(t *testing.T) {
	s, store, _ := setup(t)
	made := create(t, s)
	store.fail = errors.New("disk failure")
	if _, err := s.Verify(t.Context(), made.Token); !errors.Is(err, store.fail) {
		t.Errorf("got %v", err)
	}
	store.fail = nil
	if _, err := s.Verify(t.Context(), made.Token); err != nil {
		t.Errorf("after the store recovered: %v", err)
	}
}

func TestConcurrentVerifiesShareOneLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store, _ := setup(t)
		made := create(t, s)
		store.slow = time.Second
		hasty, giveUp := context.WithTimeout(t.Context(), time.Millisecond)
		defer giveUp()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Verify(hasty, made.Token); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the caller that gave up got %v", err)
			}
		})
		for range 50 {
			wg.Go(func() {
				if _, err := s.Verify(t.Context(), made.Token); err != nil {
					t.Errorf("a caller that waited got %v", err)
				}
			})
		}
		wg.Wait()
		if n := store.lookups.Load(); n != 1 {
			t.Errorf("51 requests caused %d lookups, wanted 1", n)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		b.Fatal(err)
	}
	s := session.New(&memory{rows: map[token.Key]session.Record{}}, secrets, time.Now, session.Options{})
	made, err := s.Create(b.Context(), session.Grant{Kind: token.Member, Organization: 1, Customer: 2, Member: 3})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Verify(b.Context(), made.Token); err != nil {
			b.Fatal(err)
		}
	}
}
