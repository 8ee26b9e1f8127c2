package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// errNotLive does not reveal whether the session is unknown, expired, revoked or of another organization.
var errNotLive = fault.New(fault.InvalidToken, "The session is not live.")

// Verify returns the live session with the token, or fault.InvalidToken. Any other error comes from the store.
func (s *Service) Verify(ctx context.Context, t token.Token) (Session, error) {
	now := s.now()
	r, found := s.cache.get(t.Key())
	// Another process may have used or extended the session, so an expired cache entry is read from the store again.
	if !found || !s.log.fresh() || !r.live(now) {
		var err error
		if r, found, err = s.load(ctx, t.Key()); err != nil {
			return Session{}, err
		}
		s.uses.recall(&r.Session)
	}
	if !found || s.log.ended(&r.Session) || r.Kind != t.Kind() || !s.secrets.Verify(t, r.Secret, r.Hash) || !r.live(now) {
		s.activity.all.count(refused, now)
		return Session{}, errNotLive
	}
	s.activity.count(verified, r.Organization, now)
	return r.Session, nil
}

// Use is like [Service.Verify], and also records the use of the session. It calls the function from only if it records the use.
func (s *Service) Use(ctx context.Context, t token.Token, from func() Client) (Session, error) {
	live, err := s.Verify(ctx, t)
	if err == nil && live.UseDue(s.now()) {
		s.RecordUse(&live, from())
	}
	return live, err
}

// UseInterval is the minimum time between two recorded uses of a session without an idle timeout.
const UseInterval = time.Minute

// UseDue reports whether a use of the session at the given time must be recorded.
func (s *Session) UseDue(now time.Time) bool {
	return s.IdleTimeout > 0 || now.Sub(s.LastUsedAt) >= UseInterval
}
