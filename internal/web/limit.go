package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// The maximum lengths of request bodies, in bytes.
const (
	// MaxBody is the maximum for every request. It is Polar's.
	MaxBody = 10 << 20
	// MaxAnonymousBody is the maximum for a caller that is not authenticated, and for every form.
	MaxAnonymousBody = 64 << 10
	// MaxKnownBody is the maximum for an organization's access token.
	MaxKnownBody = 1 << 20
)

var errLength = fault.New(fault.LengthRequired, "A Content-Length header is required.")

// TooLarge returns the error for a body that is longer than limit.
func TooLarge(limit int64) error {
	return fault.New(fault.TooLarge, fmt.Sprintf("Request body exceeded the maximum allowed size of %d bytes.", limit))
}

var errTooBig = TooLarge(MaxBody)

// limitBody refuses a body that has no declared length or is longer than MaxBody, before reading any of it. As on Polar, a POST, PUT
// or PATCH without a body needs the header Content-Length too.
func limitBody(_ *Exchange, r *http.Request) error {
	if r.ContentLength > MaxBody {
		return errTooBig
	}
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if r.ContentLength < 0 || r.ContentLength == 0 && r.Header["Content-Length"] == nil {
			return errLength
		}
	}
	return nil
}

// drainTime is how long the server receives the rest of a refused body before it closes the connection. A client that is still
// sending then has read the answer.
const drainTime = 2 * time.Second

// CloseAfterward makes the server close the connection after the answer, instead of reading the rest of the body.
func (x *Exchange) CloseAfterward() {
	x.Header().Set("Connection", "close")
	_ = http.NewResponseController(x).SetReadDeadline(time.Now().Add(drainTime)) // a recorder has no connection
}

// bodyTime is how long a client may take to send a body that counts in [Bodies]. The timeouts of http.Server apply to other
// bodies.
const (
	anonymousBodyTime = 10 * time.Second
	knownBodyTime     = 30 * time.Second
)

// ReadBody returns the whole body, or nil if the request has none. The memory of the body counts in bodies until the request has
// ended; known reports whether the caller is authenticated. ReadBody returns fault.LengthRequired if the length is not declared,
// fault.TooLarge if it is more than limit, fault.Malformed if the body is cut off or arrives too slowly, and fault.Unavailable if
// there is no memory for it.
func ReadBody(x *Exchange, r *http.Request, bodies *Bodies, known bool, limit int64) ([]byte, error) {
	switch {
	case r.ContentLength == 0:
		return nil, nil
	case r.ContentLength < 0:
		return nil, errLength
	case r.ContentLength > limit:
		return nil, TooLarge(limit)
	}
	if err := bodies.Reserve(x, r, r.ContentLength, known); err != nil {
		return nil, err
	}
	timed := false
	control := http.NewResponseController(x)
	if r.ContentLength > uncounted {
		timeout := knownBodyTime
		if !known {
			timeout = anonymousBodyTime
		}
		timed = control.SetReadDeadline(time.Now().Add(timeout)) == nil
	}
	b := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, b); err != nil {
		x.CloseAfterward()
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = errors.New("body is shorter than its Content-Length")
		}
		return nil, fault.New(fault.Malformed, "There was an error parsing the body").Because(err)
	}
	if timed {
		_ = control.SetReadDeadline(time.Time{})
	}
	return b, nil
}
