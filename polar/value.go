package polar

// The server may return values of the following types that are not listed here.

// SessionState is the state of a session.
type SessionState string

// Session states.
const (
	SessionLive    SessionState = "live"
	SessionExpired SessionState = "expired"
	SessionRevoked SessionState = "revoked" // ended before it expired
)

// TokenStatus says whether a session token works, and if not, why.
type TokenStatus string

// Token statuses.
const (
	TokenLive            TokenStatus = "live"
	TokenExpired         TokenStatus = "expired"
	TokenRevoked         TokenStatus = "revoked"          // the session was ended before it expired
	TokenCustomerDeleted TokenStatus = "customer_deleted" // the session ended with its customer
	TokenMemberDeleted   TokenStatus = "member_deleted"   // the session ended with its member
	TokenSecretRetired   TokenStatus = "secret_retired"   // the server's secret that the token was hashed with is not active
	TokenMalformed       TokenStatus = "malformed"        // not a token: wrong prefix, length or checksum
	TokenUnknown         TokenStatus = "unknown"          // no session of the organization has the token
)

// Reason is why a session ended before it expired. Organizations can use their own reasons, of up to 100 characters.
type Reason string

// Reasons that a Postern server stores by itself.
const (
	// ReasonRevoked is stored if the organization revokes a session without a reason.
	ReasonRevoked             Reason = "revoked"
	ReasonSignedOut           Reason = "signed_out"
	ReasonTooManySessions     Reason = "too_many_sessions" // a newer session exceeded the customer's limit
	ReasonEmailChanged        Reason = "email_changed"
	ReasonRoleDowngraded      Reason = "role_downgraded"
	ReasonMemberDeleted       Reason = "member_deleted"
	ReasonCustomerDeleted     Reason = "customer_deleted"
	ReasonOrganizationBlocked Reason = "organization_blocked"
	ReasonSecretRetired       Reason = "secret_retired"
	ReasonLeaked              Reason = "leaked"               // the token was found in public, for example by GitHub
	ReasonAccessTokenRevoked  Reason = "access_token_revoked" // the access token that created the session was revoked with its sessions
	ReasonAccessTokenLeaked   Reason = "access_token_leaked"  // the access token that created the session was found in public
	ReasonEnded               Reason = "ended"                // the reason is not stored any more
)

// HolderType is the kind of a session's holder.
type HolderType string

// Holder types.
const (
	HolderCustomer HolderType = "customer"
	HolderMember   HolderType = "member"
)

// OrganizationStatus is the status of an organization.
type OrganizationStatus string

// Organization statuses. On a Postern server, organizations are active or blocked.
const (
	OrganizationCreated     OrganizationStatus = "created"
	OrganizationReview      OrganizationStatus = "review"
	OrganizationSnoozed     OrganizationStatus = "snoozed"
	OrganizationDenied      OrganizationStatus = "denied"
	OrganizationActive      OrganizationStatus = "active"
	OrganizationBlocked     OrganizationStatus = "blocked"
	OrganizationOffboarding OrganizationStatus = "offboarding"
	OrganizationOffboarded  OrganizationStatus = "offboarded"
)

// WebhookFormat is the format of the events that an endpoint receives.
type WebhookFormat string

// Webhook formats.
const (
	WebhookFormatRaw     WebhookFormat = "raw"     // JSON
	WebhookFormatDiscord WebhookFormat = "discord" // Polar only
	WebhookFormatSlack   WebhookFormat = "slack"   // Polar only
)

// DeliveryState is the state of the delivery of an event.
type DeliveryState string

// Delivery states.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliverySucceeded DeliveryState = "succeeded"
	DeliveryFailed    DeliveryState = "failed" // given up after three days
)

// LoginFailure is why a login failed.
type LoginFailure string

// Login failures.
const (
	LoginCodeExpired LoginFailure = "expired_code"
	LoginCodeUnknown LoginFailure = "unknown_code"
	LoginCodeUsed    LoginFailure = "used_code"
	LoginNoHolder    LoginFailure = "no_holder" // no customer or member has the code's email address any more
	// LoginTooMany means that a client is refused for a while because of many attempts. It is sent once for each such time.
	LoginTooMany LoginFailure = "too_many_attempts"
)
