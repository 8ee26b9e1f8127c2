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

// RevocationEvent is one event of the stream of revocations.
type RevocationEvent struct {
	// ID is the position in the stream after this event. Pass it to [CustomerSessionsService.Revocations] to continue
	// the stream without missing an event.
	ID string
	// Revocation lists the revoked sessions. It is nil for heartbeats: the first event of a stream, and one about every
	// ten seconds while nothing is revoked.
	Revocation *CustomerSessionRevocation
}

// maxSilence is the longest time without data on a stream. The server sends a heartbeat every ten seconds.
const maxSilence = 35 * time.Second

var streamRevocations = operation{
	name: "follow revocations", method: http.MethodGet, path: "/v1/customer-sessions/revocations", status: http.StatusOK, auth: organizationAuth,
}

// Revocations follows the revocations of the organization's sessions as they happen. If after is empty, the stream
// starts now; otherwise it starts after the event with that ID. The stream contains every revocation. Revocations needs
// an access token with the scope [ScopeCustomerSessionsRead].
//
// The iterator uses a single connection and always ends with an error, because every connection ends at some time. It
// yields [ErrNotFound] on a server without this route, such as Polar; a [*TimeoutError] if the stream does not start
// within the time of [WithTimeout], or is silent for 35 seconds; a [*ConnectError] if the connection ends; and the
// context's error if the context ends. Revocations does not retry. An http.Client with its own Timeout ends every
// stream after that time.
//
// To follow the stream permanently, continue after the last event:
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
// Route: GET /v1/customer-sessions/revocations (Postern only).
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
		fail(outcome{err: x.decodeError(resp.StatusCode, a, errors.New("expected status 200 and content type text/event-stream"))})
		return
	}
	events := newEventReader(resp.Body)
	for {
		watch.Reset(maxSilence)
		event, err := events.next()
		watch.Stop() // yield may take any time
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

// streamFailure returns the outcome of a stream that has ended with err.
func (x *exchange) streamFailure(ctx context.Context, req *http.Request, err error) outcome {
	switch {
	case err == io.EOF:
		err = errors.New("the server closed the stream")
	case req.Context().Err() != nil && ctx.Err() == nil:
		return outcome{err: &TimeoutError{Operation: x.op.name, Attempts: 1, text: fmt.Sprintf("no data on the stream for %v", maxSilence), cause: err}}
	}
	return x.transportFailure(ctx, req, err, 1)
}
