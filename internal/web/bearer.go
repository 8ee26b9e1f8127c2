package web

import (
	"net/http"
	"strings"
)

// Bearer returns the token of the Authorization header (RFC 6750, section 2.1). It reports false, which stands for a
// caller without a credential, when there is no header, another scheme, no token, or a token with a byte outside ASCII.
// The scheme's case and the spaces around the token do not matter; spaces inside are part of it.
func Bearer(h http.Header) (token string, ok bool) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", false
	}
	scheme, rest, found := strings.Cut(values[0], " ")
	if !found || !strings.EqualFold(scheme, "bearer") {
		return "", false
	}
	token = strings.Trim(rest, " ")
	for i := range len(token) {
		if token[i] >= 0x80 {
			return "", false
		}
	}
	return token, token != ""
}
