package session

import "time"

// Metadata keys of a session with which a team member of the organization views a customer's portal. They store the id and the
// comment of the team member's access token. The session is read-only, and the portal shows a notice on every page.
const (
	ImpersonatedBy     = "impersonated_by"
	ImpersonatedByName = "impersonated_by_name"
)

// ImpersonationLifetime is how long a session for viewing a customer's portal lasts.
const ImpersonationLifetime = 15 * time.Minute

// Impersonated reports whether a team member of the organization uses the session to view a customer's portal.
func (e *Entry) Impersonated() bool { return e.ReadOnly && e.Metadata[ImpersonatedBy] != nil }
