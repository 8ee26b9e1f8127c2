package polar

// Scope is a right of an access token or a session. The server may return scopes that are not listed here.
type Scope string

// Scopes for customers and their sessions. A write scope includes the read scope of the same kind.
const (
	ScopeCustomerPortalRead            Scope = "customer_portal:read"
	ScopeCustomerPortalWrite           Scope = "customer_portal:write"
	ScopeCustomerSessionsRead          Scope = "customer_sessions:read"
	ScopeCustomerSessionsWrite         Scope = "customer_sessions:write"
	ScopeCustomersRead                 Scope = "customers:read"
	ScopeCustomersWrite                Scope = "customers:write"
	ScopeMembersRead                   Scope = "members:read"
	ScopeMembersWrite                  Scope = "members:write"
	ScopeOrganizationsRead             Scope = "organizations:read"
	ScopeOrganizationsWrite            Scope = "organizations:write"
	ScopeOrganizationAccessTokensRead  Scope = "organization_access_tokens:read"
	ScopeOrganizationAccessTokensWrite Scope = "organization_access_tokens:write"
	ScopeWebhooksRead                  Scope = "webhooks:read"
	ScopeWebhooksWrite                 Scope = "webhooks:write"
	// ScopeAuditLogRead exists on Postern only.
	ScopeAuditLogRead Scope = "audit_log:read"
)

// Scopes for objects that a Postern server does not keep. Its answers are those of an organization without such objects.
const (
	ScopeSubscriptionsRead  Scope = "subscriptions:read"
	ScopeSubscriptionsWrite Scope = "subscriptions:write"
	ScopeProductsRead       Scope = "products:read"
	ScopeProductsWrite      Scope = "products:write"
	ScopeBenefitsRead       Scope = "benefits:read"
	ScopeBenefitsWrite      Scope = "benefits:write"
	ScopeOrdersRead         Scope = "orders:read"
	ScopeOrdersWrite        Scope = "orders:write"
	ScopeCheckoutsRead      Scope = "checkouts:read"
	ScopeCheckoutsWrite     Scope = "checkouts:write"
	ScopeLicenseKeysRead    Scope = "license_keys:read"
	ScopeLicenseKeysWrite   Scope = "license_keys:write"
	ScopeEventsRead         Scope = "events:read"
	ScopeEventsWrite        Scope = "events:write"
	ScopeMetersRead         Scope = "meters:read"
	ScopeMetersWrite        Scope = "meters:write"
	ScopeCustomerMetersRead Scope = "customer_meters:read"
)
