package directory

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// NewAccessToken holds the parameters of [Service.CreateAccessToken].
type NewAccessToken struct {
	// Scopes are the scopes of the token.
	Scopes []Scope
	// Comment describes the purpose of the token.
	Comment string
	// ExpiresIn is how long the token is valid. Nil means as long as its parent, or without limit if it has no parent.
	ExpiresIn *time.Duration
	// Once makes the create repeatable, unless it is nil.
	Once *idempotency.Once[NewlyIssued]
}

// NewlyIssued is a new access token together with its secret text.
type NewlyIssued struct {
	AccessToken
	Token token.Token
}

// AccessTokenChange holds the changes to an access token. Nil fields stay unchanged.
type AccessTokenChange struct {
	Scopes  []Scope
	Comment *string
}

const maxExpiresIn = 100 * 365 * 24 * time.Hour

// expiry returns the time at which a new token expires, or nil. It returns fault.RuleViolated if the lifetime is not positive or
// exceeds a hundred years.
func expiry(lifetime *time.Duration, now time.Time) (*time.Time, error) {
	if lifetime == nil {
		return nil, nil
	}
	if *lifetime <= 0 || *lifetime > maxExpiresIn {
		return nil, fault.Rule(refused("expires_in", "An access token is valid for more than 0 seconds and for at most 100 years.", inSeconds(*lifetime)))
	}
	end := now.Add(*lifetime).Truncate(time.Microsecond)
	return &end, nil
}

// inSeconds returns a duration as a number of seconds, which is an integer if the seconds are whole.
func inSeconds(d time.Duration) any {
	if d%time.Second == 0 {
		return int64(d / time.Second)
	}
	return d.Seconds()
}

// errOutlives returns the error for a lifetime that ends after limit, the expiry of another token. whose describes
// that token.
func errOutlives(whose string, limit time.Time, lifetime *time.Duration) error {
	var input any
	if lifetime != nil {
		input = inSeconds(*lifetime)
	}
	return fault.Rule(refused("expires_in", "An access token cannot outlive "+whose+", which expires at "+limit.Format(time.RFC3339)+". Set a shorter expires_in.", input))
}

// issue returns a new access token with a new secret.
func (d *Service) issue(t AccessToken, now time.Time) (AccessToken, token.Token) {
	t.ID, t.CreatedAt = token.NewID(now), now
	secret := token.Mint(token.Organization, t.ID.Key())
	t.Hash, t.Secret = d.secrets.Hash(secret)
	return t, secret
}

// changeTokens calls change with the organization's access tokens, stores the result, and ends the sessions of the
// tokens in [TokenSet.Ending].
func (d *Service) changeTokens(ctx context.Context, org token.Key, c TokenSetChange, change func(s *TokenSet, now time.Time) error) error {
	ends := false
	c.Now = d.instant()
	err := d.store.ChangeAccessTokens(ctx, org, c, func(s *TokenSet) error {
		err := change(s, c.Now)
		ends = len(s.Ending) > 0
		return err
	})
	if err == nil && ends {
		err = d.endCreatedSessions(ctx, promptSessions)
	}
	return err
}

// CreateAccessToken creates an access token. The token of the authority becomes its parent. It returns fault.RuleViolated if the
// token would have scopes that its parent lacks, would outlive its parent, or has an invalid lifetime, fault.QuotaExceeded if the
// organization has [Limits.AccessTokens] live access tokens, and fault.InvalidToken if the parent has just been revoked.
func (d *Service) CreateAccessToken(ctx context.Context, org Organization, by Authority, n NewAccessToken) (created AccessToken, secret token.Token, err error) {
	err = d.changeTokens(ctx, org.ID.Key(), TokenSetChange{Claim: n.Once.Claim()}, func(s *TokenSet, now time.Time) error {
		t := AccessToken{Organization: org.ID, Comment: n.Comment}
		parent, err := s.actor(by, now)
		if err != nil {
			return err
		}
		if t.Scopes, err = delegate(parent, n.Scopes); err != nil {
			return err
		}
		if t.ExpiresAt, err = expiry(n.ExpiresIn, now); err != nil {
			return err
		}
		if parent != nil {
			if n.ExpiresIn != nil && outlives(t.ExpiresAt, parent.ExpiresAt) {
				return errOutlives("the one that creates it", *parent.ExpiresAt, n.ExpiresIn)
			}
			t.Parent, t.Creator, t.ExpiresAt = parent.ID, parent.ID.Key(), earlier(t.ExpiresAt, parent.ExpiresAt)
		}
		created, secret = d.issue(t, now)
		n.Once.Made(NewlyIssued{created, secret})
		return s.add(created, d.limits.AccessTokens, now)
	})
	return created, secret, d.counted("access-tokens", err)
}

// ChangeAccessToken changes an access token of the organization and returns it. The tokens below it lose the scopes that it loses.
// It returns fault.NotFound, fault.NotPermitted if the token is stronger than the authority's, and fault.RuleViolated for scopes
// that the authority or the token's parent lacks.
func (d *Service) ChangeAccessToken(ctx context.Context, org Organization, by Authority, id token.ID, c AccessTokenChange) (changed AccessToken, err error) {
	err = d.changeTokens(ctx, org.ID.Key(), TokenSetChange{Target: id}, func(s *TokenSet, now time.Time) error {
		actor, err := s.actor(by, now)
		if err != nil {
			return err
		}
		i, err := s.target(id, actor)
		if err != nil {
			return err
		}
		t := &s.Tokens[i]
		if c.Scopes != nil {
			if t.Scopes, err = s.rescope(actor, *t, c.Scopes); err != nil {
				return err
			}
		}
		if c.Comment != nil {
			t.Comment = *c.Comment
		}
		t.ModifiedAt = &now
		changed = *t
		s.narrow(id.Key(), now)
		return nil
	})
	return changed, err
}

// rescope returns the new scopes of a token.
func (s *TokenSet) rescope(actor *AccessToken, t AccessToken, requested []Scope) ([]Scope, error) {
	scopes, err := delegate(actor, requested)
	if err != nil {
		return nil, err
	}
	if actor != nil && outlives(t.ExpiresAt, actor.ExpiresAt) {
		if err := refuseScopes(lacking(t.Scopes, scopes), requested, "An access token cannot add a scope to a token that outlives it."); err != nil {
			return nil, err
		}
	}
	if p := s.index(t.Parent.Key()); p >= 0 {
		err = refuseScopes(lacking(s.Tokens[p].Scopes, scopes), requested, "An access token cannot have a scope that its parent does not have.")
	}
	return scopes, err
}

// RevokeAccessToken revokes an access token of the organization and the tokens below it, durably. If endSessions is true, it also
// ends the sessions that were created with these tokens. It returns fault.NotFound, and fault.NotPermitted if the token is
// stronger than the authority's.
func (d *Service) RevokeAccessToken(ctx context.Context, org Organization, by Authority, id token.ID, endSessions bool) error {
	return d.changeTokens(ctx, org.ID.Key(), TokenSetChange{Target: id, Made: endSessions}, func(s *TokenSet, now time.Time) error {
		actor, err := s.actor(by, now)
		if err != nil {
			return err
		}
		if _, err := s.target(id, actor); err != nil {
			return err
		}
		ended := s.revoke(id.Key(), now)
		if endSessions {
			for _, key := range s.Made { // tokens below this one that were revoked earlier
				if s.index(key) < 0 {
					ended = append(ended, key)
				}
			}
			s.endSessions(ended, session.AccessTokenRevoked, now)
		}
		return nil
	})
}

// leakReach is how long after the end of a token a report of its leak still ends the tokens that were made with it. It is bounded,
// so that a token that ended long ago cannot be used to end the tokens that replaced it.
const leakReach = 7 * 24 * time.Hour

// EndAccessToken revokes a leaked access token, durably, with everything that was made with it: the tokens that it created or made
// by rotation, the tokens below these, and the sessions that all of them created. If the token ended more than a week ago, it ends
// only the sessions. It reports whether the server ever issued this token.
func (d *Service) EndAccessToken(ctx context.Context, t token.Token) (known bool, err error) {
	a, found, err := d.store.IssuedAccessToken(ctx, t.Key())
	if err != nil || !found || t.Kind() != token.Organization || !d.secrets.Verify(t, a.Secret, a.Hash) {
		return false, err
	}
	err = d.changeTokens(ctx, a.Organization.Key(), TokenSetChange{Target: a.ID, Made: true}, func(s *TokenSet, now time.Time) error {
		made := append([]token.Key{t.Key()}, s.Made...)
		if !a.endedBefore(now.Add(-leakReach)) {
			for _, key := range slices.Clone(made) {
				made = append(made, s.revoke(key, now)...)
			}
		}
		s.endSessions(made, session.AccessTokenLeaked, now)
		return nil
	})
	return err == nil, err
}
