package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// CustomerSessionListParams are the filters of a list of sessions; the zero value is all of them.
type CustomerSessionListParams struct {
	// Customer is whose sessions, those of its members included; nil for everybody's.
	Customer CustomerRef
	// Member is the id of a member; "" for all.
	Member MemberID
	// State is "live", "expired" or "revoked"; "" for all.
	State string
	// Sorting is by SortCreatedAt, the newest first where nothing is said.
	Sorting []Sort
	Page    Page
}

func (p CustomerSessionListParams) call() call {
	f := filters{}
	err := f.addCustomer(p.Customer)
	f.addText("member_id", string(p.Member))
	f.addText("state", p.State)
	f.addSort(p.Sorting)
	return call{op: &listSessions, query: url.Values(f), err: err}
}

// CustomerSessionUpdate says what to change in a session. What is left at its zero value stays.
type CustomerSessionUpdate struct {
	// ExpiresIn is how long the session lives from now on, in whole seconds; shorter than before, or longer.
	ExpiresIn time.Duration
	// Metadata takes the place of what there is; an empty map, not nil, leaves none.
	Metadata Metadata
}

// MarshalJSON writes the body of the request. It fails where a value cannot be.
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
		name: "list customer sessions", method: http.MethodGet, path: "/v1/customer-sessions/", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
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
		name: "revoke customer sessions", method: http.MethodPost, path: "/v1/customer-sessions/revoke", status: http.StatusNoContent, auth: organizationAuth,
	}
	inspectSession = operation{
		name: "inspect customer session", method: http.MethodPost, path: "/v1/customer-sessions/inspect", status: http.StatusOK, auth: organizationAuth,
	}
)

// List iterates over sessions, without their tokens (Postern: GET /v1/customer-sessions/).
func (s CustomerSessionsService) List(ctx context.Context, params CustomerSessionListParams, opts ...Option) iter.Seq2[*CustomerSessionInfo, error] {
	return iterate[CustomerSessionInfo](ctx, s.core, params.call(), params.Page, opts)
}

// ListPage fetches one page of what List iterates over.
func (s CustomerSessionsService) ListPage(ctx context.Context, params CustomerSessionListParams, opts ...Option) (*List[CustomerSessionInfo], error) {
	return fetchPage[CustomerSessionInfo](ctx, s.core, params.call(), params.Page, opts)
}

// Get returns a session by its id, without its token; [ErrNotFound] when there is none (Postern: GET
// /v1/customer-sessions/{id}).
func (s CustomerSessionsService) Get(ctx context.Context, id string, opts ...Option) (*CustomerSessionInfo, error) {
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &getSession, path: []string{id}}, opts)
}

// Update changes a live session and returns it; [ErrNotFound] when there is none, and a 409 [*Error] when it has ended (Postern:
// PATCH /v1/customer-sessions/{id}).
func (s CustomerSessionsService) Update(ctx context.Context, id string, in CustomerSessionUpdate, opts ...Option) (*CustomerSessionInfo, error) {
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &updateSession, path: []string{id}, body: in}, opts)
}

// Revoke ends a session for good and returns it as it is then; [ErrNotFound] when there is none. One that had ended before stays
// as it was. The reason is for those who ask later; "" stands for "revoked" (Postern: DELETE /v1/customer-sessions/{id}).
func (s CustomerSessionsService) Revoke(ctx context.Context, id, reason string, opts ...Option) (*CustomerSessionInfo, error) {
	f := filters{}
	f.addText("reason", reason)
	return fetch[CustomerSessionInfo](ctx, s.core, call{op: &revokeSession, path: []string{id}, query: url.Values(f)}, opts)
}

// revocation is the body of POST /v1/customer-sessions/revoke. Its methods set it, so that it always names somebody.
type revocation struct {
	CustomerID         CustomerID         `json:"customer_id,omitzero"`
	ExternalCustomerID ExternalCustomerID `json:"external_customer_id,omitzero"`
	MemberID           MemberID           `json:"member_id,omitzero"`
	ExternalMemberID   ExternalMemberID   `json:"external_member_id,omitzero"`
	All                bool               `json:"all,omitzero"`
	Reason             string             `json:"reason,omitzero"`
}

// RevokeCustomer ends all sessions of a customer and of its members; [ErrValidation] when there is no such customer (Postern: POST
// /v1/customer-sessions/revoke).
func (s CustomerSessionsService) RevokeCustomer(ctx context.Context, customer CustomerRef, reason string, opts ...Option) error {
	in := revocation{Reason: reason}
	var err error
	in.CustomerID, in.ExternalCustomerID, err = customerFields(customer)
	return call{op: &revokeSessions, body: in, err: err}.send(ctx, s.core, opts)
}

// RevokeMember ends all sessions of one member of a customer; [ErrValidation] when there is none (Postern: POST
// /v1/customer-sessions/revoke).
func (s CustomerSessionsService) RevokeMember(ctx context.Context, customer CustomerRef, member MemberRef, reason string, opts ...Option) error {
	in := revocation{Reason: reason}
	var noCustomer, noMember error
	in.CustomerID, in.ExternalCustomerID, noCustomer = customerFields(customer)
	in.MemberID, in.ExternalMemberID, noMember = memberFields(member)
	if member == nil { // which would end those of all members
		noMember = errNoMember
	}
	return call{op: &revokeSessions, body: in, err: cmp.Or(noCustomer, noMember)}.send(ctx, s.core, opts)
}

// RevokeAll ends all sessions of the organization (Postern: POST /v1/customer-sessions/revoke).
func (s CustomerSessionsService) RevokeAll(ctx context.Context, reason string, opts ...Option) error {
	return call{op: &revokeSessions, body: revocation{All: true, Reason: reason}}.send(ctx, s.core, opts)
}

// Inspect says how a token is doing, and why it does not work, where it is one of this organization's (Postern: POST
// /v1/customer-sessions/inspect). Any text may be asked about.
func (s CustomerSessionsService) Inspect(ctx context.Context, token string, opts ...Option) (*CustomerSessionInspection, error) {
	body := struct {
		Token string `json:"token"`
	}{token}
	return fetch[CustomerSessionInspection](ctx, s.core, call{op: &inspectSession, body: body, secrets: []string{token}}, opts)
}
