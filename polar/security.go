package polar

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// What the tokens of sessions begin with.
const (
	CustomerSessionPrefix = "polar_cst_"
	MemberSessionPrefix   = "polar_mst_"
)

// Errors about the credentials of a call, for errors.Is. Nothing was sent.
var (
	// ErrMissingSecurity is a [SessionSecurity] without a token.
	ErrMissingSecurity = errors.New("no session token was given")
	// ErrMalformedToken is a token with a byte that no token can have: a space, a newline, anything outside ASCII.
	ErrMalformedToken = errors.New("the session token is malformed")
)

// SessionSecurity is the token that a call presents: one of the two, not both. It prints, logs and marshals without it.
type SessionSecurity struct {
	// CustomerSession is a customer's token, polar_cst_….
	CustomerSession string
	// MemberSession is the token of a customer's member, polar_mst_….
	MemberSession string
}

// token returns the one token, after a look at its bytes: net/http would refuse some of them with an error that shows
// the header, and send others that no server can match.
func (s SessionSecurity) token() (string, error) {
	name, token := "CustomerSession", s.CustomerSession
	switch {
	case s.CustomerSession == "" && s.MemberSession == "":
		return "", fmt.Errorf("polar: %w: set CustomerSession or MemberSession of SessionSecurity", ErrMissingSecurity)
	case s.CustomerSession != "" && s.MemberSession != "":
		return "", errors.New("polar: SessionSecurity has both a CustomerSession and a MemberSession: set one")
	case token == "":
		name, token = "MemberSession", s.MemberSession
	}
	for i := range len(token) {
		if token[i] <= ' ' || token[i] >= 0x7f {
			return "", fmt.Errorf("polar: %w: byte %d of %s is a space, a control character or not ASCII (a newline left over from a file?)",
				ErrMalformedToken, i, name)
		}
	}
	return token, nil
}

// String says which token is set, and does not show it.
func (s SessionSecurity) String() string {
	set := ""
	if s.CustomerSession != "" {
		set = "CustomerSession: " + redacted
	}
	if s.MemberSession != "" {
		if set != "" {
			set += ", "
		}
		set += "MemberSession: " + redacted
	}
	return "polar.SessionSecurity{" + set + "}"
}

// Format prints [SessionSecurity.String] for every verb: fmt would show the fields for those it does not expect.
func (s SessionSecurity) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue is [SessionSecurity.String], for slog.
func (s SessionSecurity) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is [SessionSecurity.String], for JSON and whatever else asks.
func (s SessionSecurity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
