package webhook

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// Endpoint is a URL that receives events of an organization.
type Endpoint struct {
	ID, Organization token.ID
	URL              string
	Name             *string
	// Kinds are the types of events that are sent.
	Kinds []Kind
	// Secret signs events. OldSecret is the previous secret and also signs events until OldUntil. Both are stored in clear text,
	// because signing needs them. A stolen secret allows forging events, but gives no access to sessions.
	Secret, OldSecret Secret
	OldUntil          time.Time
	// Enabled reports whether events are sent to the endpoint.
	Enabled bool
	// FailingAt is the time at which a delivery was given up. It is nil if a later delivery succeeded or no delivery was given
	// up.
	FailingAt  *time.Time
	CreatedAt  time.Time
	ModifiedAt *time.Time
}

// NewEndpoint holds the parameters of [Service.Create].
type NewEndpoint struct {
	URL   string
	Name  *string
	Kinds []Kind
	// Once makes the create repeatable, unless it is nil.
	Once *idempotency.Once[Endpoint]
}

// EndpointChange describes a change of an endpoint. Nil fields are not changed.
type EndpointChange struct {
	URL, Name *string
	// ClearName removes the name.
	ClearName bool
	Kinds     []Kind
	Enabled   *bool
}

// oldSecretLifetime is how long the previous secret continues to sign events.
const oldSecretLifetime = 24 * time.Hour

var errNotFound = fault.New(fault.NotFound, "Not found")

// Create creates an enabled endpoint with a new secret. It returns fault.RuleViolated if the URL is not allowed or if n has no kinds
// of events, and fault.QuotaExceeded if the organization already has [Options].MaxEndpoints endpoints.
func (w *Service) Create(ctx context.Context, org token.ID, n NewEndpoint) (Endpoint, error) {
	now := w.instant()
	e := Endpoint{
		ID: token.NewID(now), Organization: org, URL: n.URL, Name: n.Name, Kinds: unique(n.Kinds), Secret: NewSecret(), Enabled: true, CreatedAt: now,
	}
	if err := w.check(e); err != nil {
		return Endpoint{}, err
	}
	n.Once.Made(e)
	inserted, err := w.store.InsertEndpoint(ctx, e, w.options.MaxEndpoints, n.Once.Claim())
	if err == nil && !inserted {
		w.options.Metrics.QuotaExceeded("endpoints")
		err = fault.New(fault.QuotaExceeded, fmt.Sprintf("This organization already has %d webhook endpoints, which is the maximum. Delete one that is not used any more.", w.options.MaxEndpoints))
	}
	return e, err
}

// check validates an endpoint. It does not resolve the host name; the address is checked whenever an event is sent.
func (w *Service) check(e Endpoint) error {
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || u.Hostname() == "":
		return invalid("url", "The URL is not valid. Send one such as https://example.com/webhooks.", e.URL)
	case u.Scheme != "https" && !(u.Scheme == "http" && w.options.AllowHTTP):
		return invalid("url", "The URL of a webhook endpoint must begin with https://.", e.URL)
	case u.User != nil:
		return invalid("url", "The URL of a webhook endpoint must not contain a user or a password.", e.URL)
	case len(e.Kinds) == 0:
		return invalid("events", "A webhook endpoint needs at least one event.", "")
	}
	return nil
}

func invalid(name, msg, input string) error {
	return fault.Rule(fault.Field{Type: "value_error", Name: []any{name}, Msg: msg, Input: wirejson.AppendString(nil, input)})
}

func unique(kinds []Kind) []Kind {
	var list []Kind
	for _, kind := range kinds {
		if !slices.Contains(list, kind) {
			list = append(list, kind)
		}
	}
	return list
}

// Get returns an endpoint of the organization. It returns fault.NotFound if the endpoint does not exist.
func (w *Service) Get(ctx context.Context, org, id token.ID) (Endpoint, error) {
	e, found, err := w.store.Endpoint(ctx, id.Key())
	if err == nil && (!found || e.ID != id || e.Organization != org) {
		return Endpoint{}, errNotFound
	}
	return e, err
}

// List returns a page of the organization's endpoints, oldest first, and the number of endpoints on all pages.
func (w *Service) List(ctx context.Context, org token.ID, page Page) ([]Endpoint, int, error) {
	return w.store.Endpoints(ctx, org.Key(), page)
}

// Change changes an endpoint of the organization and returns the changed endpoint. It returns fault.NotFound if the endpoint does
// not exist, and the same errors as [Service.Create]. When an endpoint is enabled, its pending deliveries are sent.
func (w *Service) Change(ctx context.Context, org, id token.ID, c EndpointChange) (Endpoint, error) {
	return w.change(ctx, org, id, func(e *Endpoint) error {
		if c.URL != nil {
			e.URL = *c.URL
		}
		if c.Name != nil || c.ClearName {
			e.Name = c.Name
		}
		if c.Kinds != nil {
			e.Kinds = unique(c.Kinds)
		}
		if c.Enabled != nil {
			e.Enabled = *c.Enabled
		}
		return w.check(*e)
	})
}

// RotateSecret replaces the secret of an endpoint of the organization and returns the changed endpoint. It returns fault.NotFound
// if the endpoint does not exist. For 24 hours, events are signed with both secrets, so that the receiver has time to switch.
func (w *Service) RotateSecret(ctx context.Context, org, id token.ID) (Endpoint, error) {
	return w.change(ctx, org, id, func(e *Endpoint) error {
		e.OldSecret, e.OldUntil, e.Secret = e.Secret, w.instant().Add(oldSecretLifetime), NewSecret()
		return nil
	})
}

func (w *Service) change(ctx context.Context, org, id token.ID, f func(e *Endpoint) error) (Endpoint, error) {
	var changed Endpoint
	now := w.instant()
	found, err := w.store.ChangeEndpoint(ctx, id.Key(), now, func(e *Endpoint) error {
		if e.ID != id || e.Organization != org {
			return errNotFound
		}
		err := f(e)
		e.ModifiedAt = &now
		changed = *e
		return err
	})
	if err == nil && !found {
		err = errNotFound
	}
	return changed, err
}

// Delete deletes an endpoint of the organization and its deliveries. It returns fault.NotFound if the endpoint does not exist.
func (w *Service) Delete(ctx context.Context, org, id token.ID) error {
	found, err := w.store.DeleteEndpoint(ctx, org.Key(), id)
	if err == nil && !found {
		err = errNotFound
	}
	return err
}
