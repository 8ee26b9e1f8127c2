package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	allowedMethods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
	// allowedHeaders lists the request headers that a page of another origin may send.
	allowedHeaders = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version"
	// organizationHeader is also allowed, except in strict mode. It is listed only for a preflight that asks for it, so that other
	// preflights get the same bytes as from Polar.
	organizationHeader = "Polar-Organization"
)

// preflight sets the CORS headers and answers CORS preflight requests, with the rules and texts of Starlette's CORSMiddleware. It
// reports whether it has answered the request. It allows every origin, because browsers never send a bearer token by themselves.
// A header that is present without a value counts as present.
func (s *Stack) preflight(x *Exchange, r *http.Request) (answered bool) {
	if r.Header["Origin"] == nil {
		return false
	}
	h := x.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	method := r.Header["Access-Control-Request-Method"]
	if r.Method != http.MethodOptions || method == nil {
		exposed := "Polar-Version"
		if !s.Strict {
			exposed += ", " + requestIDHeader
		}
		h.Set("Access-Control-Expose-Headers", exposed)
		return false
	}
	requested, listed := r.Header["Access-Control-Request-Headers"], allowedHeaders
	if !s.Strict && requested != nil && listsHeader(requested[0], organizationHeader) {
		listed += ", " + organizationHeader
	}
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Max-Age", "600")
	h.Set("Access-Control-Allow-Headers", listed)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	var disallowed []string
	if !slices.Contains(strings.Split(allowedMethods, ", "), method[0]) {
		disallowed = append(disallowed, "method")
	}
	if requested != nil && !allAllowed(requested[0], listed) {
		disallowed = append(disallowed, "headers")
	}
	if r.Header["Access-Control-Request-Private-Network"] != nil {
		disallowed = append(disallowed, "private-network")
	}
	if disallowed != nil {
		answerText(x, http.StatusBadRequest, "Disallowed CORS "+strings.Join(disallowed, ", "))
		return true
	}
	answerText(x, http.StatusOK, "OK")
	return true
}

// answerText writes a short text. net/http adds the header Content-Length.
func answerText(x *Exchange, status int, text string) {
	x.WriteHeader(status)
	io.WriteString(x, text)
}

// allAllowed reports whether every requested header is in the list. An empty name, as in "a,,b", is not allowed.
func allAllowed(requested, list string) bool {
	for name := range strings.SplitSeq(requested, ",") {
		if !listsHeader(list, strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}

// listsHeader reports whether a list of header names, separated by commas, contains the name.
func listsHeader(list, name string) bool {
	for have := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(have), name) {
			return true
		}
	}
	return false
}
