package webhook

import (
	"context"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/token"
)

const (
	// PollInterval is how often a process looks for what is due, and for sessions that have ended by themselves. What it has
	// kept itself, it delivers at once.
	PollInterval = 500 * time.Millisecond
	// maxBusy is how many endpoints are delivered to at once, and window how many events each gets at once.
	maxBusy, window = 64, 16
	// watchChunk is how many sessions one transaction looks at.
	watchChunk = 200
)

// busy are the endpoints that are being delivered to: one that is slow holds up no other.
type busy struct {
	mu        sync.Mutex
	endpoints map[token.Key]bool
	running   sync.WaitGroup
}

// begin reports false for an endpoint that is being delivered to, and when there are too many.
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

// Deliver delivers until ctx ends, and returns when nothing is under way any more. What is cut off then is delivered again.
// What it cannot read or write, it tells report, and tries again.
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
		case <-w.kept:
		}
	}
}

// CatchUp keeps the events of sessions that have ended by themselves, and has whatever is due delivered, without waiting for
// the next round. Its errors are the store's.
func (w *Service) CatchUp(ctx context.Context) error {
	defer w.wake()
	return w.endWatches(ctx)
}

func (w *Service) endWatches(ctx context.Context) error {
	for n := watchChunk; n == watchChunk; {
		var err error
		if n, err = w.store.EmitEndEvents(ctx, w.instant(), watchChunk); err != nil {
			return err
		}
	}
	return nil
}

// round starts delivering to whoever is due.
func (w *Service) round(ctx context.Context, report func(error)) error {
	if err := w.endWatches(ctx); err != nil {
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
			if err := w.serve(ctx, key); err != nil && ctx.Err() == nil {
				report(err)
			}
		})
	}
	return nil
}
