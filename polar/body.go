package polar

import (
	"errors"
	"io"
	"mime"
	"strings"
)

// Limits in bytes on how much of a response body is read.
const (
	maxResponse      = 1 << 20  // a successful response
	maxListPage      = 32 << 20 // one page of a list: up to 100 customers with full metadata
	maxErrorResponse = 64 << 10 // an error response
	maxErrorBody     = 4 << 10  // the part of a body that an error stores
)

var errTooLarge = errors.New("too large")

// readAll reads the body of a successful response to its end, so that net/http can reuse the connection. size is the
// Content-Length, or -1 if it is unknown. A body longer than limit bytes is errTooLarge.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		b, _ := readPrefix(r, maxErrorBody)
		return b, errTooLarge
	}
	if size < 0 {
		size = 511
	}
	b := make([]byte, 0, size+1) // one byte more, so that the last Read can report io.EOF
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return b[:maxErrorBody], errTooLarge
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		case len(b) == cap(b):
			b = append(b, 0)[:len(b)]
		}
	}
}

// readPrefix reads at most limit bytes and reports whether they are the complete body. A read error ends the body early
// and is not returned.
func readPrefix(r io.Reader, limit int64) (b []byte, complete bool) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(b)) > limit {
		return b[:limit], false
	}
	return b, err == nil
}

// isJSON reports whether a content type is application/json (RFC 8259) or ends in +json (RFC 6839).
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}
