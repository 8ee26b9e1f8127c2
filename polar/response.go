package polar

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Response describes the HTTP response to a call. See [WithResponseInto].
type Response struct {
	// StatusCode is the HTTP status. It is zero if there was no response.
	StatusCode int
	// Header holds the response headers, with canonical names. Cookies and the secrets of the request are replaced by
	// "[redacted]".
	Header http.Header
	// RequestID is the header X-Request-Id, by which the server's log identifies the request. It is empty if the server
	// sent none. A Postern server sends it with every response.
	RequestID string
	// Attempts is the number of requests that the call sent so far.
	Attempts int
}

// Format prints the fields for every verb, without secrets.
func (r Response) Format(f fmt.State, _ rune) { printValue(f, r) }

// WithResponseInto stores a description of the HTTP response in r, for calls that work and for calls that fail. It is
// an option of calls, not of New, because concurrent calls must not share r. An iterator stores the response to its
// last request. If there is no response, r is set to its zero value.
//
//	var response polar.Response
//	customer, err := client.Customers.Get(ctx, id, polar.WithResponseInto(&response))
//	fmt.Println(response.StatusCode, response.Header.Get("Polar-Version"))
func WithResponseInto(r *Response) Option {
	return func(c *config) error {
		if r == nil {
			return errors.New("polar: WithResponseInto: the response is nil")
		}
		c.into = r
		return nil
	}
}

const requestIDHeader = "X-Request-Id"

// send sends one attempt and records its response.
func (x *exchange) send(req *http.Request, attempt int) (*http.Response, error) {
	if x.config.into != nil {
		*x.config.into = Response{Attempts: attempt}
	}
	resp, err := x.config.client.Do(req)
	if err == nil && x.config.into != nil {
		secrets := x.secrets(req)
		*x.config.into = Response{
			StatusCode: resp.StatusCode, Header: redactHeader(resp.Header, secrets),
			RequestID: redact(resp.Header.Get(requestIDHeader), secrets), Attempts: attempt,
		}
	}
	return resp, err
}

// redactHeader returns a copy of response headers without secrets.
func redactHeader(h http.Header, secrets []string) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		values = slices.Clone(values)
		for i := range values {
			if values[i] = redact(values[i], secrets); name == "Set-Cookie" {
				values[i] = redacted
			}
		}
		clean[name] = values
	}
	return clean
}
