package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Route is a method and a path. In the path, {name} matches one segment.
type Route struct {
	Method, Path string
	// Zone is the rate limit zone of the route.
	Zone Zone
	// Credentials returns bearer tokens from another part of the request, for example from cookies. If it returns any, the
	// request is authenticated with the first valid one, and not with the token that [Bearer] finds. Credentials is nil if the
	// route accepts no other credential.
	Credentials func(r *http.Request) []string
	// Accepts returns fault.InvalidToken for an authenticated caller that the route does not know, so that the next of the
	// Credentials is tried. It is nil if the route accepts every authenticated caller.
	Accepts func(x *Exchange, r *http.Request) error
	// Refused handles errors of authentication. It answers the request, or returns the error to answer with. If Refused is nil,
	// Stack.Problem answers.
	Refused func(x *Exchange, r *http.Request, err error) error
	// ForwardAuth reports whether proxies call the route to authorize the requests of their clients. The server does not answer
	// CORS preflights on such a route, because the proxy would understand the 200 as permission to pass the request on.
	ForwardAuth bool
	Handle      Handler
}

// Router finds the route of a request in the same way as Starlette, because clients depend on it. If several paths match, the
// first path that has the method wins. A path that differs only in its trailing slash is redirected with a 307. A method that
// the path does not have is a 405, including HEAD if the path has only GET.
type Router struct {
	// literal holds the paths without parameters, and patterns the other ones in order.
	literal  map[string]*resource
	patterns []*resource
	// base is the public URL of the server, for redirects.
	base *url.URL
	// strict matches only what Polar matches; see locate.
	strict bool
}

// resource is a path with its routes.
type resource struct {
	path     string
	segments []string
	routes   []Route
}

// NewRouter returns a router that tries the routes in the given order. base is the public URL of the server. With strict, a path has
// a route only if Polar's router finds it too.
func NewRouter(base *url.URL, strict bool, routes []Route) *Router {
	rt := &Router{literal: map[string]*resource{}, base: base, strict: strict}
	resources := map[string]*resource{}
	for _, r := range routes {
		p := resources[r.Path]
		if p == nil {
			p = &resource{path: r.Path, segments: strings.Split(r.Path, "/")}
			resources[r.Path] = p
			if strings.Contains(r.Path, "{") {
				rt.patterns = append(rt.patterns, p)
			} else {
				rt.literal[r.Path] = p
			}
		}
		p.routes = append(p.routes, r)
	}
	return rt
}

// destination is the target of a request. resource is nil if no path matches, and route is nil if the path does not have the
// method.
type destination struct {
	path     string
	resource *resource
	route    *Route
}

// zone returns the rate limit zone, which is Default if there is no route.
func (d destination) zone() Zone {
	if d.route == nil {
		return Default
	}
	return d.route.Zone
}

// credentials returns the bearer tokens of Route.Credentials.
func (d destination) credentials(r *http.Request) []string {
	if d.route == nil || d.route.Credentials == nil {
		return nil
	}
	return d.route.Credentials(r)
}

// accepts calls Route.Accepts.
func (d destination) accepts(x *Exchange, r *http.Request) error {
	if d.route == nil || d.route.Accepts == nil {
		return nil
	}
	return d.route.Accepts(x, r)
}

// refused passes an error of authentication to Route.Refused.
func (d destination) refused(x *Exchange, r *http.Request, err error) error {
	if d.route == nil || d.route.Refused == nil {
		return err
	}
	x.route, x.Cause = d.resource.path, err
	return d.route.Refused(x, r, err)
}

// forwardAuth reports whether the path, with or without the old API root, has a route with ForwardAuth.
func (rt *Router) forwardAuth(path string) bool {
	p := rt.literal[strings.TrimPrefix(path, apiRoot)]
	return p != nil && p.routes[0].ForwardAuth
}

// locate returns the destination of a request and sets the path parameters. If several paths match, the first path that has the
// method wins. As in Starlette, an escaped path is unescaped first, so %2F separates segments. If no path matches then, a path with
// %2F is matched again with %2F as part of a segment, so that an external id can contain a slash. Polar has no route for it.
func (rt *Router) locate(x *Exchange, r *http.Request) destination {
	d := rt.find(x, r.Method, r.URL.Path)
	if d.resource != nil || rt.strict || !strings.Contains(strings.ToUpper(r.URL.RawPath), "%2F") {
		return d
	}
	if slashed := rt.find(x, r.Method, r.URL.EscapedPath()); slashed.resource != nil {
		x.escaped = true
		return slashed
	}
	return d
}

func (rt *Router) find(x *Exchange, method, path string) (d destination) {
	if p := rt.literal[path]; p != nil {
		if d = (destination{path, p, p.route(method)}); d.route != nil {
			return d
		}
	}
	for _, p := range rt.patterns {
		params, ok := match(p.segments, path, x.params[:0])
		if !ok {
			continue
		}
		if x.params = params; d.resource == nil {
			d.resource = p
		}
		if route := p.route(method); route != nil {
			return destination{path, p, route}
		}
	}
	d.path = path
	return d
}

// route returns the route for a method, or nil.
func (p *resource) route(method string) *Route {
	for i := range p.routes {
		if p.routes[i].Method == method {
			return &p.routes[i]
		}
	}
	return nil
}

func (rt *Router) serve(x *Exchange, r *http.Request, to destination) error {
	if to.resource == nil {
		other, written := otherSlash(r.URL.Path), quote(otherSlash(r.URL.Path))
		if len(rt.methods(other)) == 0 && !rt.strict {
			other, written = otherSlash(r.URL.EscapedPath()), otherSlash(r.URL.EscapedPath())
		}
		if len(rt.methods(other)) == 0 {
			return fault.New(fault.NoRoute, "Not Found")
		}
		rt.redirect(x, r, written)
		return nil
	}
	x.route = to.resource.path
	if to.route == nil {
		x.Header().Set("Allow", strings.Join(rt.methods(to.path), ", "))
		return fault.New(fault.WrongMethod, "Method Not Allowed")
	}
	return to.route.Handle(x, r)
}

// methods returns the methods of a path in alphabetical order, for the header Allow (RFC 9110, section 15.5.6).
func (rt *Router) methods(path string) []string {
	var methods []string
	add := func(p *resource) {
		for _, r := range p.routes {
			methods = append(methods, r.Method)
		}
	}
	if p := rt.literal[path]; p != nil {
		add(p)
	}
	for _, p := range rt.patterns {
		if _, ok := match(p.segments, path, nil); ok {
			add(p)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// match compares a path with the segments of a pattern and appends its parameters. A parameter matches one nonempty segment.
func match(segments []string, path string, params []param) ([]param, bool) {
	for i, segment := range segments {
		part, rest, more := strings.Cut(path, "/")
		if more != (i < len(segments)-1) {
			return nil, false
		}
		if strings.HasPrefix(segment, "{") {
			if part == "" {
				return nil, false
			}
			params = append(params, param{segment[1 : len(segment)-1], part})
		} else if part != segment {
			return nil, false
		}
		path = rest
	}
	return params, true
}

// otherSlash adds a trailing slash to the path, or removes all of them if the path has any.
func otherSlash(path string) string {
	if strings.HasSuffix(path, "/") {
		return strings.TrimRight(path, "/")
	}
	return path + "/"
}

// redirect sends a 307 to the path with the other slash. The URL is absolute, as on Polar, if the request went to the public host. The
// path of the public URL is then part of it, which a proxy may have removed from the request. Any other Host header is not trusted: it
// gets a relative reference, so that the client stays where it is and repeats its token nowhere else. A proxy may have put its own name
// for this server there.
func (rt *Router) redirect(x *Exchange, r *http.Request, path string) {
	to := relative(r.URL.EscapedPath(), path)
	if rt.base != nil && strings.EqualFold(rt.base.Host, r.Host) {
		to = rt.base.Scheme + "://" + rt.base.Host + strings.TrimSuffix(rt.base.EscapedPath(), "/") + path
	}
	x.Header().Set("Location", to+query(r.URL.RawQuery))
	x.Header().Set("Content-Length", "0")
	x.WriteHeader(http.StatusTemporaryRedirect)
}

// relative returns the reference to a path with the other slash from the path of a request.
func relative(from, path string) string {
	up := "./"
	if slashes := len(from) - len(strings.TrimRight(from, "/")); slashes > 0 {
		up = strings.Repeat("../", slashes)
	}
	return up + path[1+strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/'):]
}

func query(raw string) string {
	if raw == "" {
		return ""
	}
	return "?" + raw
}

// quote escapes a path for the header Location as Starlette does.
func quote(path string) string {
	const unescaped = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~:/%#?=@[]!$&'()*+,;"
	var b strings.Builder
	for i := range len(path) {
		if strings.IndexByte(unescaped, path[i]) >= 0 {
			b.WriteByte(path[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", path[i])
		}
	}
	return b.String()
}

// apiRoot was the root of Polar's API until 2025. The server still accepts requests to it, and adds the deprecation notice to
// the responses.
const (
	apiRoot       = "/api"
	apiRootNotice = "The API root has moved from /api/v1 to /v1. Please update your integration."
)

// withoutAPIRoot converts a request under the old root of Polar's API: it returns the request with its path under /v1. It
// returns nil if the path is not under the old root. As on Polar, every path that starts with /api/v1 is under the old root.
func withoutAPIRoot(x *Exchange, r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, apiRoot+"/v1") {
		return nil
	}
	x.Header().Set("X-Polar-Deprecation-Notice", apiRootNotice)
	to := *r
	to.URL = new(url.URL)
	*to.URL = *r.URL
	to.URL.Path = strings.TrimPrefix(r.URL.Path, apiRoot)
	if strings.HasPrefix(r.URL.RawPath, apiRoot) {
		to.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, apiRoot)
	} else {
		to.URL.RawPath = "" // the root itself is escaped
	}
	return &to
}
