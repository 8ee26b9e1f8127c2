package directory

import (
	"context"
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
	// ExpiresAt is nil for a token that does not expire.
	ExpiresAt *time.Time
}

func (d *Directory) newAccessToken(org Organization, scopes []Scope, comment string, now time.Time) (AccessToken, token.Token) {
	id := token.NewID(now)
	secret := token.Mint(token.Organization, id.Key())
	t := AccessToken{ID: id, Organization: org.ID, Scopes: scopes, Comment: comment, CreatedAt: now}
	t.Hash, t.Secret = d.secrets.Hash(secret)
	return t, secret
}

// CreateAccessToken makes an access token that has every scope and does not expire. The comment tells people what it is for.
func (d *Directory) CreateAccessToken(ctx context.Context, org Organization, comment string) (token.Token, error) {
	record, secret := d.newAccessToken(org, AllScopes(), comment, d.instant())
	return secret, d.store.InsertAccessToken(ctx, record)
}

// VerifyAccessToken returns the live access token and its organization, or fault.InvalidToken.
func (d *Directory) VerifyAccessToken(ctx context.Context, t token.Token) (AccessToken, Organization, error) {
	errNotLive := fault.New(fault.InvalidToken, "The access token is not live.")
	a, found, err := d.store.AccessToken(ctx, t.Key())
	if err != nil {
		return AccessToken{}, Organization{}, err
	}
	expired := found && a.ExpiresAt != nil && !d.now().Before(*a.ExpiresAt)
	if !found || expired || t.Kind() != token.Organization || !d.secrets.Verify(t, a.Secret, a.Hash) {
		return AccessToken{}, Organization{}, errNotLive
	}
	o, err := d.Organization(ctx, a.Organization.Key())
	if fault.Is(err, fault.NotFound) {
		err = errNotLive
	}
	return a, o, err
}
