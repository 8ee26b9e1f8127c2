package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

var errNotFound = fault.New(fault.NotFound, "Not found")

// Get returns the organization's session with that id, whether it is live or not, or fault.NotFound.
func (s *Service) Get(ctx context.Context, org token.Key, id token.ID) (Entry, error) {
	e, found, err := s.store.Entry(ctx, id.Key())
	if err == nil && (!found || e.ID != id || e.Organization != org) {
		err = errNotFound
	}
	s.complete(&e)
	return e, err
}

// complete adds to an entry from the store what the store does not know: the last use, and that its secret is retired.
func (s *Service) complete(e *Entry) {
	s.seen.recall(&e.Session)
	if e.EndedAt == nil && e.live(s.now()) && !s.secrets.Active(e.Secret) {
		e.EndReason = SecretRetired
	}
}

// List returns a page of sessions, and how many there are on all pages. A page behind the last one is empty.
func (s *Service) List(ctx context.Context, q Query) ([]Entry, int, error) {
	if q.State != "" { // it follows from the last use, which the store must know then
		if err := s.Flush(ctx); err != nil {
			return nil, 0, err
		}
	}
	q.Now, q.Active = s.instant(), s.secrets.IDs()
	page, total, err := s.store.Entries(ctx, q)
	for i := range page {
		s.complete(&page[i])
	}
	return page, total, err
}

// Revoke ends the organization's session with that id, and returns it as it is then, or yields fault.NotFound. A session
// that has ended before stays as it is. When Revoke returns, nobody gets in any more through this process, and nobody
// through any other within [MaxStaleness].
func (s *Service) Revoke(ctx context.Context, org token.Key, id token.ID, reason Reason) (Entry, error) {
	return s.change(ctx, org, id, func(e *Entry, now time.Time) error {
		if e.State(now) == Live {
			e.EndedAt, e.EndReason, e.ModifiedAt = &now, reason, &now
		}
		return nil
	})
}

// RevokeToken ends the session that the token opens, and reports whether the token opens one or has opened one lately. With
// org 0 it may be any organization's; of another's it says and does no more than of a token that never was. It promises what
// [Service.Revoke] does.
func (s *Service) RevokeToken(ctx context.Context, org token.Key, t token.Token, reason Reason) (known bool, err error) {
	e, found, err := s.store.Entry(ctx, t.Key())
	if err != nil || !found || e.Kind != t.Kind() || org != 0 && e.Organization != org || !s.secrets.Verify(t, e.Secret, e.Hash) {
		return false, err
	}
	_, err = s.Revoke(ctx, e.Organization, e.ID, reason)
	if fault.Is(err, fault.NotFound) { // it was forgotten meanwhile
		err = nil
	}
	return err == nil, err
}

// Change is what an issuer changes of a session; what is nil stays.
type Change struct {
	// Lifetime is how long the session lasts from now on.
	Lifetime *time.Duration
	Metadata map[string]any
}

var (
	errOver    = fault.New(fault.Conflict, "The session has ended, and cannot be changed any more.")
	errShorter = fault.New(fault.Conflict, "The session would end earlier than it does now: revoke it instead.")
)

// Change changes the organization's session with that id, and returns it as it is then, or yields fault.NotFound. It yields
// fault.Conflict for a session that is not live, or that would end earlier.
func (s *Service) Change(ctx context.Context, org token.Key, id token.ID, c Change) (Entry, error) {
	return s.change(ctx, org, id, func(e *Entry, now time.Time) error {
		if e.State(now) != Live {
			return errOver
		}
		if c.Lifetime != nil {
			end := now.Add(*c.Lifetime).Truncate(time.Microsecond)
			if end.Before(e.ExpiresAt) {
				return errShorter
			}
			e.ExpiresAt = end
		}
		if c.Metadata != nil {
			e.Metadata = c.Metadata
		}
		e.ModifiedAt = &now
		return nil
	})
}

func (s *Service) change(ctx context.Context, org token.Key, id token.ID, f func(e *Entry, now time.Time) error) (Entry, error) {
	var changed Entry
	epoch := s.cache.epoch.Load()
	found, err := s.store.ChangeSession(ctx, id.Key(), func(e *Entry) error {
		if e.ID != id || e.Organization != org {
			return errNotFound
		}
		s.complete(e)
		err := f(e, s.instant())
		changed = *e
		return err
	})
	if err == nil && !found {
		err = errNotFound
	}
	if err == nil && changed.EndedAt == nil {
		s.cache.put(changed.Record, epoch) // its holder is told of the new end too
	}
	return changed, err
}

// Inspection is what is known of a token.
type Inspection struct {
	// Known is whether the token opens, or has opened, a session of the organization; without it, Entry says nothing.
	Known bool
	Entry Entry
	// Retired is whether the secret that the token was hashed with is not active any more.
	Retired bool
	State   State
}

// Inspect says how the session is doing that a token opens, to the organization that issued it. Of any other
// organization's it says no more than of a token that never was.
func (s *Service) Inspect(ctx context.Context, org token.Key, t token.Token) (Inspection, error) {
	e, found, err := s.store.Entry(ctx, t.Key())
	if err != nil || !found || e.Organization != org || e.Kind != t.Kind() {
		return Inspection{}, err
	}
	s.complete(&e)
	standing := Inspection{Known: true, Entry: e, State: e.State(s.instant()), Retired: !s.secrets.Active(e.Secret)}
	if !standing.Retired && !s.secrets.Verify(t, e.Secret, e.Hash) {
		return Inspection{}, nil // somebody knows the public part of a token
	}
	return standing, nil
}
