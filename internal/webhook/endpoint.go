package webhook

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Endpoint is where an organization hears of events.
type Endpoint struct {
	ID, Organization token.ID
	URL              string
	Name             *string
	// Kinds are the events that are sent.
	Kinds []Kind
	// Secret signs, and so does OldSecret, the one before, until OldUntil. Both are kept as they are, because they must be
	// used; who has one can forge events, and enter nowhere.
	Secret, OldSecret Secret
	OldUntil          time.Time
	// Enabled is false for an endpoint that gets nothing.
	Enabled bool
	// FailingAt is when an event was given up; nil for an endpoint that works, or works again.
	FailingAt  *time.Time
	CreatedAt  time.Time
	ModifiedAt *time.Time
}

// NewEndpoint is what [Service.Create] needs to know.
type NewEndpoint struct {
	URL   string
	Name  *string
	Kinds []Kind
}

// EndpointChange says what to change of an endpoint; what is nil stays.
type EndpointChange struct {
	URL, Name *string
	// ClearName takes the name away.
	ClearName bool
	Kinds     []Kind
	Enabled   *bool
}

const (
	// MaxEndpoints is how many endpoints an organization can have.
	MaxEndpoints = 10
	// overlap is how long the secret before goes on to sign.
	overlap = 24 * time.Hour
)

var errNotFound = fault.New(fault.NotFound, "Not found")

// Create makes an endpoint, which has a secret of its own. It yields fault.RuleViolated for a URL that may not be sent to, for no
// kinds of events, and for an organization that has [MaxEndpoints].
func (w *Service) Create(ctx context.Context, org token.ID, n NewEndpoint) (Endpoint, error) {
	now := w.instant()
	e := Endpoint{
		ID: token.NewID(now), Organization: org, URL: n.URL, Name: n.Name, Kinds: unique(n.Kinds), Secret: NewSecret(), Enabled: true, CreatedAt: now,
	}
	if err := w.check(e); err != nil {
		return Endpoint{}, err
	}
	inserted, err := w.store.InsertEndpoint(ctx, e, MaxEndpoints)
	if err == nil && !inserted {
		err = refused("url", "An organization has at most 10 webhook endpoints.", e.URL)
	}
	return e, err
}

// check refuses what can be told of beforehand. To which address a name leads is looked at whenever something is sent.
func (w *Service) check(e Endpoint) error {
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || u.Hostname() == "":
		return refused("url", "This is no URL that can be sent to.", e.URL)
	case u.Scheme != "https" && !(u.Scheme == "http" && w.options.AllowHTTP):
		return refused("url", "The URL of a webhook endpoint must begin with https://.", e.URL)
	case u.User != nil:
		return refused("url", "The URL of a webhook endpoint must not hold a user or a password.", e.URL)
	case len(e.Kinds) == 0:
		return refused("events", "A webhook endpoint needs at least one event.", "")
	}
	return nil
}

func refused(name, msg, input string) error {
	text, _ := json.Marshal(input) // a string always marshals
	return fault.Rule(fault.Field{Type: "value_error", Name: []any{name}, Msg: msg, Input: text})
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

// Get returns the organization's endpoint with that id, or fault.NotFound.
func (w *Service) Get(ctx context.Context, org, id token.ID) (Endpoint, error) {
	e, found, err := w.store.Endpoint(ctx, id.Key())
	if err == nil && (!found || e.ID != id || e.Organization != org) {
		return Endpoint{}, errNotFound
	}
	return e, err
}

// List returns a page of the organization's endpoints, the oldest first, and how many there are on all pages.
func (w *Service) List(ctx context.Context, org token.ID, page Page) ([]Endpoint, int, error) {
	return w.store.Endpoints(ctx, org.Key(), page)
}

// Change changes the organization's endpoint with that id and returns it as it is then. It yields fault.NotFound and what
// [Service.Create] does. An endpoint that is enabled gets what waits for it.
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

// RotateSecret gives the organization's endpoint with that id another secret, and returns the endpoint with it, or
// fault.NotFound. For a day everything is signed with both, so that a receiver can take its time.
func (w *Service) RotateSecret(ctx context.Context, org, id token.ID) (Endpoint, error) {
	return w.change(ctx, org, id, func(e *Endpoint) error {
		e.OldSecret, e.OldUntil, e.Secret = e.Secret, w.instant().Add(overlap), NewSecret()
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

// Delete deletes the organization's endpoint with that id, with what waits for it, or yields fault.NotFound.
func (w *Service) Delete(ctx context.Context, org, id token.ID) error {
	found, err := w.store.DeleteEndpoint(ctx, org.Key(), id)
	if err == nil && !found {
		err = errNotFound
	}
	return err
}
