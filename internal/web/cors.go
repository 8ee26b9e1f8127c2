package web

import (
	"net/http"
	"strings"
)

// allowedHeaders are those that a page of another origin may send.
const allowedHeaders = "Accept, Accept-Language, Authorization, Content-Language, Content-Type, Polar-Version"

// preflight sets what a page of another origin may see, and answers its question whether it may ask at all. A bearer is
// never sent by a browser on its own, so any origin may.
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

func allowed(asked string) bool {
	for name := range strings.SplitSeq(asked, ",") {
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
