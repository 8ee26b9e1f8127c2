package harness

import (
	"fmt"
	"net/http"
	"strings"
)

// route selects requests by method and path.
type route struct {
	method   string // "" matches any method
	segments []string
	rest     bool // matches additional segments
}

// parseRoute parses "POST /v1/customers/{id}", "/v1/customers/" for any method, or "" for every request. {name} matches one
// segment, and {name...} at the end matches any number of segments. A trailing slash is significant, as in the server's routes.
func parseRoute(text string) (route, error) {
	if text == "" {
		return route{rest: true}, nil
	}
	method, path, ok := strings.Cut(text, " ")
	if !ok {
		method, path = "", text
	}
	if method != strings.ToUpper(method) || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		return route{}, fmt.Errorf("invalid route %q: use a route such as POST /v1/customer-sessions/, or /v1/customers/{id} for any method", text)
	}
	r := route{method: method, segments: strings.Split(path[1:], "/")}
	if last := len(r.segments) - 1; strings.HasPrefix(r.segments[last], "{") && strings.HasSuffix(r.segments[last], "...}") {
		r.segments, r.rest = r.segments[:last], true
	}
	return r, nil
}

func (r route) match(q *http.Request) bool {
	if r.method != "" && r.method != q.Method {
		return false
	}
	segments := strings.Split(strings.TrimPrefix(q.URL.Path, "/"), "/")
	if len(segments) < len(r.segments) || len(segments) > len(r.segments) && !r.rest {
		return false
	}
	for i, want := range r.segments {
		wild := strings.HasPrefix(want, "{") && strings.HasSuffix(want, "}") && segments[i] != ""
		if !wild && want != segments[i] {
			return false
		}
	}
	return true
}
