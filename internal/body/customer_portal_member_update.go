package body

// CustomerPortalMemberUpdate is the body of PATCH /v1/customer-portal/members/{id}.
type CustomerPortalMemberUpdate struct {
	Name Optional[string]
	// Role is "owner", "billing_manager" or "member".
	Role Optional[string]
}

// ReadCustomerPortalMemberUpdate reads the fields that a customer changes in a member of its team.
func ReadCustomerPortalMemberUpdate(v Value) (in CustomerPortalMemberUpdate, err error) {
	o := open(v)
	in.Name = optional(o, "name", o.name)
	in.Role = optional(o, "role", o.optionalChoice(roles...))
	return result(in, o)
}
