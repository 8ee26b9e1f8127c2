package polar

import (
	"context"
	"net/http"
)

// CustomerSessionRedeem exchanges a ticket of the sign-in page for the token of a session. All fields are required. Package
// portalauth does this for browsers; see its Handler. The value prints and logs without the ticket and the verifier.
type CustomerSessionRedeem struct {
	// Ticket is the parameter ticket of the callback, and State its parameter state.
	Ticket string `json:"ticket" secret:"true"`
	State  string `json:"state"`
	// Verifier is the secret of the browser that has started the sign-in. State is
	// base64url(SHA-256(verifier + "." + text)) + "." + text, without padding. The text has letters, digits and any of "-._~".
	Verifier string `json:"verifier" secret:"true"`
	// ReturnURL is the address of the callback, as it was in the link to the sign-in page.
	ReturnURL string `json:"return_url"`
}

var redeem = operation{
	name: "redeem a ticket", method: http.MethodPost, path: "/v1/customer-portal/customer-session/redeem", status: http.StatusOK, auth: noAuth,
}

// Redeem exchanges a ticket for the token of the session for which the sign-in page made it. A ticket works once, for a minute. It
// returns [ErrInvalidToken] if the ticket is unknown, used or expired, or was made for another state or ReturnURL, if the state has
// another verifier, and if the session has ended.
//
// Route: POST /v1/customer-portal/customer-session/redeem (Postern only).
func (s PortalCustomerSessionService) Redeem(ctx context.Context, in CustomerSessionRedeem, opts ...Option) (*SessionToken, error) {
	return fetch[SessionToken](ctx, s.core, call{op: &redeem, body: in, secrets: []string{in.Ticket, in.Verifier}}, opts)
}
