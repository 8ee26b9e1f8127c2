package polar

// Each kind of object has its own type of ID, so that an answer's ID fits the next call and no other. IDs are version-4
// UUIDs that the server assigned, except for external IDs, which the organization assigned. Convert a string with the
// name of the type: polar.CustomerID(s).
type (
	// CustomerID identifies a customer.
	CustomerID string
	// ExternalCustomerID is the organization's own ID for a customer. Calls with the ID "." or ".." in the path of
	// their route return an error and send nothing.
	ExternalCustomerID string
	// MemberID identifies a member of a customer.
	MemberID string
	// ExternalMemberID is the organization's own ID for a member.
	ExternalMemberID string
	// SessionID identifies a session. It is not a secret, unlike the session's token.
	SessionID string
	// OrganizationID identifies an organization.
	OrganizationID string
	// AccessTokenID identifies an access token of an organization. It is not a secret, unlike the token.
	AccessTokenID string
	// WebhookEndpointID identifies an endpoint that receives events.
	WebhookEndpointID string
	// WebhookEventID identifies an event. It is also the Webhook-Id header of every delivery of the event.
	WebhookEventID string
	// WebhookDeliveryID identifies the delivery of one event to one endpoint.
	WebhookDeliveryID string
	// AuditLogEntryID identifies an entry of the audit log.
	AuditLogEntryID string
)
