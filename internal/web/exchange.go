package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
)

// Exchange is one request being answered: the response, and what is known of the caller by now.
type Exchange struct {
	http.ResponseWriter
	// Subject is what authentication found; nil for a caller without a credential.
	Subject any
	// Identity is whom authentication found, for the rates; zero for a caller without a credential.
	Identity Identity
	// Cause is the error that was answered, for the log.
	Cause error

	status    int
	route     string
	requestID string
	params    []param
}

type param struct{ name, value string }

// WriteHeader notes the status for the log.
func (x *Exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (x *Exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (x *Exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// SetRoute notes for the log which route answers.
func (x *Exchange) SetRoute(name string) { x.route = name }

// Param returns a part of the path by its name in the route, unescaped; "" when the route has no such part.
func (x *Exchange) Param(name string) string {
	for _, p := range x.params {
		if p.name == name {
			if text, err := url.PathUnescape(p.value); err == nil {
				return text
			}
			return p.value
		}
	}
	return ""
}

// RequestID names this exchange in the log. It is made when it is first asked for, because few ask.
func (x *Exchange) RequestID() string {
	if x.requestID == "" {
		x.requestID = rand.Text()
	}
	return x.requestID
}

// panicError is a panic of a handler on its way to the log.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("a handler panicked: %v\n%s", e.value, e.stack)
}
