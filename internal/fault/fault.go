// Package fault is the one error type of the server.
//
// A room that refuses something says why with a code, and with words that may be shown to anybody; what
// went wrong underneath stays in the cause, which only the log sees:
//
//	return fault.New(fault.NotFound, "Customer does not exist.").Because(err)
//
// Whoever looks at an error asks for its code, never for its text:
//
//	if fault.Is(err, fault.NotFound) { … }
//
// An error that is not a fault is [Internal]: it is logged whole, and the caller learns nothing but a request id.
package fault

import (
	"encoding/json"
	"errors"
	"time"
)

// Code says what kind of refusal a fault is. How a code looks on the wire is decided in one place, internal/api.
type Code string

// The codes. A new one needs a row in the table of internal/api's problem.go; a test there insists.
const (
	// Internal is every error that nobody foresaw.
	Internal Code = "internal"
	// Unavailable is a dependency that cannot answer now; the same request may succeed later.
	Unavailable Code = "unavailable"
	// Unauthenticated is a request without a usable credential, or with one of a kind that the route does not take.
	Unauthenticated Code = "unauthenticated"
	// InvalidToken is a credential that is unknown, ended, expired or damaged. Which of these, its holder is not told.
	InvalidToken Code = "invalid_token"
	// InsufficientScope is a live credential that lacks all of [Error.Scopes].
	InsufficientScope Code = "insufficient_scope"
	// InvalidClient is InvalidToken and Unauthenticated where OAuth 2.0 clients call (RFC 6749, section 5.2).
	InvalidClient Code = "invalid_client"
	// InvalidForm is a form that such a client has sent, and that lacks something or says it twice.
	InvalidForm Code = "invalid_form"
	// NotPermitted is a live credential whose holder's role does not allow the request.
	NotPermitted Code = "not_permitted"
	// NotFound is an object that does not exist, or that the caller may not know of.
	NotFound Code = "not_found"
	// NoRoute is a path that nothing serves.
	NoRoute Code = "no_route"
	// WrongMethod is a path that is served, by another method.
	WrongMethod Code = "wrong_method"
	// Malformed is a body whose bytes are not text.
	Malformed Code = "malformed"
	// InvalidRequest is a request that does not have the shape its route asks for; [Error.Fields] says where.
	InvalidRequest Code = "invalid_request"
	// RuleViolated is a request of the right shape that a rule forbids; [Error.Fields] says which.
	RuleViolated Code = "rule_violated"
	// LengthRequired is a body without a declared length.
	LengthRequired Code = "length_required"
	// TooLarge is a body over the limit.
	TooLarge Code = "too_large"
	// InvalidCode is a login code that is unknown, used up or expired. Which of these, nobody is told.
	InvalidCode Code = "invalid_code"
	// InvalidEmailUpdate is the token of a mail that was to confirm an email address, and cannot any more.
	InvalidEmailUpdate Code = "invalid_email_update"
	// UnknownKey is a signature under a key that nobody here knows.
	UnknownKey Code = "unknown_key"
	// BadSignature is a body that is not what its signature was made for.
	BadSignature Code = "bad_signature"
	// Conflict is a write that lost against what is already there; the caller may try again with other data.
	Conflict Code = "conflict"
	// TooMany is a caller who asks too often; [Error.RetryAfter] says when to come back.
	TooMany Code = "too_many"
)

// Error is a refusal. The zero value is not useful; make one with [New].
type Error struct {
	// Code is what kind of refusal this is.
	Code Code
	// Message may be shown to anybody. It never holds a token, a code or a secret.
	Message string
	// Fields are the parts of the request that were refused, for InvalidRequest and RuleViolated.
	Fields []Field
	// Scopes are the scopes of which one would have sufficed, for InsufficientScope.
	Scopes []string
	// RetryAfter is how long the caller should wait, for TooMany.
	RetryAfter time.Duration

	cause error
}

// Part is the part of a request in which a refused field stands. Only packages that read requests set it.
type Part uint8

// The parts of a request.
const (
	Body Part = iota
	Query
	Path
	Header
	// BareBody is the body of a route that Polar parses by hand: error locations there do not name the part.
	BareBody
)

// Field is a refused input. On the wire it becomes an error item as Pydantic writes it, which Polar's clients parse.
type Field struct {
	// Type is a stable name such as "missing" or "uuid_parsing".
	Type string
	// Name is the path of the field within its part: strings are names, ints are positions. Empty means the whole part.
	Name []any
	// In is the part of the request that holds the field.
	In Part
	// Msg explains the error to people.
	Msg string
	// Input is the refused value as JSON; nil means null.
	Input json.RawMessage
	// Ctx is a JSON object with the numbers and names that Msg contains. It may be nil.
	Ctx json.RawMessage
	// URL is the address of an explanation. It may be empty.
	URL string
}

// New makes a fault with a public message.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Invalid makes an InvalidRequest fault from the fields that were refused.
func Invalid(fields ...Field) *Error {
	return &Error{Code: InvalidRequest, Message: "The request is not valid.", Fields: fields}
}

// Rule makes a RuleViolated fault from the fields that were refused.
func Rule(fields ...Field) *Error {
	return &Error{Code: RuleViolated, Message: "The request breaks a rule.", Fields: fields}
}

// Because returns a copy of the fault that carries the private cause, for the log alone.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is the text for the log: code, message and cause.
func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	for _, f := range e.Fields {
		text += " [" + f.Msg + "]"
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the private cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the first fault in err's chain: Internal when there is none, "" when err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Is reports whether the first fault in err's chain has the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }
