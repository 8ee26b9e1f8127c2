package web

import (
	"net/http"
	"strings"
)

// Bearer returns the token of the Authorization header (RFC 6750, section 2.1). It ignores the case of the scheme and spaces
// around the token. Spaces inside are part of the token.
//
// Bearer reports false for a request without a credential. This means that the header is missing, has another scheme, or has a
// token that is empty or not ASCII. OAuth client registration tokens of Polar do not count as credentials either, because they
// identify no caller.
//
// The limiter and authentication both use Bearer. If the limiter accepted credentials that authentication ignores, a client
// could get a fresh rate limit with every request.
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
	if token == "" || strings.HasPrefix(token, registrationPrefix) {
		return "", false
	}
	return token, true
}

const registrationPrefix = "polar_crt_"

// WithBearer returns a copy of the request with the bearer token in its Authorization header.
func WithBearer(r *http.Request, bearer string) *http.Request {
	with := *r
	with.Header = r.Header.Clone()
	with.Header.Set("Authorization", "Bearer "+bearer)
	return &with
}
