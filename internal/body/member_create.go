package body

// MemberCreate is the body of POST /v1/members/.
type MemberCreate struct {
	CustomerID [16]byte
	MemberCreateFromCustomer
}

// ReadMemberCreate reads a new member with its customer. The new member cannot be the owner.
func ReadMemberCreate(v Value) (in MemberCreate, err error) {
	o := open(v)
	if id := o.uuid("customer_id", true); id != nil {
		in.CustomerID = *id
	}
	in.MemberCreateFromCustomer = o.newMember()
	return result(in, o)
}

// MemberLookup is the query of the routes under /v1/members/external/{external_id}: the customer of the member. A nil field was not
// given.
type MemberLookup struct {
	// CustomerID is all zeros if the given UUID is not of version 4. No customer has that id.
	CustomerID         *[16]byte
	ExternalCustomerID *string
}

// ReadMemberLookup reads the customer of a member that the path identifies by its external id.
func ReadMemberLookup(values Query) (in MemberLookup, err error) {
	q := openQuery(values)
	q.describe("customer_id", false, Schema{Type: "string", Format: "uuid", Nullable: true})
	if v, given := q.last("customer_id"); given {
		id, refusal := parseAnyUUID(v.text)
		if refusal != nil {
			q.refuse(v, refusal.Type, refusal.Msg, refusal.Ctx, "customer_id")
		}
		in.CustomerID = &id
	}
	in.ExternalCustomerID = q.text("external_customer_id")
	return result(in, q.object)
}
