package polar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"time"
)

// PortalCustomerSessionService groups the operations under /v1/customer-portal/customer-session.
type PortalCustomerSessionService struct{ core *Core }

// Introspect asks the server about the session that a token opens. It is [IntrospectCustomerSession].
func (s PortalCustomerSessionService) Introspect(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerCustomerSession, error) {
	return IntrospectCustomerSession(ctx, s.core, security, opts...)
}

// CustomerCustomerSession is a session as its holder sees it
// (GET /v1/customer-portal/customer-session/introspect). The name is Polar's.
type CustomerCustomerSession struct {
	// ExpiresAt is when the session ends, in UTC. It is live strictly before.
	ExpiresAt time.Time `json:"expires_at"`
	// ReturnURL is where the portal's back link leads; nil when there is none.
	ReturnURL *string `json:"return_url"`
}

// introspect accepts tokens of both kinds. The scope customer_portal:read or :write, which it asks for, every session has.
var introspect = operation{
	name:   "introspect customer session",
	method: http.MethodGet,
	path:   "/v1/customer-portal/customer-session/introspect",
	status: http.StatusOK,
}

// IntrospectCustomerSession asks the server about the session that a token opens: whether it is live, until when, and
// where its customer came from (GET /v1/customer-portal/customer-session/introspect).
//
// The session is live if there is no error. It is not if the error is [ErrUnauthorized]: of a token that was good once,
// [ErrInvalidToken]. Any other error means that nobody knows: [*Error], [*ConnectError], [*TimeoutError],
// [*DecodeError] or [*RedirectError], or, with nothing sent, [ErrMissingSecurity], [ErrMalformedToken] or a bad option.
//
// An answer without expires_at does not match the schema. One without return_url does: the field is then nil.
func IntrospectCustomerSession(ctx context.Context, core *Core, security SessionSecurity, opts ...Option) (*CustomerCustomerSession, error) {
	return fetch[CustomerCustomerSession](ctx, core, call{op: &introspect, security: security}, opts)
}

func (s *CustomerCustomerSession) check() error {
	if s.ExpiresAt.IsZero() {
		return errors.New("expires_at is missing or null")
	}
	s.ExpiresAt = s.ExpiresAt.UTC()
	return nil
}

// PortalAuthenticatedUser is whoever holds a session (GET /v1/customer-portal/customer-session/user).
type PortalAuthenticatedUser struct {
	// Type is "customer" or "member".
	Type       string  `json:"type"`
	Name       *string `json:"name"`
	Email      string  `json:"email"`
	CustomerID string  `json:"customer_id"`
	// MemberID and Role are nil when Type is "customer".
	MemberID *string     `json:"member_id"`
	Role     *MemberRole `json:"role"`
}

// MemberRole is what a member may do for its customer. Expect roles that are not listed here.
type MemberRole string

// The roles of today, from the one that may most.
const (
	RoleOwner          MemberRole = "owner"
	RoleBillingManager MemberRole = "billing_manager"
	RoleMember         MemberRole = "member"
)

var (
	getAuthenticatedUser = operation{
		name: "get authenticated user", method: http.MethodGet, path: "/v1/customer-portal/customer-session/user", status: http.StatusOK,
	}
	signOut = operation{
		name: "sign out", method: http.MethodDelete, path: "/v1/customer-portal/customer-session", status: http.StatusNoContent,
	}
	requestCode = operation{
		name: "request a login code", method: http.MethodPost, path: "/v1/customer-portal/customer-session/request", status: http.StatusAccepted, auth: noAuth,
	}
	authenticate = operation{
		name: "authenticate with a login code", method: http.MethodPost, path: "/v1/customer-portal/customer-session/authenticate",
		status: http.StatusOK, auth: noAuth,
	}
)

// GetAuthenticatedUser returns who holds the session (GET /v1/customer-portal/customer-session/user). Its errors are those of
// Introspect.
func (s PortalCustomerSessionService) GetAuthenticatedUser(ctx context.Context, security SessionSecurity, opts ...Option) (*PortalAuthenticatedUser, error) {
	return fetch[PortalAuthenticatedUser](ctx, s.core, call{op: &getAuthenticatedUser, security: security}, opts)
}

func (u *PortalAuthenticatedUser) check() error { return requireText("customer_id", u.CustomerID) }

// SignOut ends the session for good (Postern: DELETE /v1/customer-portal/customer-session).
func (s PortalCustomerSessionService) SignOut(ctx context.Context, security SessionSecurity, opts ...Option) error {
	return call{op: &signOut, security: security}.send(ctx, s.core, opts)
}

// CustomerSessionCodeRequest asks for a login code.
type CustomerSessionCodeRequest struct {
	Email          string `json:"email"`
	OrganizationID string `json:"organization_id"`
	// CustomerID is one of several customers with the address; "" where it is not known that there are several.
	CustomerID CustomerID `json:"customer_id,omitzero"`
}

// Request has a login code sent to an email address. There is no error when nobody has the address: that is nobody's business.
// Where several customers have it, Polar answers with [ErrCustomerSelectionRequired] (POST
// /v1/customer-portal/customer-session/request).
func (s PortalCustomerSessionService) Request(ctx context.Context, in CustomerSessionCodeRequest, opts ...Option) error {
	return call{op: &requestCode, body: in}.send(ctx, s.core, opts)
}

// CustomerSessionCodeAuthenticate exchanges a login code for a session.
type CustomerSessionCodeAuthenticate struct {
	Code string `json:"code"`
	// CustomerID is the one of several customers with the address; "" where it is not known that there are several.
	CustomerID CustomerID `json:"customer_id,omitzero"`
}

// String hides the code.
func (CustomerSessionCodeAuthenticate) String() string { return "login code" }

// Format prints [CustomerSessionCodeAuthenticate.String] for every verb.
func (c CustomerSessionCodeAuthenticate) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// LogValue is [CustomerSessionCodeAuthenticate.String], for slog.
func (c CustomerSessionCodeAuthenticate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Authenticate exchanges a login code for the token of a new session (POST
// /v1/customer-portal/customer-session/authenticate). A code that is unknown, used or expired is [ErrUnauthorized]. Where several
// customers have the address, the error is [ErrCustomerSelectionRequired]: [Error.Customers] lists them, and the code stays good
// for another call that names one.
func (s PortalCustomerSessionService) Authenticate(ctx context.Context, in CustomerSessionCodeAuthenticate, opts ...Option) (*SessionToken, error) {
	return fetch[SessionToken](ctx, s.core, call{op: &authenticate, body: in, secrets: []string{in.Code}}, opts)
}

func (t *SessionToken) check() error { return requireText("token", t.Token) }

// PortalCustomerSessionsService groups the operations under /v1/customer-portal/customer-sessions.
type PortalCustomerSessionsService struct{ core *Core }

var (
	listOwnSessions = operation{
		name: "list own sessions", method: http.MethodGet, path: "/v1/customer-portal/customer-sessions", status: http.StatusOK, limit: maxListPage,
	}
	revokeOwnSession = operation{
		name: "revoke own session", method: http.MethodDelete, path: "/v1/customer-portal/customer-sessions/{id}", status: http.StatusNoContent,
	}
)

// List iterates over the live sessions of whoever holds this one (Postern: GET /v1/customer-portal/customer-sessions).
func (s PortalCustomerSessionsService) List(ctx context.Context, security SessionSecurity, page Page, opts ...Option) iter.Seq2[*CustomerPortalSession, error] {
	return iterate[CustomerPortalSession](ctx, s.core, call{op: &listOwnSessions, security: security}, page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s PortalCustomerSessionsService) ListPage(ctx context.Context, security SessionSecurity, page Page, opts ...Option) (*List[CustomerPortalSession], error) {
	return fetchPage[CustomerPortalSession](ctx, s.core, call{op: &listOwnSessions, security: security}, page, opts)
}

// Revoke ends one of the holder's sessions by its id; [ErrNotFound] when the holder has none such (Postern: DELETE
// /v1/customer-portal/customer-sessions/{id}).
func (s PortalCustomerSessionsService) Revoke(ctx context.Context, security SessionSecurity, id string, opts ...Option) error {
	return call{op: &revokeOwnSession, security: security, path: []string{id}}.send(ctx, s.core, opts)
}
