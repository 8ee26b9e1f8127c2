package directory

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// AccessToken gives an organization's own servers access to the API. The store has only the hash of the token.
type AccessToken struct {
	ID           token.ID
	Organization token.ID
	// Parent is the access token that limits this one, or the zero ID. A token ends with its parent, has no scope that its
	// parent lacks, and expires no later than its parent.
	Parent token.ID
	// Creator is the key of the access token that created this one or made it by rotation. It is 0 if an operator with access to
	// the store did so.
	Creator   token.Key
	Scopes    []Scope
	Comment   string
	Hash      token.Hash
	Secret    token.SecretID
	CreatedAt time.Time
	// ModifiedAt is nil if the token was never changed.
	ModifiedAt *time.Time
	// ExpiresAt is nil if the token does not expire.
	ExpiresAt *time.Time
	// LastUsedAt is when the token was last used, to the minute. It is nil if the token was never used.
	LastUsedAt *time.Time
	// RevokedAt is set to revoke the token. The store returns a revoked token only from IssuedAccessToken.
	RevokedAt *time.Time
}

// Expired reports whether the token has expired. It ignores whether the token was revoked.
func (t *AccessToken) Expired(now time.Time) bool {
	return t.ExpiresAt != nil && !now.Before(*t.ExpiresAt)
}

// endedBefore reports whether the token was revoked or has expired before the given time.
func (t *AccessToken) endedBefore(at time.Time) bool {
	return t.RevokedAt != nil && t.RevokedAt.Before(at) || t.ExpiresAt != nil && t.ExpiresAt.Before(at)
}

// AccessTokenQuery selects a page of an organization's access tokens. Sort accepts created_at, comment and last_used_at.
type AccessTokenQuery struct {
	Organization token.Key
	Sort         []Sort
	Page         Page
}

// AccessTokens returns a page of the organization's access tokens, and the number of its access tokens on all pages.
func (d *Service) AccessTokens(ctx context.Context, q AccessTokenQuery) ([]AccessToken, int, error) {
	return d.store.AccessTokens(ctx, q)
}

// AccessToken returns the organization's access token with the id, or fault.NotFound.
func (d *Service) AccessToken(ctx context.Context, org Organization, id token.ID) (AccessToken, error) {
	t, found, err := d.store.AccessToken(ctx, id.Key())
	return orNotFound(t, found && t.ID == id && t.Organization == org.ID, err, "Not found")
}

// touchEvery is the precision of LastUsedAt.
const touchEvery = time.Minute

// errSecretRetired is the cause in the log if the secret of a refused token is retired. The caller does not learn it.
var errSecretRetired = errors.New("the secret of the access token is retired")

var errTokenNotLive = fault.New(fault.InvalidToken, "The access token is not live.")

// VerifyAccessToken returns the access token with its organization. It returns fault.InvalidToken if the token is unknown,
// revoked or expired, if its secret is retired, or if the organization is blocked.
func (d *Service) VerifyAccessToken(ctx context.Context, t token.Token) (AccessToken, Organization, error) {
	a, found, err := d.store.AccessToken(ctx, t.Key())
	if err != nil {
		return AccessToken{}, Organization{}, err
	}
	if found && !d.secrets.Active(a.Secret) {
		return AccessToken{}, Organization{}, errTokenNotLive.Because(errSecretRetired)
	}
	if !found || t.Kind() != token.Organization || !d.secrets.Verify(t, a.Secret, a.Hash) {
		return AccessToken{}, Organization{}, errTokenNotLive
	}
	o, err := d.admitAccessToken(ctx, a, d.instant())
	return a, o, err
}

// admitAccessToken returns the organization of a stored access token that is in use. It returns fault.InvalidToken if the token has
// expired, if its secret is retired, or if the organization is blocked.
func (d *Service) admitAccessToken(ctx context.Context, a AccessToken, now time.Time) (Organization, error) {
	if a.Expired(now) || !d.secrets.Active(a.Secret) {
		return Organization{}, errTokenNotLive
	}
	o, err := d.Organization(ctx, a.Organization.Key())
	if fault.Is(err, fault.NotFound) || err == nil && o.BlockedAt != nil {
		err = errTokenNotLive
	}
	if err == nil && (a.LastUsedAt == nil || now.Sub(*a.LastUsedAt) >= touchEvery) {
		// If recording the use fails, the request itself still succeeds.
		_ = d.store.TouchAccessToken(ctx, a.ID.Key(), now)
	}
	return o, err
}
