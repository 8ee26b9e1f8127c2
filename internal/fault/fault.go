// Package fault defines the error type of the server.
//
// A package that refuses a request returns a fault with a code and a message that callers may read. The cause of the
// refusal goes into the log only:
//
//	return fault.New(fault.NotFound, "Customer does not exist.").Because(err)
//
// Callers test the code of an error, never its text:
//
//	if fault.Is(err, fault.NotFound) { … }
//
// An error that is not a fault counts as [Internal]: the server logs its whole text, and the caller receives only a
// request id.
package fault

import (
	"encoding/json"
	"errors"
	"time"
)

// Code is the kind of a fault. Package internal/api maps each code to an HTTP status and a response body.
type Code string

// The codes. A new code needs a row in the table of internal/api/problem.go; a test checks this.
const (
	// Internal is the code of every unexpected error.
	Internal Code = "internal"
	// Unavailable means that a dependency cannot answer now. The same request may succeed later.
	Unavailable Code = "unavailable"
	// Unauthenticated means that the request has no usable credential, or that the route does not accept the kind of the
	// credential.
	Unauthenticated Code = "unauthenticated"
	// InvalidToken means that a credential is unknown, revoked, expired or malformed. The response does not reveal which of
	// these is the case.
	InvalidToken Code = "invalid_token"
	// InsufficientScope means that a valid credential has none of the scopes in [Error.Scopes].
	InsufficientScope Code = "insufficient_scope"
	// InvalidClient replaces InvalidToken and Unauthenticated at the OAuth 2.0 endpoints (RFC 6749, section 5.2).
	InvalidClient Code = "invalid_client"
	// InvalidForm means that a form sent to an OAuth 2.0 endpoint lacks a parameter or repeats a parameter.
	InvalidForm Code = "invalid_form"
	// NotPermitted means that the role of the credential's holder does not allow the request.
	NotPermitted Code = "not_permitted"
	// SessionNotFresh means that the change needs a session whose holder has just proved that it reads the mailbox of its address.
	SessionNotFresh Code = "session_not_fresh"
	// NotFound means that an object does not exist, or that the caller has no access to the object.
	NotFound Code = "not_found"
	// NoRoute means that no route has the request's path.
	NoRoute Code = "no_route"
	// WrongMethod means that a route has the request's path, but not its method.
	WrongMethod Code = "wrong_method"
	// Malformed means that the bytes of a body are not text in UTF-8.
	Malformed Code = "malformed"
	// InvalidRequest means that the request does not match the route's schema. [Error.Fields] lists the errors.
	InvalidRequest Code = "invalid_request"
	// RuleViolated means that a request matches the schema, but breaks a business rule. [Error.Fields] lists the errors.
	RuleViolated Code = "rule_violated"
	// LengthRequired means that the request has a body without a Content-Length.
	LengthRequired Code = "length_required"
	// TooLarge means that the body is larger than the limit.
	TooLarge Code = "too_large"
	// InvalidCode means that a login code is unknown, used or expired. The response does not reveal which of these is the case.
	InvalidCode Code = "invalid_code"
	// InvalidEmailUpdate means that the token in a confirmation mail for a new email address is unknown, used or expired.
	InvalidEmailUpdate Code = "invalid_email_update"
	// UnknownKey means that the public key of a signature is unknown.
	UnknownKey Code = "unknown_key"
	// BadSignature means that a signature does not match the body.
	BadSignature Code = "bad_signature"
	// Conflict means that a write contradicts stored data. The caller may retry with other data.
	Conflict Code = "conflict"
	// QuotaExceeded means that an organization or a customer has the maximum number of objects of a kind.
	QuotaExceeded Code = "quota_exceeded"
	// BadRequest means that the request lacks a parameter that the schema does not require.
	BadRequest Code = "bad_request"
	// CustomerNotReady means that the customer has not begun what the request completes.
	CustomerNotReady Code = "customer_not_ready"
	// NotImplemented means that Polar keeps what the request is about, and this server does not.
	NotImplemented Code = "not_implemented"
	// Busy means that too many requests of the caller's organization are in progress. [Error.RetryAfter] is the time to wait.
	Busy Code = "busy"
	// TooMany means that the caller exceeded a rate limit. [Error.RetryAfter] is the time to wait.
	TooMany Code = "too_many"
)

// Error is the error of a refused request. Create an Error with [New], [Invalid] or [Rule]; the zero value is not valid.
type Error struct {
	Code Code
	// Message is a text that any caller may read. It never contains a token, a code or a secret.
	Message string
	// Fields lists the refused inputs of an InvalidRequest or a RuleViolated.
	Fields []Field
	// Scopes lists the accepted scopes of an InsufficientScope. The caller needs one of them.
	Scopes []string
	// RetryAfter is the time that the caller should wait before the next request, for TooMany and Busy.
	RetryAfter time.Duration
	// Limit is the name of the limit that refused the request, for metrics and the log, or "" if no limit refused it.
	Limit string

	cause error
}

// Part is the part of a request that contains a refused field. Only the packages that read requests set it.
type Part uint8

// The parts of a request.
const (
	Body Part = iota
	Query
	Path
	Header
	// BareBody is the body of a route that Polar parses without its framework. The locations of its errors do not contain the
	// part.
	BareBody
)

// Field is a refused input. On the wire it becomes an error item in Pydantic's format, which Polar's clients parse.
type Field struct {
	// Type is a stable name such as "missing" or "uuid_parsing".
	Type string
	// Name is the path of the field within its part: strings are names, ints are positions. Empty means the whole part.
	Name []any
	// In is the part of the request that holds the field.
	In Part
	// Msg is the explanation for people.
	Msg string
	// Input is the refused value as JSON; nil means null.
	Input json.RawMessage
	// Ctx is a JSON object with the numbers and names that Msg contains. It may be nil.
	Ctx json.RawMessage
	// URL is the address of a page that explains the error. It may be empty.
	URL string
	// Unmeant reports whether the error is about a shape of the input that the caller did not mean. The answer lists such errors
	// last, except in strict mode.
	Unmeant bool
}

// New returns a fault with the code and a public message.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Invalid returns an InvalidRequest fault with the refused fields.
func Invalid(fields ...Field) *Error {
	return &Error{Code: InvalidRequest, Message: "The request is not valid.", Fields: fields}
}

// Rule returns a RuleViolated fault with the refused fields.
func Rule(fields ...Field) *Error {
	return &Error{Code: RuleViolated, Message: "The request breaks a rule.", Fields: fields}
}

// Because returns a copy of the fault with a private cause. Only the log contains the cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error returns the text for the log: code, message and cause.
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

// CodeOf returns the code of the first fault in err's chain. It returns Internal if the chain has no fault, and "" if err is
// nil.
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
