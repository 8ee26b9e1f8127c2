package web

import (
	"net/http"
	"strings"
)

// Bearer returns the token of the Authorization header (RFC 6750, section 2.1). It reports false, which stands for a
// caller without a credential, when there is no header, another scheme, no token, a token with a byte outside ASCII, or
// one of Polar's OAuth client registration tokens, which say nothing about a caller. What counts as a credential is
// decided here alone: if the limiter took for one what authentication passes over, anybody could have a new identity
// with every request.
//
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
	if token == "" || strings.HasPrefix(token, registrationPrefix) {
		return "", false
	}
	return token, true
}

const registrationPrefix = "polar_crt_"

// WithBearer is the request as if it had come with that bearer, or with none for "".
func WithBearer(r *http.Request, bearer string) *http.Request {
	with := *r
	with.Header = r.Header.Clone()
	with.Header.Set("Authorization", "Bearer "+bearer)
	return &with
}

// SessionCookie is the name of the cookie in which the portal stores a session's bearer token.
const SessionCookie = "postern_session"

// BearerFromCookie returns the bearer token in the portal's cookie, or "" if the request has no such cookie.
func BearerFromCookie(r *http.Request) string {
	c, err := r.Cookie(SessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}
