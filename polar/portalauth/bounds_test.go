package portalauth

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// The tests in this file check bounds with concurrent calls. Run them with the race detector.

// encode62 returns n in base 62 with the given number of digits.
func encode62(n uint64, digits int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	text := make([]byte, digits)
	for i := digits - 1; i >= 0; i-- {
		text[i], n = alphabet[n%62], n/62
	}
	return string(text)
}

// newToken returns the well-formed token of the session with a key.
func newToken(key uint64) string {
	body := encode62(key, keyLen) + strings.Repeat("a", bodyLen-keyLen)
	return polar.CustomerSessionPrefix + body + encode62(uint64(crc32.ChecksumIEEE([]byte(body))), 6)
}

// fakeServer answers requests about sessions without a network.
type fakeServer struct {
	now func() time.Time
	// answer returns the status for a session: 200, 401 or 503.
	answer func(key uint64) int
	// beforeReturn runs between the answer and its arrival.
	beforeReturn func()
}

func (s *fakeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	resp := &http.Response{StatusCode: s.answer(sessionKey(token)), Header: http.Header{}, Body: http.NoBody, Request: r}
	resp.Header.Set("Date", s.now().UTC().Format(http.TimeFormat))
	switch resp.StatusCode {
	case http.StatusOK:
		for _, none := range []string{"Member-Id", "Role", "Email"} {
			resp.Header.Set("X-Postern-"+none, "-")
		}
		resp.Header.Set("X-Postern-Principal", "customer")
		resp.Header.Set("X-Postern-Organization-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01")
		resp.Header.Set("X-Postern-Customer-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02")
		resp.Header.Set("X-Postern-Scopes", "customer_portal:write")
		resp.Header.Set("X-Postern-Expires-At", s.now().Add(24*time.Hour).UTC().Format(time.RFC3339))
	case http.StatusUnauthorized:
		resp.Header.Set("Content-Type", "application/json")
		resp.Body = io.NopCloser(strings.NewReader(`{"error": "invalid_token"}`))
	}
	if s.beforeReturn != nil {
		s.beforeReturn()
	}
	return resp, nil
}

// newFakeVerifier returns a verifier without a stream of revocations.
func newFakeVerifier(t *testing.T, server *fakeServer, options Options) *Verifier {
	t.Helper()
	client, err := polar.New(polar.WithServerURL("https://portal.example.com"), polar.WithHTTPClient(&http.Client{Transport: server}), polar.WithoutRetries())
	if err != nil {
		t.Fatal(err)
	}
	options.AnyOrganization, options.Now, options.Logger = true, server.now, slog.New(slog.DiscardHandler)
	v, err := New(client, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func (c *cache) sizes() (entries, pending int) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		entries, pending = entries+len(s.entries), pending+len(s.pending)
		s.mu.Unlock()
	}
	return entries, pending
}

// The cache never holds more than MaxSessions sessions, nor more than an eighth of it of refused tokens.
func TestCacheSizeIsBoundedUnderConcurrency(t *testing.T) {
	for _, limit := range []int{1, 10, 31, 33, 100, 1000} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			server := &fakeServer{now: time.Now, answer: func(key uint64) int {
				if key%2 == 0 {
					return http.StatusUnauthorized
				}
				return http.StatusOK
			}}
			v := newFakeVerifier(t, server, Options{MaxSessions: limit})
			check := func() {
				if n, _ := v.sessions.sizes(); n > limit {
					t.Errorf("%d sessions are cached", n)
				}
				if n, _ := v.invalidTokens.sizes(); n > max(1, limit/8) {
					t.Errorf("%d refused tokens are cached", n)
				}
			}
			var wg sync.WaitGroup
			for worker := range 8 {
				wg.Go(func() {
					for i := range 200 {
						key := uint64(worker%4*1_000_000 + i) // two workers use the same tokens
						if _, err := v.Verify(t.Context(), newToken(key)); (err == nil) != (key%2 == 1) {
							t.Errorf("session %d: %v", key, err)
						}
						if i%20 == 0 {
							check()
						}
					}
				})
			}
			wg.Wait()
			check()
			if n, pending := v.sessions.sizes(); n == 0 || pending != 0 {
				t.Errorf("%d sessions are cached, %d lookups are pending", n, pending)
			}
		})
	}
}

// A session that the server has ended is accepted for at most MaxStaleness, and for at most MaxStaleness plus ServeStale
// if the server fails.
func TestStalenessIsBoundedUnderConcurrency(t *testing.T) {
	for name, test := range map[string]struct {
		serveStale time.Duration
		failures   bool
	}{
		"working server": {0, false}, "failing server": {0, true}, "failing server and ServeStale": {20 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const sessions, maxStaleness = 50, 10 * time.Second
			var clock atomic.Int64 // nanoseconds since 1970
			clock.Store(time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC).UnixNano())
			var endedAt [sessions]atomic.Int64 // zero for live sessions
			server := &fakeServer{now: func() time.Time { return time.Unix(0, clock.Load()) }, answer: func(key uint64) int {
				switch {
				case test.failures && rand.N(2) == 0:
					return http.StatusServiceUnavailable
				case endedAt[key].Load() != 0:
					return http.StatusUnauthorized
				}
				return http.StatusOK
			}}
			v := newFakeVerifier(t, server, Options{MaxStaleness: maxStaleness, ServeStale: test.serveStale})
			ctx, stop := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			var accepted, refused atomic.Int64
			for range 6 {
				wg.Go(func() {
					for ctx.Err() == nil {
						key := rand.N(uint64(sessions))
						began, ended := clock.Load(), endedAt[key].Load()
						_, err := v.Verify(context.Background(), newToken(key))
						if err != nil {
							refused.Add(1)
							continue
						}
						accepted.Add(1)
						if over := time.Duration(began - ended); ended != 0 && over > maxStaleness+test.serveStale {
							t.Errorf("a session that ended %v ago was accepted", over)
						}
					}
				})
			}
			for range 120 { // two minutes
				clock.Add(int64(time.Second))
				for before := accepted.Load() + refused.Load(); accepted.Load()+refused.Load() < before+20; {
					time.Sleep(time.Microsecond) // so that calls happen at every time
				}
				if key := rand.N(sessions * 4); key < sessions && endedAt[key].Load() == 0 {
					endedAt[key].Store(clock.Load())
				}
			}
			stop()
			wg.Wait()
			if accepted.Load() == 0 || refused.Load() == 0 {
				t.Errorf("%d accepted, %d refused", accepted.Load(), refused.Load())
			}
		})
	}
}

// A call does not share a lookup that began so long ago that its answer could exceed MaxStaleness.
func TestOldLookupIsNotShared(t *testing.T) {
	var clock atomic.Int64
	clock.Store(time.Now().UnixNano())
	var ended atomic.Bool
	arrived, release := make(chan struct{}), make(chan struct{})
	var second atomic.Bool
	server := &fakeServer{now: func() time.Time { return time.Unix(0, clock.Load()) }, answer: func(uint64) int {
		if ended.Load() {
			return http.StatusUnauthorized
		}
		return http.StatusOK
	}, beforeReturn: func() {
		if !second.Swap(true) {
			close(arrived)
			<-release
		}
	}}
	v := newFakeVerifier(t, server, Options{MaxStaleness: time.Second})
	first := make(chan error)
	go func() {
		_, err := v.Verify(context.Background(), newToken(1))
		first <- err
	}()
	<-arrived // the server has said that the session is live
	ended.Store(true)
	clock.Add(int64(time.Second))
	if _, err := v.Verify(t.Context(), newToken(1)); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("%v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("%v", err)
	}
	if _, err := v.Verify(t.Context(), newToken(1)); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("the old answer was cached: %v", err)
	}
	if _, pending := v.sessions.sizes(); pending != 0 {
		t.Errorf("%d lookups are pending", pending)
	}
}

// A flood of tokens causes at most maxPending lookups at the same time, even if the callers leave.
func TestLookupsAreBounded(t *testing.T) {
	release := make(chan struct{})
	server := &fakeServer{now: time.Now, answer: func(uint64) int { return http.StatusUnauthorized }, beforeReturn: func() { <-release }}
	v := newFakeVerifier(t, server, Options{})
	left, leave := context.WithCancel(t.Context())
	leave()
	var wg sync.WaitGroup
	var tooMany atomic.Int64
	for worker := range uint64(10) {
		wg.Go(func() {
			for i := range uint64(maxPending / 5) {
				_, err := v.Verify(left, newToken(worker<<32|i))
				if !errors.Is(err, ErrUnavailable) {
					t.Errorf("%v", err)
				}
				if errors.Is(err, errTooManyLookups) {
					tooMany.Add(1)
				}
				if _, n := v.sessions.sizes(); n > maxPending {
					t.Errorf("%d lookups", n)
				}
			}
		})
	}
	wg.Wait()
	if tooMany.Load() != maxPending {
		t.Errorf("%d of %d calls were refused, want %d", tooMany.Load(), 2*maxPending, maxPending)
	}
	close(release)
	for v.pending.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := v.Verify(t.Context(), newToken(1)); !errors.Is(err, polar.ErrInvalidToken) {
		t.Errorf("after the flood: %v", err)
	}
}

// The log of revocations stays within its bound and never forgets a revocation of an answer that may still be used.
func TestRevocationLogIsBoundedUnderConcurrency(t *testing.T) {
	const limit, writers, each, maxAge = 1000, 4, 2600, time.Hour
	log := revocationLog{limit: limit}
	now := time.Now()
	var added [writers]atomic.Uint64 // the last key that each writer has added
	old := &entry{fetchedAt: now.Add(-time.Minute).UnixNano()}
	var wg, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		wg.Go(func() {
			for i := range uint64(each) {
				key := uint64(w)<<32 | (i + 1)
				id := polar.SessionID(sessionIDOf(key))
				log.add(&polar.CustomerSessionRevocation{CustomerSessionID: &id}, now, maxAge)
				added[w].Store(i + 1)
			}
		})
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				last := added[w].Load()
				if last == 0 {
					continue
				}
				e := *old
				e.subjects[0] = subject{kind: 's', lo: uint64(w)<<32 | (1 + rand.N(last))}
				if log.check(&e) == valid {
					t.Error("a revoked session is valid")
					return
				}
				log.mu.RLock()
				if len(log.current) > limit || len(log.previous) > limit {
					t.Errorf("%d and %d revocations are stored", len(log.current), len(log.previous))
				}
				log.mu.RUnlock()
				time.Sleep(time.Microsecond) // let the writers write
			}
		})
	}
	wg.Wait()
	close(done)
	readers.Wait()
	if n := log.count.Load(); n != writers*each {
		t.Errorf("%d revocations were counted", n)
	}
}

// sessionIDOf returns the ID of the session with a key, the reverse of sessionKeyOfID.
func sessionIDOf(key uint64) string {
	hi := key>>15<<16 | 4<<12 | key>>3&0xFFF
	lo := 2<<62 | key&7<<59
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xFFFF, hi&0xFFFF, lo>>48, lo&(1<<48-1))
}
