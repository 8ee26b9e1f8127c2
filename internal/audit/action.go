package audit

// Action is what happened, as object.verb.
type Action string

// The actions. [Actions] describes them.
const (
	OrganizationCreated       Action = "organization.created"
	OrganizationUpdated       Action = "organization.updated"
	OrganizationBlocked       Action = "organization.blocked"
	OrganizationUnblocked     Action = "organization.unblocked"
	OrganizationSessionsEnded Action = "organization.sessions_ended"

	AccessTokenCreated Action = "access_token.created"
	AccessTokenUpdated Action = "access_token.updated"
	AccessTokenRotated Action = "access_token.rotated"
	AccessTokenRevoked Action = "access_token.revoked"
	// AccessTokenSessionsEnded has the number of access tokens in its details, not the number of sessions.
	AccessTokenSessionsEnded Action = "access_token.sessions_ended"

	EndpointCreated       Action = "webhook_endpoint.created"
	EndpointUpdated       Action = "webhook_endpoint.updated"
	EndpointSecretRotated Action = "webhook_endpoint.secret_rotated"
	EndpointDeleted       Action = "webhook_endpoint.deleted"
	EventRedelivered      Action = "webhook_event.redelivered"

	CustomerCreated       Action = "customer.created"
	CustomerUpdated       Action = "customer.updated"
	CustomerEmailChanged  Action = "customer.email_changed"
	EmailUpdateRequested  Action = "customer.email_update_requested"
	EmailUpdateWithdrawn  Action = "customer.email_update_withdrawn"
	CustomerOwnerChanged  Action = "customer.owner_changed"
	CustomerDeleted       Action = "customer.deleted"
	CustomerSessionsEnded Action = "customer.sessions_ended"

	MemberCreated       Action = "member.created"
	MemberUpdated       Action = "member.updated"
	MemberEmailChanged  Action = "member.email_changed"
	MemberRoleChanged   Action = "member.role_changed"
	MemberDeleted       Action = "member.deleted"
	MemberSessionsEnded Action = "member.sessions_ended"

	SignedIn            Action = "session.signed_in"
	SessionProven       Action = "session.proven"
	SessionSwitched     Action = "session.switched"
	SessionLinkCreated  Action = "session.created_by_operator"
	ImpersonationBegan  Action = "session.impersonated"
	SessionUpdated      Action = "session.updated"
	SessionEnded        Action = "session.ended"
	OperatorSignedIn    Action = "operator.signed_in"
	OperatorSignedOut   Action = "operator.signed_out"
	OperatorSessionOver Action = "operator.session_revoked"

	SecretRetired Action = "secret.retired"
)

// Actions describes every action, in the order of the documentation.
var Actions = []struct {
	Action  Action
	Meaning string
}{
	{OrganizationCreated, "An organization was created, with its first access token."},
	{OrganizationUpdated, "The name, the session settings or the portal settings of the organization changed."},
	{OrganizationBlocked, "The organization was blocked. Its sessions ended, unless its settings keep them."},
	{OrganizationUnblocked, "The organization was unblocked."},
	{OrganizationSessionsEnded, "All sessions of the organization were ended. This is one entry, however many sessions there were."},
	{AccessTokenCreated, "An access token was created."},
	{AccessTokenUpdated, "The scopes or the comment of an access token changed, or its expiry or its parent, because those of its parent did."},
	{AccessTokenRotated, "An access token was replaced by a new one. The new one has an entry of its own."},
	{AccessTokenRevoked, "An access token was revoked. Each access token below it has an entry of its own."},
	{AccessTokenSessionsEnded, "The sessions that an access token and the tokens below it created were ended. This is one entry, however many sessions there were."},
	{EndpointCreated, "A webhook endpoint was created."},
	{EndpointUpdated, "A webhook endpoint changed. An actor server means that Postern disabled it."},
	{EndpointSecretRotated, "A webhook endpoint got a new signing secret."},
	{EndpointDeleted, "A webhook endpoint was deleted."},
	{EventRedelivered, "An event was queued for delivery again."},
	{CustomerCreated, "A customer was created."},
	{CustomerUpdated, "Fields of a customer changed, but not the email address."},
	{CustomerEmailChanged, "The email address of a customer changed."},
	{EmailUpdateRequested, "A customer asked to change its email address. The new address is not confirmed yet."},
	{EmailUpdateWithdrawn, "A pending change of an email address was deleted, because its confirmation link leaked."},
	{CustomerOwnerChanged, "A customer got another owner. The target is the new owner."},
	{CustomerDeleted, "A customer was deleted with its members and sessions."},
	{CustomerSessionsEnded, "All sessions of a customer and its members were ended. This is one entry, however many sessions there were."},
	{MemberCreated, "A member was added to a customer."},
	{MemberUpdated, "Fields of a member changed, but neither the email address nor the role."},
	{MemberEmailChanged, "The email address of a member changed."},
	{MemberRoleChanged, "The role of a member changed."},
	{MemberDeleted, "A member was removed from a customer."},
	{MemberSessionsEnded, "All sessions of a member were ended. This is one entry, however many sessions there were."},
	{SignedIn, "A customer or member signed in with a code. The outcome refused means a wrong or expired code."},
	{SessionSwitched, "A customer or member switched to another account with the same email address. The actor is the account before, and the target is the new session."},
	{SessionProven, "A customer or member entered a code that was sent to its current address, before a change of the address or of the owner."},
	{SessionLinkCreated, "An operator created a portal link, and with it a session, on the operator pages."},
	{ImpersonationBegan, "An operator opened the portal as a customer."},
	{SessionUpdated, "The expiry or the metadata of a session changed."},
	{SessionEnded, "A session was ended before its time."},
	{OperatorSignedIn, "An operator signed in to the operator pages. The outcome refused means a wrong access token."},
	{OperatorSignedOut, "An operator signed out of the operator pages."},
	{OperatorSessionOver, "An operator's session was revoked."},
	{SecretRetired, "A server secret was retired. Its sessions and access tokens ended."},
}
