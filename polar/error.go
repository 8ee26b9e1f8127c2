package polar

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Errors that an [*Error] can match with errors.Is.
var (
	// ErrUnauthorized matches every response with status 401: the credential is missing, of the wrong kind, or not
	// valid.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrInvalidToken matches a response with status 401 to a token that is unknown, expired, revoked or damaged. The response
	// does not reveal which of these is the case.
	ErrInvalidToken = errors.New("invalid token")
	// ErrInsufficientScope matches a response with status 403 to a valid token that lacks a scope. See [Error.Scopes].
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrSessionNotFresh matches a response with status 403 to a change of the account that needs a fresh proof of the session's
	// holder. See [PortalCustomerSessionService.RequestProof].
	ErrSessionNotFresh = errors.New("session not fresh")
	// ErrNotFound matches a response with status 404, except for ErrAPIVersion: the object or the route does not exist.
	ErrNotFound = errors.New("not found")
	// ErrAPIVersion matches a response with status 404 to a version of the API that the server does not have, for example
	// because it was removed. The error names the version. See [WithAPIVersion].
	ErrAPIVersion = errors.New("unknown API version")
	// ErrValidation matches every response with status 422. See [Error.Fields].
	ErrValidation = errors.New("validation failed")
	// ErrCustomerSelectionRequired matches a response with status 409 to a login with an email address that several
	// customers have. See [Error.Customers].
	ErrCustomerSelectionRequired = errors.New("customer selection required")
	// ErrRateLimited matches every response with status 429. See [Error.RetryAfter].
	ErrRateLimited = errors.New("rate limited")
)

// Error is a response with status 400 or above. Methods always return a pointer to it:
//
//	var apiErr *polar.Error
//	if errors.As(err, &apiErr) && apiErr.StatusCode == http.StatusConflict { … }
//
// It does not reference the request. If the response repeats secrets of the request, they are removed.
type Error struct {
	// Operation is the name of the operation, such as "introspect customer session".
	Operation string
	// StatusCode is the HTTP status, 400 or above.
	StatusCode int
	// Code is the server's name for the error, such as "invalid_token", "Unauthorized" or "RequestValidationError". It
	// is empty for responses without a name, such as unknown routes, rate limits, crashes and errors of proxies.
	Code string
	// Message is the server's explanation, which can have several lines. It is empty if the response has no explanation, or if
	// Fields contain it.
	Message string
	// Fields are the invalid fields of the request, for status 422.
	Fields []FieldError
	// Customers are the customers with the email address of a login, for status 409. Repeat the call with the ID of one
	// of them.
	Customers []CustomerSelectionOption
	// Scopes are the accepted scopes, in the server's order, for status 403. The token needs one of them.
	Scopes []Scope
	// RetryAfter is the time that the server asks the client to wait, counted from the response. Zero means that the server
	// does not ask for this.
	RetryAfter time.Duration
	// Attempts is the number of requests that the call sent. This error is the response to the last request.
	Attempts int
	// Header holds the response headers, with canonical names. Cookies and the secrets of the request are replaced by
	// "[redacted]".
	Header http.Header
	// RequestID is the header X-Request-Id, by which the server's log identifies the request. It is empty if the server
	// sent none. A Postern server sends it with every response.
	RequestID string
	// Body is the beginning of the response body, at most 4,096 bytes.
	Body string

	hint    string
	version string // the requested version, if the server does not have it
}

// FieldError describes one invalid field of a request.
type FieldError struct {
	// Type is the kind of error: "missing", "value_error", "uuid_parsing".
	Type string
	// Loc is the path to the field. Names are strings, positions in lists are ints.
	Loc []any
	// Msg explains the error.
	Msg string
}

// Path returns Loc joined by periods: "body.customer_id".
func (f FieldError) Path() string {
	parts := make([]string, len(f.Loc))
	for i, part := range f.Loc {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// Is reports whether the response matches target, which is one of the error variables of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrInvalidToken:
		return e.StatusCode == http.StatusUnauthorized && e.Code == "invalid_token"
	case ErrInsufficientScope:
		return e.StatusCode == http.StatusForbidden && e.Code == "insufficient_scope"
	case ErrSessionNotFresh:
		return e.StatusCode == http.StatusForbidden && e.Code == "SessionNotFresh"
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound && e.version == ""
	case ErrAPIVersion:
		return e.version != ""
	case ErrValidation:
		return e.StatusCode == http.StatusUnprocessableEntity
	case ErrCustomerSelectionRequired:
		return e.StatusCode == http.StatusConflict && e.Code == "customer_selection_required"
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	}
	return false
}

// Error returns one line with the operation, the status, the server's message and a hint, and for a failure of the server the request
// id.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("polar: ")
	if e.Operation != "" {
		b.WriteString(e.Operation + ": ")
	}
	fmt.Fprintf(&b, "%d %s", e.StatusCode, oneLine(e.title(), 80))
	if said := e.detail(); said != "" && said != e.title() {
		b.WriteString(": " + said)
	}
	if e.hint != "" {
		b.WriteString(" (" + e.hint + ")")
	}
	if e.RequestID != "" && e.StatusCode >= http.StatusInternalServerError { // the server's log has the cause
		b.WriteString(", request " + oneLine(e.RequestID, 80))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, ", after %d attempts", e.Attempts)
	}
	return b.String()
}

func (e *Error) title() string {
	switch text := http.StatusText(e.StatusCode); {
	case e.Code != "":
		return e.Code
	case text != "":
		return text
	}
	return "error"
}

// detail returns the server's message, or the first invalid fields if there are any.
func (e *Error) detail() string {
	const shown = 3
	if len(e.Fields) == 0 {
		return oneLine(e.Message, 300)
	}
	var all []string
	for _, f := range e.Fields[:min(shown, len(e.Fields))] {
		all = append(all, oneLine(f.Path()+": "+f.Msg, 200))
	}
	if more := len(e.Fields) - shown; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, "; ")
}

// hintFor returns what the caller can do about the error, or "" if there is nothing to add to the server's message.
func (e *Error) hintFor(op *operation) string {
	switch {
	case errors.Is(e, ErrInvalidToken) && op.auth == organizationAuth:
		return "the access token is not valid; see WithAccessToken"
	case errors.Is(e, ErrInvalidToken) && op.auth == sessionAuth:
		return "the session token is not valid; create a new session"
	case errors.Is(e, ErrInvalidToken) && op.auth == anyAuth:
		return "the token is not valid; see WithAccessToken and WithSession"
	case e.StatusCode == http.StatusUnauthorized && op.auth != noAuth:
		return "the credential is missing or of the wrong kind; send " + op.auth.describe()
	case len(e.Scopes) > 0:
		return "the token needs one of these scopes: " + joinScopes(e.Scopes)
	case e.version != "":
		return fmt.Sprintf("the server does not have version %q of the API; see WithAPIVersion and WithServerURL", e.version)
	case e.StatusCode == http.StatusNotFound && e.Code == "" && op.auth == anyAuth:
		return "the server lacks this route; see WithServerURL"
	case e.StatusCode == http.StatusNotFound && e.Code == "":
		return "the server lacks this route, which may exist on Postern only; see WithServerURL"
	case e.RetryAfter > 0:
		return fmt.Sprintf("try again in %v", e.RetryAfter)
	case e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= 500:
		return "temporary error; see WithRetries"
	}
	return ""
}

func joinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return oneLine(strings.Join(words, ", "), 200)
}
