package body

import "github.com/postern-go/postern/internal/session"

// CustomerSessionRevoke is the body of POST /v1/customer-sessions/revoke. It selects the sessions of a customer, of a member, or
// of the whole organization.
type CustomerSessionRevoke struct {
	// CustomerID and MemberID are zero if they were not given, and the external ids are nil.
	CustomerID, MemberID                 [16]byte
	ExternalCustomerID, ExternalMemberID *string
	// All selects every session of the organization.
	All bool
	// Reason is the caller's reason for revoking the sessions, or "".
	Reason string
}

// ReadCustomerSessionRevoke reads a request to revoke several sessions. Exactly one of customer_id, external_customer_id and
// all is required. Therefore a caller that forgets an id does not revoke all sessions of the organization.
func ReadCustomerSessionRevoke(v Value) (in CustomerSessionRevoke, err error) {
	o := open(v)
	named := 0
	if id := o.optionalUUID("customer_id"); id != nil {
		in.CustomerID = *id
		named++
	}
	if in.ExternalCustomerID = o.optionalText("external_customer_id"); in.ExternalCustomerID != nil {
		named++
	}
	o.describe("all", false, Schema{Type: "boolean", Nullable: true, Default: false})
	if in.All = o.flag("all"); in.All {
		named++
	}
	if id := o.optionalUUID("member_id"); id != nil {
		in.MemberID = *id
	}
	in.ExternalMemberID = o.optionalText("external_member_id")
	ofMember := in.MemberID != [16]byte{} || in.ExternalMemberID != nil
	in.Reason = o.reason("reason")
	switch {
	case o.err() != nil:
	case named != 1:
		o.refuse(v, "value_error", "Value error, Exactly one of customer_id, external_customer_id and all is needed.", noContext)
	case in.All && ofMember:
		o.refuse(v, "value_error", "Value error, A member cannot be named with all.", noContext)
	}
	return result(in, o)
}

// reason reads the caller's reason for revoking sessions. It returns "" if the field is absent, null, blank or invalid.
func (o object) reason(name string) string {
	if text := trimmed(o.text(name, false, session.MaxReason)); text != nil {
		return *text
	}
	return ""
}

// flag reads a boolean. It returns false if the field is absent, null or invalid.
func (o object) flag(name string) bool {
	o.describe(name, false, Schema{Type: "boolean", Nullable: true})
	v, ok := o.member(name, false)
	if ok && v.kind != boolKind {
		o.refuse(v, "bool_type", "Input should be a valid boolean", nil, name)
	}
	return ok && v.kind == boolKind && v.text == "true"
}

// CustomerSessionInspect is the body of POST /v1/customer-sessions/inspect.
type CustomerSessionInspect struct{ Token string }

// ReadCustomerSessionInspect reads a session token. The token can be any text.
func ReadCustomerSessionInspect(v Value) (in CustomerSessionInspect, err error) {
	o := open(v)
	in.Token, _ = o.text("token", true, 0)
	return result(in, o)
}
