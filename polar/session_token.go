package polar

import (
	"fmt"
	"io"
	"log/slog"
)

// SessionToken is a token that somebody has earned: by a login code, or by confirming an email address (POST
// /v1/customer-portal/customer-session/authenticate). It prints and logs as nothing.
type SessionToken struct {
	Token string `json:"token"`
}

// String hides the token.
func (SessionToken) String() string { return "session token" }

// Format prints [SessionToken.String] for every verb.
func (t SessionToken) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// LogValue is [SessionToken.String], for slog.
func (t SessionToken) LogValue() slog.Value { return slog.StringValue(t.String()) }
