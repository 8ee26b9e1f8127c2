package webhook

import (
	"context"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/token"
)

const (
	// PollInterval is how often a process checks for due deliveries and for sessions that have expired. Events that the process
	// itself stores are delivered at once.
	PollInterval = 500 * time.Millisecond
	// maxBusy is the maximum number of endpoints that a process delivers to at once. window is the maximum number of concurrent
	// requests to one endpoint.
	maxBusy, window = 64, 16
	// watchChunk is the maximum number of sessions that one transaction checks for their end.
	watchChunk = 200
)

// busy is the set of endpoints that this process is delivering to. Each endpoint has its own goroutine, so that a slow endpoint
// does not delay the others.
type busy struct {
	mu        sync.Mutex
	endpoints map[token.Key]bool
	running   sync.WaitGroup
}

// begin adds an endpoint. It returns false if the endpoint is already in the set, or if the set is full.
func (b *busy) begin(key token.Key) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.endpoints == nil {
		b.endpoints = map[token.Key]bool{}
	}
	if b.endpoints[key] || len(b.endpoints) >= maxBusy {
		return false
	}
	b.endpoints[key] = true
	return true
}

func (b *busy) end(key token.Key) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.endpoints, key)
}

// Deliver delivers events until ctx ends, and returns when all running requests have ended. Requests that are interrupted by
// the end of ctx are repeated later. Deliver passes errors of the store to report and continues.
func (w *Service) Deliver(ctx context.Context, report func(error)) {
	defer w.busy.running.Wait()
	tick := time.NewTicker(PollInterval)
	defer tick.Stop()
	for {
		if err := w.round(ctx, report); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.wakeup:
		}
	}
}

// CatchUp stores the end events of sessions that have expired and starts the delivery of all due events, without waiting for the
// next round of [Service.Deliver]. It returns errors of the store.
func (w *Service) CatchUp(ctx context.Context) error {
	defer w.wakeUp()
	return w.emitEndEvents(ctx)
}

func (w *Service) emitEndEvents(ctx context.Context) error {
	for n := watchChunk; n == watchChunk; {
		var err error
		if n, err = w.store.EmitEndEvents(ctx, w.instant(), watchChunk); err != nil {
			return err
		}
	}
	return nil
}

// round starts deliveries to all endpoints that have due deliveries.
func (w *Service) round(ctx context.Context, report func(error)) error {
	if err := w.emitEndEvents(ctx); err != nil {
		return err
	}
	due, err := w.store.DueEndpoints(ctx, w.instant(), 2*maxBusy)
	if err != nil {
		return err
	}
	for _, key := range due {
		if !w.busy.begin(key) {
			continue
		}
		w.busy.running.Go(func() {
			defer w.busy.end(key)
			if err := w.deliverTo(ctx, key); err != nil && ctx.Err() == nil {
				report(err)
			}
		})
	}
	return nil
}
