package polar

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// PortalCustomerSessionService groups the operations under /v1/customer-portal/customer-session.
type PortalCustomerSessionService struct{ core *Core }

// Introspect returns the session that a token belongs to. It is the same as [IntrospectCustomerSession].
func (s PortalCustomerSessionService) Introspect(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerCustomerSession, error) {
	return IntrospectCustomerSession(ctx, s.core, security, opts...)
}

// CustomerCustomerSession is a session as shown to its holder. The type has the name of Polar's schema.
//
// Route: GET /v1/customer-portal/customer-session/introspect.
type CustomerCustomerSession struct {
	// ExpiresAt is the end of the session, in UTC. The session is live strictly before ExpiresAt.
	ExpiresAt time.Time `json:"expires_at"`
	// ReturnURL is the target of the portal's back link; nil means that there is no back link.
	ReturnURL *string `json:"return_url"`
}

// introspect takes the tokens of customers and of members. It requires the scope customer_portal:read or
// customer_portal:write; every session has one of them.
var introspect = operation{
	name:   "introspect customer session",
	method: http.MethodGet,
	path:   "/v1/customer-portal/customer-session/introspect",
	status: http.StatusOK,
}

// IntrospectCustomerSession returns the session that a token belongs to: when it expires and its return URL.
//
// A nil error means that the session is live. [ErrUnauthorized] means that it is not live; if the token has the form of
// a session token, the error is also [ErrInvalidToken]. Any other error says nothing about the session: [*Error],
// [*ConnectError], [*TimeoutError], [*DecodeError], [*RedirectError], or, if nothing was sent, [ErrMissingSecurity],
// [ErrMalformedToken] or an invalid option.
//
// A response without expires_at is a DecodeError. If return_url is missing, ReturnURL is nil.
//
// Route: GET /v1/customer-portal/customer-session/introspect.
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

// PortalAuthenticatedUser is the holder of a session: a customer or a member.
//
// Route: GET /v1/customer-portal/customer-session/user.
type PortalAuthenticatedUser struct {
	// Type is [HolderCustomer] or [HolderMember].
	Type       HolderType `json:"type"`
	Name       *string    `json:"name"`
	Email      string     `json:"email"`
	CustomerID CustomerID `json:"customer_id"`
	// MemberID and Role are nil if Type is [HolderCustomer].
	MemberID *MemberID   `json:"member_id"`
	Role     *MemberRole `json:"role"`
}

// MemberRole determines what a member may do for its customer. The server may return roles that are not listed here.
type MemberRole string

// Member roles, from most to fewest rights.
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
	requestProof = operation{
		name: "request a proof", method: http.MethodPost, path: "/v1/customer-portal/customer-session/proof/request", status: http.StatusAccepted,
	}
	confirmProof = operation{
		name: "confirm a proof", method: http.MethodPost, path: "/v1/customer-portal/customer-session/proof/confirm", status: http.StatusOK,
	}
	requestCode = operation{
		name: "request a login code", method: http.MethodPost, path: "/v1/customer-portal/customer-session/request", status: http.StatusAccepted, auth: noAuth,
	}
	authenticate = operation{
		name: "authenticate with a login code", method: http.MethodPost, path: "/v1/customer-portal/customer-session/authenticate",
		status: http.StatusOK, auth: noAuth,
	}
)

// GetAuthenticatedUser returns the holder of the session. It returns the errors of [IntrospectCustomerSession].
//
// Route: GET /v1/customer-portal/customer-session/user.
func (s PortalCustomerSessionService) GetAuthenticatedUser(ctx context.Context, security SessionSecurity, opts ...Option) (*PortalAuthenticatedUser, error) {
	return fetch[PortalAuthenticatedUser](ctx, s.core, call{op: &getAuthenticatedUser, security: security}, opts)
}

func (u *PortalAuthenticatedUser) check() error { return requireText("customer_id", u.CustomerID) }

// RequestProof sends a code to the current email address of the session's holder. [PortalCustomerSessionService.ConfirmProof] takes
// the code. Changes that fail with [ErrSessionNotFresh] need such a proof. It returns an error with the status 403 if the holder has no email
// address, and sends nothing if three codes of the session are still valid.
//
// Route: POST /v1/customer-portal/customer-session/proof/request (Postern only).
func (s PortalCustomerSessionService) RequestProof(ctx context.Context, security SessionSecurity, opts ...Option) error {
	return call{op: &requestProof, security: security}.send(ctx, s.core, opts)
}

// CustomerSessionProof says how long a session may be used for changes that need a fresh proof.
//
// Route: POST /v1/customer-portal/customer-session/proof/confirm (Postern only).
type CustomerSessionProof struct {
	// FreshUntil is in UTC.
	FreshUntil time.Time `json:"fresh_until"`
}

// CustomerSessionProofConfirm holds the code of [PortalCustomerSessionService.RequestProof]. The value prints and logs without the
// code.
type CustomerSessionProofConfirm struct {
	Code string `json:"code" secret:"true"`
}

// ConfirmProof proves that the holder of the session reads the emails to its current address. Until FreshUntil, the session may
// change the email address and the owner of the account. ConfirmProof returns [ErrValidation] for a code that is wrong, used,
// expired or of another session; after five wrong codes, request another one.
//
// Route: POST /v1/customer-portal/customer-session/proof/confirm (Postern only).
func (s PortalCustomerSessionService) ConfirmProof(ctx context.Context, security SessionSecurity, in CustomerSessionProofConfirm, opts ...Option) (*CustomerSessionProof, error) {
	return fetch[CustomerSessionProof](ctx, s.core, call{op: &confirmProof, security: security, body: in, secrets: []string{in.Code}}, opts)
}

func (p *CustomerSessionProof) check() error {
	if p.FreshUntil.IsZero() {
		return errors.New("fresh_until is missing or null")
	}
	p.FreshUntil = p.FreshUntil.UTC()
	return nil
}

// SignOut revokes the session.
//
// Route: DELETE /v1/customer-portal/customer-session (Postern only).
func (s PortalCustomerSessionService) SignOut(ctx context.Context, security SessionSecurity, opts ...Option) error {
	return call{op: &signOut, security: security}.send(ctx, s.core, opts)
}

// CustomerSessionCodeRequest is a request for a login code. Email and OrganizationID are required.
type CustomerSessionCodeRequest struct {
	Email          string         `json:"email"`
	OrganizationID OrganizationID `json:"organization_id"`
	// CustomerID selects one of several customers with the email address. It may be empty.
	CustomerID CustomerID `json:"customer_id,omitzero"`
}

// Request sends a login code to an email address. It also returns nil if no customer has the address, so that the
// response does not reveal who is a customer. If several customers have the address, Polar returns
// [ErrCustomerSelectionRequired].
//
// Route: POST /v1/customer-portal/customer-session/request.
func (s PortalCustomerSessionService) Request(ctx context.Context, in CustomerSessionCodeRequest, opts ...Option) error {
	return call{op: &requestCode, body: in}.send(ctx, s.core, opts)
}

// CustomerSessionCodeAuthenticate exchanges a login code for a session. Code is required. The value prints and logs
// without the code.
type CustomerSessionCodeAuthenticate struct {
	Code string `json:"code" secret:"true"`
	// CustomerID selects one of several customers with the email address. It may be empty.
	CustomerID CustomerID `json:"customer_id,omitzero"`
}

// Authenticate exchanges a login code for the token of a new session. It returns [ErrUnauthorized] if the code is
// unknown, used or expired. It returns [ErrCustomerSelectionRequired] if several customers have the email address:
// [Error.Customers] lists them, and the code stays valid for another call with the CustomerID of one of them.
//
// Route: POST /v1/customer-portal/customer-session/authenticate.
func (s PortalCustomerSessionService) Authenticate(ctx context.Context, in CustomerSessionCodeAuthenticate, opts ...Option) (*SessionToken, error) {
	return fetch[SessionToken](ctx, s.core, call{op: &authenticate, body: in, secrets: []string{in.Code}}, opts)
}

func (t *SessionToken) check() error { return requireText("token", t.Token) }

// PortalCustomerSessionsService groups the operations under /v1/customer-portal/customer-sessions. Only Postern servers
// have these routes.
type PortalCustomerSessionsService struct{ core *Core }

var (
	listOwnSessions = operation{
		name: "list own sessions", method: http.MethodGet, path: "/v1/customer-portal/customer-sessions", status: http.StatusOK, limit: maxListPage,
	}
	revokeOwnSession = operation{
		name: "revoke own session", method: http.MethodDelete, path: "/v1/customer-portal/customer-sessions/{id}", status: http.StatusNoContent,
	}
)

// List iterates over all live sessions of the customer or member who holds the given session.
//
// Route: GET /v1/customer-portal/customer-sessions (Postern only).
func (s PortalCustomerSessionsService) List(ctx context.Context, security SessionSecurity, page Page, opts ...Option) iter.Seq2[*CustomerPortalSession, error] {
	return iterate[CustomerPortalSession](ctx, s.core, call{op: &listOwnSessions, security: security}, page, opts)
}

// ListPage returns one page of the list that [PortalCustomerSessionsService.List] iterates over.
func (s PortalCustomerSessionsService) ListPage(ctx context.Context, security SessionSecurity, page Page, opts ...Option) (*List[CustomerPortalSession], error) {
	return fetchPage[CustomerPortalSession](ctx, s.core, call{op: &listOwnSessions, security: security}, page, opts)
}

// Revoke revokes one of the holder's own sessions by its ID. It returns [ErrNotFound] if the holder has no such
// session.
//
// Route: DELETE /v1/customer-portal/customer-sessions/{id} (Postern only).
func (s PortalCustomerSessionsService) Revoke(ctx context.Context, security SessionSecurity, id SessionID, opts ...Option) error {
	return call{op: &revokeOwnSession, security: security, path: []string{string(id)}}.send(ctx, s.core, opts)
}
