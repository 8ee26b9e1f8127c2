package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// withActor passes the caller to the audit log, for the routes that can change something.
func (a *api) withActor(method string, handle handler) handler {
	if method == http.MethodGet || method == http.MethodHead {
		return handle
	}
	return func(c *call) error {
		actor := c.subject.actor().From(web.ClientIP(c.Request, a.TrustedProxies), c.UserAgent())
		c.Request = c.WithContext(audit.WithActor(c.Context(), actor))
		return handle(c)
	}
}

// actor returns the caller, or a visitor if s is nil. A session with which an operator looks at a customer's portal counts as the
// operator.
func (s *subject) actor() audit.Actor {
	switch {
	case s == nil:
		return audit.Actor{Kind: audit.Visitor}
	case s.kind == ofOrganization:
		return audit.Actor{Kind: audit.AccessToken, Key: s.accessToken}
	case s.session.Impersonated:
		return audit.Actor{Kind: audit.Operator, Session: s.session.ID}
	case s.session.Kind == token.Member:
		return audit.Actor{Kind: audit.Member, Key: s.session.Member, Session: s.session.ID}
	}
	return audit.Actor{Kind: audit.Customer, Key: s.session.Customer, Session: s.session.ID}
}
