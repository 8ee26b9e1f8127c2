package polar

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// CustomerSessionsService groups the operations under /v1/customer-sessions, which an organization does with its access token.
type CustomerSessionsService struct{ core *Core }

// CustomerSessionCreate says which session to make. Customer is required.
type CustomerSessionCreate struct {
	// Customer is who shall have the session: CustomerID("…") or ExternalCustomerID("user_1").
	Customer CustomerRef
	// Member is who of a team; nil stands for the owner of an individual customer. A team has no such default.
	Member MemberRef
	// ReturnURL is where the portal's back link leads, http or https.
	ReturnURL Optional[string]

	// What follows is Postern's. Polar ignores it.

	// ExpiresIn is how long the session lives, in whole seconds, from a minute up to what the organization's settings let any
	// have; 0 stands for an hour.
	ExpiresIn time.Duration
	// IdleTimeout ends the session when it is not used for so long, in whole seconds, a minute at least; 0 lets it be.
	IdleTimeout time.Duration
	// Scopes are what the session may do: [ScopeCustomerPortalWrite], which is the default, or [ScopeCustomerPortalRead] alone.
	Scopes []Scope
	// Metadata is the issuer's own, up to 50 values.
	Metadata Metadata
	// OneTimeLink makes CustomerPortalURL a link that can be followed once, within ten minutes, and holds no token; where nothing
	// is said, the organization's settings say.
	OneTimeLink Optional[bool]
	// IdempotencyKey makes the call one that can be repeated: of several with the same key and body within a day, the first
	// makes the session, and all return it. With [WithRetries], a call without one makes up its own, which its attempts share.
	// It is sent as the header Idempotency-Key.
	IdempotencyKey string
}

// MarshalJSON writes the body of the request. It fails where a value cannot be.
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

// Create makes a session and returns it with its token, once (POST /v1/customer-sessions/).
//
// A customer or a member who does not exist, or a team without a Member, is [ErrValidation].
func (s CustomerSessionsService) Create(ctx context.Context, in CustomerSessionCreate, opts ...Option) (*CustomerSession, error) {
	return fetch[CustomerSession](ctx, s.core, call{op: &createSession, body: in, header: idempotencyHeader(in.IdempotencyKey)}, opts)
}

func (s *CustomerSession) check() error {
	s.ExpiresAt = s.ExpiresAt.UTC()
	return cmp.Or(requireText("token", s.Token), requireText("id", s.ID), requireText("customer_id", s.CustomerID))
}
