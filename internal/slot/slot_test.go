package slot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

func take(t *testing.T, p *Pool, key int64) (release func()) {
	t.Helper()
	release, err := p.Take(t.Context(), key)
	if err != nil {
		t.Fatalf("tenant %d: %v", key, err)
	}
	return release
}

func refuses(t *testing.T, p *Pool, key int64, code fault.Code) {
	t.Helper()
	if _, err := p.Take(t.Context(), key); !fault.Is(err, code) {
		t.Errorf("tenant %d: %v, wanted %s", key, err, code)
	}
}

// A tenant gets its share and no more. The other tenants get the rest, in turn, although the first tenant waits longest.
func TestTenantsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{Total: 3, Each: 2, Queue: 5, Wait: time.Second}, nil)
		first, second := take(t, p, 1), take(t, p, 1)
		var mu sync.Mutex
		var order []int64
		releases := make(chan func(), 100)
		wait := func(key int64) {
			go func() {
				release := take(t, p, key)
				mu.Lock()
				order = append(order, key)
				mu.Unlock()
				releases <- release
			}()
			synctest.Wait()
		}
		for range 3 {
			wait(1)
		}
		wait(2) // gets the third slot at once
		wait(2)
		wait(3)
		if !slices.Equal(order, []int64{2}) {
			t.Fatalf("before a release: %v", order)
		}
		first()
		synctest.Wait()
		second()
		synctest.Wait()
		for range 5 {
			(<-releases)()
			synctest.Wait()
		}
		if !slices.Equal(order, []int64{2, 1, 2, 3, 1, 1}) {
			t.Errorf("the tenants got their slots in the order %v", order)
		}
		(<-releases)()
		if p.used != 0 || len(p.tenants) != 0 || len(p.waiting) != 0 {
			t.Errorf("at the end: %d used, %v, %v", p.used, p.tenants, p.waiting)
		}
	})
}

// A caller that gets no slot within the wait is refused: with fault.Busy if its tenant holds its share, and with
// fault.Unavailable if others hold all slots. A tenant with a full queue is refused at once.
func TestWaitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{Total: 2, Each: 1, Queue: 1, Wait: time.Second}, nil)
		one, two := take(t, p, 1), take(t, p, 2)
		began := time.Now()
		refuses(t, p, 1, fault.Busy)
		refuses(t, p, 3, fault.Unavailable)
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("two callers waited %s in a row, wanted 1s each", waited)
		}
		began = time.Now()
		go func() { _, _ = p.Take(t.Context(), 1) }()
		synctest.Wait()
		refuses(t, p, 1, fault.Busy)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a caller beyond the queue waited %s", waited)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Millisecond); cancel() }()
		if _, err := p.Take(ctx, 3); !errors.Is(err, context.Canceled) {
			t.Errorf("a canceled caller: %v", err)
		}
		time.Sleep(2 * time.Second)
		one()
		two()
		if p.used != 0 || len(p.tenants) != 0 || len(p.waiting) != 0 {
			t.Errorf("at the end: %d used, %v, %v", p.used, p.tenants, p.waiting)
		}
		var none *Pool
		take(t, none, 1)()
	})
}

// Under contention, no tenant holds more than its share and all slots come back.
func TestSharesHoldUnderContention(t *testing.T) {
	p := New(Options{Total: 4, Each: 2, Queue: 100, Wait: time.Minute}, nil)
	var held [3]atomic.Int64
	var wg sync.WaitGroup
	for i := range 120 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%5 == 0 {
				cancel()
			}
			release, err := p.Take(ctx, int64(i%3))
			if err != nil {
				return
			}
			if n := held[i%3].Add(1); n > 2 {
				t.Errorf("a tenant holds %d slots", n)
			}
			time.Sleep(50 * time.Microsecond)
			held[i%3].Add(-1)
			release()
		})
	}
	wg.Wait()
	if p.used != 0 || len(p.tenants) != 0 || len(p.waiting) != 0 {
		t.Errorf("at the end: %d used, %v, %v", p.used, p.tenants, p.waiting)
	}
}
