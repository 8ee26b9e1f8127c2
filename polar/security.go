package polar

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Prefixes of session tokens: of customers, and of their members.
const (
	CustomerSessionPrefix = "polar_cst_"
	MemberSessionPrefix   = "polar_mst_"
)

// Errors of calls without a usable credential, for errors.Is. Such a call is not sent.
var (
	// ErrMissingSecurity means that a call lacks the credential that it needs: the [SessionSecurity] is empty, or the client
	// has no access token; see [WithAccessToken].
	ErrMissingSecurity = errors.New("the token is missing")
	// ErrMalformedToken means that a token contains a character that is not allowed: a space, a control character or a
	// non-ASCII character.
	ErrMalformedToken = errors.New("the token is malformed")
)

// SessionSecurity is the session token that a call sends. Exactly one of its fields must be set. The value prints, logs
// and marshals without the token.
type SessionSecurity struct {
	// CustomerSession is the token of a customer's session: polar_cst_….
	CustomerSession string
	// MemberSession is the token of a member's session: polar_mst_….
	MemberSession string
}

// token returns the token that is set. It returns an error for a malformed token, because net/http would show some malformed
// tokens in its errors, and would send others although no server accepts them.
func (s SessionSecurity) token() (string, error) {
	name, token := "CustomerSession", s.CustomerSession
	switch {
	case s.CustomerSession == "" && s.MemberSession == "":
		return "", fmt.Errorf("polar: %w: set CustomerSession or MemberSession of SessionSecurity", ErrMissingSecurity)
	case s.CustomerSession != "" && s.MemberSession != "":
		return "", errors.New("polar: SessionSecurity has both CustomerSession and MemberSession; set only one")
	case token == "":
		name, token = "MemberSession", s.MemberSession
	}
	if err := wellFormed(name, token); err != nil {
		return "", fmt.Errorf("polar: %w", err)
	}
	return token, nil
}

// SecurityFor returns the SessionSecurity for a token: MemberSession if the token has [MemberSessionPrefix],
// CustomerSession otherwise. It does not validate the token.
func SecurityFor(token string) SessionSecurity {
	if strings.HasPrefix(token, MemberSessionPrefix) {
		return SessionSecurity{MemberSession: token}
	}
	return SessionSecurity{CustomerSession: token}
}

// wellFormed returns ErrMalformedToken if the token contains an invalid character. The error does not contain the
// token.
func wellFormed(name, token string) error {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] >= 0x7f {
			return fmt.Errorf("%w: byte %d of %s is a space, a control character or not ASCII (a newline at the end of a file?)",
				ErrMalformedToken, i, name)
		}
	}
	return nil
}

// String returns the names of the fields that are set, without the token.
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

// Format prints String for every verb, because fmt would print the fields for verbs other than %s and %v.
func (s SessionSecurity) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue returns String for slog.
func (s SessionSecurity) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns String, so that encodings such as JSON do not contain the token.
func (s SessionSecurity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
