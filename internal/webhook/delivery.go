package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// State is the state of a delivery.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"
	Succeeded State = "succeeded"
	// Failed means that the delivery was given up.
	Failed State = "failed"
)

// Delivery is the delivery of an event to an endpoint.
type Delivery struct {
	ID, Endpoint token.ID
	State        State
	Attempts     int
	// NextAt is the time of the next attempt of a pending delivery.
	NextAt time.Time
	// HTTPCode is the status of the last response. 0 means that there was no response.
	HTTPCode int
	// Error is the reason why the last attempt failed, as in [Attempt], or "" if it did not fail.
	Error     string
	CreatedAt time.Time
	// ModifiedAt is the time of the last attempt, or nil if there was no attempt.
	ModifiedAt *time.Time
	// Event is the delivered event. Its Subject is not set.
	Event Event
}

// DeliveryQuery selects a page of an organization's deliveries.
type DeliveryQuery struct {
	Organization token.Key
	// Endpoint is the id of an endpoint. Nil selects the deliveries to all endpoints, and an unknown id selects nothing.
	Endpoint *token.ID
	// State selects deliveries in this state. "" selects all.
	State State
	Page  Page
}

// Deliveries returns a page of deliveries, latest first, and the number of deliveries on all pages. Deliveries older than 30 days
// are deleted.
func (w *Service) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, int, error) {
	return w.store.Deliveries(ctx, q)
}

// BrowseQuery selects a page of an organization's deliveries by the delivery next to it. Endpoint, State and Kind select all if they are
// nil or "".
type BrowseQuery struct {
	Organization token.Key
	Endpoint     *token.ID
	State        State
	Kind         Kind
	Range        keyset.Range
}

// Browse returns a page of deliveries, latest first. It may have fewer rows than the limit although there is a next page.
func (w *Service) Browse(ctx context.Context, q BrowseQuery) (keyset.Page[Delivery], error) {
	return w.store.BrowseDeliveries(ctx, q)
}

// Redeliver sends an event of the organization again to every endpoint that the event was sent to, like a new event. It returns
// fault.NotFound if the event does not exist or none of its endpoints exists any more.
func (w *Service) Redeliver(ctx context.Context, org, event token.ID) error {
	found, err := w.store.Redeliver(ctx, org.Key(), event, w.instant())
	if err == nil && !found {
		err = errNotFound
	}
	return err
}

// LoginFailed emits the event of a failed login.
func (w *Service) LoginFailed(ctx context.Context, f LoginFailure) error {
	return w.store.InsertEvent(ctx, LoginFailedEvent(f, w.instant()))
}

// DueEndpoint is an endpoint with due deliveries.
type DueEndpoint struct{ Key, Organization token.Key }

// Dispatch is a delivery that is due to be sent.
type Dispatch struct {
	// Seq identifies the delivery, and Event is the id of its event.
	Seq      int64
	Event    token.ID
	Body     []byte
	Attempts int
	// FirstAt is when the first attempt was due.
	FirstAt time.Time
}

// Attempt is the result of one attempt to deliver an event.
type Attempt struct {
	Seq int64
	// State is the new state of the delivery. A pending delivery is tried again at NextAt.
	State    State
	At       time.Time
	NextAt   time.Time
	HTTPCode int
	// Error is "", "timeout", "connection", "forbidden_address", "redirect" or "status".
	Error string
	// Gone reports whether the endpoint responded with status 410 (Gone). Such an endpoint is disabled.
	Gone bool
}

const (
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	// giveUpAfter is the time after which a delivery is given up.
	giveUpAfter = 3 * 24 * time.Hour
)

// wait returns the delay after the given number of attempts. The delay doubles with every attempt. It is shortened by a random
// part of up to a tenth, so that deliveries that failed together are not repeated together.
func wait(attempts int) time.Duration {
	d := firstWait
	for i := 1; i < attempts && d < longestWait; i++ {
		d *= 2
	}
	d = min(d, longestWait)
	// #nosec G404 -- Jitter is not a secret.
	return d - rand.N(d/10)
}

// result returns the result of an attempt. status is the HTTP status code of the response. failure is the reason of a failed
// attempt, or "" for a success.
func (d Dispatch) result(at time.Time, code int, failure string) Attempt {
	a := Attempt{Seq: d.Seq, State: Succeeded, At: at, NextAt: at, HTTPCode: code, Error: failure}
	if failure == "" {
		return a
	}
	a.State, a.NextAt, a.Gone = Pending, at.Add(wait(d.Attempts+1)), code == statusGone
	if a.Gone || a.NextAt.After(d.FirstAt.Add(giveUpAfter)) {
		a.State = Failed
	}
	return a
}
