package body

// MemberCreateFromCustomer is the body of POST /v1/customers/{id}/members and of POST
// /v1/customers/external/{external_id}/members. A nil field was absent, null or blank.
type MemberCreateFromCustomer struct {
	Email            string
	Name, ExternalID *string
	// Role is "member" or "billing_manager".
	Role string
}

// ReadMemberCreateFromCustomer reads a new member of a customer. The new member cannot be the owner.
func ReadMemberCreateFromCustomer(v Value) (in MemberCreateFromCustomer, err error) {
	o := open(v)
	in = o.newMember()
	return result(in, o)
}

// newMember reads the fields of a new member.
func (o object) newMember() (in MemberCreateFromCustomer) {
	in.Email = o.requiredEmail("email")
	in.Name = o.name("name")
	in.ExternalID = o.externalID("external_id")
	in.Role = o.newRole("role")
	return in
}

// newRole reads the role of a new member: "billing_manager" or, by default, "member". Polar's error text lists the values as
// Python formats an enum.
func (o object) newRole(name string) string {
	o.describe(name, false, Schema{Type: "string", Enum: []string{"member", "billing_manager"}, Default: "member"})
	v := o.value.get(name)
	switch {
	case v.kind == absentKind:
		return "member"
	case v.kind == stringKind && (v.text == "member" || v.text == "billing_manager"):
		return v.text
	}
	const expected = "<MemberRole.member: 'member'> or <MemberRole.billing_manager: 'billing_manager'>"
	o.refuse(v, "literal_error", "Input should be "+expected, context("expected", expected), name)
	return ""
}
