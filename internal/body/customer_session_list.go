package body

import (
	"fmt"

	"github.com/postern-go/postern/internal/session"
)

// CustomerSessionList is the query of GET /v1/customer-sessions/. A nil filter was not given.
type CustomerSessionList struct {
	Paging
	// Oldest lists the oldest sessions first.
	Oldest             bool
	CustomerID         *[16]byte
	ExternalCustomerID *string
	MemberID           *[16]byte
	// State is "live", "expired" or "revoked".
	State *string
}

// ReadCustomerSessionList reads the query of the session list. By default the newest sessions come first.
func ReadCustomerSessionList(values Query) (CustomerSessionList, error) {
	q := openQuery(values)
	in := CustomerSessionList{Paging: q.paging()}
	orders := q.sorting(Order{By: "created_at", Descending: true}, "created_at")
	in.Oldest = len(orders) > 0 && !orders[0].Descending
	in.CustomerID = q.oneUUID("customer_id")
	in.ExternalCustomerID = q.text("external_customer_id")
	in.MemberID = q.oneUUID("member_id")
	in.State = q.choice("state", "live", "expired", "revoked")
	return result(in, q.object)
}

// oneUUID returns the last UUID that was given for a parameter, or nil.
func (q query) oneUUID(name string) *[16]byte {
	q.describe(name, false, Schema{Type: "string", Format: "uuid", Nullable: true})
	if ids := q.uuids(name); len(ids) > 0 {
		return &ids[len(ids)-1]
	}
	return nil
}

// CustomerSessionRevocation is the query of DELETE /v1/customer-sessions/{id}.
type CustomerSessionRevocation struct {
	// Reason is the caller's reason for revoking the session, or "".
	Reason string
}

// ReadCustomerSessionRevocation reads the query of a request to revoke a session.
func ReadCustomerSessionRevocation(values Query) (in CustomerSessionRevocation, err error) {
	q := openQuery(values)
	q.describe("reason", false, Schema{Type: "string", Nullable: true, MaxLength: session.MaxReason})
	if text := q.text("reason"); text != nil {
		if v, _ := q.last("reason"); len([]rune(v.text)) > session.MaxReason {
			q.refuse(v, "string_too_long", fmt.Sprintf("String should have at most %d characters", session.MaxReason), contextInt("max_length", session.MaxReason), "reason")
		}
		in.Reason = *text
	}
	return result(in, q.object)
}
