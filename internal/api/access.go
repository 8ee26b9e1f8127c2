package api

import (
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// reads lists the scopes that let a session read. One of them is enough.
var reads = []directory.Scope{directory.CustomerPortalRead, directory.CustomerPortalWrite}

// call is a request that has passed the checks of its route.
type call struct {
	*web.Exchange
	*http.Request
	subject *subject
	body    body.Value
	form    body.Form
	// raw is the unparsed body.
	raw    []byte
	bodies *web.Bodies
}

type handler func(c *call) error

// access describes what a route requires of its caller and of the request.
type access struct {
	subjects []kind
	scopes   []directory.Scope
	body     bodyKind
	// members refuses sessions that customers hold. The answer is the same as for a caller of a wrong kind.
	members bool
	zone    web.Zone
	// client authenticates a caller that sends its credential in the form. It is nil if the route does not accept a form.
	client func(c *call) error
	// credentials, accepts, refused and forwardAuth are fields of web.Route. guard also calls refused if the route does not accept the
	// kind of the caller.
	credentials func(r *http.Request) []string
	accepts     func(x *web.Exchange, r *http.Request) error
	refused     func(x *web.Exchange, r *http.Request, err error) error
	forwardAuth bool
}

// bodyKind is the format of a request body.
type bodyKind int

const (
	noBody bodyKind = iota
	jsonBody
	formBody
	// textBody is a body that is not parsed, because the handler verifies a signature of its bytes.
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

// withText leaves parsing the body to the handler.
func (a access) withText() access {
	a.body = textBody
	return a
}

// withForm is for the OAuth 2.0 routes. client authenticates a caller that sends its credential in the form.
func (a access) withForm(client func(c *call) error) access {
	a.body, a.client, a.credentials, a.refused = formBody, client, basicPassword, invalidClient
	return a
}

// behindProxy is for the route that proxies call to authorize the requests of their clients. The session of a client may be in
// a cookie.
func (a access) behindProxy(of *api) access {
	a.credentials, a.accepts, a.refused, a.forwardAuth = sessionCookies, of.inNamedOrganization, of.toLogin, true
	return a
}

func (a access) countedIn(zone web.Zone) access {
	a.zone = zone
	return a
}

// guard wraps a handler with the checks of the route, in Polar's order: the syntax of the body, the kind of the caller, the
// scopes. The handler validates the fields of the body. A body that is longer than a caller without a credential may send is read
// only if the caller has passed the other checks.
func (a access) guard(bodies *web.Bodies, handle handler) web.Handler {
	forbidden := a.insufficientScope()
	return func(x *web.Exchange, r *http.Request) error {
		c := call{Exchange: x, Request: r, bodies: bodies}
		c.subject, _ = x.Subject.(*subject)
		long := a.body != noBody && a.client == nil && r.ContentLength > web.MaxAnonymousBody
		if long {
			if admitted, err := a.admit(&c, forbidden); !admitted {
				x.CloseAfterward()
				return err
			}
		}
		if err := c.read(a.body, a.longestBody()); err != nil {
			return err
		}
		if a.client != nil {
			if err := a.client(&c); err != nil {
				return err
			}
		}
		if !long {
			if admitted, err := a.admit(&c, forbidden); !admitted {
				return err
			}
		}
		return handle(&c)
	}
}

// admit reports whether the route accepts the caller. Otherwise it returns the error to answer with, or nil if it has answered the
// request. forbidden is the error for a caller that lacks the scopes.
func (a access) admit(c *call, forbidden error) (admitted bool, err error) {
	if len(a.subjects) == 0 {
		return true, nil
	}
	if !c.subject.is(a.subjects) || a.members && c.subject.session.Member == 0 {
		return false, a.refuse(c.Exchange, c.Request, errUnauthenticated)
	}
	if !c.subject.hasOne(a.scopes) {
		return false, forbidden
	}
	return true, nil
}

// maxReport is the maximum length of a report from GitHub, in bytes.
const maxReport = 1 << 20

// longestBody returns the maximum length of the route's body, in bytes. The longest valid body of the routes for sessions is much
// shorter than web.MaxAnonymousBody.
func (a access) longestBody() int64 {
	switch {
	case a.body == textBody:
		return maxReport
	case a.body == jsonBody && slices.Contains(a.subjects, ofOrganization):
		return web.MaxKnownBody
	}
	return web.MaxAnonymousBody
}

// refuse answers a caller whose kind the route does not accept. The answer is the same as for a failed authentication.
func (a access) refuse(x *web.Exchange, r *http.Request, err error) error {
	if a.refused == nil {
		return err
	}
	return a.refused(x, r, err)
}

// read reads and parses the body, which may have limit bytes.
func (c *call) read(kind bodyKind, limit int64) error {
	if kind == noBody {
		return nil
	}
	known := c.subject != nil && c.subject.kind == ofOrganization
	var err error
	if c.raw, err = web.ReadBody(c.Exchange, c.Request, c.bodies, known, limit); kind == formBody && fault.Is(err, fault.Malformed) {
		return fault.New(fault.InvalidForm, "The form is incomplete.").Because(err)
	}
	if err == nil {
		err = c.bodies.Reserve(c.Exchange, c.Request, body.Memory(c.raw), known)
	}
	if err != nil {
		return err
	}
	switch kind {
	case jsonBody:
		c.body, err = body.Parse(c.Request.Header.Get("Content-Type"), c.raw)
	case formBody:
		c.form, err = body.ParseForm(c.Request.Header.Get("Content-Type"), string(c.raw))
	}
	return err
}
