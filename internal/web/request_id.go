package web

import (
	"encoding/base32"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// requestIDHeader is the header of the id by which the log identifies a request.
const requestIDHeader = "X-Request-Id"

// maxRequestID is the maximum length in bytes of an id that a proxy sends.
const maxRequestID = 128

// RequestIDs sends a request id with every answer of Next, in the header X-Request-Id. If the peer is a trusted proxy that sends a
// valid id in this header, the answer has this id. Otherwise the answer has a new id: a client cannot choose it.
type RequestIDs struct {
	Next http.Handler
	// Trusted are the networks of the proxies.
	Trusted []netip.Prefix
}

// ServeHTTP implements http.Handler.
func (h RequestIDs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := ""
	if len(h.Trusted) > 0 {
		id = h.received(r)
	}
	if id == "" {
		id = newRequestID()
	}
	w.Header()[requestIDHeader] = []string{id}
	h.Next.ServeHTTP(w, r)
}

// received returns the id that a trusted proxy has sent, or "".
func (h RequestIDs) received(r *http.Request) string {
	id := single(r.Header[requestIDHeader])
	if !validRequestID(id) {
		return ""
	}
	if peer := parseIP(r.RemoteAddr); !slices.ContainsFunc(h.Trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
		return ""
	}
	return id
}

// validRequestID reports whether an id can be in headers, log lines and pages as it is. An id that looks like a token is not valid.
func validRequestID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:/+=@", rune(c)) {
			return false
		}
	}
	return id != "" && len(id) <= maxRequestID && !strings.Contains(id, "polar_")
}

var requestIDText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newRequestID returns a new id of 26 letters and digits, with 128 random bits. Ids are not secret.
func newRequestID() string {
	var bits [16]byte
	binary.NativeEndian.PutUint64(bits[:8], rand.Uint64()) // #nosec G404 -- ids are not secret, and this generator needs no system call
	binary.NativeEndian.PutUint64(bits[8:], rand.Uint64()) // #nosec G404 -- the same
	var text [26]byte
	requestIDText.Encode(text[:], bits[:])
	return string(text[:])
}
