package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// storeTimeout is the timeout for storing the results of attempts. The results are stored even if the context of Deliver has
// ended.
const storeTimeout = 10 * time.Second

// worker delivers events to one endpoint. A slow request delays only the following events of the same session.
type worker struct {
	*Service
	endpoint token.Key
	sending  map[int64]bool
	done     chan outcome
	// failures is the number of consecutive failures. When it reaches window, the worker stops until the next round.
	failures int
}

type outcome struct {
	seq int64
	// attempt is nil if the request was interrupted because this process is stopping.
	attempt *Attempt
}

// deliverTo delivers to an endpoint until no delivery is due or too many deliveries in a row have failed. failed reports whether the
// last delivery failed.
func (w *Service) deliverTo(ctx context.Context, key token.Key) (failed bool, err error) {
	release, locked, err := w.store.LockEndpoint(ctx, key)
	if err != nil || !locked {
		return false, err
	}
	defer release()
	d := worker{Service: w, endpoint: key, sending: map[int64]bool{}, done: make(chan outcome, window)}
	for {
		if err == nil && ctx.Err() == nil && d.failures < window {
			err = d.fill(ctx)
		}
		if len(d.sending) == 0 {
			return d.failures > 0, err
		}
		err = errors.Join(err, d.collect(ctx))
	}
}

// fill starts due deliveries until window requests are running.
func (w *worker) fill(ctx context.Context) error {
	e, found, err := w.store.Endpoint(ctx, w.endpoint)
	if err != nil || !found || !e.Enabled {
		w.failures = window
		return err
	}
	due, err := w.store.DueDeliveries(ctx, w.endpoint, w.instant(), window+len(w.sending)) // the store also returns the deliveries that are running
	if err != nil {
		return err
	}
	for _, d := range due {
		if len(w.sending) == window || w.sending[d.Seq] {
			continue
		}
		w.sending[d.Seq] = true
		go func() { w.done <- w.try(ctx, e, d) }()
	}
	return nil
}

func (w *worker) try(ctx context.Context, e Endpoint, d Dispatch) outcome {
	code, failure := w.sender.send(ctx, e, d, w.now())
	if failure != "" && ctx.Err() != nil {
		return outcome{seq: d.Seq}
	}
	a := d.result(w.instant(), code, failure)
	return outcome{d.Seq, &a}
}

// collect waits until at least one request has ended, and stores the results of all requests that have ended.
func (w *worker) collect(ctx context.Context) error {
	var attempts []Attempt
	take := func(o outcome) {
		delete(w.sending, o.seq)
		if o.attempt == nil {
			return
		}
		attempts = append(attempts, *o.attempt)
		w.failures++
		if o.attempt.State == Succeeded {
			w.failures = 0
		}
	}
	for take(<-w.done); len(w.done) > 0; {
		take(<-w.done)
	}
	if len(attempts) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return w.store.SaveAttempts(ctx, w.endpoint, attempts)
}
