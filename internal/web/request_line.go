package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// methods are the methods that the parser of Polar's server (llhttp) accepts.
var methods = strings.Fields(`DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND
	REBIND UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK UNLINK SOURCE QUERY`)

var errRequestLine = fault.New(fault.Malformed, "Invalid HTTP request received.")

// refuseRequestLine answers a request whose method or target the HTTP parser of Polar's server refuses, and reports
// whether it has answered. The parser of net/http accepts every method that is a token, and bytes outside ASCII in a
// target.
func refuseRequestLine(x *Exchange, r *http.Request) bool {
	inASCII := strings.IndexFunc(r.RequestURI, func(c rune) bool { return c > '~' }) < 0
	if inASCII && slices.Contains(methods, r.Method) {
		return false
	}
	x.Cause = errRequestLine
	x.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.Header().Set("Connection", "close")
	answerText(x, http.StatusBadRequest, "Invalid HTTP request received.")
	return true
}
