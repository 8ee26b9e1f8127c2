package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// State says how a delivery is doing.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"
	Succeeded State = "succeeded"
	// Failed is a delivery that was given up.
	Failed State = "failed"
)

// Delivery is an event on its way to an endpoint.
type Delivery struct {
	ID, Endpoint token.ID
	State        State
	Attempts     int
	// NextAt is when it is tried next, while it is pending.
	NextAt time.Time
	// HTTPCode is the status of the last answer; 0 when there was none.
	HTTPCode int
	// Error is a word for why the last attempt has failed, one of those of [Attempt]; "" when it has not.
	Error     string
	CreatedAt time.Time
	// ModifiedAt is when it was last tried; nil for one that was not yet.
	ModifiedAt *time.Time
	// Event has no Subject here.
	Event Event
}

// DeliveryQuery asks for a page of an organization's deliveries.
type DeliveryQuery struct {
	Organization token.Key
	// Endpoint is a key; 0 asks for those of all.
	Endpoint token.Key
	// State, unless "", is that of the deliveries.
	State State
	Page  Page
}

// Deliveries returns a page of deliveries, the latest first, and how many there are on all pages. They are kept for 30 days.
func (w *Service) Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, int, error) {
	return w.store.Deliveries(ctx, q)
}

// Redeliver lets each endpoint that an event of the organization was for have it again, as if it had just happened; it yields
// fault.NotFound when there is no such event, or none of its endpoints any more.
func (w *Service) Redeliver(ctx context.Context, org, event token.ID) error {
	found, err := w.store.Redeliver(ctx, org.Key(), event, w.instant())
	if err == nil && !found {
		err = errNotFound
	}
	return err
}

// LoginFailed keeps the event of a login that has failed.
func (w *Service) LoginFailed(ctx context.Context, f LoginFailure) error {
	return w.store.InsertEvent(ctx, LoginFailedEvent(f, w.instant()))
}

// Dispatch is a delivery that is due.
type Dispatch struct {
	// Seq is its number, and Event the id of what it brings.
	Seq      int64
	Event    token.ID
	Body     []byte
	Attempts int
	// FirstAt is when it was to be delivered first.
	FirstAt time.Time
}

// Attempt is what became of a delivery.
type Attempt struct {
	Seq int64
	// State is Pending for one that is tried again at NextAt.
	State    State
	At       time.Time
	NextAt   time.Time
	HTTPCode int
	// Error is "", "timeout", "connection", "forbidden_address", "redirect" or "status".
	Error string
	// Gone is an endpoint that has said that it wants to hear nothing any more.
	Gone bool
}

const (
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	// giveUpAfter is how long an event is tried.
	giveUpAfter = 3 * 24 * time.Hour
)

// wait doubles with every attempt. It is shortened by up to a tenth, at random: what failed together must not come back together.
func wait(attempts int) time.Duration {
	d := firstWait
	for i := 1; i < attempts && d < longestWait; i++ {
		d *= 2
	}
	d = min(d, longestWait)
	return d - rand.N(d/10)
}

// attempt says what follows from the outcome of one.
func (d Dispatch) attempt(at time.Time, code int, failure string) Attempt {
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
