package directory

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// AccessToken lets an organization's own servers in. The token itself was shown once, when it was made.
type AccessToken struct {
	ID           token.ID
	Organization token.ID
	Scopes       []Scope
	Comment      string
	Hash         token.Hash
	Secret       token.SecretID
	CreatedAt    time.Time
	ModifiedAt   *time.Time
	// ExpiresAt is nil for a token that does not expire.
	ExpiresAt *time.Time
	// LastUsedAt is exact to a minute; nil for a token that was never used.
	LastUsedAt *time.Time
	// RevokedAt is set by a change that revokes the token; one that was found has none.
	RevokedAt *time.Time
}

// NewAccessToken is what [Service.CreateAccessToken] needs to know.
type NewAccessToken struct {
	// Scopes are at least one.
	Scopes []Scope
	// Comment tells people what the token is for.
	Comment string
	// ExpiresIn is how long the token lives; nil for one that does not expire.
	ExpiresIn *time.Duration
}

// AccessTokenQuery asks for a page of an organization's access tokens. Sort knows created_at, comment and last_used_at.
type AccessTokenQuery struct {
	Organization token.Key
	Sort         []Sort
	Page         Page
}

// AccessTokenChange says what to change of an access token; what is nil stays.
type AccessTokenChange struct {
	Scopes  []Scope
	Comment *string
}

func (d *Service) newAccessToken(org Organization, n NewAccessToken, now time.Time) (AccessToken, token.Token) {
	id := token.NewID(now)
	secret := token.Mint(token.Organization, id.Key())
	t := AccessToken{ID: id, Organization: org.ID, Scopes: n.Scopes, Comment: n.Comment, CreatedAt: now}
	if n.ExpiresIn != nil {
		end := now.Add(*n.ExpiresIn).Truncate(time.Microsecond)
		t.ExpiresAt = &end
	}
	t.Hash, t.Secret = d.secrets.Hash(secret)
	return t, secret
}

// CreateAccessToken makes an access token. It yields fault.RuleViolated when it would have expired by now.
func (d *Service) CreateAccessToken(ctx context.Context, org Organization, n NewAccessToken) (AccessToken, token.Token, error) {
	if n.ExpiresIn != nil && (*n.ExpiresIn <= 0 || *n.ExpiresIn > maxExpiresIn) {
		input, _ := json.Marshal(n.ExpiresIn.Seconds())
		return AccessToken{}, token.Token{}, fault.Rule(refused("expires_in", "An access token lives for more than no time, and for at most a hundred years.", input))
	}
	record, secret := d.newAccessToken(org, n, d.instant())
	return record, secret, d.store.InsertAccessToken(ctx, record)
}

const maxExpiresIn = 100 * 365 * 24 * time.Hour

// AccessTokens returns a page of access tokens, and how many there are on all pages.
func (d *Service) AccessTokens(ctx context.Context, q AccessTokenQuery) ([]AccessToken, int, error) {
	return d.store.AccessTokens(ctx, q)
}

// AccessToken returns the organization's access token with that id, or fault.NotFound.
func (d *Service) AccessToken(ctx context.Context, org Organization, id token.ID) (AccessToken, error) {
	t, found, err := d.store.AccessToken(ctx, id.Key())
	return one(t, found && t.ID == id && t.Organization == org.ID, err, "Not found")
}

// ChangeAccessToken changes an access token of the organization and returns it as it is then, or fault.NotFound.
func (d *Service) ChangeAccessToken(ctx context.Context, org Organization, id token.ID, c AccessTokenChange) (AccessToken, error) {
	return d.changeAccessToken(ctx, org, id, func(t *AccessToken, now time.Time) {
		if c.Scopes != nil {
			t.Scopes = slices.Clone(c.Scopes)
		}
		if c.Comment != nil {
			t.Comment = *c.Comment
		}
		t.ModifiedAt = &now
	})
}

// RevokeAccessToken ends an access token of the organization, or yields fault.NotFound. It is durable when it returns.
func (d *Service) RevokeAccessToken(ctx context.Context, org Organization, id token.ID) error {
	_, err := d.changeAccessToken(ctx, org, id, func(t *AccessToken, now time.Time) { t.RevokedAt = &now })
	return err
}

// EndAccessToken ends an access token by itself, whichever organization's it is, and reports whether it is one that an
// organization has, or had and revoked. It is durable when it returns.
func (d *Service) EndAccessToken(ctx context.Context, t token.Token) (known bool, err error) {
	a, found, err := d.store.IssuedAccessToken(ctx, t.Key())
	if err != nil || !found || t.Kind() != token.Organization || !d.secrets.Verify(t, a.Secret, a.Hash) {
		return false, err
	}
	_, err = d.store.ChangeAccessToken(ctx, t.Key(), func(a *AccessToken) error {
		now := d.instant()
		a.RevokedAt = &now
		return nil
	})
	return err == nil, err
}

func (d *Service) changeAccessToken(ctx context.Context, org Organization, id token.ID, f func(t *AccessToken, now time.Time)) (AccessToken, error) {
	var changed AccessToken
	found, err := d.store.ChangeAccessToken(ctx, id.Key(), func(t *AccessToken) error {
		if t.ID != id || t.Organization != org.ID {
			return fault.New(fault.NotFound, "Not found")
		}
		f(t, d.instant())
		changed = *t
		return nil
	})
	return one(changed, found, err, "Not found")
}

// touchEvery is how exact LastUsedAt is.
const touchEvery = time.Minute

// errSecretRetired tells the log, and not the caller, why a token of a secret that was taken away is refused.
var errSecretRetired = errors.New("the secret that the access token was hashed with is not active any more (secret_retired)")

// VerifyAccessToken returns the live access token and its organization, or fault.InvalidToken.
func (d *Service) VerifyAccessToken(ctx context.Context, t token.Token) (AccessToken, Organization, error) {
	errNotLive := fault.New(fault.InvalidToken, "The access token is not live.")
	a, found, err := d.store.AccessToken(ctx, t.Key())
	if err != nil {
		return AccessToken{}, Organization{}, err
	}
	now := d.instant()
	if found && !d.secrets.Active(a.Secret) {
		return AccessToken{}, Organization{}, errNotLive.Because(errSecretRetired)
	}
	expired := found && a.ExpiresAt != nil && !now.Before(*a.ExpiresAt)
	if !found || expired || t.Kind() != token.Organization || !d.secrets.Verify(t, a.Secret, a.Hash) {
		return AccessToken{}, Organization{}, errNotLive
	}
	o, err := d.Organization(ctx, a.Organization.Key())
	if fault.Is(err, fault.NotFound) || err == nil && o.BlockedAt != nil {
		err = errNotLive
	}
	if err == nil && (a.LastUsedAt == nil || now.Sub(*a.LastUsedAt) >= touchEvery) {
		// A use that cannot be noted is a use all the same: the request itself will tell when the store is down.
		_ = d.store.TouchAccessToken(ctx, t.Key(), now)
	}
	return a, o, err
}
