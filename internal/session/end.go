package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

var errNotFound = fault.New(fault.NotFound, "Not found")

// Get returns the organization's session with the id, even if the session has ended, or fault.NotFound.
func (s *Service) Get(ctx context.Context, org token.Key, id token.ID) (Entry, error) {
	e, found, err := s.store.Entry(ctx, id.Key())
	if err == nil && (!found || e.ID != id || e.Organization != org) {
		err = errNotFound
	}
	s.addUnstored(&e)
	return e, err
}

// addUnstored adds data that the store does not have: uses that are not written yet, and whether the session's secret is
// active.
func (s *Service) addUnstored(e *Entry) {
	s.uses.recall(&e.Session)
	if e.EndedAt == nil && e.live(s.now()) && !s.secrets.Active(e.Secret) {
		e.EndReason = SecretRetired
	}
}

// List returns a page of sessions, and the number of sessions on all pages. A page after the last one is empty.
func (s *Service) List(ctx context.Context, q Query) ([]Entry, int, error) {
	if q.State != "" { // the state of a session depends on its last use
		if err := s.Flush(ctx); err != nil {
			return nil, 0, err
		}
	}
	q.Now, q.Active = s.instant(), s.secrets.IDs()
	page, total, err := s.store.Entries(ctx, q)
	for i := range page {
		s.addUnstored(&page[i])
	}
	return page, total, err
}

// Revoke ends the organization's session with the id and returns the changed session, or returns fault.NotFound. A session that
// ended before stays unchanged. When Revoke returns, this process refuses the session. Other processes refuse it within
// [MaxStaleness].
func (s *Service) Revoke(ctx context.Context, org token.Key, id token.ID, reason Reason) (Entry, error) {
	if s.uses.hasFirst(id.Key()) { // so that the event of the first use comes before that of the end
		if err := s.Flush(ctx); err != nil {
			return Entry{}, err
		}
	}
	return s.change(ctx, org, id, func(e *Entry, now time.Time) error {
		if e.State(now) == Live {
			e.EndedAt, e.EndReason, e.ModifiedAt = &now, reason, &now
		}
		return nil
	})
}

// RevokeToken is like [Service.Revoke], but takes the token of the session. It reports whether a session has this token. If org
// is not 0, sessions of other organizations count as unknown.
func (s *Service) RevokeToken(ctx context.Context, org token.Key, t token.Token, reason Reason) (known bool, err error) {
	e, found, err := s.store.Entry(ctx, t.Key())
	if err != nil || !found || e.Kind != t.Kind() || org != 0 && e.Organization != org || !s.secrets.Verify(t, e.Secret, e.Hash) {
		return false, err
	}
	_, err = s.Revoke(ctx, e.Organization, e.ID, reason)
	if fault.Is(err, fault.NotFound) { // the session was deleted during the call
		err = nil
	}
	return err == nil, err
}

// Change holds the changes to a session. Nil fields stay unchanged.
type Change struct {
	// Lifetime is how long the session lasts from now.
	Lifetime *time.Duration
	Metadata map[string]any
}

var (
	errEnded   = fault.New(fault.Conflict, "The session has ended and cannot be changed. Create a new one.")
	errShorter = fault.New(fault.Conflict, "The new expiry is earlier than the current one. To end the session early, revoke it.")
)

// Change changes the organization's session with the id and returns the changed session. It returns fault.NotFound, and
// fault.Conflict if the session is not live, is impersonated or would end earlier than before.
func (s *Service) Change(ctx context.Context, org token.Key, id token.ID, c Change) (Entry, error) {
	return s.change(ctx, org, id, func(e *Entry, now time.Time) error {
		if e.State(now) != Live {
			return errEnded
		}
		if e.Impersonated {
			return errImpersonated
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
		s.addUnstored(e)
		err := f(e, s.instant())
		changed = *e
		return err
	})
	if err == nil && !found {
		err = errNotFound
	}
	if err == nil && changed.EndedAt == nil {
		s.cache.put(changed.Record, epoch) // Verify in this process uses the new expiry at once
	}
	return changed, err
}

// Inspection is the result of inspecting a token.
type Inspection struct {
	// Known reports whether the token belongs to a session of the organization. If it is false, the other fields are empty.
	Known bool
	Entry Entry
	// Retired reports whether the secret that hashed the token is not active anymore.
	Retired bool
	State   State
}

// Inspect returns the state of the session with the token. A token of another organization counts as unknown.
func (s *Service) Inspect(ctx context.Context, org token.Key, t token.Token) (Inspection, error) {
	e, found, err := s.store.Entry(ctx, t.Key())
	if err != nil || !found || e.Organization != org || e.Kind != t.Kind() {
		return Inspection{}, err
	}
	s.addUnstored(&e)
	inspection := Inspection{Known: true, Entry: e, State: e.State(s.instant()), Retired: !s.secrets.Active(e.Secret)}
	if !inspection.Retired && !s.secrets.Verify(t, e.Secret, e.Hash) {
		return Inspection{}, nil // a forged token with the key of a real session
	}
	return inspection, nil
}
