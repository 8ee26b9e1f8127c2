package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/postern-go/postern/internal/fault"
)

// MaxBody is the longest body that is taken, in bytes.
const MaxBody = 10 << 20

var (
	errLength = fault.New(fault.LengthRequired, "A Content-Length header is required.")
	errTooBig = fault.New(fault.TooLarge, fmt.Sprintf("Request body exceeded the maximum allowed size of %d bytes.", MaxBody))
)

// limitBody asks for the length of a body before any of it is read.
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

// ReadBody returns the whole body; nil when there is none. A caller who breaks off yields fault.Malformed.
func ReadBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err == nil && len(b) > MaxBody {
		return nil, errTooBig
	}
	if err == nil && r.ContentLength > int64(len(b)) {
		err = errors.New("the body ended early")
	}
	if err != nil {
		return nil, fault.New(fault.Malformed, "There was an error parsing the body").Because(err)
	}
	return b, nil
}
