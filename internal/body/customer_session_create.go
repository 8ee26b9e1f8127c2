package body

import "github.com/postern-go/postern/internal/fault"

// CustomerSessionCreate is the body of POST /v1/customer-sessions/. Either ExternalCustomerID is set or CustomerID.
type CustomerSessionCreate struct {
	CustomerID         [16]byte
	ExternalCustomerID string
	// MemberID and ExternalMemberID are zero when they were not given.
	MemberID         [16]byte
	ExternalMemberID string
	// ReturnURL is normalized; "" when it was not given.
	ReturnURL string
}

// ReadCustomerSessionCreate reads a union of two shapes that nothing tells apart: both are tried, the one with the external
// id wins when both fit, and when none does the caller hears of both.
func ReadCustomerSessionCreate(v Value) (CustomerSessionCreate, error) {
	if err := missing(v); err != nil {
		return CustomerSessionCreate{}, err
	}
	byID, o := sessionByID(v)
	byExternal, e := sessionByExternalID(v)
	switch {
	case e.err() == nil:
		return byExternal, nil
	case o.err() == nil:
		return byID, nil
	}
	return CustomerSessionCreate{}, fault.Invalid(append(*o.fields, *e.fields...)...)
}

func sessionByID(v Value) (CustomerSessionCreate, object) {
	o := open(v, "body", "CustomerSessionCustomerIDCreate")
	in := sessionBase(o)
	if id := o.uuid("customer_id", true); id != nil {
		in.CustomerID = *id
	}
	return in, o
}

// sessionByExternalID takes the name that older SDKs send, too.
func sessionByExternalID(v Value) (CustomerSessionCreate, object) {
	o := open(v, "body", "CustomerSessionCustomerExternalIDCreate")
	in := sessionBase(o)
	name := "external_customer_id"
	if v.get(name).kind == absentKind && v.get("customer_external_id").kind != absentKind {
		name = "customer_external_id"
	}
	in.ExternalCustomerID, _ = o.text(name, true, 0)
	return in, o
}

func sessionBase(o object) (in CustomerSessionCreate) {
	if id := o.optionalUUID("member_id"); id != nil {
		in.MemberID = *id
	}
	in.ExternalMemberID, _ = o.text("external_member_id", false, 0)
	in.ReturnURL = o.url("return_url")
	return in
}
