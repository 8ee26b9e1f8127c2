package polar

import (
	"fmt"
	"io"
	"log/slog"
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

// OrganizationAccessTokenCreated is a new access token, with the token itself, which is shown here and never again (POST
// /v1/organization-access-tokens/). It prints and logs without it.
type OrganizationAccessTokenCreated struct {
	OrganizationAccessToken OrganizationAccessToken `json:"organization_access_token"`
	Token                   string                  `json:"token"`
}

// String names the access token by its id and leaves out the token.
func (c OrganizationAccessTokenCreated) String() string {
	return "organization access token " + c.OrganizationAccessToken.ID
}

// Format prints [OrganizationAccessTokenCreated.String] for every verb.
func (c OrganizationAccessTokenCreated) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue is [OrganizationAccessTokenCreated.String], for slog.
func (c OrganizationAccessTokenCreated) LogValue() slog.Value { return slog.StringValue(c.String()) }
