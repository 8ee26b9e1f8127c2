package session

import "slices"

// Reason is why a session ended before its expiry: one of the constants below, or a text from the issuer of at most [MaxReason]
// characters.
type Reason string

// The reasons that the server itself sets. A new reason also needs a row in the table below. Afterwards, run go generate
// ./internal/openapi to add the reason to the API documentation.
const (
	// RevokedByIssuer is the reason when the issuer revokes a session and gives no reason.
	RevokedByIssuer Reason = "revoked"
	// SignedOut is the reason when the holder ends the session.
	SignedOut Reason = "signed_out"
	// TooManySessions is the reason when a newer session of the customer exceeds the organization's limit.
	TooManySessions Reason = "too_many_sessions"
	// EmailChanged is the reason when the holder's email address changes.
	EmailChanged Reason = "email_changed"
	// RoleDowngraded is the reason when the member's new role permits less than the old one.
	RoleDowngraded Reason = "role_downgraded"
	// MemberDeleted is the reason when the member is deleted.
	MemberDeleted Reason = "member_deleted"
	// CustomerDeleted is the reason when the customer is deleted.
	CustomerDeleted Reason = "customer_deleted"
	// OrganizationBlocked is the reason when the organization is blocked.
	OrganizationBlocked Reason = "organization_blocked"
	// SecretRetired is the reason when the secret that hashed the session's token is no longer active.
	SecretRetired Reason = "secret_retired"
	// Leaked is the reason when the session's token is reported as leaked.
	Leaked Reason = "leaked"
	// AccessTokenRevoked is the reason when the access token that created the session is revoked together with its sessions. An
	// impersonated session always ends with its access token.
	AccessTokenRevoked Reason = "access_token_revoked"
	// AccessTokenLeaked is the reason when the access token that created the session is reported as leaked.
	AccessTokenLeaked Reason = "access_token_leaked"
	// Ended is the reason of old sessions whose row in the revocation log is already deleted.
	Ended Reason = "ended"
)

// reasonRow holds everything that depends on a reason.
type reasonRow struct {
	reason Reason
	// inspection describes a token whose session ended for the reason. If it is set, inspecting the token returns the reason as
	// the status. Otherwise the status is "revoked".
	inspection string
	// keepsEmailUpdates reports whether pending changes of the customer's email address stay valid. It is true if the session
	// ended normally. It is false if the holder was locked out, because a link from an earlier mail must not create a new
	// session for that person.
	keepsEmailUpdates bool
}

// reasons is the table of reasons, in the order of the API's documentation.
var reasons = []reasonRow{
	{reason: RevokedByIssuer},
	{reason: SignedOut, keepsEmailUpdates: true},
	{reason: TooManySessions, keepsEmailUpdates: true},
	{reason: EmailChanged},
	{reason: RoleDowngraded},
	{reason: CustomerDeleted, inspection: "The session ended because the customer was deleted."},
	{reason: MemberDeleted, inspection: "The session ended because the member was deleted."},
	{reason: OrganizationBlocked},
	{reason: SecretRetired, inspection: "The secret that hashed the token is not active anymore, so the token cannot be checked."},
	{reason: Leaked},
	{reason: AccessTokenRevoked},
	{reason: AccessTokenLeaked},
	{reason: Ended},
}

// Reasons returns every reason that the server itself sets.
func Reasons() []Reason {
	all := make([]Reason, len(reasons))
	for i, row := range reasons {
		all[i] = row.reason
	}
	return all
}

// Inspection returns the text that describes a token whose session ended for the reason. It returns "" if the API reports the
// status "revoked" for such a token, and not the reason itself.
func (r Reason) Inspection() string { return r.row().inspection }

// Known reports whether the server itself sets the reason. It returns false for a text that the issuer wrote.
func (r Reason) Known() bool { return r.row().reason != "" }

// KeepsEmailUpdates reports whether pending changes of the customer's email address outlive a session that ends for the
// reason.
func (r Reason) KeepsEmailUpdates() bool { return r.row().keepsEmailUpdates }

// row returns the table row of a reason. For a reason that the issuer wrote, it returns the zero row.
func (r Reason) row() reasonRow {
	if i := slices.IndexFunc(reasons, func(row reasonRow) bool { return row.reason == r }); i >= 0 {
		return reasons[i]
	}
	return reasonRow{}
}

// MaxReason is the maximum length of a reason that the issuer writes, in characters.
const MaxReason = 100

// ReasonOrDefault returns the issuer's reason, or [RevokedByIssuer] if it is empty.
func ReasonOrDefault(given string) Reason {
	if given == "" {
		return RevokedByIssuer
	}
	return Reason(given)
}
