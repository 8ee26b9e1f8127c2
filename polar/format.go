package polar

import (
	"fmt"
	"log/slog"
)

// Every type of an answer or a request prints with printValue. The value receivers make pointers print in the same way.

// Format prints the fields for every verb, without secrets.
func (v Address) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AddressInput) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AuditLogActor) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AuditLogDetails) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AuditLogEntry) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AuditLogListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v AuditLogTarget) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Customer) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerCustomerSession) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerExport) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerIndividualCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerMemberListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerOrganization) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerOrganizationData) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerOrganizationFeatures) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalCustomer) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalCustomerUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalMember) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalMemberCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalMemberUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalSession) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerPortalSettingsUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSelectionOption) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSelectionRequired) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSession) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionCodeAuthenticate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionRedeem) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionCodeRequest) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionInfo) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionInspection) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionProof) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionProofConfirm) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionRevocation) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionSettingsUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerSessionUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerState) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerTeamCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v CustomerUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v ExportedCustomer) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v ForwardAuth) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v ForwardAuthKey) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v ForwardAuthKeys) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v ForwardAuthParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Health) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v List[T]) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Member) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v MemberCreateFromCustomer) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v MemberCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v MemberListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v MemberOwnerCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v MemberUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OAuthAccount) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Organization) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessToken) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessTokenCreate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessTokenCreated) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessTokenListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessTokenRotate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationAccessTokenUpdate) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationCapabilities) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationCustomerEmailSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationDisputeSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationFeatureSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationNotificationSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationProfileSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationPortalSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationSocialLink) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v OrganizationSubscriptionSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Page) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Pagination) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v PortalAuthenticatedUser) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v PortalCustomerSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v PortalSubscriptionSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v PortalUsageSettings) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v RevocationEvent) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v SessionToken) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v TokenIntrospection) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v Webhook) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookDelivery) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookDeliveryListParams) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookEvent) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookLoginFailedData) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookLoginFailedPayload) Format(f fmt.State, _ rune) { printValue(f, v) }

// Format prints the fields for every verb, without secrets.
func (v WebhookSessionPayload) Format(f fmt.State, _ rune) { printValue(f, v) }

// The following types have a field with the name Format.

// String returns the fields without secrets.
func (v WebhookEndpoint) String() string { return string(appendValue(nil, v)) }

// GoString returns the fields without secrets.
func (v WebhookEndpoint) GoString() string { return v.String() }

// String returns the fields without secrets.
func (v WebhookEndpointCreate) String() string { return string(appendValue(nil, v)) }

// GoString returns the fields without secrets.
func (v WebhookEndpointCreate) GoString() string { return v.String() }

// String returns the fields without secrets.
func (v WebhookEndpointUpdate) String() string { return string(appendValue(nil, v)) }

// GoString returns the fields without secrets.
func (v WebhookEndpointUpdate) GoString() string { return v.String() }

// Types with a secret also log without it, because slog encodes others as JSON.

// LogValue returns the fields for slog, without secrets.
func (v CustomerSession) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }

// LogValue returns the fields for slog, without secrets.
func (v CustomerSessionCodeAuthenticate) LogValue() slog.Value {
	return slog.StringValue(fmt.Sprint(v))
}

// LogValue returns the fields for slog, without secrets.
func (v CustomerSessionRedeem) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }

// LogValue returns the fields for slog, without secrets.
func (v CustomerSessionProofConfirm) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }

// LogValue returns the fields for slog, without secrets.
func (v OrganizationAccessTokenCreated) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }

// LogValue returns the fields for slog, without secrets.
func (v SessionToken) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }

// LogValue returns the fields for slog, without secrets.
func (v WebhookEndpoint) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(v)) }
