package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// kind is the kind of a caller.
type kind int

const (
	ofSession kind = iota + 1
	ofOrganization
)

// subject is an authenticated caller. A request without a credential has a nil subject.
type subject struct {
	kind   kind
	scopes []directory.Scope
	// session is set if the kind is ofSession.
	session session.Session
	// organization and the key of the accessToken are set if the kind is ofOrganization.
	organization directory.Organization
	accessToken  token.Key
}

func (s *subject) is(kinds []kind) bool { return s != nil && slices.Contains(kinds, s.kind) }

func (s *subject) hasOne(scopes []directory.Scope) bool {
	return slices.ContainsFunc(scopes, func(scope directory.Scope) bool { return slices.Contains(s.scopes, scope) })
}

// sessionScopes are the scopes of a session that can write. readOnlyScopes are the scopes of a read-only session. As on Polar,
// the right to write includes the right to read.
var (
	sessionScopes  = []directory.Scope{directory.CustomerPortalWrite}
	readOnlyScopes = []directory.Scope{directory.CustomerPortalRead}
)

func scopesOf(s *session.Session) []directory.Scope {
	if s.ReadOnly {
		return readOnlyScopes
	}
	return sessionScopes
}

var (
	errUnauthenticated = fault.New(fault.Unauthenticated, "Unauthorized")
	errOtherOrg        = fault.New(fault.InvalidToken, "The access token does not belong to the organization in Polar-Organization.")
)

// authenticate sets the subject of a request. It runs before routing, so that an invalid token is refused on every path.
func (a *api) authenticate(x *web.Exchange, r *http.Request) error {
	bearer, ok := web.Bearer(r.Header)
	if !ok {
		return nil
	}
	s, err := a.identify(r, bearer)
	if err != nil {
		return err
	}
	x.Subject, x.Identity = s, s.identity()
	return nil
}

// identify returns the subject of a token, or fault.InvalidToken.
func (a *api) identify(r *http.Request, text string) (*subject, error) {
	t, err := token.Check(text)
	if err != nil {
		return nil, err
	}
	s, err := a.subjectOf(r, t)
	if err != nil {
		return nil, err
	}
	if named := r.Header.Get("Polar-Organization"); named != "" && s.kind == ofOrganization && !strings.EqualFold(named, s.organization.ID.String()) {
		return nil, errOtherOrg
	}
	return s, nil
}

// identity returns the caller's identity for rate limits. All sessions of one holder have the same identity.
func (s *subject) identity() web.Identity {
	switch {
	case s.kind == ofOrganization:
		return web.Identity{Kind: web.Organization, Key: uint64(s.organization.ID.Key())}
	case s.session.Kind == token.Member:
		return web.Identity{Kind: web.Member, Key: uint64(s.session.Member)}
	}
	return web.Identity{Kind: web.Customer, Key: uint64(s.session.Customer)}
}

func (a *api) subjectOf(r *http.Request, t token.Token) (*subject, error) {
	if t.Kind() == token.Organization {
		access, org, err := a.Directory.VerifyAccessToken(r.Context(), t)
		return &subject{kind: ofOrganization, scopes: access.Scopes, organization: org, accessToken: access.ID.Key()}, err
	}
	live, err := a.Sessions.Use(r.Context(), t, func() session.Client { return a.client(r) })
	if err != nil {
		return nil, err
	}
	return &subject{kind: ofSession, scopes: scopesOf(&live), session: live}, nil
}

// insufficientScope returns the error for a caller that lacks the scopes of the route. The error lists the scopes in the order
// of the route table.
func (a access) insufficientScope() error {
	err := fault.New(fault.InsufficientScope, "The request requires higher privileges than provided by the access token.")
	for _, scope := range a.scopes {
		err.Scopes = append(err.Scopes, string(scope))
	}
	return err
}
