package body

// CustomerPortalMemberCreate is the body of POST /v1/customer-portal/members.
type CustomerPortalMemberCreate struct {
	Email string
	// Name is nil if it was absent or null. It has no maximum length on this route and is not trimmed.
	Name *string
	// Role is "owner", "billing_manager" or "member". Default: "member".
	Role string
}

// ReadCustomerPortalMemberCreate reads a member that a customer adds to its team.
func ReadCustomerPortalMemberCreate(v Value) (in CustomerPortalMemberCreate, err error) {
	o := open(v)
	in.Email = o.requiredEmail("email")
	in.Name = o.optionalText("name")
	o.describe("role", false, Schema{Type: "string", Enum: roles, Default: "member"})
	if in.Role = "member"; v.get("role").kind != absentKind {
		in.Role = o.choice("role", roles...)
	}
	return result(in, o)
}
