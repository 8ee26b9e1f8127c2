package body

// MemberUpdate is the body of PATCH /v1/customers/{id}/members/{member_id} and of the same route with external ids.
type MemberUpdate struct {
	Name, Email Optional[string]
	// Role is "owner", "billing_manager" or "member".
	Role Optional[string]
}

// ReadMemberUpdate reads the changed fields of a member.
func ReadMemberUpdate(v Value) (in MemberUpdate, err error) {
	o := open(v)
	in.Name = optional(o, "name", o.name)
	in.Email = optional(o, "email", o.optionalEmail)
	in.Role = optional(o, "role", o.optionalChoice(roles...))
	return result(in, o)
}
