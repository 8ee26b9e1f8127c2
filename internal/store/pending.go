package store

// Login codes, tickets and email updates are pending until they are used. Each stores the pending generation that its organization
// had when it was created. Blocking the organization, and ending all its sessions, increments the generation of the organization.
const (
	// stillPending is the condition under which a pending row p may be used. Its organization is o.
	stillPending = `o.blocked_at IS NULL AND p.pending_generation = o.pending_generation`
	// notBlocked is the condition under which a pending row may be created for the organization o.
	notBlocked = `o.blocked_at IS NULL`
)
