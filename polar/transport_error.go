package polar

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// ConnectError is the error of a call that got no complete response: the server could not be reached, or the connection broke.
type ConnectError struct {
	// Operation is the name of the operation, such as "introspect customer session".
	Operation string
	// Attempts is the number of attempts that the call made.
	Attempts int

	text  string
	cause error
}

// Error returns one line with the operation and the network error.
func (e *ConnectError) Error() string {
	return fmt.Sprintf("polar: %s: no response: %s%s", e.Operation, e.text, attemptsSuffix(e.Attempts))
}

// Unwrap returns the unchanged error of net/http. Its text may contain secrets that Error leaves out.
func (e *ConnectError) Unwrap() error { return e.cause }

// Format prints Error for every verb, because fmt would print the fields for verbs other than %s and %v.
func (e *ConnectError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// TimeoutError is the error of a call that got no response in time: an attempt exceeded [WithTimeout], the network timed out,
// or the context's deadline passed. For every TimeoutError, errors.Is(err, context.DeadlineExceeded) is true.
type TimeoutError struct {
	// Operation is the name of the operation, such as "introspect customer session".
	Operation string
	// Attempts is the number of attempts that the call made.
	Attempts int

	text  string
	cause error
}

// Error returns one line with the operation and the limit that was exceeded.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("polar: %s: timed out: %s%s", e.Operation, e.text, attemptsSuffix(e.Attempts))
}

// Timeout returns true, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// Is reports whether target is context.DeadlineExceeded.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Unwrap returns the unchanged error of net/http or the context. Its text may contain secrets that Error leaves out.
func (e *TimeoutError) Unwrap() error { return e.cause }

// Format prints Error for every verb, because fmt would print the fields for verbs other than %s and %v.
func (e *TimeoutError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// DecodeError is the error of a response with a status below 400 that does not match the API: it has an unexpected status or
// content type, is incomplete or too large, is not valid JSON, or lacks a required field. The call is not retried. A server
// that protects its own resources must treat a DecodeError as a failed check, not as a valid or an invalid session.
type DecodeError struct {
	// Operation is the name of the operation, such as "introspect customer session".
	Operation string
	// StatusCode is the HTTP status, below 400.
	StatusCode int
	// ContentType is the response header Content-Type.
	ContentType string
	// Body is the beginning of the response body, at most 4,096 bytes, with tokens removed.
	Body string

	text  string
	cause error
}

// Error returns one line with the operation and what does not match.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("polar: %s: unexpected response (%d %s): %s; check WithServerURL",
		e.Operation, e.StatusCode, oneLine(e.ContentType, 80), e.text)
}

// Unwrap returns the error of the decoder.
func (e *DecodeError) Unwrap() error { return e.cause }

// Format prints Error for every verb, because fmt would print the fields for verbs other than %s and %v.
func (e *DecodeError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// multiError is an error with several causes and a text of one line.
type multiError struct {
	text   string
	causes []error
}

func (e *multiError) Error() string                 { return e.text }
func (e *multiError) Unwrap() []error               { return e.causes }
func (e *multiError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// formatError prints the text of an error for every verb.
func formatError(f fmt.State, verb rune, err error) {
	if verb != 'q' {
		verb = 's'
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), err.Error())
}

func attemptsSuffix(attempts int) string {
	if attempts < 2 {
		return ""
	}
	return fmt.Sprintf(", after %d attempts", attempts)
}

// transportFailure returns the outcome of an attempt for which net/http returned err.
func (x *exchange) transportFailure(ctx context.Context, req *http.Request, err error, n int) outcome {
	if outer, ok := err.(*url.Error); ok {
		err = outer.Err // url.Error adds the URL, into which a request editor may have put secrets
	}
	text := oneLine(redact(err.Error(), x.secrets(req)), 300)
	var redirect *RedirectError
	if errors.As(err, &redirect) {
		redirect.Operation = x.op.name
		redirect.To = oneLine(redact(redirect.To, x.secrets(req)), 200)
		redirect.reason = oneLine(redact(redirect.reason, x.secrets(req)), 300)
		return outcome{err: redirect}
	}
	if ctx.Err() != nil {
		return outcome{ended: true}
	}
	o := outcome{retryable: x.config.retries != nil && !x.config.retries.ResponsesOnly}
	var certificate *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	switch {
	case req.Context().Err() != nil:
		text = fmt.Sprintf("no complete response within %v; see WithTimeout", x.config.timeout)
		o.err = &TimeoutError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		o.err = &TimeoutError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	default:
		o.retryable = o.retryable && !errors.As(err, &certificate) // the certificate will not be valid the next time either
		o.err = &ConnectError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	}
	return o
}

// contextError returns the error of a call whose context has ended. last is the last error of the API or the network, or
// nil.
func (x *exchange) contextError(ctx context.Context, n int, last error) error {
	cause := context.Cause(ctx)
	why := oneLine(redact(cause.Error(), sortSecrets(append([]string{x.token}, x.sensitive...))), 300)
	var err error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = &TimeoutError{Operation: x.op.name, Attempts: n, text: "the context ended: " + why, cause: cause}
	} else {
		text := fmt.Sprintf("polar: %s: the context ended: %s%s", x.op.name, why, attemptsSuffix(n))
		err = &multiError{text: text, causes: []error{ctx.Err(), cause}}
	}
	if last == nil {
		return err
	}
	return &multiError{text: err.Error() + "; the last error was: " + last.Error(), causes: []error{err, last}}
}

// decodeError returns a DecodeError for a response.
func (x *exchange) decodeError(status int, a response, cause error) error {
	secrets := x.secrets(a.request)
	return &DecodeError{
		Operation: x.op.name, StatusCode: status, ContentType: redact(a.contentType, secrets), Body: excerpt(a.body, secrets),
		text: oneLine(redact(cause.Error(), secrets), 300), cause: cause,
	}
}
