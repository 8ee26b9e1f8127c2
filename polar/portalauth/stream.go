package portalauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-go/postern/polar"
)

// panicWait is the wait after a panic in the client's transport or request editor.
const panicWait = 30 * time.Second

// followStream follows the stream of revocations until ctx ends. The client reconnects and waits in between.
func (v *Verifier) followStream(ctx context.Context) {
	last := ""
	for v.readStream(ctx, &last) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(panicWait):
		}
	}
}

// readStream follows the stream after the event last. It reports whether it ended because of a panic, and returns
// otherwise if ctx has ended or no connection can succeed. Entries that were cached before the first connection are
// fetched again, because a revocation may have been missed.
func (v *Verifier) readStream(ctx context.Context, last *string) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
			v.report(Event{Kind: EventStreamLost, Err: fmt.Errorf("portalauth: %w", panicError(p))})
		}
	}()
	connected := false
	for event, err := range v.client.CustomerSessions.FollowRevocations(ctx, *last) {
		switch {
		case ctx.Err() != nil:
			return false
		case errors.Is(err, polar.ErrMissingSecurity), errors.Is(err, polar.ErrNotFound), errors.Is(err, polar.ErrAPIVersion):
			connected = false
			v.report(Event{Kind: EventStreamUnavailable, Err: err})
			continue
		case err != nil:
			connected = false
			v.report(Event{Kind: EventStreamLost, Err: err})
			continue
		}
		if !connected {
			connected = true
			if *last == "" {
				v.revocations.add(&polar.CustomerSessionRevocation{}, v.options.Now(), v.maxEntryAge())
			}
			v.report(Event{Kind: EventStreamConnected})
		}
		*last = event.ID
		if event.Revocation != nil {
			v.revocations.add(event.Revocation, v.options.Now(), v.maxEntryAge())
			v.report(Event{Kind: EventRevocation})
		}
	}
	return false
}

// maxEntryAge is longer than any cached entry is used, including the time of its lookup.
func (v *Verifier) maxEntryAge() time.Duration {
	return v.options.MaxStaleness + v.options.ServeStale + lookupTimeout
}
