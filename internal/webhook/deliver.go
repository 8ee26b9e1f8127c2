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
	// maxBusy is the maximum number of endpoints that a process delivers to at once, maxShare that of one organization, and maxSlow
	// that of endpoints whose last deliveries failed.
	maxBusy, maxShare, maxSlow = 128, 4, 64
	// window is the maximum number of concurrent requests to one endpoint.
	window = 16
	// duePage is the number of due endpoints that are read at a time.
	duePage = 128
	// watchChunk is the maximum number of sessions that one transaction checks for their end.
	watchChunk = 25
)

// busy is the set of endpoints that this process is delivering to. Each endpoint has its own goroutine, so that a slow endpoint
// does not delay the others. One organization has at most maxShare endpoints in the set, and slow endpoints fill at most a half.
type busy struct {
	mu sync.Mutex
	// endpoints has the value true for slow endpoints. shares counts the endpoints of each organization, and slowShare the slow ones.
	endpoints map[token.Key]bool
	shares    map[token.Key]int
	slowShare int
	// slow are the endpoints whose last delivery failed when they left the set.
	slow    map[token.Key]bool
	running sync.WaitGroup
}

// begin adds an endpoint. It returns false if the endpoint is already in the set, or if there is no room for it. full reports
// whether there is no room for any endpoint.
func (b *busy) begin(e DueEndpoint) (begun, full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.endpoints == nil {
		b.endpoints, b.shares, b.slow = map[token.Key]bool{}, map[token.Key]int{}, map[token.Key]bool{}
	}
	if len(b.endpoints) >= maxBusy {
		return false, true
	}
	slow := b.slow[e.Key]
	if _, running := b.endpoints[e.Key]; running || b.shares[e.Organization] >= maxShare || slow && b.slowShare >= maxSlow {
		return false, false
	}
	b.endpoints[e.Key] = slow
	b.shares[e.Organization]++
	if slow {
		b.slowShare++
	}
	return true, false
}

// end removes an endpoint. failed reports whether its last delivery failed.
func (b *busy) end(e DueEndpoint, failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.endpoints[e.Key] {
		b.slowShare--
	}
	delete(b.endpoints, e.Key)
	if b.shares[e.Organization]--; b.shares[e.Organization] == 0 {
		delete(b.shares, e.Organization)
	}
	delete(b.slow, e.Key)
	if failed && len(b.slow) < maxKnownSlow {
		b.slow[e.Key] = true
	}
}

// maxKnownSlow is how many slow endpoints are remembered.
const maxKnownSlow = 1 << 16

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
	for more := true; more; {
		var err error
		if more, err = w.emitEndEvents(ctx, roundChunks); err != nil {
			return err
		}
	}
	return nil
}

// emitEndEvents stores the end events of up to chunks*watchChunk sessions. more reports whether there may be further ones.
func (w *Service) emitEndEvents(ctx context.Context, chunks int) (more bool, err error) {
	for range chunks {
		n, err := w.store.EmitEndEvents(ctx, w.instant(), watchChunk)
		if err != nil || n < watchChunk {
			return false, err
		}
	}
	return true, nil
}

// roundChunks is how many chunks of sessions a round checks before it starts deliveries, so that an organization whose sessions
// all end does not delay the events of others.
const roundChunks = 8

// round starts deliveries to the endpoints that have due deliveries. If there was no room for all of them in the round before, it
// continues there.
func (w *Service) round(ctx context.Context, report func(error)) error {
	more, err := w.emitEndEvents(ctx, roundChunks)
	if err != nil {
		return err
	}
	if more {
		w.wakeUp()
	}
	from := w.next
	for wrapped := false; ; {
		due, err := w.store.DueEndpoints(ctx, w.instant(), w.next, duePage)
		if err != nil {
			return err
		}
		for _, e := range due {
			if wrapped && e.Key > from || w.start(ctx, e, report) {
				return nil
			}
			w.next = e.Key
		}
		if len(due) == duePage {
			continue
		}
		if w.next = 0; wrapped || from == 0 {
			return nil
		}
		wrapped = true
	}
}

// start starts a goroutine that delivers to an endpoint, if there is room for this endpoint. It reports whether there is no room for
// any endpoint.
func (w *Service) start(ctx context.Context, e DueEndpoint, report func(error)) (full bool) {
	begun, full := w.busy.begin(e)
	if !begun {
		return full
	}
	w.busy.running.Go(func() {
		failed, err := w.deliverTo(ctx, e.Key)
		w.busy.end(e, failed)
		if err != nil && ctx.Err() == nil {
			report(err)
		}
	})
	return false
}
