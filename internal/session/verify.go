package session

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// errNotLive does not say whether the session is unknown, expired, revoked or another's: its holder must not learn it.
var errNotLive = fault.New(fault.InvalidToken, "The session is not live.")

// Verify returns the live session that the token opens, or fault.InvalidToken. Any other error is the store's.
func (s *Service) Verify(ctx context.Context, t token.Token) (Session, error) {
	now := s.now()
	r, found := s.cache.get(t.Key())
	// An idle session may have been used elsewhere, and an expired one been extended: the store knows.
	if !found || !s.log.fresh() || !r.live(now) {
		var err error
		if r, found, err = s.load(ctx, t.Key()); err != nil {
			return Session{}, err
		}
		s.seen.recall(&r.Session)
	}
	if !found || s.log.ended(&r.Session) || r.Kind != t.Kind() || !s.secrets.Verify(t, r.Secret, r.Hash) || !r.live(now) {
		s.activity.all.count(refused, now)
		return Session{}, errNotLive
	}
	s.activity.count(verified, r.Organization, now)
	return r.Session, nil
}

// Use is [Service.Verify] for a request of the session's holder: it notes the use. from is asked only when that is due.
func (s *Service) Use(ctx context.Context, t token.Token, from func() Client) (Session, error) {
	live, err := s.Verify(ctx, t)
	if err == nil && live.UseDue(s.now()) {
		s.RecordUse(&live, from())
	}
	return live, err
}

// UseInterval is how exact the last use of a session is known, unless it has an idle timeout.
const UseInterval = time.Minute

// UseDue reports whether a use of the session now is worth telling [Service.RecordUse].
func (s *Session) UseDue(now time.Time) bool {
	return s.IdleTimeout > 0 || now.Sub(s.LastUsedAt) >= UseInterval
}
