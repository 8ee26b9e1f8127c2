package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Exchange is the state of one request: its response, its caller and the data for its log line.
type Exchange struct {
	http.ResponseWriter
	// Subject is the authenticated caller, or nil for a request without a credential.
	Subject any
	// Identity is the authenticated caller for rate limits, or zero for a request without a credential.
	Identity Identity
	// Cause is the error that the log shows for the request.
	Cause error
	// Zone is the rate limit zone of the route, for metrics.
	Zone Zone

	status  int
	version string
	route   string
	// reserved is what the request has reserved in [Bodies], and unreserve ends that.
	reserved  int64
	unreserve func()
	params    []param
	// escaped means that the values of params are escaped.
	escaped bool
}

type param struct{ name, value string }

// WriteHeader records the status for the log.
func (x *Exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Send writes a whole response. It sets Content-Length, so that net/http does not send a long response in chunks, which Polar never
// does.
func (x *Exchange) Send(status int, body []byte) error {
	if len(body) > netHTTPBuffer {
		x.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.WriteHeader(status)
	_, err := x.Write(body)
	return err
}

// netHTTPBuffer is the longest body for which net/http sets Content-Length, in bytes.
const netHTTPBuffer = 2048

// Write records that the response has started.
func (x *Exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the underlying writer.
func (x *Exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// Version returns the name of the version of the API that the request is answered with, such as "2026-10".
func (x *Exchange) Version() string { return x.version }

// Route returns the name of the route, which is its path.
func (x *Exchange) Route() string { return x.route }

// SetRoute records the name of the route for the log.
func (x *Exchange) SetRoute(name string) { x.route = name }

// Param returns the unescaped value of a path parameter, or "" if the route has no parameter of that name.
func (x *Exchange) Param(name string) string {
	for _, p := range x.params {
		if p.name == name {
			if text, err := url.PathUnescape(p.value); x.escaped && err == nil {
				return text
			}
			return p.value
		}
	}
	return ""
}

// RequestID returns the id of this request in the log, which [RequestIDs] has put into the header of the answer. If there is none,
// RequestID puts a new id there.
func (x *Exchange) RequestID() string {
	id := single(x.Header()[requestIDHeader])
	if id == "" {
		id = newRequestID()
		x.Header()[requestIDHeader] = []string{id}
	}
	return id
}

// panicError carries the panic of a handler to the log.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("handler panicked: %v\n%s", e.value, e.stack)
}
