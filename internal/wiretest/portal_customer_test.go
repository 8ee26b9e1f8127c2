package wiretest_test

import (
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const badBilling = `{"error":"NotPermitted","detail":"Only owners and billing managers can access billing features."}`

// A customer changes its billing details in the portal.
func TestPortalCustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.As(s, "PATCH", portalCustomer, `{}`).Is(t, 200, `"billing_name":"Ada"`)
	srv.As(s, "PATCH", portalCustomer, `{"billing_name":" Ada Ltd ","billing_address":{"country":"us","state":"ny"},"tax_id":"12-3456789"}`).Is(t, 422, "Invalid US state")
	srv.As(s, "PATCH", portalCustomer, `{"billing_name":" Ada Ltd ","billing_address":{"country":"us","state":"NY"},"tax_id":"12-3456789","name":"x","email":"x@example.com","external_id":"x"}`).Is(t, 200,
		`"email":"ada@example.com"`, `"name":"Ada","billing_name":"Ada Ltd"`, `"state":"US-NY","country":"US"`, `"tax_id":["123456789","us_ein"]`)
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"external_id":"user_1"`, `"name":"Ada","billing_name":"Ada Ltd"`)
	srv.As(s, "PATCH", portalCustomer, `{"billing_name":null,"tax_id":null}`).Is(t, 200, `"billing_name":"Ada Ltd"`, `"tax_id":null`) // a null name changes nothing
	srv.As(s, "PATCH", portalCustomer, `{"billing_address":null}`).Exactly(t, 422,
		businessErrors(errorItem("missing", `"body","billing_address"`, "Customer billing address cannot be reset to null once set.", "null")))
	srv.As(s, "PATCH", portalCustomer, `{"default_payment_method_id":null}`).Exactly(t, 422,
		businessErrors(errorItem("missing", `"body","default_payment_method_id"`, "Default payment method cannot be reset to null.", "null")))
	srv.As(s, "PATCH", portalCustomer, `{"default_payment_method_id":"`+unknownID+`"}`).Exactly(t, 422,
		businessErrors(errorItem("invalid", `"body","default_payment_method_id"`, "Payment method not found.", `"`+unknownID+`"`)))
	srv.As(s, "PATCH", portalCustomer, `{"tax_id":"none"}`).Exactly(t, 422, businessErrors(errorItem("invalid", `"body","tax_id"`, "Invalid tax ID.", `"none"`)))
}

// Every member can read the customer. Owners, billing managers and sessions of the customer can change it.
func TestPortalCustomerRoles(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	plain := memberToken(srv, team, bob)
	srv.As(plain, "GET", portalCustomer, "").Is(t, 200, `"id":"`+team.ID+`"`, `"type":"team"`)
	srv.As(plain, "PATCH", portalCustomer, `{"billing_name":"x"}`).Exactly(t, 403, badBilling)
	srv.As(plain, "PATCH", portalCustomer, `{"billing_name":1}`).Exactly(t, 403, badBilling)
	srv.As(plain, "POST", emailUpdate+"request", `{"email":"x@example.com"}`).Exactly(t, 403, badBilling)
	srv.As(srv.Token, "PATCH", customers+team.ID+"/members/"+bob, `{"role":"billing_manager"}`).Is(t, 200)
	srv.As(plain, "PATCH", portalCustomer, `{"billing_name":"Managed"}`).Is(t, 200, `"billing_name":"Managed"`)
	srv.As(memberToken(srv, team, boss), "PATCH", portalCustomer, `{"billing_name":"Owned"}`).Is(t, 200, `"billing_name":"Owned"`)

	legacy := testserver.New(t, testserver.MemberModel(false), testserver.RateLimits("off"))
	legacy.Ada()
	customer := legacy.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	legacy.As(customer, "GET", portalCustomer, "").Is(t, 200, `"email":"ada@example.com"`)
	legacy.As(customer, "PATCH", portalCustomer, `{"billing_name":"Own"}`).Is(t, 200, `"billing_name":"Own"`)
}
