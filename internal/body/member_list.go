package body

import (
	"github.com/postern-go/postern/internal/fault"
)

// MemberList is the query of GET /v1/members/. A nil filter was not given.
type MemberList struct {
	Paging
	Sorting []Order
	// CustomerID is all zeros if the given UUID is not of version 4. No customer has that id.
	CustomerID         *[16]byte
	ExternalCustomerID *string
	// Role is "owner", "billing_manager" or "member".
	Role *string
}

// ReadMemberList reads the query of the member list. By default, the newest members come first. As on Polar, it returns
// fault.NotFound for a malformed customer id.
func ReadMemberList(values Query) (MemberList, error) {
	q := openQuery(values)
	in := MemberList{Paging: q.paging(), Sorting: q.sorting(Order{By: "created_at", Descending: true}, "created_at")}
	q.describe("customer_id", false, Schema{Type: "string", Nullable: true})
	customer, given := q.last("customer_id")
	in.ExternalCustomerID = q.text("external_customer_id")
	in.Role = q.choice("role", roles...)
	if given && q.err() == nil {
		id, ok := pythonUUID(customer.text)
		if !ok {
			return MemberList{}, fault.New(fault.NotFound, "Invalid customer ID format")
		}
		in.CustomerID = &id
	}
	return result(in, q.object)
}

// PortalMemberList is the query of GET /v1/customer-portal/members.
type PortalMemberList struct{ Paging }

// ReadPortalMemberList reads the query of the member list in the customer portal.
func ReadPortalMemberList(values Query) (PortalMemberList, error) {
	q := openQuery(values)
	return result(PortalMemberList{q.paging()}, q.object)
}
