package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// CustomerSessionsService groups the operations under /v1/customer-sessions. The operations need an access token. On
// Polar, only Create exists.
type CustomerSessionsService struct{ core *Core }

// CustomerSessionCreate describes a new session. Customer is required.
type CustomerSessionCreate struct {
	// Customer is the customer that the session belongs to: the ID of a [Customer], CustomerID("…") or
	// ExternalCustomerID("user_1").
	Customer CustomerRef
	// Member is the member who holds the session. If it is nil, an individual's owner holds the session; for a team,
	// Member is required.
	Member MemberRef
	// ReturnURL is the target of the portal's back link, an http or https URL.
	ReturnURL Optional[string]

	// The remaining fields exist on Postern servers only. Polar ignores them.

	// ExpiresIn is the lifetime of the session in whole seconds, at least one minute. The organization's settings limit
	// it. Default: 1 hour.
	ExpiresIn time.Duration
	// IdleTimeout ends a session that is not used for this time, in whole seconds, at least one minute. Zero means no
	// idle timeout.
	IdleTimeout time.Duration
	// Scopes are [ScopeCustomerPortalWrite], which is the default, or [ScopeCustomerPortalRead] alone.
	Scopes []Scope
	// Metadata holds up to 50 values for the organization's own use.
	Metadata Metadata
	// OneTimeLink makes CustomerPortalURL a link that works once, for ten minutes, and that contains a ticket in place
	// of the token. Default: [CustomerPortalSettings.OneTimeLinks] of the organization.
	OneTimeLink Optional[bool]
	// IdempotencyKey makes repeated calls safe: of several calls with the same key and body within one day, the first
	// creates the session and all return it. If it is empty, each call generates a key for its attempts. The key is
	// sent in the header Idempotency-Key.
	IdempotencyKey string
}

// MarshalJSON encodes the body of the request. It returns an error if a value is invalid.
func (c CustomerSessionCreate) MarshalJSON() ([]byte, error) {
	id, external, noCustomer := customerFields(c.Customer)
	member, externalMember, noMember := memberFields(c.Member)
	expires, wrongExpiry := seconds("ExpiresIn", c.ExpiresIn)
	idle, wrongIdle := seconds("IdleTimeout", c.IdleTimeout)
	if err := cmp.Or(noCustomer, noMember, wrongExpiry, wrongIdle); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		CustomerID         CustomerID         `json:"customer_id,omitzero"`
		ExternalCustomerID ExternalCustomerID `json:"external_customer_id,omitzero"`
		MemberID           MemberID           `json:"member_id,omitzero"`
		ExternalMemberID   ExternalMemberID   `json:"external_member_id,omitzero"`
		ReturnURL          Optional[string]   `json:"return_url,omitzero"`
		ExpiresIn          Optional[int64]    `json:"expires_in,omitzero"`
		IdleTimeout        Optional[int64]    `json:"idle_timeout,omitzero"`
		Scopes             []Scope            `json:"scopes,omitzero"`
		Metadata           Metadata           `json:"metadata,omitzero"`
		OneTimeLink        Optional[bool]     `json:"one_time_link,omitzero"`
	}{id, external, member, externalMember, c.ReturnURL, expires, idle, c.Scopes, c.Metadata, c.OneTimeLink})
}

var createSession = operation{
	name: "create customer session", method: http.MethodPost, path: "/v1/customer-sessions/", status: http.StatusCreated, auth: organizationAuth,
	idempotent: true,
}

// Create creates a session and returns it with its token. It returns [ErrValidation] if the customer or the member does
// not exist, or if Member is nil for a team.
//
// Route: POST /v1/customer-sessions/.
func (s CustomerSessionsService) Create(ctx context.Context, in CustomerSessionCreate, opts ...Option) (*CustomerSession, error) {
	return fetch[CustomerSession](ctx, s.core, call{op: &createSession, body: in, header: idempotencyHeader(in.IdempotencyKey)}, opts)
}

func (s *CustomerSession) check() error {
	s.ExpiresAt = s.ExpiresAt.UTC()
	return cmp.Or(requireText("token", s.Token), requireText("id", s.ID), requireText("customer_id", s.CustomerID))
}
