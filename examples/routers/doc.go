// Package routers shows portalauth under routers other than net/http's: its middleware is plain net/http, so each takes it in a line.
// It is a module of its own, so that Postern's names no router. Read the tests.
package routers
