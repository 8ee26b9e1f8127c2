package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// A browser signs in to an application in four steps. The application gives the browser a random verifier in a cookie, and sends it
// to the sign-in page with a state: a digest of the verifier and of any text, and that text. After the sign-in, the page sends the
// browser to the application's callback with the state and with a ticket that is bound to both. The application's side exchanges
// the ticket for the session's token; for that it needs the verifier, which is in no URL. So a URL that somebody has read, or that
// an attacker has prepared, signs nobody in.

// NewVerifier returns a random verifier.
func NewVerifier() string { return rand.Text() }

// MaxState is the maximum length of a state in bytes.
const MaxState = 3000

// NewState returns the state for a verifier and a text.
func NewState(verifier, text string) string {
	rest := base64.RawURLEncoding.EncodeToString([]byte(text))
	return challenge(verifier, rest) + "." + rest
}

// challenge returns the digest with which a state begins.
func challenge(verifier, rest string) string {
	sum := sha256.Sum256([]byte(verifier + "." + rest))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ReadState returns the text of a state. It reports false for a state of another verifier; the text is then not trustworthy.
func ReadState(state, verifier string) (text string, own bool) {
	sum, rest, _ := strings.Cut(state, ".")
	plain, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || !IsState(state) {
		return "", false
	}
	own = verifier != "" && subtle.ConstantTimeCompare([]byte(sum), []byte(challenge(verifier, rest))) == 1
	return string(plain), own
}

var states = regexp.MustCompile(`^[A-Za-z0-9_-]{43}\.[A-Za-z0-9._~-]*$`)

// IsState reports whether a text has the form of a state.
func IsState(text string) bool { return len(text) <= MaxState && states.MatchString(text) }

// IssueTicket returns a ticket for a live session that only [Service.RedeemTicket] with the same callback and state accepts.
func (d *Service) IssueTicket(ctx context.Context, issued session.Issued, callback *url.URL, state string) (token.Token, error) {
	return d.Sessions.IssueTicket(ctx, issued, ticketPurpose(callback, state))
}

var errOtherBrowser = fault.New(fault.InvalidToken, "The sign-in was started in another browser.")

// RedeemTicket deletes a ticket and returns the token of its session. It returns fault.InvalidToken if the state has another
// verifier, or for one of the reasons of [session.Service.RedeemFor].
func (d *Service) RedeemTicket(ctx context.Context, ticket string, callback *url.URL, state, verifier string) (token.Token, error) {
	sum, rest, _ := strings.Cut(state, ".")
	if verifier == "" || !IsState(state) || subtle.ConstantTimeCompare([]byte(sum), []byte(challenge(verifier, rest))) != 1 {
		return token.Token{}, errOtherBrowser
	}
	return d.Sessions.RedeemFor(ctx, ticket, ticketPurpose(callback, state))
}

// ticketPurpose binds a ticket to a callback and a state. The same callback gives the same text, however it is written.
func ticketPurpose(callback *url.URL, state string) string {
	host := strings.ToLower(callback.Host)
	if port := callback.Port(); port == map[string]string{"http": "80", "https": "443"}[callback.Scheme] {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return "sign in at " + callback.Scheme + "://" + host + callback.EscapedPath() + "\n" + state
}
