package polar

import "time"

// CustomerSession is a new session with its token. Only the response to the creation of a session contains the token. The value
// prints and logs without the token; its JSON encoding contains the token.
//
// Route: POST /v1/customer-sessions/.
type CustomerSession struct {
	CreatedAt time.Time `json:"created_at"`
	// ModifiedAt is nil, because a new session has not been modified.
	ModifiedAt *time.Time `json:"modified_at"`
	// ID is a version-4 UUID. It is not a secret.
	ID SessionID `json:"id"`
	// Token authenticates the session's holder. The server cannot return it again.
	Token string `json:"token" secret:"true"`
	// ExpiresAt is the end of the session, in UTC. The session is live strictly before ExpiresAt.
	ExpiresAt time.Time `json:"expires_at"`
	// ReturnURL is the target of the portal's back link; nil means that there is no back link.
	ReturnURL *string `json:"return_url"`
	// CustomerPortalURL is a link that signs the customer in to the portal. It contains the token or a one-time ticket,
	// and is as secret as the token.
	CustomerPortalURL string     `json:"customer_portal_url" secret:"true"`
	CustomerID        CustomerID `json:"customer_id"`
	Customer          Customer   `json:"customer"`
}
