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
	// maxBusy is how many endpoints are delivered to at once, and wave how many events each gets at once.
	maxBusy, wave = 64, 8
	// watchChunk is how many sessions one transaction looks at.
	watchChunk = 200
	// storeTimeout bounds a write that no caller waits for.
	storeTimeout = 10 * time.Second
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
func (w *Webhooks) Deliver(ctx context.Context, report func(error)) {
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

// round starts delivering to whoever is due.
func (w *Webhooks) round(ctx context.Context, report func(error)) error {
	for n := watchChunk; n == watchChunk; {
		var err error
		if n, err = w.store.EndWatches(ctx, w.instant(), watchChunk); err != nil {
			return err
		}
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

// serve delivers to an endpoint until nothing is due, or until it takes nothing.
func (w *Webhooks) serve(ctx context.Context, key token.Key) error {
	release, locked, err := w.store.LockEndpoint(ctx, key)
	if err != nil || !locked {
		return err
	}
	defer release()
	for ctx.Err() == nil {
		e, found, err := w.store.Endpoint(ctx, key)
		if err != nil || !found || !e.Enabled {
			return err
		}
		due, err := w.store.DueDeliveries(ctx, key, w.instant(), wave)
		if err != nil || len(due) == 0 {
			return err
		}
		taken, err := w.deliver(ctx, e, due)
		if err != nil || !taken {
			return err
		}
	}
	return nil
}

// deliver makes an attempt with each, and reports whether one was taken. The dispatches are of different subjects.
func (w *Webhooks) deliver(ctx context.Context, e Endpoint, due []Dispatch) (taken bool, err error) {
	attempts := make([]Attempt, len(due))
	var sending sync.WaitGroup
	for i, d := range due {
		sending.Go(func() {
			code, failure := w.sender.send(ctx, e, d, w.now())
			if failure == "" || ctx.Err() == nil { // or this process is ending, which says nothing of the endpoint
				attempts[i] = d.attempt(w.instant(), code, failure)
			}
		})
	}
	sending.Wait()
	var made []Attempt
	for _, a := range attempts {
		if a.Seq != 0 {
			made = append(made, a)
			taken = taken || a.State == Succeeded
		}
	}
	if len(made) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return taken, w.store.KeepAttempts(ctx, e.ID.Key(), made)
}
