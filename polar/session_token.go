package polar

// SessionToken is the token of a new session, which a login code or the confirmation of an email address was exchanged
// for. The value prints and logs without the token; its JSON encoding contains the token.
//
// Routes: POST /v1/customer-portal/customer-session/authenticate and POST /v1/customer-portal/customers/me/email-update/verify.
type SessionToken struct {
	Token string `json:"token" secret:"true"`
}
