package polar

import (
	"errors"
	"io"
	"mime"
	"strings"
)

// How much of a body is read, in bytes.
const (
	maxResponse      = 1 << 20  // of a success
	maxListPage      = 32 << 20 // of a page of a list: a hundred customers, each with all the metadata that it can have
	maxErrorResponse = 64 << 10 // of anything else: enough to parse what the API says
	maxErrorBody     = 4 << 10  // and what an error keeps of it
)

var errTooLarge = errors.New("there is more of it than can be good")

// readAll reads the body of a success, which has size bytes, or -1, and limit at most. It reads up to the end, so that the connection can
// be used again.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		b, _ := readPrefix(r, maxErrorBody)
		return b, errTooLarge
	}
	if size < 0 {
		size = 511
	}
	b := make([]byte, 0, size+1) // one more, for Read to report the end
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

// readSome reads at most limit bytes and says whether that was all. An error ends the body early.
func readPrefix(r io.Reader, limit int64) (b []byte, complete bool) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(b)) > limit {
		return b[:limit], false
	}
	return b, err == nil
}

// isJSON tells whether a content type is application/json or one of its kind (RFC 8259, RFC 6839).
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
