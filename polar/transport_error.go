package polar

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// ConnectError is a call without a whole answer: the server could not be reached, or the connection broke.
type ConnectError struct {
	// Operation is what was asked for: "introspect customer session".
	Operation string
	// Attempts is how many requests were tried.
	Attempts int

	text  string
	cause error
}

// Error says what the network said.
func (e *ConnectError) Error() string {
	return fmt.Sprintf("polar: %s: no answer: %s%s", e.Operation, e.text, attemptsSuffix(e.Attempts))
}

// Unwrap returns the network's error, as it came: its text may hold what ours leaves out.
func (e *ConnectError) Unwrap() error { return e.cause }

// Format prints Error for every verb: fmt would show the fields of the cause for those it does not expect.
func (e *ConnectError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// TimeoutError is a call that was not answered in time: an attempt reached the limit of [WithTimeout], the network gave
// up waiting, or the context's deadline passed. errors.Is(err, context.DeadlineExceeded) holds for all of them.
type TimeoutError struct {
	// Operation is what was asked for: "introspect customer session".
	Operation string
	// Attempts is how many requests were tried.
	Attempts int

	text  string
	cause error
}

// Error says which limit was reached.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("polar: %s: timed out: %s%s", e.Operation, e.text, attemptsSuffix(e.Attempts))
}

// Timeout reports true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// Is makes errors.Is find context.DeadlineExceeded.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Unwrap returns the network's or the context's error, as it came: its text may hold what ours leaves out.
func (e *TimeoutError) Unwrap() error { return e.cause }

// Format prints Error for every verb: fmt would show the fields of the cause for those it does not expect.
func (e *TimeoutError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// DecodeError is an answer below 400 that does not match the schema: another status, another content type, not JSON,
// half of it, too much of it, or without a value that has to be there. It is never retried. Whoever guards something
// with a session treats it as "could not ask".
type DecodeError struct {
	// Operation is what was asked for: "introspect customer session".
	Operation string
	// StatusCode is the status, below 400.
	StatusCode int
	// ContentType is the answer's header.
	ContentType string
	// Body is the beginning of the body, 4096 bytes at most, without anything that looks like a token.
	Body string

	text  string
	cause error
}

// Error says what does not match.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("polar: %s: the answer (%d %s) does not match the schema: %s; is the server the API? see WithServerURL",
		e.Operation, e.StatusCode, oneLine(e.ContentType, 80), e.text)
}

// Unwrap returns what the decoder said.
func (e *DecodeError) Unwrap() error { return e.cause }

// Format prints Error for every verb: fmt would show the fields of the cause for those it does not expect.
func (e *DecodeError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// joined is an error of several causes in one line.
type multiError struct {
	text   string
	causes []error
}

func (e *multiError) Error() string                 { return e.text }
func (e *multiError) Unwrap() []error               { return e.causes }
func (e *multiError) Format(f fmt.State, verb rune) { formatError(f, verb, e) }

// formatError prints the text of an error whatever the verb.
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

// failed is an attempt that got no whole answer, for which err is what net/http says.
func (x *exchange) transportFailure(ctx context.Context, req *http.Request, err error, n int) outcome {
	if outer, ok := err.(*url.Error); ok {
		err = outer.Err // the outer one adds the URL, which is known and may hold what an editor put in
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
		return outcome{err: x.contextError(ctx, n, nil), retryable: true}
	}
	o := outcome{retryable: x.config.retries != nil && x.config.retries.RetryConnectionErrors}
	var certificate *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	switch {
	case req.Context().Err() != nil:
		text = fmt.Sprintf("no whole answer within %v; see WithTimeout", x.config.timeout)
		o.err = &TimeoutError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		o.err = &TimeoutError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	default:
		o.retryable = o.retryable && !errors.As(err, &certificate) // which will be as bad the next time
		o.err = &ConnectError{Operation: x.op.name, Attempts: n, text: text, cause: err}
	}
	return o
}

// ended is a call whose context is over, and the last refusal before that, if there was one.
func (x *exchange) contextError(ctx context.Context, n int, refusal *Error) error {
	cause := context.Cause(ctx)
	why := oneLine(redact(cause.Error(), sortSecrets(append([]string{x.token}, x.sensitive...))), 300)
	var err error
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = &TimeoutError{Operation: x.op.name, Attempts: n, text: "the context ended: " + why, cause: cause}
	} else {
		text := fmt.Sprintf("polar: %s: the context ended: %s%s", x.op.name, why, attemptsSuffix(n))
		err = &multiError{text: text, causes: []error{ctx.Err(), cause}}
	}
	if refusal == nil {
		return err
	}
	return &multiError{text: err.Error() + "; the last answer was: " + refusal.Error(), causes: []error{err, refusal}}
}

// mismatch is an answer that cannot be used.
func (x *exchange) decodeError(status int, a response, cause error) error {
	hide := x.secrets(a.request)
	return &DecodeError{
		Operation: x.op.name, StatusCode: status, ContentType: redact(a.contentType, hide), Body: excerpt(a.body, hide),
		text: oneLine(redact(cause.Error(), hide), 300), cause: cause,
	}
}
