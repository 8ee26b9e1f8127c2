package body

// CustomerPortalMemberCreate is the body of POST /v1/customer-portal/members.
type CustomerPortalMemberCreate struct {
	Email string
	// Name is nil when it was absent or null. It has no limit here, and is not trimmed.
	Name *string
	// Role is "owner", "billing_manager" or "member", which is what it is when it was absent.
	Role string
}

// ReadCustomerPortalMemberCreate reads a member whom a customer adds.
func ReadCustomerPortalMemberCreate(v Value) (in CustomerPortalMemberCreate, err error) {
	if err := missing(v); err != nil {
		return in, err
	}
	o := open(v)
	in.Email = o.requiredEmail("email")
	in.Name = o.optionalText("name")
	if in.Role = "member"; v.get("role").kind != absentKind {
		in.Role = o.choice("role", roles...)
	}
	return result(in, o)
}
