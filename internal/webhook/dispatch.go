package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// storeTimeout bounds a write that no caller waits for.
const storeTimeout = 10 * time.Second

// flight is what is under way to one endpoint. An event that hangs holds up the others of its session alone.
type flight struct {
	*Service
	endpoint token.Key
	sending  map[int64]bool
	done     chan outcome
	// failures counts those in a row: an endpoint that takes nothing is left alone until the next round.
	failures int
}

type outcome struct {
	seq int64
	// attempt is nil for one that was cut off because this process is ending, which says nothing of the endpoint.
	attempt *Attempt
}

// serve delivers to an endpoint until nothing is due, or until it takes nothing.
func (w *Service) serve(ctx context.Context, key token.Key) error {
	release, locked, err := w.store.LockEndpoint(ctx, key)
	if err != nil || !locked {
		return err
	}
	defer release()
	f := flight{Service: w, endpoint: key, sending: map[int64]bool{}, done: make(chan outcome, window)}
	for {
		if err == nil && ctx.Err() == nil && f.failures < window {
			err = f.fill(ctx)
		}
		if len(f.sending) == 0 {
			return err
		}
		err = errors.Join(err, f.collect(ctx))
	}
}

// fill sends what is due, as much as the window lets.
func (f *flight) fill(ctx context.Context) error {
	e, found, err := f.store.Endpoint(ctx, f.endpoint)
	if err != nil || !found || !e.Enabled {
		f.failures = window
		return err
	}
	due, err := f.store.DueDeliveries(ctx, f.endpoint, f.instant(), window+len(f.sending)) // those under way are due, too
	if err != nil {
		return err
	}
	for _, d := range due {
		if len(f.sending) == window || f.sending[d.Seq] {
			continue
		}
		f.sending[d.Seq] = true
		go func() { f.done <- f.try(ctx, e, d) }()
	}
	return nil
}

func (f *flight) try(ctx context.Context, e Endpoint, d Dispatch) outcome {
	code, failure := f.sender.send(ctx, e, d, f.now())
	if failure != "" && ctx.Err() != nil {
		return outcome{seq: d.Seq}
	}
	a := d.attempt(f.instant(), code, failure)
	return outcome{d.Seq, &a}
}

// collect waits until one is done, and writes down what became of all that are.
func (f *flight) collect(ctx context.Context) error {
	var made []Attempt
	take := func(o outcome) {
		delete(f.sending, o.seq)
		if o.attempt == nil {
			return
		}
		made = append(made, *o.attempt)
		f.failures++
		if o.attempt.State == Succeeded {
			f.failures = 0
		}
	}
	for take(<-f.done); len(f.done) > 0; {
		take(<-f.done)
	}
	if len(made) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return f.store.SaveAttempts(ctx, f.endpoint, made)
}
