package web

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
)

// Bodies bounds the memory of all request bodies that the server holds at the same time, as they came and parsed:
//
//	bodies := web.NewBodies(counts)
//	err := bodies.Reserve(x, r, n, known) // until the request has ended
//
// Callers that are not authenticated share a small part of the memory, so that they cannot use up the part of authenticated
// callers. Bodies of at most 8 KiB do not count, so that short requests such as logins are answered at any time. The limit of
// connections bounds their memory.
//
// A nil Bodies has no bounds. A Bodies is safe for concurrent use.
type Bodies struct {
	anonymous, known pool
	metrics          *metrics.Metrics
}

const (
	// uncounted is the size of the largest body that does not count.
	uncounted = 8 << 10

	anonymousBodies = 16 << 20
	knownBodies     = 64 << 20

	// Requests wait for memory for at most this time.
	anonymousWait = time.Second
	knownWait     = 5 * time.Second
)

// pool is a part of the memory, in bytes.
type pool struct {
	*semaphore.Weighted
	size int64
	wait time.Duration
}

func newPool(size int64, wait time.Duration) pool {
	return pool{semaphore.NewWeighted(size), size, wait}
}

// NewBodies returns the bounds of a server: 16 MiB for callers that are not authenticated, and 64 MiB for others.
func NewBodies(m *metrics.Metrics) *Bodies {
	return &Bodies{newPool(anonymousBodies, anonymousWait), newPool(knownBodies, knownWait), m}
}

// Reserve counts n bytes until the request has ended. If there is no room, Reserve waits, for at most a few seconds. Then it returns
// fault.Unavailable, and the connection is closed after the answer. known is the same for all reservations of a request.
func (b *Bodies) Reserve(x *Exchange, r *http.Request, n int64, known bool) error {
	if b == nil || n <= uncounted {
		return nil
	}
	p := &b.anonymous
	if known {
		p = &b.known
	}
	n = min(n, p.size-x.reserved) // a request must not wait for memory that it holds itself
	if !p.TryAcquire(n) {
		ctx, cancel := context.WithTimeout(r.Context(), p.wait)
		defer cancel()
		if err := p.Acquire(ctx, n); err != nil {
			x.CloseAfterward()
			err := fault.New(fault.Unavailable, "The server is processing too many large requests. Repeat this one later.").Because(err)
			err.Limit = "body-memory"
			return err
		}
	}
	b.metrics.BodyBytes(n)
	x.reserved += n
	x.unreserve = func() {
		p.Release(x.reserved)
		b.metrics.BodyBytes(-x.reserved)
	}
	return nil
}

// release ends the reservations of the request.
func (x *Exchange) release() {
	if x.reserved > 0 {
		x.unreserve()
		x.reserved = 0
	}
}
