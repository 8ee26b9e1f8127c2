package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

// Rotation holds the parameters of [Service.RotateAccessToken].
type Rotation struct {
	// Overlap is how long the old token stays valid. 0 revokes it at once. The maximum is [MaxOverlap].
	Overlap time.Duration
	// ExpiresIn is how long the successor is valid. Nil means that it expires when the old token would have.
	ExpiresIn *time.Duration
	// Once makes the rotation repeatable, unless it is nil.
	Once *idempotency.Once[NewlyIssued]
}

// The default and the maximum time for which a rotated access token stays valid.
const (
	DefaultOverlap = 24 * time.Hour
	MaxOverlap     = 7 * 24 * time.Hour
)

// RotateAccessToken replaces an access token by a successor with the same parent, scopes and comment. The tokens below the old
// token move to the successor. The old token ends after the overlap.
//
// It returns fault.NotFound, fault.NotPermitted if the token is stronger than the authority's, fault.Conflict if the token has
// expired, fault.QuotaExceeded as in CreateAccessToken, and fault.RuleViolated if the successor would outlive its parent or the authority's token, or if a duration is out of
// range.
func (d *Service) RotateAccessToken(ctx context.Context, org Organization, by Authority, id token.ID, r Rotation) (successor AccessToken, secret token.Token, err error) {
	if r.Overlap < 0 || r.Overlap > MaxOverlap {
		return successor, secret, fault.Rule(refused("overlap", "A rotated access token stays valid for 0 to 604800 seconds (7 days).", inSeconds(r.Overlap)))
	}
	err = d.changeTokens(ctx, org.ID.Key(), TokenSetChange{Claim: r.Once.Claim(), Target: id}, func(s *TokenSet, now time.Time) error {
		actor, err := s.actor(by, now)
		if err != nil {
			return err
		}
		i, err := s.target(id, actor)
		if err != nil {
			return err
		}
		next, err := s.successor(s.Tokens[i], actor, r.ExpiresIn, now)
		if err != nil {
			return err
		}
		successor, secret = d.issue(next, now)
		r.Once.Made(NewlyIssued{successor, secret})
		return s.replace(i, successor, r.Overlap, d.limits.AccessTokens, now)
	})
	return successor, secret, err
}

// successor returns the token that replaces old, still without an ID and a secret. actor is nil if the authority is not
// restricted.
func (s *TokenSet) successor(old AccessToken, actor *AccessToken, lifetime *time.Duration, now time.Time) (AccessToken, error) {
	next := AccessToken{Organization: old.Organization, Parent: old.Parent, Scopes: old.Scopes, Comment: old.Comment, ExpiresAt: old.ExpiresAt}
	if old.Expired(now) {
		return next, fault.New(fault.Conflict, "The access token has expired, so it cannot be rotated. Create a new one.")
	}
	if lifetime != nil {
		var err error
		if next.ExpiresAt, err = expiry(lifetime, now); err != nil {
			return next, err
		}
	}
	if p := s.index(old.Parent.Key()); p >= 0 && outlives(next.ExpiresAt, s.Tokens[p].ExpiresAt) {
		return next, errOutlives("its parent", *s.Tokens[p].ExpiresAt, lifetime)
	}
	if actor != nil {
		if outlives(next.ExpiresAt, actor.ExpiresAt) {
			return next, errOutlives("the one that rotates it", *actor.ExpiresAt, lifetime)
		}
		next.Creator = actor.ID.Key()
	}
	return next, nil
}

// replace adds the successor of the token at position i, moves the tokens below that token to the successor, and ends the token
// after the overlap. It returns fault.QuotaExceeded if the organization then has more than limit live tokens.
func (s *TokenSet) replace(i int, successor AccessToken, overlap time.Duration, limit int, now time.Time) error {
	s.Rotated = true
	old := &s.Tokens[i]
	end := now.Add(overlap)
	old.ModifiedAt, old.ExpiresAt = &now, earlier(&end, old.ExpiresAt)
	if overlap == 0 {
		old.RevokedAt = &now
	}
	for i := range s.Tokens {
		if t := &s.Tokens[i]; t.Parent == old.ID {
			t.Parent, t.ModifiedAt = successor.ID, &now
		}
	}
	if err := s.add(successor, limit, now); err != nil {
		return err
	}
	s.narrow(successor.ID.Key(), now)
	return nil
}
