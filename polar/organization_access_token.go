package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// OrganizationAccessToken lets an organization's own servers in (GET /v1/organization-access-tokens/). It does not hold the
// token itself.
type OrganizationAccessToken struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	Scopes     []Scope    `json:"scopes"`
	// ExpiresAt is in UTC; nil for a token that does not expire.
	ExpiresAt *time.Time `json:"expires_at"`
	Comment   string     `json:"comment"`
	// LastUsedAt is exact to a minute; nil for a token that was never used.
	LastUsedAt     *time.Time `json:"last_used_at"`
	OrganizationID string     `json:"organization_id"`
}

func (t *OrganizationAccessToken) check() error {
	if t.ExpiresAt != nil {
		*t.ExpiresAt = t.ExpiresAt.UTC()
	}
	return requireText("id", t.ID)
}

// OrganizationAccessTokenCreated is a new access token, with the token itself, which is shown here and never again (POST
// /v1/organization-access-tokens/). It prints and logs without it.
type OrganizationAccessTokenCreated struct {
	OrganizationAccessToken OrganizationAccessToken `json:"organization_access_token"`
	Token                   string                  `json:"token"`
}

func (c *OrganizationAccessTokenCreated) check() error {
	return cmp.Or(requireText("token", c.Token), c.OrganizationAccessToken.check())
}

// String names the access token by its id and leaves out the token.
func (c OrganizationAccessTokenCreated) String() string {
	return "organization access token " + c.OrganizationAccessToken.ID
}

// Format prints [OrganizationAccessTokenCreated.String] for every verb.
func (c OrganizationAccessTokenCreated) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue is [OrganizationAccessTokenCreated.String], for slog.
func (c OrganizationAccessTokenCreated) LogValue() slog.Value { return slog.StringValue(c.String()) }

// OrganizationAccessTokensService groups the operations under /v1/organization-access-tokens.
type OrganizationAccessTokensService struct{ core *Core }

// OrganizationAccessTokenListParams say how to list access tokens; the zero value is all of them.
type OrganizationAccessTokenListParams struct {
	// Sorting is by SortCreatedAt, SortComment or SortLastUsedAt; the newest first where nothing is said.
	Sorting []Sort
	Page    Page
}

func (p OrganizationAccessTokenListParams) call() call {
	f := filters{}
	f.addSort(p.Sorting)
	return call{op: &listAccessTokens, query: url.Values(f)}
}

// OrganizationAccessTokenCreate says which access token to make.
type OrganizationAccessTokenCreate struct {
	// Comment tells people what the token is for.
	Comment string
	// Scopes are what the token may do: no more than the one that makes it.
	Scopes []Scope
	// ExpiresIn is how long the token lives, in whole seconds; 0 for one that does not expire.
	ExpiresIn time.Duration
}

// MarshalJSON writes the body of the request. It fails where a value cannot be.
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

// OrganizationAccessTokenUpdate says what to change in an access token. What is left out stays.
type OrganizationAccessTokenUpdate struct {
	Comment Optional[string]  `json:"comment,omitzero"`
	Scopes  Optional[[]Scope] `json:"scopes,omitzero"`
}

var (
	listAccessTokens = operation{
		name: "list organization access tokens", method: http.MethodGet, path: "/v1/organization-access-tokens/",
		status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	createAccessToken = operation{
		name: "create organization access token", method: http.MethodPost, path: "/v1/organization-access-tokens/",
		status: http.StatusCreated, auth: organizationAuth,
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

// List iterates over the access tokens, without the tokens themselves (GET /v1/organization-access-tokens/).
func (s OrganizationAccessTokensService) List(ctx context.Context, params OrganizationAccessTokenListParams, opts ...Option) iter.Seq2[*OrganizationAccessToken, error] {
	return iterate[OrganizationAccessToken](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s OrganizationAccessTokensService) ListPage(ctx context.Context, params OrganizationAccessTokenListParams, opts ...Option) (*List[OrganizationAccessToken], error) {
	return fetchPage[OrganizationAccessToken](ctx, s.core, params.call(), params.Page, opts)
}

// Create makes an access token and returns it with the token itself, once (POST /v1/organization-access-tokens/). On Polar that
// takes a web session; on a Postern an access token that has ScopeOrganizationAccessTokensWrite.
func (s OrganizationAccessTokensService) Create(ctx context.Context, in OrganizationAccessTokenCreate, opts ...Option) (*OrganizationAccessTokenCreated, error) {
	return fetch[OrganizationAccessTokenCreated](ctx, s.core, call{op: &createAccessToken, body: in}, opts)
}

// Update changes an access token and returns it; [ErrNotFound] when there is none (PATCH /v1/organization-access-tokens/{id}).
func (s OrganizationAccessTokensService) Update(ctx context.Context, id string, in OrganizationAccessTokenUpdate, opts ...Option) (*OrganizationAccessToken, error) {
	return fetch[OrganizationAccessToken](ctx, s.core, call{op: &updateAccessToken, path: []string{id}, body: in}, opts)
}

// Delete ends an access token; [ErrNotFound] when there is none (DELETE /v1/organization-access-tokens/{id}).
func (s OrganizationAccessTokensService) Delete(ctx context.Context, id string, opts ...Option) error {
	return call{op: &deleteAccessToken, path: []string{id}}.send(ctx, s.core, opts)
}
