package web

import (
	"net/http"
	"strings"
)

// allowedHeaders lists the request headers that a page of another origin may send.
const allowedHeaders = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version"

// organizationHeader is also allowed. It is listed only for a preflight that asks for it, so that other preflights get the same
// bytes as from Polar.
const organizationHeader = "Polar-Organization"

// preflight sets the CORS headers and answers CORS preflight requests. It reports whether it has answered the request. It
// allows every origin, because browsers never send a bearer token by themselves.
func preflight(x *Exchange, r *http.Request) (answered bool) {
	if r.Header.Get("Origin") == "" {
		return false
	}
	h := x.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		h.Set("Access-Control-Expose-Headers", "Polar-Version")
		return false
	}
	h.Set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	h.Set("Access-Control-Max-Age", "600")
	requested, listed := r.Header.Get("Access-Control-Request-Headers"), allowedHeaders
	if strings.Contains(strings.ToLower(requested), strings.ToLower(organizationHeader)) {
		listed += ", " + organizationHeader
	}
	h.Set("Access-Control-Allow-Headers", listed)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if !allowed(requested, listed) {
		x.WriteHeader(http.StatusBadRequest)
		x.Write([]byte("Disallowed CORS headers"))
		return true
	}
	x.WriteHeader(http.StatusOK)
	x.Write([]byte("OK"))
	return true
}

// allowed reports whether every requested header is in the list.
func allowed(requested, list string) bool {
	for name := range strings.SplitSeq(requested, ",") {
		name = strings.TrimSpace(name)
		known := name == ""
		for have := range strings.SplitSeq(list, ", ") {
			known = known || strings.EqualFold(name, have)
		}
		if !known {
			return false
		}
	}
	return true
}
