package session

import (
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// ImpersonationLifetime is how long a session for viewing a customer's portal lasts.
const ImpersonationLifetime = 15 * time.Minute

var errImpersonated = fault.New(fault.Conflict, "An operator uses this session to look at the customer's portal, so it cannot be changed or extended. Revoke it to end it early.")

// ClientsForHolder returns the clients that created and last used the session, for its holder. They are empty if an operator uses the
// session, because the holder must not learn where operators work.
func (e *Entry) ClientsForHolder() (created, lastUsed Client) {
	if e.Impersonated {
		return Client{}, Client{}
	}
	return e.CreatedBy, e.LastUsedBy
}
