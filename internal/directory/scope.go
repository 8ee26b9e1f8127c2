package directory

// Scope is a right that an access token or a session carries.
type Scope string

// The scopes of Polar that have to do with customer sessions and with those who hold them.
const (
	CustomerPortalRead    Scope = "customer_portal:read"
	CustomerPortalWrite   Scope = "customer_portal:write"
	CustomerSessionsRead  Scope = "customer_sessions:read"
	CustomerSessionsWrite Scope = "customer_sessions:write"
	CustomersRead         Scope = "customers:read"
	CustomersWrite        Scope = "customers:write"
	MembersRead           Scope = "members:read"
	MembersWrite          Scope = "members:write"
	OrganizationsRead     Scope = "organizations:read"
	OrganizationsWrite    Scope = "organizations:write"
	AccessTokensRead      Scope = "organization_access_tokens:read"
	AccessTokensWrite     Scope = "organization_access_tokens:write"
	WebhooksRead          Scope = "webhooks:read"
	WebhooksWrite         Scope = "webhooks:write"
)

// AllScopes returns every scope that an organization's access token can carry.
func AllScopes() []Scope {
	return []Scope{
		OrganizationsRead, OrganizationsWrite, CustomersRead, CustomersWrite, MembersRead, MembersWrite,
		CustomerSessionsRead, CustomerSessionsWrite, AccessTokensRead, AccessTokensWrite, WebhooksRead, WebhooksWrite,
	}
}
