package body

// CustomerSessionRevoke is the body of POST /v1/customer-sessions/revoke: one customer, one of its members, or everybody.
type CustomerSessionRevoke struct {
	// CustomerID and MemberID are zero, and the external ids "", when they were not given.
	CustomerID, MemberID                 [16]byte
	ExternalCustomerID, ExternalMemberID string
	// All is whether the sessions of the whole organization shall end.
	All bool
	// Reason is "" when it was not given.
	Reason string
}

// maxReason is how many characters of a reason are kept.
const maxReason = 100

// ReadCustomerSessionRevoke reads whose sessions shall end. Exactly one of customer_id, external_customer_id and all must say
// so: nobody ends everybody's sessions by leaving a name out.
func ReadCustomerSessionRevoke(v Value) (in CustomerSessionRevoke, err error) {
	if err := missing(v); err != nil {
		return in, err
	}
	o := open(v)
	named := 0
	if id := o.optionalUUID("customer_id"); id != nil {
		in.CustomerID = *id
		named++
	}
	if text := o.optionalText("external_customer_id"); text != nil {
		in.ExternalCustomerID = *text
		named++
	}
	if in.All = o.flag("all"); in.All {
		named++
	}
	if id := o.optionalUUID("member_id"); id != nil {
		in.MemberID = *id
	}
	ofMember := in.MemberID != [16]byte{}
	if text := o.optionalText("external_member_id"); text != nil {
		in.ExternalMemberID = *text
		ofMember = true
		if *text == "" { // which would be every member
			o.refuse(o.value.get("external_member_id"), "string_too_short", "String should have at least 1 character", contextInt("min_length", 1), "external_member_id")
		}
	}
	in.Reason = o.reason("reason")
	switch {
	case o.err() != nil:
	case named != 1:
		o.refuse(v, "value_error", "Value error, Exactly one of customer_id, external_customer_id and all is needed.", []byte(`{"error":{}}`))
	case in.All && ofMember:
		o.refuse(v, "value_error", "Value error, A member cannot be named with all.", []byte(`{"error":{}}`))
	}
	return result(in, o)
}

// reason is a word of the caller's own that says why sessions end.
func (o object) reason(name string) string {
	if text := trimmed(o.text(name, false, maxReason)); text != nil {
		return *text
	}
	return ""
}

// flag is false for a member that is absent, null or refused.
func (o object) flag(name string) bool {
	v, ok := o.member(name, false)
	if ok && v.kind != boolKind {
		o.refuse(v, "bool_type", "Input should be a valid boolean", nil, name)
	}
	return ok && v.kind == boolKind && v.text == "true"
}

// CustomerSessionInspect is the body of POST /v1/customer-sessions/inspect.
type CustomerSessionInspect struct{ Token string }

// ReadCustomerSessionInspect reads a token, which may be any text.
func ReadCustomerSessionInspect(v Value) (in CustomerSessionInspect, err error) {
	if err := missing(v); err != nil {
		return in, err
	}
	o := open(v)
	in.Token, _ = o.text("token", true, 0)
	return result(in, o)
}
