package api_test

import "testing"

const badBilling = `{"error":"NotPermitted","detail":"Only owners and billing managers can access billing features."}`

// Section 12 of the facts about Polar's wire: what customers change in themselves.
func TestWire12PortalCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	h.as(s, "PATCH", portalCustomer, `{}`).is(t, 200, `"billing_name":"Ada"`)
	h.as(s, "PATCH", portalCustomer, `{"billing_name":" Ada Ltd ","billing_address":{"country":"us","state":"ny"},"tax_id":"12-3456789"}`).is(t, 422, "Invalid US state")
	h.as(s, "PATCH", portalCustomer, `{"billing_name":" Ada Ltd ","billing_address":{"country":"us","state":"NY"},"tax_id":"12-3456789","name":"x","email":"x@example.com","external_id":"x"}`).is(t, 200,
		`"email":"ada@example.com"`, `"name":"Ada","billing_name":"Ada Ltd"`, `"state":"US-NY","country":"US"`, `"tax_id":["123456789","us_ein"]`)
	h.as(h.token, "GET", customers+c.ID, "").is(t, 200, `"external_id":"user_1"`, `"name":"Ada","billing_name":"Ada Ltd"`)
	h.as(s, "PATCH", portalCustomer, `{"billing_name":null,"tax_id":null}`).is(t, 200, `"billing_name":"Ada Ltd"`, `"us_ein"`) // null changes nothing
	h.as(s, "PATCH", portalCustomer, `{"billing_address":null}`).exactly(t, 422,
		broken(ruleItem("missing", `"body","billing_address"`, "Customer billing address cannot be reset to null once set.", "null")))
	h.as(s, "PATCH", portalCustomer, `{"default_payment_method_id":null}`).exactly(t, 422,
		broken(ruleItem("missing", `"body","default_payment_method_id"`, "Default payment method cannot be reset to null.", "null")))
	h.as(s, "PATCH", portalCustomer, `{"default_payment_method_id":"`+nobody+`"}`).exactly(t, 422,
		broken(ruleItem("invalid", `"body","default_payment_method_id"`, "Payment method not found.", `"`+nobody+`"`)))
	h.as(s, "PATCH", portalCustomer, `{"tax_id":"none"}`).exactly(t, 422, broken(ruleItem("invalid", `"body","tax_id"`, "Invalid tax ID.", `"none"`)))
}

// Every member sees its customer, and those who may manage billing change it. So may a customer's own session.
func TestWire12PortalCustomerRoles(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	team, boss, bob := h.team()
	plain := h.member(team, bob)
	h.as(plain, "GET", portalCustomer, "").is(t, 200, `"id":"`+team.ID+`"`, `"type":"team"`)
	h.as(plain, "PATCH", portalCustomer, `{"billing_name":"x"}`).exactly(t, 403, badBilling)
	h.as(plain, "PATCH", portalCustomer, `{"billing_name":1}`).exactly(t, 403, badBilling)
	h.as(plain, "POST", emailUpdate+"request", `{"email":"x@example.com"}`).exactly(t, 403, badBilling)
	h.as(h.token, "PATCH", customers+team.ID+"/members/"+bob, `{"role":"billing_manager"}`).is(t, 200)
	h.as(plain, "PATCH", portalCustomer, `{"billing_name":"Managed"}`).is(t, 200, `"billing_name":"Managed"`)
	h.as(h.member(team, boss), "PATCH", portalCustomer, `{"billing_name":"Owned"}`).is(t, 200, `"billing_name":"Owned"`)

	legacy := newHouse(t, true, limited("off"))
	legacy.customer()
	customer := legacy.create(sessions, `{"external_customer_id":"user_1"}`).Token
	legacy.as(customer, "GET", portalCustomer, "").is(t, 200, `"email":"ada@example.com"`)
	legacy.as(customer, "PATCH", portalCustomer, `{"billing_name":"Own"}`).is(t, 200, `"billing_name":"Own"`)
}
