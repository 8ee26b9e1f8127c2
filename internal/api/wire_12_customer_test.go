package api_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern"
)

const (
	emailTaken    = "A customer with this email address already exists."
	externalTaken = "A customer with this external ID already exists."
)

// Section 12 of the facts about Polar's wire: names are taken once.
func TestWire12Duplicates(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	b := h.create(customers, `{"email":"b@example.com"}`)
	both := func(email, external string) string {
		return broken(ruleItem("value_error", `"body","email"`, emailTaken, email), ruleItem("value_error", `"body","external_id"`, externalTaken, external))
	}
	h.as(h.token, "POST", customers, `{"email":"ADA@example.com"}`).exactly(t, 422, rule("email", emailTaken, `"ADA@example.com"`))
	h.as(h.token, "POST", customers, `{"email":"c@example.com","external_id":"user_1"}`).exactly(t, 422, rule("external_id", externalTaken, `"user_1"`))
	h.as(h.token, "POST", customers, `{"email":"Ada@example.com","external_id":"user_1"}`).exactly(t, 422, both(`"Ada@example.com"`, `"user_1"`))
	h.as(h.token, "POST", customers, `{"type":"team","email":"ada@example.com","external_id":"user_1"}`).exactly(t, 422, both(`"ada@example.com"`, `"user_1"`))
	h.as(h.token, "PATCH", customers+b.ID, `{"email":"ada@example.com","external_id":"user_1"}`).exactly(t, 422, both(`"ada@example.com"`, `"user_1"`))
	h.as(h.token, "GET", customers+b.ID, "").is(t, 200, `"email":"b@example.com"`, `"external_id":null`)
	h.create(customers, `{"email":"d@example.com","external_id":"USER_1"}`) // an external id is what it is
	h.as(h.token, "GET", customers, "").is(t, 200, `"total_count":3`)
	h.as(h.token, "POST", customers, `{"email":"e@example.com","organization_id":"`+h.org+`"}`).exactly(t, 422,
		broken(ruleItem("organization_token", `"body","organization_id"`, "Setting organization_id is disallowed when using an organization token.", `"`+h.org+`"`)))
	// Two organizations may have the same customer.
	theirs := h.organization(postern.NewOrganization{Slug: "theirs"})
	h.as(theirs.AccessToken, "POST", customers, `{"email":"ada@example.com","external_id":"user_1"}`).is(t, 201)
}

// What can be changed, and what not.
func TestWire12ChangeCustomer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	path := customers + c.ID
	h.as(h.token, "PATCH", path, `{"external_id":"user_2"}`).exactly(t, 422, rule("external_id", "Customer external ID cannot be updated.", `"user_2"`))
	h.as(h.token, "PATCH", path, `{"external_id":null}`).exactly(t, 422, rule("external_id", "Customer external ID cannot be updated.", "null"))
	h.as(h.token, "PATCH", path, `{"external_id":"user_1"}`).is(t, 200)
	h.as(h.token, "PATCH", path, `{"billing_address":null}`).is(t, 422, `"Customer billing address cannot be reset to null once set."`)
	h.as(h.token, "PATCH", path, `{"type":"team"}`).is(t, 200, `"type":"team"`)
	h.as(h.token, "PATCH", path, `{"type":"individual","external_id":"x"}`).exactly(t, 422, broken(
		ruleItem("value_error", `"body","external_id"`, "Customer external ID cannot be updated.", `"x"`),
		ruleItem("value_error", `"body","type"`, "Customer type cannot be downgraded from 'team' to 'individual'.", `"individual"`)))
	b := h.create(customers, `{"email":"b@example.com","external_id":" "}`)
	h.as(h.token, "PATCH", customers+b.ID, `{"external_id":" late "}`).is(t, 200, `"external_id":"late"`)
	h.as(h.token, "PATCH", customers+"external/late", `{"name":"Late"}`).is(t, 200, `"name":"Late"`)
	h.as(h.token, "PATCH", customers+"external/late", `{"metadata":null}`).is(t, 422, `"loc":["body","metadata"]`)
	h.as(h.token, "PATCH", customers+"external/late", `{}`).is(t, 200, `"name":"Late"`)
}

// A new email address ends the sessions of whoever may read the old one.
func TestWire12ChangeEmail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	c := h.customer()
	h.redeem(h.mailed("ada@example.com", ""), "").is(t, 200)
	old := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	h.as(h.token, "PATCH", customers+c.ID, `{"email":"ADA@EXAMPLE.com"}`).is(t, 200, `"email":"ada@example.com","email_verified":true`)
	h.as(h.token, "PATCH", customers+c.ID, `{"name":"Countess"}`).is(t, 200)
	h.as(old, "GET", introspect, "").is(t, 200)
	h.as(h.token, "PATCH", customers+c.ID, `{"email":"new@example.com"}`).is(t, 200, `"email":"new@example.com","email_verified":false`)
	h.as(old, "GET", introspect, "").exactly(t, 401, invalidToken)
	s := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	h.as(s, "GET", user, "").is(t, 200, `"email":"new@example.com"`, `"role":"owner"`)
	h.create(customers, `{"email":"ada@example.com"}`) // the old address is free
	h.as(s, "GET", introspect, "").is(t, 200)
	// A team's address is not its owner's.
	team := h.create(customers, `{"type":"team","email":"team@example.com","owner":{"email":"boss@example.com"}}`)
	owner := h.owner(team.ID)
	old = h.create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+owner+`"}`).Token
	h.as(h.token, "PATCH", customers+team.ID, `{"email":"crew@example.com"}`).is(t, 200)
	h.as(old, "GET", introspect, "").exactly(t, 401, invalidToken)
	h.as(h.token, "GET", customers+team.ID+"/members/"+owner, "").is(t, 200, `"email":"boss@example.com"`)
}

// A customer who is deleted is gone with its members and its sessions, at once, and its names are free.
func TestWire12DeleteCustomer(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		h := newHouse(t, withoutMembers, limited("off"))
		for _, path := range []string{"", "external/user_1", "?anonymize=true", "external/user_1?anonymize=on"} {
			c := h.customer() // its names are free again
			if !strings.HasPrefix(path, "external") {
				path = c.ID + path
			}
			first, second := h.create(sessions, `{"external_customer_id":"user_1"}`).Token, h.create(sessions, `{"external_customer_id":"user_1"}`).Token
			h.as(first, "GET", introspect, "").is(t, 200) // remembered from here on
			owner := h.owner(c.ID)
			h.as(h.token, "DELETE", customers+path, "").exactly(t, 204, "")
			h.as(first, "GET", introspect, "").exactly(t, 401, invalidToken)
			h.as(second, "GET", user, "").exactly(t, 401, invalidToken)
			h.as(second, "GET", portalCustomer, "").exactly(t, 401, invalidToken)
			h.as(h.token, "GET", customers+c.ID, "").is(t, 404)
			h.as(h.token, "DELETE", customers+path, "").exactly(t, 404, refusal("ResourceNotFound", "Not found"))
			h.as(h.token, "GET", customers, "").is(t, 200, `"items":[]`)
			h.as(h.token, "GET", "/v1/members/", "").is(t, 200, `"items":[]`)
			if !withoutMembers {
				h.as(h.token, "GET", customers+c.ID+"/members/"+owner, "").is(t, 404, "Customer not found")
			}
		}
	}
}
