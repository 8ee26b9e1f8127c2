// Package webhook sends events about sessions to URLs that organizations register. The requests are signed as the Standard
// Webhooks specification describes (https://www.standardwebhooks.com).
//
//	hooks := webhook.New(store, time.Now, webhook.Options{})
//	endpoint, err := hooks.Create(ctx, org, webhook.NewEndpoint{URL: "https://example.com/hook", Kinds: webhook.Kinds()})
//	go hooks.Deliver(ctx, report) // until ctx ends
//
// The store inserts an event in the transaction that causes it, and only if an endpoint of the organization subscribes to its
// type. An event is delivered at least once, each time with the same webhook-id header. The events of one session are delivered
// in order; events of different sessions are delivered in any order. A failed delivery is repeated after 5 seconds. The delay
// then doubles with each attempt, up to one hour. After three days the delivery is given up.
//
// Each session has exactly one event of its end: "session.expired" if it reached its time limit or idle timeout, otherwise
// "session.revoked". This holds also if all sessions of a customer are ended at once.
package webhook

import (
	"context"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/token"
)

// Store stores endpoints, events and deliveries. Implementations are safe for concurrent use. A write returns after it is
// durable. A method with the result found returns false, and no error, if the row does not exist.
type Store interface {
	EndpointStore
	DeliveryStore
	// InsertEvent stores an event for the endpoints that subscribe to it. Without such an endpoint, it stores nothing.
	InsertEvent(ctx context.Context, e Event) error
	// EmitEndEvents checks up to limit sessions that may have ended, and stores the event of each session that has ended. It
	// returns the number of checked sessions.
	EmitEndEvents(ctx context.Context, now time.Time, limit int) (n int, err error)
	// PendingEnds returns the number of sessions of an organization that may have ended and whose end event is not stored yet.
	PendingEnds(ctx context.Context, org token.Key, now time.Time) (n int, err error)
	// OnEvent registers a function that is called after this process has stored an event. Call OnEvent once, before using the
	// store.
	OnEvent(f func())
}

// EndpointStore is the part of [Store] that stores endpoints. A new or newly enabled endpoint also receives the end events of the
// sessions that are live at that time.
type EndpointStore interface {
	// InsertEndpoint stores an endpoint. It returns false if the organization already has limit endpoints. A limit of 0 means no limit.
	// If claim is not nil and its idempotency key was used before, it returns [*idempotency.Repeated].
	InsertEndpoint(ctx context.Context, e Endpoint, limit int, claim *idempotency.Claim) (inserted bool, err error)
	// Endpoint returns the endpoint with the key.
	Endpoint(ctx context.Context, key token.Key) (e Endpoint, found bool, err error)
	// Endpoints returns a page of an organization's endpoints, oldest first, and the number of endpoints on all pages.
	Endpoints(ctx context.Context, org token.Key, page Page) (list []Endpoint, total int, err error)
	// ChangeEndpoint calls change with an endpoint and stores the changed endpoint, in one transaction. An error of change is
	// returned and nothing is stored. now is the current time.
	ChangeEndpoint(ctx context.Context, key token.Key, now time.Time, change func(e *Endpoint) error) (found bool, err error)
	// DeleteEndpoint deletes an endpoint of the organization and its deliveries.
	DeleteEndpoint(ctx context.Context, org token.Key, id token.ID) (found bool, err error)
}

// DeliveryStore is the part of [Store] that stores deliveries.
type DeliveryStore interface {
	// Deliveries returns a page of an organization's deliveries, latest first, and the number of deliveries on all pages.
	Deliveries(ctx context.Context, q DeliveryQuery) (list []Delivery, total int, err error)
	// BrowseDeliveries returns a page of an organization's deliveries by the delivery next to it, latest first.
	BrowseDeliveries(ctx context.Context, q BrowseQuery) (keyset.Page[Delivery], error)
	// Redeliver makes all deliveries of an event of the organization pending again.
	Redeliver(ctx context.Context, org token.Key, event token.ID, at time.Time) (found bool, err error)

	// DueEndpoints returns up to limit enabled endpoints that have due deliveries and whose key is greater than after, in the order
	// of their keys.
	DueEndpoints(ctx context.Context, now time.Time, after token.Key, limit int) ([]DueEndpoint, error)
	// LockEndpoint prevents other processes from delivering to the endpoint until release is called or this process ends. It
	// returns false if another process holds the lock.
	LockEndpoint(ctx context.Context, key token.Key) (release func(), locked bool, err error)
	// DueDeliveries returns up to limit due deliveries of an endpoint, in the order in which they became due. If several
	// pending deliveries have the same subject, it considers only the first.
	DueDeliveries(ctx context.Context, endpoint token.Key, now time.Time, limit int) ([]Dispatch, error)
	// SaveAttempts stores the results of attempts to deliver to an endpoint.
	SaveAttempts(ctx context.Context, endpoint token.Key, attempts []Attempt) error
}

// Page selects a page of a list. Number counts from 1; Limit is the number of entries on a page.
// After, unless 0, selects the entries that follow the entry with that key, which may be deleted, instead of those of page Number.
type Page struct {
	Number, Limit int
	After         token.Key
}

// Options configures where events may be sent. The zero value allows public addresses over https only.
type Options struct {
	// AllowHTTP also allows URLs without TLS, for development.
	AllowHTTP bool
	// AllowedNetworks are private networks that events may be sent to. IPv4 networks must be written as IPv4, not as IPv6.
	AllowedNetworks []netip.Prefix
	// MaxEndpoints is the maximum number of endpoints of an organization. 0 means no limit.
	MaxEndpoints int
	// Metrics counts refusals. It may be nil.
	Metrics *metrics.Metrics
	// UserAgent is the User-Agent header of deliveries. Default: Postern.
	UserAgent string
}

// Service manages endpoints and delivers events to them. It is safe for concurrent use.
type Service struct {
	store   Store
	now     func() time.Time
	options Options
	sender  sender
	// wakeup starts the next round of [Service.Deliver] at once. Its buffer holds one signal.
	wakeup chan struct{}
	busy   busy
	// next is the key of the endpoint after which the next round of [Service.Deliver] starts.
	next token.Key
}

// New returns a service that uses the store. now is the clock. The caller must run [Service.Deliver] in the background.
func New(store Store, now func() time.Time, o Options) *Service {
	w := &Service{store: store, now: now, options: o, sender: newSender(o), wakeup: make(chan struct{}, 1)}
	store.OnEvent(w.wakeUp)
	return w
}

func (w *Service) wakeUp() {
	select {
	case w.wakeup <- struct{}{}:
	default: // a signal is already pending
	}
}

// instant returns the current time as stores represent it: UTC, in whole microseconds.
func (w *Service) instant() time.Time { return w.now().UTC().Truncate(time.Microsecond) }

// PendingEnds returns the number of sessions of the organization that may have ended and whose end event is not stored yet.
// [Service.Deliver] checks these sessions within [PollInterval].
func (w *Service) PendingEnds(ctx context.Context, org token.Key) (int, error) {
	return w.store.PendingEnds(ctx, org, w.instant())
}
