package polar

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// What the tokens of sessions begin with.
const (
	CustomerSessionPrefix = "polar_cst_"
	MemberSessionPrefix   = "polar_mst_"
)

// Errors about the credentials of a call, for errors.Is. Nothing was sent.
var (
	// ErrMissingSecurity is a call without the credential that it needs: a [SessionSecurity] without a token, or a client
	// without [WithAccessToken].
	ErrMissingSecurity = errors.New("no token was given")
	// ErrMalformedToken is a token with a byte that no token can have: a space, a newline, anything outside ASCII.
	ErrMalformedToken = errors.New("the token is malformed")
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
	if err := wellFormed(name, token); err != nil {
		return "", fmt.Errorf("polar: %w", err)
	}
	return token, nil
}

// SecurityFor is the SessionSecurity of a token whose prefix says which kind it is; one of another kind goes into
// CustomerSession, for the server to judge.
func SecurityFor(token string) SessionSecurity {
	if strings.HasPrefix(token, MemberSessionPrefix) {
		return SessionSecurity{MemberSession: token}
	}
	return SessionSecurity{CustomerSession: token}
}

// wellFormed refuses a token that no server can know, and does not show it.
func wellFormed(name, token string) error {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] >= 0x7f {
			return fmt.Errorf("%w: byte %d of %s is a space, a control character or not ASCII (a newline left over from a file?)",
				ErrMalformedToken, i, name)
		}
	}
	return nil
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
