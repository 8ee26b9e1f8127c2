package polar

// The server may return values of the following types that are not listed here.

// AuditAction is what happened, as object.verb.
type AuditAction string

// Audit actions.
const (
	AuditOrganizationCreated       AuditAction = "organization.created"
	AuditOrganizationUpdated       AuditAction = "organization.updated"
	AuditOrganizationBlocked       AuditAction = "organization.blocked"
	AuditOrganizationUnblocked     AuditAction = "organization.unblocked"
	AuditOrganizationSessionsEnded AuditAction = "organization.sessions_ended"

	AuditAccessTokenCreated       AuditAction = "access_token.created"
	AuditAccessTokenUpdated       AuditAction = "access_token.updated"
	AuditAccessTokenRotated       AuditAction = "access_token.rotated"
	AuditAccessTokenRevoked       AuditAction = "access_token.revoked"
	AuditAccessTokenSessionsEnded AuditAction = "access_token.sessions_ended"

	AuditWebhookEndpointCreated       AuditAction = "webhook_endpoint.created"
	AuditWebhookEndpointUpdated       AuditAction = "webhook_endpoint.updated"
	AuditWebhookEndpointSecretRotated AuditAction = "webhook_endpoint.secret_rotated"
	AuditWebhookEndpointDeleted       AuditAction = "webhook_endpoint.deleted"

	AuditWebhookEventRedelivered AuditAction = "webhook_event.redelivered"

	AuditCustomerCreated              AuditAction = "customer.created"
	AuditCustomerUpdated              AuditAction = "customer.updated"
	AuditCustomerEmailChanged         AuditAction = "customer.email_changed"
	AuditCustomerEmailUpdateRequested AuditAction = "customer.email_update_requested"
	AuditCustomerEmailUpdateWithdrawn AuditAction = "customer.email_update_withdrawn"
	AuditCustomerOwnerChanged         AuditAction = "customer.owner_changed"
	AuditCustomerDeleted              AuditAction = "customer.deleted"
	AuditCustomerSessionsEnded        AuditAction = "customer.sessions_ended"

	AuditMemberCreated       AuditAction = "member.created"
	AuditMemberUpdated       AuditAction = "member.updated"
	AuditMemberEmailChanged  AuditAction = "member.email_changed"
	AuditMemberRoleChanged   AuditAction = "member.role_changed"
	AuditMemberDeleted       AuditAction = "member.deleted"
	AuditMemberSessionsEnded AuditAction = "member.sessions_ended"

	AuditSessionSignedIn          AuditAction = "session.signed_in"
	AuditSessionProven            AuditAction = "session.proven"
	AuditSessionSwitched          AuditAction = "session.switched"
	AuditSessionCreatedByOperator AuditAction = "session.created_by_operator"
	AuditSessionImpersonated      AuditAction = "session.impersonated"
	AuditSessionUpdated           AuditAction = "session.updated"
	AuditSessionEnded             AuditAction = "session.ended"

	AuditOperatorSignedIn       AuditAction = "operator.signed_in"
	AuditOperatorSignedOut      AuditAction = "operator.signed_out"
	AuditOperatorSessionRevoked AuditAction = "operator.session_revoked"

	AuditSecretRetired AuditAction = "secret.retired"
)

// AuditOutcome is whether an action succeeded.
type AuditOutcome string

// Audit outcomes.
const (
	AuditSucceeded AuditOutcome = "succeeded"
	AuditRefused   AuditOutcome = "refused"
)

// AuditActorType is the kind of caller that caused a change.
type AuditActorType string

// Audit actor types.
const (
	AuditActorAccessToken AuditActorType = "access_token" // an access token that called the API
	AuditActorOperator    AuditActorType = "operator"     // a person who signed in to the operator pages with an access token
	AuditActorCustomer    AuditActorType = "customer"
	AuditActorMember      AuditActorType = "member"
	AuditActorVisitor     AuditActorType = "visitor"      // a caller that is not signed in
	AuditActorCommandLine AuditActorType = "command_line" // a person who ran a postern command on the store
	AuditActorServer      AuditActorType = "server"
)

// AuditTargetType is the kind of object that was changed.
type AuditTargetType string

// Audit target types.
const (
	AuditTargetServer          AuditTargetType = "server"
	AuditTargetOrganization    AuditTargetType = "organization"
	AuditTargetAccessToken     AuditTargetType = "access_token"
	AuditTargetOperatorSession AuditTargetType = "operator_session"
	AuditTargetWebhookEndpoint AuditTargetType = "webhook_endpoint"
	AuditTargetWebhookEvent    AuditTargetType = "webhook_event"
	AuditTargetCustomer        AuditTargetType = "customer"
	AuditTargetMember          AuditTargetType = "member"
	AuditTargetSession         AuditTargetType = "session"
)
