package polar

import (
	"fmt"
	"io"
	"log/slog"
)

// SessionToken is the token of a new session. The server returns it in exchange for a login code or for the token that confirms
// an email address. The value prints and logs without the token; its JSON encoding contains the token.
//
// Routes: POST /v1/customer-portal/customer-session/authenticate and POST /v1/customer-portal/customers/me/email-update/verify.
type SessionToken struct {
	Token string `json:"token"`
}

// String returns a constant text without the token.
func (SessionToken) String() string { return "session token" }

// Format prints String for every verb.
func (t SessionToken) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// LogValue returns String for slog.
func (t SessionToken) LogValue() slog.Value { return slog.StringValue(t.String()) }
