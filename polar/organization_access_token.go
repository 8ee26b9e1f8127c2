package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// OrganizationAccessToken describes an access token of an organization, without the secret token itself.
//
// Route: GET /v1/organization-access-tokens/.
type OrganizationAccessToken struct {
	CreatedAt  time.Time     `json:"created_at"`
	ModifiedAt *time.Time    `json:"modified_at"`
	ID         AccessTokenID `json:"id"`
	Scopes     []Scope       `json:"scopes"`
	// ExpiresAt is in UTC; nil means that the token does not expire.
	ExpiresAt *time.Time `json:"expires_at"`
	Comment   string     `json:"comment"`
	// LastUsedAt is the time of the last use, exact to one minute; nil if the token has not been used.
	LastUsedAt     *time.Time     `json:"last_used_at"`
	OrganizationID OrganizationID `json:"organization_id"`
	// ParentID is the access token that limits this one: this one ends with it, has no scope that it lacks, and expires no later.
	// It is nil for a token without a parent, and on Polar.
	ParentID *AccessTokenID `json:"parent_id"`
}

func (t *OrganizationAccessToken) check() error {
	if t.ExpiresAt != nil {
		*t.ExpiresAt = t.ExpiresAt.UTC()
	}
	return requireText("id", t.ID)
}

// OrganizationAccessTokenCreated is a new access token with the secret token itself, which only this response contains.
// The value prints and logs without the token; its JSON encoding contains the token.
//
// Route: POST /v1/organization-access-tokens/.
type OrganizationAccessTokenCreated struct {
	OrganizationAccessToken OrganizationAccessToken `json:"organization_access_token"`
	Token                   string                  `json:"token" secret:"true"`
}

func (c *OrganizationAccessTokenCreated) check() error {
	return cmp.Or(requireText("token", c.Token), c.OrganizationAccessToken.check())
}

// OrganizationAccessTokensService groups the operations under /v1/organization-access-tokens. The operations need an
// access token.
type OrganizationAccessTokensService struct{ core *Core }

// OrganizationAccessTokenListParams sorts a list of access tokens. The list always contains all access tokens.
type OrganizationAccessTokenListParams struct {
	// Sorting takes [SortCreatedAt], [SortComment] and [SortLastUsedAt]. Default: oldest first.
	Sorting []Sort
	Page    Page
}

func (p OrganizationAccessTokenListParams) call() call {
	f := filters{}
	f.addSort(p.Sorting)
	return call{op: &listAccessTokens, query: url.Values(f)}
}

// OrganizationAccessTokenCreate describes a new access token.
type OrganizationAccessTokenCreate struct {
	// Comment describes the purpose of the token.
	Comment string
	// Scopes are the rights of the token. The token that creates it must have all of these rights.
	Scopes []Scope
	// ExpiresIn is the lifetime of the token in whole seconds. Zero means that the token expires when the token that creates it
	// does, or never.
	ExpiresIn time.Duration
}

// MarshalJSON encodes the body of the request. It returns an error if a value is invalid.
func (c OrganizationAccessTokenCreate) MarshalJSON() ([]byte, error) {
	expires, err := isoSeconds("ExpiresIn", c.ExpiresIn)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Comment   string           `json:"comment"`
		Scopes    []Scope          `json:"scopes"`
		ExpiresIn Optional[string] `json:"expires_in,omitzero"`
	}{c.Comment, append([]Scope{}, c.Scopes...), expires})
}

// OrganizationAccessTokenRotate says how an access token is replaced. The zero value keeps the old token valid for a day.
type OrganizationAccessTokenRotate struct {
	// Overlap is how long the old token stays valid, in whole seconds: at most 7 days. [Set] it to 0 to end the old token at once.
	// Default: 24 hours.
	Overlap Optional[time.Duration]
	// ExpiresIn is the lifetime of the new token in whole seconds. Zero means that the new token expires when the old one would
	// have.
	ExpiresIn time.Duration
}

// MarshalJSON encodes the body of the request. It returns an error if a value is invalid.
func (r OrganizationAccessTokenRotate) MarshalJSON() ([]byte, error) {
	expires, err := isoSeconds("ExpiresIn", r.ExpiresIn)
	if err != nil {
		return nil, err
	}
	var overlap Optional[string]
	if r.Overlap.IsNull() {
		overlap = Null[string]()
	} else if d, ok := r.Overlap.Get(); ok {
		if overlap, err = isoSeconds("Overlap", d); err != nil {
			return nil, err
		}
		if d == 0 {
			overlap = Set("PT0S")
		}
	}
	return json.Marshal(struct {
		Overlap   Optional[string] `json:"overlap,omitzero"`
		ExpiresIn Optional[string] `json:"expires_in,omitzero"`
	}{overlap, expires})
}

// OrganizationAccessTokenUpdate holds the fields of an access token to change. Fields with their zero value are not
// changed.
type OrganizationAccessTokenUpdate struct {
	Comment Optional[string]  `json:"comment,omitzero"`
	Scopes  Optional[[]Scope] `json:"scopes,omitzero"`
}

var (
	listAccessTokens = operation{
		name: "list organization access tokens", method: http.MethodGet, path: "/v1/organization-access-tokens/",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	createAccessToken = operation{
		name: "create organization access token", method: http.MethodPost, path: "/v1/organization-access-tokens/",
		status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
	updateAccessToken = operation{
		name: "update organization access token", method: http.MethodPatch, path: "/v1/organization-access-tokens/{id}",
		status: http.StatusOK, auth: organizationAuth,
	}
	deleteAccessToken = operation{
		name: "delete organization access token", method: http.MethodDelete, path: "/v1/organization-access-tokens/{id}",
		status: http.StatusNoContent, auth: organizationAuth,
	}
	rotateAccessToken = operation{
		name: "rotate organization access token", method: http.MethodPost, path: "/v1/organization-access-tokens/{id}/rotate",
		status: http.StatusCreated, auth: organizationAuth, idempotent: true,
	}
)

// List iterates over the access tokens, without the secret tokens.
//
// Route: GET /v1/organization-access-tokens/.
func (s OrganizationAccessTokensService) List(ctx context.Context, params OrganizationAccessTokenListParams, opts ...Option) iter.Seq2[*OrganizationAccessToken, error] {
	return iterate[OrganizationAccessToken](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [OrganizationAccessTokensService.List] iterates over.
func (s OrganizationAccessTokensService) ListPage(ctx context.Context, params OrganizationAccessTokenListParams, opts ...Option) (*List[OrganizationAccessToken], error) {
	return fetchPage[OrganizationAccessToken](ctx, s.core, params.call(), params.Page, opts)
}

// Create creates an access token and returns it with the secret token. A Postern server requires an access token with
// [ScopeOrganizationAccessTokensWrite]; Polar accepts only a web session and refuses access tokens.
//
// Route: POST /v1/organization-access-tokens/.
func (s OrganizationAccessTokensService) Create(ctx context.Context, in OrganizationAccessTokenCreate, opts ...Option) (*OrganizationAccessTokenCreated, error) {
	return fetch[OrganizationAccessTokenCreated](ctx, s.core, call{op: &createAccessToken, body: in}, opts)
}

// Update changes an access token and returns it. It returns [ErrNotFound] if the access token does not exist.
//
// Route: PATCH /v1/organization-access-tokens/{id}.
func (s OrganizationAccessTokensService) Update(ctx context.Context, id AccessTokenID, in OrganizationAccessTokenUpdate, opts ...Option) (*OrganizationAccessToken, error) {
	return fetch[OrganizationAccessToken](ctx, s.core, call{op: &updateAccessToken, path: []string{string(id)}, body: in}, opts)
}

// Delete revokes an access token and, on a Postern server, the tokens that were created with it. It returns [ErrNotFound] if the
// access token does not exist.
//
// Route: DELETE /v1/organization-access-tokens/{id}.
func (s OrganizationAccessTokensService) Delete(ctx context.Context, id AccessTokenID, opts ...Option) error {
	return call{op: &deleteAccessToken, path: []string{string(id)}}.send(ctx, s.core, opts)
}

// DeleteWithSessions is like [OrganizationAccessTokensService.Delete], and also ends every customer session that was created with
// these tokens.
//
// Route: DELETE /v1/organization-access-tokens/{id}, with end_sessions=true in the query.
func (s OrganizationAccessTokensService) DeleteWithSessions(ctx context.Context, id AccessTokenID, opts ...Option) error {
	return call{op: &deleteAccessToken, path: []string{string(id)}, query: url.Values{"end_sessions": {"true"}}}.send(ctx, s.core, opts)
}

// Rotate replaces an access token by a new one with the same parent, scopes and comment, and returns the new one with the secret
// token. The tokens that were created with the old token move to the new one. The old token stays valid for the overlap. It returns
// [ErrNotFound] if the access token does not exist.
//
// Route: POST /v1/organization-access-tokens/{id}/rotate.
func (s OrganizationAccessTokensService) Rotate(ctx context.Context, id AccessTokenID, in OrganizationAccessTokenRotate, opts ...Option) (*OrganizationAccessTokenCreated, error) {
	return fetch[OrganizationAccessTokenCreated](ctx, s.core, call{op: &rotateAccessToken, path: []string{string(id)}, body: in}, opts)
}
