package directory

import (
	"slices"

	"github.com/postern-go/postern/internal/fault"
)

// Scope is a permission of an access token or a session.
type Scope string

// Polar's scopes for customer sessions and the objects that they need. Polar has no audit log, so AuditLogRead is Postern's own.
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
	AuditLogRead          Scope = "audit_log:read"
)

// Polar's scopes for objects that this server does not keep; see package billing.
const (
	SubscriptionsRead  Scope = "subscriptions:read"
	SubscriptionsWrite Scope = "subscriptions:write"
	ProductsRead       Scope = "products:read"
	ProductsWrite      Scope = "products:write"
	BenefitsRead       Scope = "benefits:read"
	BenefitsWrite      Scope = "benefits:write"
	OrdersRead         Scope = "orders:read"
	OrdersWrite        Scope = "orders:write"
	CheckoutsRead      Scope = "checkouts:read"
	CheckoutsWrite     Scope = "checkouts:write"
	LicenseKeysRead    Scope = "license_keys:read"
	LicenseKeysWrite   Scope = "license_keys:write"
	EventsRead         Scope = "events:read"
	EventsWrite        Scope = "events:write"
	MetersRead         Scope = "meters:read"
	MetersWrite        Scope = "meters:write"
	CustomerMetersRead Scope = "customer_meters:read"
)

// AllScopes returns every scope that an access token can have.
func AllScopes() []Scope {
	return []Scope{
		OrganizationsRead, OrganizationsWrite, CustomersRead, CustomersWrite, MembersRead, MembersWrite,
		CustomerSessionsRead, CustomerSessionsWrite, AccessTokensRead, AccessTokensWrite, WebhooksRead, WebhooksWrite,
		AuditLogRead,
		ProductsRead, ProductsWrite, BenefitsRead, BenefitsWrite, SubscriptionsRead, SubscriptionsWrite, OrdersRead, OrdersWrite,
		CheckoutsRead, CheckoutsWrite, LicenseKeysRead, LicenseKeysWrite, EventsRead, EventsWrite, MetersRead, MetersWrite, CustomerMetersRead,
	}
}

// delegate returns the requested scopes without duplicates. It returns fault.RuleViolated for scopes that the actor does not have,
// so that a leaked access token cannot create an access token with more scopes. A nil actor has every scope.
func delegate(actor *AccessToken, requested []Scope) ([]Scope, error) {
	own := AllScopes()
	if actor != nil {
		own = actor.Scopes
	}
	scopes := make([]Scope, 0, len(requested))
	for _, scope := range requested {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes, refuseScopes(lacking(own, scopes), requested, "An access token cannot grant a scope that it does not have itself.")
}

// refuseScopes returns fault.RuleViolated for the requested scopes that are refused, or nil if there are none.
func refuseScopes(refused, requested []Scope, why string) error {
	var fields []fault.Field
	for i, scope := range requested {
		if slices.Contains(refused, scope) {
			fields = append(fields, fault.Field{Type: "value_error", Name: []any{"scopes", i}, Input: toJSON(scope), Msg: why})
		}
	}
	if fields == nil {
		return nil
	}
	return fault.Rule(fields...)
}
