package polar

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What an [*Error] can be, for errors.Is.
var (
	// ErrUnauthorized is every 401: no credential, one of a kind that the operation does not take, or ErrInvalidToken.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrInvalidToken is the 401 of a token that is unknown, expired, revoked or damaged. The server does not say which.
	ErrInvalidToken = errors.New("invalid token")
	// ErrInsufficientScope is the 403 of a live token without the scope; [Error.Scopes] says which.
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrNotFound is every 404: an object that is not there, a route that is not, or an API version that is not.
	ErrNotFound = errors.New("not found")
	// ErrValidation is every 422; [Error.Fields] says what is wrong with what.
	ErrValidation = errors.New("validation failed")
	// ErrCustomerSelectionRequired is the 409 of a login whose email address several customers have; [Error.Customers] lists them.
	ErrCustomerSelectionRequired = errors.New("customer selection required")
	// ErrRateLimited is every 429; [Error.RetryAfter] says how long to wait.
	ErrRateLimited = errors.New("rate limited")
)

// Error is an answer of 400 and above. It is always a pointer:
//
//	var refusal *polar.Error
//	if errors.As(err, &refusal) && refusal.StatusCode == http.StatusConflict { … }
//
// It holds nothing of the request, and the request's secrets are taken out where the server repeats them.
type Error struct {
	// Operation is what was asked for: "introspect customer session".
	Operation string
	// StatusCode is the status, 400 or above.
	StatusCode int
	// Code is what the server calls the error: "invalid_token", "Unauthorized", "RequestValidationError". It is "" for
	// errors without a name: unknown routes, rate limits, crashes, and whatever a proxy answers.
	Code string
	// Message is what the server says to people, a few lines at most; "" when it says nothing, or when Fields say it.
	Message string
	// Fields are the parts of the request that a 422 complains about.
	Fields []FieldError
	// Customers are those to choose from where a login's email address is that of several: call again with the id of one.
	Customers []CustomerSelectionOption
	// Scopes are the scopes of which a 403 wants one, in the server's order.
	Scopes []Scope
	// RetryAfter is how long the server wants to be left alone, counted from the answer; 0 when it does not say.
	RetryAfter time.Duration
	// Attempts is how many requests were sent, the last of which got this answer.
	Attempts int
	// Body is the beginning of the body, 4096 bytes at most.
	Body string

	hint string
}

// FieldError is one complaint about a request.
type FieldError struct {
	// Type is the kind of complaint: "missing", "value_error", "uuid_parsing".
	Type string
	// Loc leads to the part that is meant: strings, and ints for positions in a list.
	Loc []any
	// Msg says what is wrong, to people.
	Msg string
}

// Path is Loc in one word: "body.customer_id".
func (f FieldError) Path() string {
	parts := make([]string, len(f.Loc))
	for i, part := range f.Loc {
		parts[i] = fmt.Sprint(part)
	}
	return strings.Join(parts, ".")
}

// Is makes errors.Is find the errors above.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrInvalidToken:
		return e.StatusCode == http.StatusUnauthorized && e.Code == "invalid_token"
	case ErrInsufficientScope:
		return e.StatusCode == http.StatusForbidden && e.Code == "insufficient_scope"
	case ErrNotFound:
		return e.StatusCode == http.StatusNotFound
	case ErrValidation:
		return e.StatusCode == http.StatusUnprocessableEntity
	case ErrCustomerSelectionRequired:
		return e.StatusCode == http.StatusConflict && e.Code == "customer_selection_required"
	case ErrRateLimited:
		return e.StatusCode == http.StatusTooManyRequests
	}
	return false
}

// Error is one line: the operation, the status, the server's words, and what to do.
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

// said is what the server said, or the first of its complaints.
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

// advice is what to do about an error; "" when its words say enough.
func (e *Error) hintFor(op *operation) string {
	switch {
	case errors.Is(e, ErrInvalidToken) && op.auth == organizationAuth:
		return "the access token has ended or never was; see WithAccessToken"
	case errors.Is(e, ErrInvalidToken) && op.auth == sessionAuth:
		return "the session has ended or never was; start a new one"
	case e.StatusCode == http.StatusUnauthorized && op.auth != noAuth:
		return "the server found no credential that it takes here; it wants " + op.auth.describe()
	case len(e.Scopes) > 0:
		return "the token needs one of these scopes: " + joinScopes(e.Scopes)
	case e.StatusCode == http.StatusNotFound && e.Code == "":
		return "the server may not be the API, not know the API version, or not have what Postern has beyond Polar; " +
			"see WithServerURL and WithAPIVersion"
	case e.RetryAfter > 0:
		return fmt.Sprintf("try again in %v", e.RetryAfter)
	case e.StatusCode == http.StatusTooManyRequests || e.StatusCode >= 500:
		return "it may pass; see WithRetries"
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
