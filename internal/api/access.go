package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// reads are the scopes of which one lets a session read.
var reads = []directory.Scope{directory.CustomerPortalRead, directory.CustomerPortalWrite}

// call is a request that has passed its guard.
type call struct {
	*web.Exchange
	*http.Request
	subject *subject
	body    body.Value
	form    body.Form
	// bodyText is the body as it was sent.
	bodyText string
}

type handler func(c *call) error

// access is what a route asks of its caller.
type access struct {
	subjects []kind
	scopes   []directory.Scope
	body     bodyKind
	// members refuses the sessions of customers, as if they were of another kind.
	members bool
	zone    web.Zone
	// client finds out who calls where the form may say it.
	client func(c *call) error
	// credential, refused and asked are the route's, as web.Route has them. What refused is told of, the guard tells it too.
	credential func(r *http.Request) string
	refused    func(x *web.Exchange, r *http.Request, err error) error
	asked      bool
}

// bodyKind says as what a body is read.
type bodyKind int

const (
	noBody bodyKind = iota
	jsonBody
	formBody
	// textBody is one that is only read later, because a signature was made of its bytes.
	textBody
)

var public = access{}

func portal(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofSession}, scopes: scopes}
}

func organization(scopes ...directory.Scope) access {
	return access{subjects: []kind{ofOrganization}, scopes: scopes}
}

func (a access) forMembers() access {
	a.members = true
	return a
}

// withText leaves it to the handler to read the body.
func (a access) withText() access {
	a.body = textBody
	return a
}

// withForm is for OAuth 2.0's routes, where client looks for the caller in the form too.
func (a access) withForm(client func(c *call) error) access {
	a.body, a.client, a.credential, a.refused = formBody, client, basicPassword, invalidClient
	return a
}

// behindProxy is for a route that proxies ask on behalf of others, whose session may be in a cookie.
func (a access) behindProxy(refused func(x *web.Exchange, r *http.Request, err error) error) access {
	a.credential, a.refused, a.asked = web.BearerFromCookie, refused, true
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
		if err := c.read(a.body); err != nil {
			return err
		}
		c.subject, _ = x.Subject.(*subject)
		if a.client != nil {
			if err := a.client(&c); err != nil {
				return err
			}
		}
		if len(a.subjects) > 0 {
			if !c.subject.is(a.subjects) || a.members && c.subject.session.Member == 0 {
				return a.refuse(x, r, errUnauthenticated)
			}
			if !c.subject.hasOne(a.scopes) {
				return forbidden
			}
		}
		return handle(&c)
	}
}

// refuse answers a caller whom the route does not take as it answers one who is none.
func (a access) refuse(x *web.Exchange, r *http.Request, err error) error {
	if a.refused == nil {
		return err
	}
	return a.refused(x, r, err)
}

// read reads the body.
func (c *call) read(kind bodyKind) error {
	if kind == noBody {
		return nil
	}
	raw, err := web.ReadBody(c.Request)
	if kind == formBody && fault.Is(err, fault.Malformed) {
		return fault.New(fault.InvalidForm, "The form ended early.").Because(err)
	}
	if err != nil {
		return err
	}
	c.bodyText = string(raw)
	switch kind {
	case jsonBody:
		c.body, err = body.Parse(c.Request.Header.Get("Content-Type"), raw)
	case formBody:
		c.form, err = body.ParseForm(c.Request.Header.Get("Content-Type"), c.bodyText)
	}
	return err
}
