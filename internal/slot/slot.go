// Package slot divides a limited resource, such as the database connections for lists, among tenants.
//
//	lists := slot.New(slot.Options{Name: "lists", Total: 4, Each: 2, Queue: 32, Wait: 5 * time.Second})
//	release, err := lists.Take(ctx, organization) // waits for a slot; fault.Busy or fault.Unavailable after 5 seconds
//	defer release()
//
// One tenant holds at most a share of the slots, so the others always find some. If all slots are taken, the tenants that wait
// get the next ones in turn, however many callers each of them has.
package slot

import (
	"context"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
)

// Options configures a [Pool].
type Options struct {
	// Name is the label of the pool in metrics.
	Name string
	// Total is the number of slots, and Each how many of them one tenant can hold. Both are at least 1.
	Total, Each int
	// Queue is how many callers of one tenant can wait at the same time, each for at most Wait. If Queue is 0, no caller waits.
	Queue int
	Wait  time.Duration
}

// Pool is a set of slots. It is safe for concurrent use. A nil Pool has a slot for each caller.
type Pool struct {
	Options
	metrics *metrics.Metrics

	mu   sync.Mutex
	used int
	// tenants are those that hold a slot or wait for one. waiting are those that wait, in the order of their turns.
	tenants map[int64]*tenant
	waiting []*tenant
}

// New returns a pool whose slots are all free.
func New(o Options, m *metrics.Metrics) *Pool {
	return &Pool{Options: o, metrics: m, tenants: map[int64]*tenant{}}
}

type tenant struct {
	key   int64
	used  int
	queue []*waiter
}

type waiter struct {
	// ready is closed when the waiter gets its slot, which granted then reports.
	ready   chan struct{}
	granted bool
}

var (
	errShare = &fault.Error{Code: fault.Busy, RetryAfter: time.Second,
		Message: "Too many such requests of this organization are in progress. Send fewer at the same time, and repeat this one later."}
	errFull = fault.New(fault.Unavailable, "Too many such requests are in progress on this server. Repeat this one later.")
)

// Take takes a slot for a tenant, and waits for one if necessary. The caller must call release exactly once. Take returns
// fault.Busy if the tenant holds its share of the slots, fault.Unavailable if other tenants hold all slots, and the error of ctx
// if ctx ends.
func (p *Pool) Take(ctx context.Context, key int64) (release func(), err error) {
	if p == nil {
		return func() {}, nil
	}
	t, w, err := p.enter(key)
	if err != nil {
		p.metrics.SlotRefused(p.Name)
		return nil, err
	}
	if w == nil {
		return func() { p.release(t) }, nil
	}
	p.metrics.SlotsWaiting(p.Name, 1)
	defer p.metrics.SlotsWaiting(p.Name, -1)
	timer := time.NewTimer(p.Wait)
	defer timer.Stop()
	select {
	case <-w.ready:
		return func() { p.release(t) }, nil
	case <-timer.C:
	case <-ctx.Done():
	}
	if err := p.leave(ctx, t, w); err != nil {
		return nil, err
	}
	return func() { p.release(t) }, nil // the slot became free at the last moment
}

// enter takes a slot and returns a nil waiter, or adds a waiter to the tenant's queue.
func (p *Pool) enter(key int64) (*tenant, *waiter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tenants[key]
	if t == nil {
		t = &tenant{key: key}
		p.tenants[key] = t
	}
	if t.used < p.Each && p.used < p.Total {
		t.used++
		p.used++
		return t, nil, nil
	}
	if len(t.queue) >= p.Queue {
		return t, nil, p.refusal(t)
	}
	w := &waiter{ready: make(chan struct{})}
	if t.queue = append(t.queue, w); len(t.queue) == 1 {
		p.waiting = append(p.waiting, t)
	}
	return t, w, nil
}

// refusal returns the error for a caller of the tenant, and forgets the tenant if it holds nothing.
func (p *Pool) refusal(t *tenant) error {
	p.forget(t)
	if t.used >= p.Each {
		return errShare
	}
	return errFull
}

func (p *Pool) forget(t *tenant) {
	if t.used == 0 && len(t.queue) == 0 {
		delete(p.tenants, t.key)
	}
}

// leave removes a waiter. It returns nil if the waiter has got its slot.
func (p *Pool) leave(ctx context.Context, t *tenant, w *waiter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.granted {
		return nil
	}
	t.queue = remove(t.queue, w)
	if len(t.queue) == 0 {
		p.waiting = remove(p.waiting, t)
	}
	err := p.refusal(t)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.metrics.SlotRefused(p.Name)
	return err
}

func (p *Pool) release(t *tenant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.used--
	p.used--
	p.forget(t)
	for range len(p.waiting) {
		if p.used == p.Total {
			return
		}
		next := p.waiting[0]
		p.waiting = p.waiting[1:]
		if next.used < p.Each {
			p.grant(next)
		}
		if len(next.queue) > 0 {
			p.waiting = append(p.waiting, next)
		}
	}
}

// grant gives a free slot to the first waiter of a tenant.
func (p *Pool) grant(t *tenant) {
	w := t.queue[0]
	t.queue = t.queue[1:]
	t.used++
	p.used++
	w.granted = true
	close(w.ready)
}

// remove removes v from a list that contains it once.
func remove[T comparable](list []T, v T) []T {
	for i := range list {
		if list[i] == v {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}
