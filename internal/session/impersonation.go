package session

import "time"

// ImpersonatedBy is the name in the metadata of a read-only session under which it says that somebody of the organization looks
// at the account with it: by the id of their access token. The portal shows that on every page. What people call the access
// token is under [ImpersonatedByName].
const (
	ImpersonatedBy     = "impersonated_by"
	ImpersonatedByName = "impersonated_by_name"
)

// ImpersonationLifetime is how long an operator looks at an account.
const ImpersonationLifetime = 15 * time.Minute

// Impersonated reports whether the session is its organization's own look at an account.
func (e *Entry) Impersonated() bool { return e.ReadOnly && e.Metadata[ImpersonatedBy] != nil }
