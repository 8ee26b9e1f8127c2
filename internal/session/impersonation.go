package session

import (
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// ImpersonationLifetime is how long a session for viewing a customer's portal lasts.
const ImpersonationLifetime = 15 * time.Minute

var errImpersonated = fault.New(fault.Conflict, "An operator uses this session to look at the customer's portal, so it cannot be changed or extended. Revoke it to end it early.")

// ClientsForHolder returns the clients that created and last used the session, for its holder. They are empty if an operator uses the
// session, because the holder must not learn where operators work. A client with an access token, which is a server of the
// organization, is empty too: the holder does not know its address.
func (e *Entry) ClientsForHolder() (created, lastUsed Client) {
	switch {
	case e.Impersonated:
		return Client{}, Client{}
	case e.Creator == 0:
		return e.CreatedBy, e.LastUsedBy
	case e.LastUsedBy == e.CreatedBy:
		return Client{}, Client{}
	}
	return Client{}, e.LastUsedBy
}
