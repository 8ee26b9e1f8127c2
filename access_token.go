package postern

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
)

// AccessToken is an access token of an organization. All times are in UTC.
type AccessToken struct {
	ID, OrganizationID, Comment string
	// ParentID is the access token that limits this one: this one ends with it, has no scope that it lacks, and expires no later.
	// It is "" for a token that was created with [Init] or [Server.CreateAccessToken].
	ParentID  string
	Scopes    []string
	CreatedAt time.Time
	// ExpiresAt is nil if the token does not expire.
	ExpiresAt *time.Time
	// LastUsedAt is accurate to one minute. It is nil if the token was never used.
	LastUsedAt *time.Time
	// Token is the token itself. Only [Server.CreateAccessToken] and [Server.RotateAccessToken] set it, because the store has only a hash of the token.
	Token string
}

// NewAccessToken holds the parameters of [Server.CreateAccessToken].
type NewAccessToken struct {
	// Comment describes the purpose of the token.
	Comment string
	// Scopes are the permissions of the token. Default: all scopes.
	Scopes []string
	// ExpiresIn is the lifetime of the token. Default: the token does not expire.
	ExpiresIn time.Duration
}

// CreateAccessToken creates an access token for the organization with the slug. An unknown slug or scope is an error.
func (s *Server) CreateAccessToken(ctx context.Context, slug string, n NewAccessToken) (AccessToken, error) {
	o, err := s.organization(ctx, slug)
	if err != nil {
		return AccessToken{}, err
	}
	created := directory.NewAccessToken{Comment: n.Comment}
	if created.Scopes, err = parseScopes(n.Scopes); err != nil {
		return AccessToken{}, err
	}
	if created.Scopes == nil {
		created.Scopes = directory.AllScopes()
	}
	if n.ExpiresIn != 0 {
		created.ExpiresIn = &n.ExpiresIn
	}
	record, secret, err := s.server.Directory.CreateAccessToken(ctx, o, directory.StoreOperator, created)
	if err != nil {
		return AccessToken{}, server.PlainError(err)
	}
	t := accessToken(o, record)
	t.Token = secret.Reveal()
	return t, nil
}

// accessTokenPage is the number of access tokens that are read from the store at a time.
const accessTokenPage = 100

// AccessTokens returns the access tokens of the organization with the slug, the oldest first. It leaves out revoked tokens.
func (s *Server) AccessTokens(ctx context.Context, slug string) ([]AccessToken, error) {
	o, err := s.organization(ctx, slug)
	if err != nil {
		return nil, err
	}
	var list []AccessToken
	for page := 1; ; page++ {
		records, _, err := s.server.Directory.AccessTokens(ctx, directory.AccessTokenQuery{
			Organization: o.ID.Key(), Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Number: page, Limit: accessTokenPage},
		})
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			list = append(list, accessToken(o, r))
		}
		if len(records) < accessTokenPage {
			return list, nil
		}
	}
}

// ChangeAccessToken replaces the scopes of an access token unless scopes is nil, and its comment unless comment is
// nil. The tokens below it lose the scopes that it loses. It returns an error for an unknown slug, ID or scope, and
// for a scope that the token's parent lacks.
func (s *Server) ChangeAccessToken(ctx context.Context, slug, id string, scopes []string, comment *string) (AccessToken, error) {
	o, key, err := s.locateAccessToken(ctx, slug, id)
	if err != nil {
		return AccessToken{}, err
	}
	change := directory.AccessTokenChange{Comment: comment}
	if change.Scopes, err = parseScopes(scopes); err != nil {
		return AccessToken{}, err
	}
	record, err := s.server.Directory.ChangeAccessToken(ctx, o, directory.StoreOperator, key, change)
	return accessToken(o, record), accessTokenError(err, id)
}

// RevokeAccessToken ends an access token at once, and the tokens below it. The sessions that these tokens created stay live. An
// unknown slug or ID is an error.
func (s *Server) RevokeAccessToken(ctx context.Context, slug, id string) error {
	return s.revokeAccessToken(ctx, slug, id, false)
}

// RevokeAccessTokenWithSessions is like [Server.RevokeAccessToken], and also ends the sessions that these tokens created.
func (s *Server) RevokeAccessTokenWithSessions(ctx context.Context, slug, id string) error {
	return s.revokeAccessToken(ctx, slug, id, true)
}

func (s *Server) revokeAccessToken(ctx context.Context, slug, id string, endSessions bool) error {
	o, key, err := s.locateAccessToken(ctx, slug, id)
	if err != nil {
		return err
	}
	if err := s.server.Directory.RevokeAccessToken(ctx, o, directory.StoreOperator, key, endSessions); err != nil {
		return accessTokenError(err, id)
	}
	return s.server.Directory.EndCreatedSessions(ctx)
}

// RotateAccessToken replaces an access token by a new one with the same parent, scopes and comment, and returns the
// new one. The tokens below the old token move to the new one. The old token stays valid for the overlap: 0 to 7
// days. It returns an error for an unknown slug or ID, and for a token that has expired.
func (s *Server) RotateAccessToken(ctx context.Context, slug, id string, overlap time.Duration) (AccessToken, error) {
	o, key, err := s.locateAccessToken(ctx, slug, id)
	if err != nil {
		return AccessToken{}, err
	}
	record, secret, err := s.server.Directory.RotateAccessToken(ctx, o, directory.StoreOperator, key, directory.Rotation{Overlap: overlap})
	if err != nil {
		return AccessToken{}, accessTokenError(err, id)
	}
	t := accessToken(o, record)
	t.Token = secret.Reveal()
	return t, nil
}

func accessTokenError(err error, id string) error {
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("the organization has no access token %s; it may have been revoked", id)
	}
	return server.PlainError(err)
}

func (s *Server) locateAccessToken(ctx context.Context, slug, id string) (o directory.Organization, key token.ID, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(b) != len(key) {
		return o, key, fmt.Errorf("invalid access token ID %q: an ID is a UUID; postern token list shows them", id)
	}
	copy(key[:], b)
	o, err = s.organization(ctx, slug)
	return o, key, err
}

// parseScopes parses the names of scopes. It returns nil if texts is empty.
func parseScopes(texts []string) ([]directory.Scope, error) {
	known := directory.AllScopes()
	var scopes []directory.Scope
	for _, text := range texts {
		if !slices.Contains(known, directory.Scope(text)) {
			return nil, fmt.Errorf("unknown scope %q; the scopes are %v", text, known)
		}
		scopes = append(scopes, directory.Scope(text))
	}
	return scopes, nil
}

func accessToken(o directory.Organization, r directory.AccessToken) AccessToken {
	t := AccessToken{
		ID: r.ID.String(), OrganizationID: o.ID.String(), Comment: r.Comment, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt,
	}
	if !r.Parent.IsZero() {
		t.ParentID = r.Parent.String()
	}
	for _, scope := range r.Scopes {
		t.Scopes = append(t.Scopes, string(scope))
	}
	return t
}
