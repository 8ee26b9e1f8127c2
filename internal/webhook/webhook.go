// Package webhook tells organizations what happens to their sessions, as signed HTTP requests after the Standard Webhooks
// specification (https://www.standardwebhooks.com).
//
//	hooks := webhook.New(store, time.Now, webhook.Options{})
//	endpoint, err := hooks.Create(ctx, org, webhook.NewEndpoint{URL: "https://example.com/hook", Kinds: webhook.Kinds()})
//	go hooks.Deliver(ctx, report) // until ctx ends
//
// An event is written by the store in the transaction of what it tells of, and only for an organization with an endpoint that
// wants to hear. It is delivered at least once: the webhook-id of an event is the same each time. The events of one session
// are delivered in their order; those of different sessions in any. What an endpoint does not take is sent again after 5
// seconds, then after twice as long each time, at most an hour, for three days.
//
// There is one event of the end of a session, whatever ended it: "session.revoked" for whoever ended it before its time,
// also for each of the sessions of a customer that were ended all at once, and else "session.expired".
package webhook

import (
	"context"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// Store keeps endpoints, events and deliveries. Implementations are safe for concurrent use, and a write returns only when it
// survives a crash. Every find reports false, and no error, when there is nothing to find.
type Store interface {
	EndpointStore
	DeliveryStore
	// InsertEvent keeps an event for the endpoints of its organization that want to hear it; for none, it keeps nothing.
	InsertEvent(ctx context.Context, e Event) error
	// EmitEndEvents looks at no more than limit of the sessions whose time has come, and keeps the event of each that has ended.
	// It returns how many it has looked at.
	EmitEndEvents(ctx context.Context, now time.Time, limit int) (n int, err error)
	// PendingEnds counts the sessions of an organization whose end, by itself or with others, no event tells of yet.
	PendingEnds(ctx context.Context, org token.Key, now time.Time) (n int, err error)
	// OnEvent has f called when this process has kept an event. It is called once, before the store is used.
	OnEvent(f func())
}

// EndpointStore is the part of [Store] that keeps endpoints. A new or newly enabled one hears of the end of the sessions that
// are live then, too.
type EndpointStore interface {
	// InsertEndpoint keeps an endpoint. It reports false, and keeps nothing, when the organization has as many as most.
	InsertEndpoint(ctx context.Context, e Endpoint, most int) (inserted bool, err error)
	// Endpoint finds an endpoint by its key.
	Endpoint(ctx context.Context, key token.Key) (e Endpoint, found bool, err error)
	// Endpoints returns a page of an organization's endpoints, the oldest first, and how many there are on all pages.
	Endpoints(ctx context.Context, org token.Key, page Page) (list []Endpoint, total int, err error)
	// ChangeEndpoint shows an endpoint to change, and keeps what change has made of it. now is the time.
	ChangeEndpoint(ctx context.Context, key token.Key, now time.Time, change func(e *Endpoint) error) (found bool, err error)
	// DeleteEndpoint deletes an endpoint of the organization with its deliveries.
	DeleteEndpoint(ctx context.Context, org token.Key, id token.ID) (found bool, err error)
}

// DeliveryStore is the part of [Store] that knows what is to be delivered.
type DeliveryStore interface {
	// Deliveries returns a page of an organization's deliveries, the latest first, and how many there are on all pages.
	Deliveries(ctx context.Context, q DeliveryQuery) (list []Delivery, total int, err error)
	// Redeliver lets each endpoint that an event of the organization was for have it again.
	Redeliver(ctx context.Context, org token.Key, event token.ID, at time.Time) (found bool, err error)

	// DueEndpoints returns the keys of enabled endpoints for which something is due, at most limit of them.
	DueEndpoints(ctx context.Context, now time.Time, limit int) ([]token.Key, error)
	// LockEndpoint keeps other processes from delivering to the endpoint until release is called or this process ends. It
	// reports false when another one does already.
	LockEndpoint(ctx context.Context, key token.Key) (release func(), locked bool, err error)
	// DueDeliveries returns what is due for an endpoint, the oldest first, at most limit of them, and of each subject only the
	// first that is pending.
	DueDeliveries(ctx context.Context, endpoint token.Key, now time.Time, limit int) ([]Dispatch, error)
	// SaveAttempts writes down what became of deliveries to an endpoint.
	SaveAttempts(ctx context.Context, endpoint token.Key, attempts []Attempt) error
}

// Page is a part of a list: Number counts from 1, Limit is how many entries there are on each.
type Page struct{ Number, Limit int }

// Options say where events may be sent. The zero value lets them go to public addresses alone, over https.
type Options struct {
	// AllowHTTP lets events be sent without TLS, for development.
	AllowHTTP bool
	// AllowedNetworks are networks that are not public and may be sent to all the same. Those of IPv4 are written as IPv4.
	AllowedNetworks []netip.Prefix
	// UserAgent names the server to endpoints; "" stands for Postern.
	UserAgent string
}

// Service keeps endpoints and delivers to them. Safe for concurrent use.
type Service struct {
	store   Store
	now     func() time.Time
	options Options
	sender  sender
	// kept has a place for one sign that an event was kept.
	kept chan struct{}
	busy busy
}

// New puts webhooks on a store. now is the clock; tests move it. Whoever calls New runs [Service.Deliver] too.
func New(store Store, now func() time.Time, o Options) *Service {
	w := &Service{store: store, now: now, options: o, sender: newSender(o), kept: make(chan struct{}, 1)}
	store.OnEvent(w.wake)
	return w
}

func (w *Service) wake() {
	select {
	case w.kept <- struct{}{}:
	default: // somebody will look anyway
	}
}

// instant is now as it can be stored: UTC, in whole microseconds.
func (w *Service) instant() time.Time { return w.now().UTC().Truncate(time.Microsecond) }

// PendingEnds is how many sessions of the organization have ended, all at once or by themselves, of which no event was written
// yet. It is 0 again soon: [Service.Deliver] works on them.
func (w *Service) PendingEnds(ctx context.Context, org token.Key) (int, error) {
	return w.store.PendingEnds(ctx, org, w.instant())
}
