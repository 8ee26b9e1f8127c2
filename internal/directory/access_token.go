package directory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
)

// AccessToken gives an organization's own servers access to the API. The store has only the hash of the token.
type AccessToken struct {
	ID           token.ID
	Organization token.ID
	Scopes       []Scope
	Comment      string
	Hash         token.Hash
	Secret       token.SecretID
	CreatedAt    time.Time
	ModifiedAt   *time.Time
	// ExpiresAt is nil if the token does not expire.
	ExpiresAt *time.Time
	// LastUsedAt is when the token was last used, to the minute. It is nil if the token was never used.
	LastUsedAt *time.Time
	// RevokedAt is set to revoke the token. The store returns a revoked token only from IssuedAccessToken.
	RevokedAt *time.Time
}

// NewAccessToken holds the parameters of [Service.CreateAccessToken].
type NewAccessToken struct {
	// Scopes are the scopes of the token; at least one is required.
	Scopes []Scope
	// Comment describes the purpose of the token.
	Comment string
	// ExpiresIn is how long the token is valid; nil means without limit.
	ExpiresIn *time.Duration
	// Once makes the create repeatable, unless it is nil.
	Once *idempotency.Once[NewlyIssued]
}

// NewlyIssued is a new access token together with its secret text.
type NewlyIssued struct {
	AccessToken
	Token token.Token
}

// AccessTokenQuery selects a page of an organization's access tokens. Sort accepts created_at, comment and last_used_at.
type AccessTokenQuery struct {
	Organization token.Key
	Sort         []Sort
	Page         Page
}

// AccessTokenChange holds the changes to an access token. Nil fields stay unchanged.
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

// CreateAccessToken creates an access token. It returns fault.RuleViolated if ExpiresIn is not positive or exceeds a hundred
// years, and fault.QuotaExceeded if the organization has [Limits.AccessTokens] live access tokens.
func (d *Service) CreateAccessToken(ctx context.Context, org Organization, n NewAccessToken) (AccessToken, token.Token, error) {
	if n.ExpiresIn != nil && (*n.ExpiresIn <= 0 || *n.ExpiresIn > maxExpiresIn) {
		return AccessToken{}, token.Token{}, fault.Rule(refused("expires_in", "An access token is valid for more than 0 seconds and for at most 100 years.", n.ExpiresIn.Seconds()))
	}
	record, secret := d.newAccessToken(org, n, d.instant())
	n.Once.Made(NewlyIssued{record, secret})
	inserted, err := d.store.InsertAccessToken(ctx, record, d.limits.AccessTokens, n.Once.Claim())
	if err == nil && !inserted {
		err = OverQuota("organization", d.limits.AccessTokens, "access tokens", "Revoke one that is not used any more.")
	}
	return record, secret, err
}

const maxExpiresIn = 100 * 365 * 24 * time.Hour

// AccessTokens returns a page of the organization's access tokens, and the number of its access tokens on all pages.
func (d *Service) AccessTokens(ctx context.Context, q AccessTokenQuery) ([]AccessToken, int, error) {
	return d.store.AccessTokens(ctx, q)
}

// AccessToken returns the organization's access token with the id, or fault.NotFound.
func (d *Service) AccessToken(ctx context.Context, org Organization, id token.ID) (AccessToken, error) {
	t, found, err := d.store.AccessToken(ctx, id.Key())
	return orNotFound(t, found && t.ID == id && t.Organization == org.ID, err, "Not found")
}

// ChangeAccessToken changes an access token of the organization and returns it, or returns fault.NotFound.
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

// RevokeAccessToken revokes an access token of the organization, durably, or returns fault.NotFound.
func (d *Service) RevokeAccessToken(ctx context.Context, org Organization, id token.ID) error {
	_, err := d.changeAccessToken(ctx, org, id, func(t *AccessToken, now time.Time) { t.RevokedAt = &now })
	return err
}

// EndAccessToken revokes the given token, durably. It reports whether the server ever issued this token.
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
	return orNotFound(changed, found, err, "Not found")
}

// touchEvery is the precision of LastUsedAt.
const touchEvery = time.Minute

// errSecretRetired is the cause in the log if the secret of a refused token is retired. The caller does not learn it.
var errSecretRetired = errors.New("the secret of the access token is retired")

// VerifyAccessToken returns the access token with its organization. It returns fault.InvalidToken if the token is unknown,
// revoked or expired, if its secret is retired, or if the organization is blocked.
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
		// If recording the use fails, the request itself still succeeds.
		_ = d.store.TouchAccessToken(ctx, t.Key(), now)
	}
	return a, o, err
}
