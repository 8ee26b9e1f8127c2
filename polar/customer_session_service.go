package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// CustomerSessionListParams filters and sorts a list of sessions. The zero value selects all sessions.
type CustomerSessionListParams struct {
	// Customer selects the sessions of one customer and its members. Nil selects all.
	Customer CustomerRef
	// Member selects the sessions of one member by ID. An empty Member selects all.
	Member MemberID
	// State selects the sessions in one state, such as [SessionLive]. An empty State selects all.
	State SessionState
	// Sorting takes [SortCreatedAt]. Default: newest first in ListPage, oldest first in List.
	Sorting []Sort
	Page    Page
}

func (p CustomerSessionListParams) call() call {
	f := filters{}
	err := f.addCustomer(p.Customer)
	f.addText("member_id", string(p.Member))
	f.addText("state", string(p.State))
	f.addSort(p.Sorting)
	return call{op: &listSessions, query: url.Values(f), err: err}
}

// CustomerSessionUpdate holds the fields of a session to change. Fields with their zero value are not changed.
type CustomerSessionUpdate struct {
	// ExpiresIn is the new lifetime, counted from now, in whole seconds. It may be shorter or longer than the old one.
	ExpiresIn time.Duration
	// Metadata replaces all metadata. An empty map that is not nil removes all metadata.
	Metadata Metadata
}

// MarshalJSON encodes the body of the request. It returns an error if a value is invalid.
func (u CustomerSessionUpdate) MarshalJSON() ([]byte, error) {
	expires, err := seconds("ExpiresIn", u.ExpiresIn)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		ExpiresIn Optional[int64] `json:"expires_in,omitzero"`
		Metadata  Metadata        `json:"metadata,omitzero"`
	}{expires, u.Metadata})
}

var (
	listSessions = operation{
		name: "list customer sessions", method: http.MethodGet, path: "/v1/customer-sessions/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage, sortable: true,
	}
	getSession = operation{
		name: "get customer session", method: http.MethodGet, path: "/v1/customer-sessions/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateSession = operation{
		name: "update customer session", method: http.MethodPatch, path: "/v1/customer-sessions/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	revokeSession = operation{
		name: "revoke customer session", method: http.MethodDelete, path: "/v1/customer-sessions/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	revokeSessions = operation{
		name: "revoke customer sessions", method: http.MethodPost, path: "/v1/customer-sessions/revoke", status: http.StatusNoContent, auth: organizationAuth, repeatable: true,
	}
	inspectSession = operation{
		name: "inspect customer session", method: http.MethodPost, path: "/v1/customer-sessions/inspect", status: http.StatusOK, auth: organizationAuth, repeatable: true,
	}
)

// List iterates over the organization's sessions, without their tokens.
//
// Route: GET /v1/customer-sessions/ (Postern only).
func (s CustomerSessionsService) List(ctx context.Context, params CustomerSessionListParams, opts ...Option) iter.Seq2[*CustomerSessionInfo, error] {
	return iterate[CustomerSessionInfo](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage returns one page of the list that [CustomerSessionsService.List] iterates over.
func (s CustomerSessionsService) ListPage(ctx context.Context, params CustomerSessionListParams, opts ...Option) (*List[CustomerSessionInfo], error) {
	return fetchPage[CustomerSessionInfo](ctx, s.core, params.call(), params.Page, opts)
}

// Get returns a session by its ID, without its token. It returns [ErrNotFound] if the session does not exist.
//
// Route: GET /v1/customer-sessions/{id} (Postern only).
func (s CustomerSessionsService) Get(ctx context.Context, id SessionID, opts ...Option) (*CustomerSessionInfo, error) {
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &getSession, path: []string{string(id)}}, opts)
}

// Update changes a live session and returns the changed session. It returns [ErrNotFound] if the session does not
// exist, and an [*Error] with status 409 if it has ended.
//
// Route: PATCH /v1/customer-sessions/{id} (Postern only).
func (s CustomerSessionsService) Update(ctx context.Context, id SessionID, in CustomerSessionUpdate, opts ...Option) (*CustomerSessionInfo, error) {
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &updateSession, path: []string{string(id)}, body: in}, opts)
}

// Revoke ends a session and returns it. It returns [ErrNotFound] if the session does not exist. A session that has
// ended before is returned unchanged. The reason is stored as the session's EndReason; an empty reason is stored as
// [ReasonRevoked].
//
// Route: DELETE /v1/customer-sessions/{id} (Postern only).
func (s CustomerSessionsService) Revoke(ctx context.Context, id SessionID, reason Reason, opts ...Option) (*CustomerSessionInfo, error) {
	f := filters{}
	f.addText("reason", string(reason))
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &revokeSession, path: []string{string(id)}, query: url.Values(f)}, opts)
}

// revocation is the body of POST /v1/customer-sessions/revoke. Only the Revoke methods build it, so that it always
// contains a customer or All.
type revocation struct {
	CustomerID         CustomerID         `json:"customer_id,omitzero"`
	ExternalCustomerID ExternalCustomerID `json:"external_customer_id,omitzero"`
	MemberID           MemberID           `json:"member_id,omitzero"`
	ExternalMemberID   ExternalMemberID   `json:"external_member_id,omitzero"`
	All                bool               `json:"all,omitzero"`
	Reason             Reason             `json:"reason,omitzero"`
}

// RevokeCustomer ends all sessions of a customer and of its members. It returns [ErrValidation] if the customer does
// not exist.
//
// Route: POST /v1/customer-sessions/revoke (Postern only).
func (s CustomerSessionsService) RevokeCustomer(ctx context.Context, customer CustomerRef, reason Reason, opts ...Option) error {
	in := revocation{Reason: reason}
	var err error
	in.CustomerID, in.ExternalCustomerID, err = customerFields(customer)
	return call{op: &revokeSessions, body: in, err: err}.send(ctx, s.core, opts)
}

// RevokeMember ends all sessions of one member of a customer. It returns [ErrValidation] if the customer or the member
// does not exist.
//
// Route: POST /v1/customer-sessions/revoke (Postern only).
func (s CustomerSessionsService) RevokeMember(ctx context.Context, customer CustomerRef, member MemberRef, reason Reason, opts ...Option) error {
	in := revocation{Reason: reason}
	var noCustomer, noMember error
	in.CustomerID, in.ExternalCustomerID, noCustomer = customerFields(customer)
	in.MemberID, in.ExternalMemberID, noMember = memberFields(member)
	if member == nil { // without a member, the server would end the sessions of all members
		noMember = errNoMember
	}
	return call{op: &revokeSessions, body: in, err: cmp.Or(noCustomer, noMember)}.send(ctx, s.core, opts)
}

// RevokeOrganization ends every session of the organization: all of its customers and their members are signed out at
// once. To end the sessions of one customer, use [CustomerSessionsService.RevokeCustomer]; to end one session, use
// [CustomerSessionsService.Revoke].
//
// The organization must be the one that the client's access token belongs to. An empty organization is an error and
// nothing is sent; for the ID of another organization, the server returns [ErrInvalidToken] and ends nothing.
//
// Route: POST /v1/customer-sessions/revoke (Postern only).
func (s CustomerSessionsService) RevokeOrganization(ctx context.Context, organization OrganizationID, reason Reason, opts ...Option) error {
	c := call{op: &revokeSessions, body: revocation{All: true, Reason: reason}, header: http.Header{organizationHeader: {string(organization)}}}
	if organization == "" {
		c.err = errors.New("the organization is missing; pass its ID, which Organizations.List returns")
	}
	return c.send(ctx, s.core, opts)
}

// Inspect explains why a token works or does not work. Any text may be passed. If no session of the organization has the token,
// Inspect returns the Status "unknown" or "malformed", and no error.
//
// Route: POST /v1/customer-sessions/inspect (Postern only).
func (s CustomerSessionsService) Inspect(ctx context.Context, token string, opts ...Option) (*CustomerSessionInspection, error) {
	body := struct {
		Token string `json:"token"`
	}{token}
	return fetch[CustomerSessionInspection](ctx, s.core, call{op: &inspectSession, body: body, secrets: []string{token}}, opts)
}
