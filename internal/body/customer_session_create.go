package body

import (
	"slices"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
)

// CustomerSessionCreate is the body of POST /v1/customer-sessions/. The customer has ExternalCustomerID or, if that is nil,
// CustomerID.
type CustomerSessionCreate struct {
	CustomerID         [16]byte
	ExternalCustomerID *string
	// MemberID is zero and ExternalMemberID is nil if they were not given.
	MemberID         [16]byte
	ExternalMemberID *string
	// ReturnURL is normalized. It is "" if it was not given.
	ReturnURL string
	// The remaining fields are extensions that Polar does not have. ExpiresIn and IdleTimeout are nil if they were not given.
	// ReadOnly is true if the requested scopes do not include writing. Metadata is never nil.
	ExpiresIn, IdleTimeout *time.Duration
	ReadOnly               bool
	Metadata               map[string]any
	// OneTimeLink is nil if it was absent or null.
	OneTimeLink *bool
}

// ReadCustomerSessionCreate reads a new session. The body has one of two schemas: the customer is identified by id or by
// external id. No field selects the schema, so both schemas are tried. If the body is valid in neither, the error contains the
// validation errors of both; see union.
//
// If the body is valid in both, Pydantic prefers the schema that converts fewer values: the external id is text as it is, and
// customer_id becomes a UUID. If return_url or member_id is converted too, both schemas are equal in this respect, and the
// first one is used.
func ReadCustomerSessionCreate(v Value) (CustomerSessionCreate, error) {
	if missing := missing(v); missing != nil {
		return CustomerSessionCreate{}, fault.Invalid(*missing)
	}
	byID, o := sessionByID(v)
	byExternal, e := sessionByExternalID(v)
	converted := v.get("return_url").given() || v.get("member_id").given()
	switch {
	case o.err() == nil && (converted || e.err() != nil):
		return byID, nil
	case e.err() == nil:
		return byExternal, nil
	}
	return CustomerSessionCreate{}, union(o, e)
}

func sessionByID(v Value) (CustomerSessionCreate, object) {
	o := open(v, "CustomerSessionCustomerIDCreate")
	in := sessionBase(o)
	if id := o.uuid("customer_id", true); id != nil {
		in.CustomerID = *id
	}
	return in, o
}

// sessionByExternalID reads a body that identifies the customer by an external id. Older SDKs call the field
// customer_external_id.
func sessionByExternalID(v Value) (CustomerSessionCreate, object) {
	o := open(v, "CustomerSessionCustomerExternalIDCreate")
	in := sessionBase(o)
	name := "external_customer_id"
	if v.get(name).kind == absentKind && v.get("customer_external_id").kind != absentKind {
		name = "customer_external_id"
	}
	if text, ok := o.text(name, true, 0); ok {
		in.ExternalCustomerID = &text
	}
	return in, o
}

func sessionBase(o object) (in CustomerSessionCreate) {
	if id := o.optionalUUID("member_id"); id != nil {
		in.MemberID = *id
	}
	in.ExternalMemberID = o.optionalText("external_member_id")
	in.ReturnURL = o.url("return_url")
	in.ExpiresIn = o.seconds("expires_in", session.MinLifetime, session.MaxLifetime)
	in.IdleTimeout = o.seconds("idle_timeout", session.MinLifetime, session.MaxLifetime)
	in.ReadOnly = o.readOnly("scopes")
	in.Metadata = o.metadata("metadata")
	in.OneTimeLink = o.optionalFlag("one_time_link")
	return in
}

var sessionScopes = []string{"customer_portal:read", "customer_portal:write"}

// readOnly reads the list of requested scopes and reports whether customer_portal:write is missing from it. A session without a
// list of scopes can write.
func (o object) readOnly(name string) bool {
	o.describe(name, false, Schema{
		Type: "array", Nullable: true, Items: &Schema{Type: "string", Enum: sessionScopes}, MinItems: 1, Default: []string{"customer_portal:write"},
	})
	v, ok := o.member(name, false)
	if !ok {
		return false
	}
	scopes := o.choices(v, sessionScopes, name)
	if v.kind == arrayKind && len(v.items) == 0 {
		o.refuse(v, "too_short", "List should have at least 1 item after validation, not 0", []byte(`{"field_type":"List","min_length":1,"actual_length":0}`), name)
	}
	return len(scopes) > 0 && !slices.Contains(scopes, "customer_portal:write")
}
