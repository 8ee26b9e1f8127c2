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
	// ExpiresIn is the lifetime of the token in whole seconds. Zero means that the token does not expire.
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

// Delete revokes an access token. It returns [ErrNotFound] if the access token does not exist.
//
// Route: DELETE /v1/organization-access-tokens/{id}.
func (s OrganizationAccessTokensService) Delete(ctx context.Context, id AccessTokenID, opts ...Option) error {
	return call{op: &deleteAccessToken, path: []string{string(id)}}.send(ctx, s.core, opts)
}
