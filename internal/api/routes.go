package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/web"
)

// row is a route: method, path, what the caller must be and carry, and who answers.
type row struct {
	method, path string
	access       access
	handle       handler
}

func (r row) route() web.Route {
	return web.Route{Method: r.method, Path: r.path, Zone: r.access.zone, Handle: r.access.guard(r.handle)}
}

// routes are all that is served. Where several scopes stand, one of them suffices. Requests are counted in web.Default
// where no other zone is named with countedIn.
func (a *api) routes() []web.Route {
	table := []row{
		{"GET", "/healthz", public, a.health},

		{"POST", "/v1/customer-sessions/", organization(directory.CustomerSessionsWrite).withBody(), a.createSession},
		{"GET", "/v1/customer-portal/customer-session/introspect", portal(directory.CustomerPortalRead, directory.CustomerPortalWrite), a.introspect},
		{"GET", "/v1/customer-portal/customer-session/user", portal(directory.CustomerPortalRead, directory.CustomerPortalWrite), a.sessionUser},

		{"POST", "/v1/customers/", organization(directory.CustomersWrite).withBody(), a.createCustomer},
		{"GET", "/v1/customers/{id}", organization(directory.CustomersRead, directory.CustomersWrite), a.getCustomer},
	}
	routes := make([]web.Route, len(table))
	for i, row := range table {
		routes[i] = row.route()
	}
	return routes
}

// call is a request that has passed its guard.
type call struct {
	*web.Exchange
	*http.Request
	subject *subject
	body    body.Value
}

type handler func(c *call) error

// access is what a route asks of its caller.
type access struct {
	subjects []kind
	scopes   []directory.Scope
	body     bool
	zone     web.Zone
}

var public = access{}

func portal(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofSession}, scopes: scopes}
}

func organization(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofOrganization}, scopes: scopes}
}

func (a access) withBody() access {
	a.body = true
	return a
}

func (a access) countedIn(zone web.Zone) access {
	a.zone = zone
	return a
}

// guard checks in the order that Polar's callers see: the syntax of the body, then who calls, then the scope. What the
// body says is the handler's to check.
func (a access) guard(handle handler) web.Handler {
	forbidden := a.insufficientScope()
	return func(x *web.Exchange, r *http.Request) error {
		c := call{Exchange: x, Request: r}
		if a.body {
			raw, err := web.ReadBody(r)
			if err != nil {
				return err
			}
			if c.body, err = body.Parse(r.Header.Get("Content-Type"), raw); err != nil {
				return err
			}
		}
		c.subject, _ = x.Subject.(*subject)
		if len(a.subjects) > 0 {
			if !c.subject.is(a.subjects) {
				return errUnauthenticated
			}
			if !c.subject.hasOne(a.scopes) {
				return forbidden
			}
		}
		return handle(&c)
	}
}
