package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/postern-go/postern/internal/fault"
)

// MaxBody is the maximum length of a request body in bytes.
const MaxBody = 10 << 20

var (
	errLength = fault.New(fault.LengthRequired, "A Content-Length header is required.")
	errTooBig = fault.New(fault.TooLarge, fmt.Sprintf("Request body exceeded the maximum allowed size of %d bytes.", MaxBody))
)

// limitBody refuses a body that has no declared length or is longer than MaxBody, before reading any of it.
func limitBody(_ *Exchange, r *http.Request) error {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		return nil
	}
	if r.ContentLength < 0 {
		return errLength
	}
	if r.ContentLength > MaxBody {
		return errTooBig
	}
	return nil
}

// ReadBody returns the whole body, or nil if the request has none. It returns fault.Malformed if the body is cut off.
func ReadBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err == nil && len(b) > MaxBody {
		return nil, errTooBig
	}
	if err == nil && r.ContentLength > int64(len(b)) {
		err = errors.New("body is shorter than its Content-Length")
	}
	if err != nil {
		return nil, fault.New(fault.Malformed, "There was an error parsing the body").Because(err)
	}
	return b, nil
}
