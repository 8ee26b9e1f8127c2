package postern

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// AccessToken lets an organization's own servers in. Times are UTC.
type AccessToken struct {
	ID, Comment string
	Scopes      []string
	CreatedAt   time.Time
	// ExpiresAt is nil for a token that does not expire, and LastUsedAt, which is exact to a minute, for one never used.
	ExpiresAt, LastUsedAt *time.Time
}

// NewAccessToken says what [Server.CreateAccessToken] shall make.
type NewAccessToken struct {
	// Comment tells people what the token is for.
	Comment string
	// Scopes are what the token may do; none stands for all.
	Scopes []string
	// ExpiresIn is how long the token lives; 0 for one that does not expire.
	ExpiresIn time.Duration
}

// CreateAccessToken makes another access token for the organization that has the slug, and returns it with the token itself,
// which is shown here and never again. An unknown slug or scope is an error that says so.
func (p *Server) CreateAccessToken(ctx context.Context, slug string, n NewAccessToken) (AccessToken, Organization, error) {
	o, err := p.organization(ctx, slug)
	if err != nil {
		return AccessToken{}, Organization{}, err
	}
	scopes, err := scopesOf(n.Scopes)
	if err != nil {
		return AccessToken{}, Organization{}, err
	}
	if scopes == nil {
		scopes = directory.AllScopes()
	}
	made := directory.NewAccessToken{Scopes: scopes, Comment: n.Comment}
	if n.ExpiresIn != 0 {
		made.ExpiresIn = &n.ExpiresIn
	}
	record, secret, err := p.directory.CreateAccessToken(ctx, o, made)
	if err != nil {
		return AccessToken{}, Organization{}, told(err)
	}
	return accessToken(record), Organization{ID: o.ID.String(), Slug: o.Slug, Name: o.Name, AccessToken: secret.Reveal()}, nil
}

// accessTokenPage is how many access tokens are read at a time.
const accessTokenPage = 100

// AccessTokens returns the access tokens of the organization that has the slug, the oldest first. Revoked ones are gone.
func (p *Server) AccessTokens(ctx context.Context, slug string) ([]AccessToken, error) {
	o, err := p.organization(ctx, slug)
	if err != nil {
		return nil, err
	}
	var list []AccessToken
	for page := 1; ; page++ {
		records, _, err := p.directory.AccessTokens(ctx, directory.AccessTokenQuery{
			Organization: o.ID.Key(), Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Number: page, Limit: accessTokenPage},
		})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			list = append(list, accessToken(r))
		}
		if len(records) < accessTokenPage {
			return list, nil
		}
	}
}

// ChangeAccessToken gives an access token of the organization that has the slug other scopes, unless they are nil, and another
// comment, unless it is nil. An unknown slug, id or scope is an error.
func (p *Server) ChangeAccessToken(ctx context.Context, slug, id string, scopes []string, comment *string) (AccessToken, error) {
	o, key, err := p.locateAccessToken(ctx, slug, id)
	if err != nil {
		return AccessToken{}, err
	}
	change := directory.AccessTokenChange{Comment: comment}
	if change.Scopes, err = scopesOf(scopes); err != nil {
		return AccessToken{}, err
	}
	record, err := p.directory.ChangeAccessToken(ctx, o, key, change)
	return accessToken(record), notThere(err, id)
}

// RevokeAccessToken ends an access token of the organization that has the slug, at once. An unknown slug or id is an error.
func (p *Server) RevokeAccessToken(ctx context.Context, slug, id string) error {
	o, key, err := p.locateAccessToken(ctx, slug, id)
	if err != nil {
		return err
	}
	return notThere(p.directory.RevokeAccessToken(ctx, o, key), id)
}

func notThere(err error, id string) error {
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("the organization has no access token %s; it may have been revoked", id)
	}
	return told(err)
}

func (p *Server) locateAccessToken(ctx context.Context, slug, id string) (o directory.Organization, key token.ID, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(b) != len(key) {
		return o, key, errors.New("the id of an access token is a UUID, as postern token list shows it")
	}
	copy(key[:], b)
	o, err = p.organization(ctx, slug)
	return o, key, err
}

// scopesOf is nil for none.
func scopesOf(texts []string) ([]directory.Scope, error) {
	known := directory.AllScopes()
	var scopes []directory.Scope
	for _, text := range texts {
		if !slices.Contains(known, directory.Scope(text)) {
			return nil, fmt.Errorf("there is no scope %q; there are %v", text, known)
		}
		scopes = append(scopes, directory.Scope(text))
	}
	return scopes, nil
}

func accessToken(r directory.AccessToken) AccessToken {
	t := AccessToken{ID: r.ID.String(), Comment: r.Comment, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt}
	for _, scope := range r.Scopes {
		t.Scopes = append(t.Scopes, string(scope))
	}
	return t
}
