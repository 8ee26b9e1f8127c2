package web

import (
	"net/http"
	"strings"
)

// allowedHeaders lists the request headers that a page of another origin may send.
const allowedHeaders = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Organization, Polar-Version"

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
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Content-Type", "text/plain; charset=utf-8")
	if !allowed(r.Header.Get("Access-Control-Request-Headers")) {
		x.WriteHeader(http.StatusBadRequest)
		x.Write([]byte("Disallowed CORS headers"))
		return true
	}
	x.WriteHeader(http.StatusOK)
	x.Write([]byte("OK"))
	return true
}

func allowed(requested string) bool {
	for name := range strings.SplitSeq(requested, ",") {
		name = strings.TrimSpace(name)
		known := name == ""
		for have := range strings.SplitSeq(allowedHeaders, ", ") {
			known = known || strings.EqualFold(name, have)
		}
		if !known {
			return false
		}
	}
	return true
}
