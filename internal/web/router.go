package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Route is a method and a path, in which {name} stands for one segment.
type Route struct {
	Method, Path string
	// Zone is in which rates its requests are counted.
	Zone Zone
	// Credential finds the bearer of a request that has none in the way of [Bearer], such as one in a cookie; "" when there is
	// none either. The request is then counted and authenticated as if it had come with that one. nil looks nowhere else.
	Credential func(r *http.Request) string
	// Refused answers in place of Stack.Problem when authentication refuses a caller, or returns an error that is answered as
	// any other; nil does not.
	Refused func(x *Exchange, r *http.Request, err error) error
	// Asked is whether proxies ask there on behalf of others. No preflight is answered then: the 200 would let the request in
	// that a browser has announced with it.
	Asked  bool
	Handle Handler
}

// Router finds routes as Starlette does, because clients see it: of several paths that match, the first that serves the
// method; a path that only differs in its last slash is redirected with 307, a wrong method is 405, and a HEAD is not a GET.
type Router struct {
	// literal are the paths without parts, found in one step; patterns are the others, in order.
	literal  map[string]*place
	patterns []*place
	// base is where the outside world reaches this server: its scheme is right even behind a proxy.
	base *url.URL
}

// place is a path with all that is served there.
type place struct {
	path     string
	segments []string
	routes   []Route
}

// NewRouter takes the routes in the order in which they are tried. base is the server's public URL.
func NewRouter(base *url.URL, routes []Route) *Router {
	rt := &Router{literal: map[string]*place{}, base: base}
	places := map[string]*place{}
	for _, r := range routes {
		p := places[r.Path]
		if p == nil {
			p = &place{path: r.Path, segments: strings.Split(r.Path, "/")}
			places[r.Path] = p
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

// destination is where a request goes: place is nil when nothing is at its path, and route when nothing is there for its
// method.
type destination struct {
	place *place
	route *Route
}

// zone is Default for whatever is not served.
func (d destination) zone() Zone {
	if d.route == nil {
		return Default
	}
	return d.route.Zone
}

// credited is the request with the bearer that the route finds elsewhere.
func (d destination) credited(r *http.Request) *http.Request {
	if d.route == nil || d.route.Credential == nil {
		return r
	}
	if _, ok := Bearer(r.Header); ok {
		return r
	}
	if bearer := d.route.Credential(r); bearer != "" {
		return WithBearer(r, bearer)
	}
	return r
}

// refused is what becomes of an error of authentication.
func (d destination) refused(x *Exchange, r *http.Request, err error) error {
	if d.route == nil || d.route.Refused == nil {
		return err
	}
	x.route, x.Cause = d.place.path, err
	return d.route.Refused(x, r, err)
}

// asked reports whether proxies ask at the path, also under the old root.
func (rt *Router) asked(path string) bool {
	p := rt.literal[strings.TrimPrefix(path, apiRoot)]
	return p != nil && p.routes[0].Asked
}

// locate finds where a request goes, and answers nothing yet. Of several paths that match, the first that serves the method.
func (rt *Router) locate(x *Exchange, r *http.Request) (d destination) {
	path := r.URL.EscapedPath()
	if p := rt.literal[path]; p != nil {
		if d = (destination{p, p.route(r.Method)}); d.route != nil {
			return d
		}
	}
	for _, p := range rt.patterns {
		params, ok := match(p.segments, path, x.params[:0])
		if !ok {
			continue
		}
		if x.params = params; d.place == nil {
			d.place = p
		}
		if route := p.route(r.Method); route != nil {
			return destination{p, route}
		}
	}
	return d
}

// route is nil when the place does not serve the method.
func (p *place) route(method string) *Route {
	for i := range p.routes {
		if p.routes[i].Method == method {
			return &p.routes[i]
		}
	}
	return nil
}

func (rt *Router) serve(x *Exchange, r *http.Request, to destination) error {
	if to.place == nil {
		other := otherSlash(r.URL.EscapedPath())
		if len(rt.methods(other)) == 0 {
			return fault.New(fault.NoRoute, "Not Found")
		}
		rt.redirect(x, r, other)
		return nil
	}
	x.route = to.place.path
	if to.route == nil {
		x.Header().Set("Allow", strings.Join(rt.methods(r.URL.EscapedPath()), ", "))
		return fault.New(fault.WrongMethod, "Method Not Allowed")
	}
	return to.route.Handle(x, r)
}

// methods are all that are served at a path (RFC 9110, section 15.5.6), in the order of the alphabet.
func (rt *Router) methods(path string) []string {
	var methods []string
	add := func(p *place) {
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

// match walks along a path; a part takes one segment that is not empty.
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

func otherSlash(path string) string {
	if strings.HasSuffix(path, "/") {
		return strings.TrimSuffix(path, "/")
	}
	return path + "/"
}

// redirect names the whole URL. Where the caller came to the server's public host, it gets the public scheme back: behind
// a proxy that ends TLS, a plain http:// would have it send its token in the clear.
func (rt *Router) redirect(x *Exchange, r *http.Request, path string) {
	to := url.URL{Scheme: "http", Host: r.Host, RawQuery: r.URL.RawQuery}
	if r.TLS != nil {
		to.Scheme = "https"
	}
	if rt.base != nil && strings.EqualFold(rt.base.Host, r.Host) {
		to.Scheme = rt.base.Scheme
	}
	x.Header().Set("Location", to.Scheme+"://"+to.Host+path+query(to.RawQuery))
	x.Header().Set("Content-Length", "0")
	x.WriteHeader(http.StatusTemporaryRedirect)
}

func query(raw string) string {
	if raw == "" {
		return ""
	}
	return "?" + raw
}

// apiRoot is where Polar's API was until 2025; the notice is what it tells its callers still.
const (
	apiRoot       = "/api"
	apiRootNotice = "The API root has moved from /api/v1 to /v1. Please update your integration."
)

// withoutAPIRoot returns the request as it would have come to /v1, or nil when it does not name the old root.
func withoutAPIRoot(x *Exchange, r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, apiRoot+"/v1/") {
		return nil
	}
	x.Header().Set("X-Polar-Deprecation-Notice", apiRootNotice)
	to := *r
	to.URL = new(url.URL)
	*to.URL = *r.URL
	to.URL.Path = strings.TrimPrefix(r.URL.Path, apiRoot)
	to.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, apiRoot)
	return &to
}
