// Package routers shows how to use portalauth with routers other than net/http: read the tests. The middleware is plain
// net/http, so each router needs one line. The package is a separate module, so that Postern does not depend on these routers.
package routers
