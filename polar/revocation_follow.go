package polar

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// minReconnectWait is the wait after a stream that worked, unless the server asks for another time.
	minReconnectWait = time.Second
	// maxReconnectWait limits how far the wait grows.
	maxReconnectWait = 30 * time.Second
	// noStreamWait is the wait after a server has answered that it has no stream.
	noStreamWait = 10 * time.Minute
	// settledStream is the age from which a stream counts as one that worked.
	settledStream = 10 * time.Second
)

// FollowRevocations follows the revocations of the organization's sessions permanently. It yields the events of
// [CustomerSessionsService.Revocations] and, when a connection ends or cannot be opened, the error. If the loop goes on
// then, FollowRevocations waits, connects again, and continues after the last event, so that it misses no revocation:
//
//	for event, err := range client.CustomerSessions.FollowRevocations(ctx, "") {
//		switch {
//		case err != nil:
//			log.Print(err, "; reconnecting") // or break, to stop
//		case event.Revocation != nil:
//			…
//		}
//	}
//
// The wait is one second, or longer if the server asks for it with retry: or Retry-After, up to one minute. It doubles up
// to 30 seconds as long as connections fail, or end within ten seconds without a new revocation. After [ErrNotFound]
// and [ErrAPIVersion], the answers of a server without the route or the version, the wait is ten minutes.
//
// The iterator ends when ctx ends, after it has yielded the context's error, and after the error of a call that cannot be
// sent, such as [ErrMissingSecurity].
//
// Route: GET /v1/customer-sessions/revocations (Postern only).
func (s CustomerSessionsService) FollowRevocations(ctx context.Context, after string, opts ...Option) iter.Seq2[RevocationEvent, error] {
	opts = slices.Clone(opts)
	return func(yield func(RevocationEvent, error) bool) {
		last := after
		var wait reconnectWait
		for {
			x, err := s.prepareStream(ctx, last, opts)
			if err != nil {
				yield(RevocationEvent{}, err)
				return
			}
			more := true
			var opened time.Time // when the first event arrived
			var worked bool
			var failure error
			asked := x.stream(ctx, func(event RevocationEvent, err error) bool {
				if err != nil {
					failure = err
				} else {
					if opened.IsZero() {
						opened = time.Now()
					}
					worked = worked || event.Revocation != nil && event.ID != last
					last = event.ID
				}
				more = yield(event, err)
				return more
			})
			if !more || ctx.Err() != nil && errors.Is(failure, ctx.Err()) {
				return
			}
			worked = worked || !opened.IsZero() && time.Since(opened) >= settledStream
			if !sleep(ctx, wait.next(failure, worked, asked)) {
				yield(RevocationEvent{}, streamRevocations.wrapError(ctx.Err()))
				return
			}
		}
	}
}

// reconnectWait determines how long to wait before the next connection to a stream.
type reconnectWait struct{ last time.Duration }

// next returns the wait after a connection that ended with err. worked reports whether the connection did its work.
// asked is the time that the stream asked for, or zero.
func (w *reconnectWait) next(err error, worked bool, asked time.Duration) time.Duration {
	if w.last *= 2; worked || w.last == 0 {
		w.last = minReconnectWait
	}
	w.last = min(w.last, maxReconnectWait)
	if apiErr, ok := errors.AsType[*Error](err); ok {
		asked = max(asked, apiErr.RetryAfter)
	}
	wait := max(w.last, min(asked, maxRetryAfter))
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrAPIVersion) {
		wait = noStreamWait
	}
	// #nosec G404 -- Jitter is not a secret.
	return wait + rand.N(wait/4) // so that many clients do not reconnect at the same time
}
