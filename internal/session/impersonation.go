package session

import "time"

// Metadata keys of a read-only session with which a team member of the organization views a customer's portal: the id and the
// comment of that person's access token. The portal shows a notice on every page of such a session.
const (
	ImpersonatedBy     = "impersonated_by"
	ImpersonatedByName = "impersonated_by_name"
)

// ImpersonationLifetime is how long a session for viewing a customer's portal lasts.
const ImpersonationLifetime = 15 * time.Minute

// Impersonated reports whether a team member of the organization uses the session to view a customer's portal.
func (e *Entry) Impersonated() bool { return e.ReadOnly && e.Metadata[ImpersonatedBy] != nil }
