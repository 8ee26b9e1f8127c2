package polar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"
)

// RevocationEvent is one step of the stream of revocations.
type RevocationEvent struct {
	// ID is where the stream stands behind this step. Whoever comes back with it misses nothing.
	ID string
	// Revocation is what has ended; nil for a mere sign of life: the first step, which says that the stream is there and where it
	// begins, and one every ten seconds or so in which nothing happens.
	Revocation *CustomerSessionRevocation
}

// silence is how long a stream may say nothing at all. The server gives a sign of life every ten seconds.
const maxSilence = 35 * time.Second

var streamRevocations = operation{
	name: "follow revocations", method: http.MethodGet, path: "/v1/customer-sessions/revocations", status: http.StatusOK, auth: organizationAuth,
}

// Revocations follows the ends of the organization's sessions, as they happen, from now on or, when after is not "", from behind
// the step with that ID (Postern: GET /v1/customer-sessions/revocations). It never skips one. It needs the scope
// ScopeCustomerSessionsRead, and on a server that has no such stream, as Polar's, the error is [ErrNotFound].
//
// The iterator is one connection, and always ends with an error: that of the context, or that of a connection that has ended, as
// every connection does at some time. To follow on, come back:
//
//	for last := ""; ctx.Err() == nil; time.Sleep(time.Second) {
//		for event, err := range client.CustomerSessions.Revocations(ctx, last) {
//			if err != nil {
//				log.Print(err)
//				break
//			}
//			last = event.ID
//			if event.Revocation != nil { … }
//		}
//	}
//
// [WithTimeout] bounds the wait for the stream to begin. A stream that falls silent is a [*TimeoutError]. There are no retries,
// and an HTTP client with a Timeout of its own ends every stream after that time.
func (s CustomerSessionsService) Revocations(ctx context.Context, after string, opts ...Option) iter.Seq2[RevocationEvent, error] {
	opts = slices.Clone(opts)
	return func(yield func(RevocationEvent, error) bool) {
		c := call{op: &streamRevocations, header: http.Header{"Accept": {"text/event-stream"}}}
		if after != "" {
			c.header["Last-Event-Id"] = []string{after}
		}
		x, err := c.prepare(ctx, s.core, opts)
		if err != nil {
			yield(RevocationEvent{}, err)
			return
		}
		x.stream(ctx, yield)
	}
}

func (x *exchange) stream(ctx context.Context, yield func(RevocationEvent, error) bool) {
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(x.config.timeout, cancel)
	defer watch.Stop()
	fail := func(o outcome) { yield(RevocationEvent{}, o.err) }

	req, err := x.request(bounded)
	if err != nil {
		fail(outcome{err: err})
		return
	}
	resp, err := x.config.client.Do(req)
	if err != nil {
		fail(x.transportFailure(ctx, req, err, 1))
		return
	}
	defer resp.Body.Close()
	a := response{request: req, contentType: resp.Header.Get("Content-Type")}
	switch {
	case resp.StatusCode >= 400:
		fail(x.errorOutcome(ctx, req, resp, 1))
		return
	case resp.StatusCode != x.op.status || !isEventStream(a.contentType):
		a.body, _ = readPrefix(resp.Body, maxErrorBody)
		fail(outcome{err: x.decodeError(resp.StatusCode, a, errors.New("it should be 200 text/event-stream"))})
		return
	}
	events := newEventReader(resp.Body)
	for {
		watch.Reset(maxSilence)
		event, err := events.next()
		watch.Stop() // the caller may take its time
		switch {
		case errors.Is(err, errTooLarge):
			fail(outcome{err: x.decodeError(resp.StatusCode, a, err)})
			return
		case err != nil:
			fail(x.streamFailure(ctx, req, err))
			return
		}
		step := RevocationEvent{ID: event.id}
		if event.kind == "customer_session.revoked" {
			step.Revocation = new(CustomerSessionRevocation)
			if err := json.Unmarshal(event.data, step.Revocation); err != nil {
				a.body = event.data
				fail(outcome{err: x.decodeError(resp.StatusCode, a, err)})
				return
			}
		}
		if !yield(step, nil) {
			return
		}
	}
}

// broke is a stream that has ended in whatever way.
func (x *exchange) streamFailure(ctx context.Context, req *http.Request, err error) outcome {
	switch {
	case err == io.EOF:
		err = errors.New("the server has ended the stream")
	case req.Context().Err() != nil && ctx.Err() == nil:
		return outcome{err: &TimeoutError{Operation: x.op.name, Attempts: 1, text: fmt.Sprintf("the stream was silent for %v", maxSilence), cause: err}}
	}
	return x.transportFailure(ctx, req, err, 1)
}
