package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	emailTaken    = "A customer with this email address already exists."
	externalTaken = "A customer with this external ID already exists."
)

// Addresses and external IDs are unique in an organization (docs/wire.md, Customers and members).
func TestDuplicateCustomersAreRefused(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	b := srv.Create(customers, `{"email":"b@example.com"}`)
	both := func(email, external string) string {
		return businessErrors(errorItem("value_error", `"body","email"`, emailTaken, email), errorItem("value_error", `"body","external_id"`, externalTaken, external))
	}
	srv.As(srv.Token, "POST", customers, `{"email":"ADA@example.com"}`).Exactly(t, 422, fieldError("email", emailTaken, `"ADA@example.com"`))
	srv.As(srv.Token, "POST", customers, `{"email":"c@example.com","external_id":"user_1"}`).Exactly(t, 422, fieldError("external_id", externalTaken, `"user_1"`))
	srv.As(srv.Token, "POST", customers, `{"email":"Ada@example.com","external_id":"user_1"}`).Exactly(t, 422, both(`"Ada@example.com"`, `"user_1"`))
	srv.As(srv.Token, "POST", customers, `{"type":"team","email":"ada@example.com","external_id":"user_1"}`).Exactly(t, 422, both(`"ada@example.com"`, `"user_1"`))
	srv.As(srv.Token, "PATCH", customers+b.ID, `{"email":"ada@example.com","external_id":"user_1"}`).Exactly(t, 422, both(`"ada@example.com"`, `"user_1"`))
	srv.As(srv.Token, "GET", customers+b.ID, "").Is(t, 200, `"email":"b@example.com"`, `"external_id":null`)
	srv.Create(customers, `{"email":"d@example.com","external_id":"USER_1"}`) // external IDs are case-sensitive
	srv.As(srv.Token, "GET", customers, "").Is(t, 200, `"total_count":3`)
	srv.As(srv.Token, "POST", customers, `{"email":"e@example.com","organization_id":"`+srv.OrgID+`"}`).Exactly(t, 422,
		businessErrors(errorItem("organization_token", `"body","organization_id"`, "Setting organization_id is disallowed when using an organization token.", `"`+srv.OrgID+`"`)))
	// Another organization can have a customer with the same address and external ID.
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs"})
	srv.As(theirs.AccessToken, "POST", customers, `{"email":"ada@example.com","external_id":"user_1"}`).Is(t, 201)
}

// The external ID, the type of a team and the billing address cannot be reset.
func TestChangeCustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	path := customers + c.ID
	srv.As(srv.Token, "PATCH", path, `{"external_id":"user_2"}`).Exactly(t, 422, fieldError("external_id", "Customer external ID cannot be updated.", `"user_2"`))
	srv.As(srv.Token, "PATCH", path, `{"external_id":null}`).Exactly(t, 422, fieldError("external_id", "Customer external ID cannot be updated.", "null"))
	srv.As(srv.Token, "PATCH", path, `{"external_id":"user_1"}`).Is(t, 200)
	srv.As(srv.Token, "PATCH", path, `{"billing_address":null}`).Is(t, 422, `"Customer billing address cannot be reset to null once set."`)
	srv.As(srv.Token, "PATCH", path, `{"type":"team"}`).Is(t, 200, `"type":"team"`)
	srv.As(srv.Token, "PATCH", path, `{"type":"individual","external_id":"x"}`).Exactly(t, 422, businessErrors(
		errorItem("value_error", `"body","external_id"`, "Customer external ID cannot be updated.", `"x"`),
		errorItem("value_error", `"body","type"`, "Customer type cannot be downgraded from 'team' to 'individual'.", `"individual"`)))
	b := srv.Create(customers, `{"email":"b@example.com","external_id":" "}`)
	srv.As(srv.Token, "PATCH", customers+b.ID, `{"external_id":" late "}`).Is(t, 200, `"external_id":"late"`)
	srv.As(srv.Token, "PATCH", customers+"external/late", `{"name":"Late"}`).Is(t, 200, `"name":"Late"`)
	srv.As(srv.Token, "PATCH", customers+"external/late", `{"metadata":null}`).Is(t, 422, `"loc":["body","metadata"]`)
	srv.As(srv.Token, "PATCH", customers+"external/late", `{}`).Is(t, 200, `"name":"Late"`)
}

// A new address ends the sessions of the customer, because somebody else may read the old one.
func TestChangeCustomerEmail(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	redeemCode(srv, mailedCode(srv, "ada@example.com", ""), "").Is(t, 200)
	old := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"email":"ADA@EXAMPLE.com"}`).Is(t, 200, `"email":"ada@example.com","email_verified":true`)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"name":"Countess"}`).Is(t, 200)
	srv.As(old, "GET", introspect, "").Is(t, 200)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"email":"new@example.com"}`).Is(t, 200, `"email":"new@example.com","email_verified":false`)
	srv.As(old, "GET", introspect, "").Exactly(t, 401, invalidToken)
	s := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	srv.As(s, "GET", user, "").Is(t, 200, `"email":"new@example.com"`, `"role":"owner"`)
	srv.Create(customers, `{"email":"ada@example.com"}`) // the old address is free
	srv.As(s, "GET", introspect, "").Is(t, 200)
	// The owner of a team has an address of its own.
	team := srv.Create(customers, `{"type":"team","email":"team@example.com","owner":{"email":"boss@example.com"}}`)
	owner := srv.Owner(team.ID)
	old = srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+owner+`"}`).Token
	srv.As(srv.Token, "PATCH", customers+team.ID, `{"email":"crew@example.com"}`).Is(t, 200)
	srv.As(old, "GET", introspect, "").Exactly(t, 401, invalidToken)
	srv.As(srv.Token, "GET", customers+team.ID+"/members/"+owner, "").Is(t, 200, `"email":"boss@example.com"`)
}

// A deleted customer has no members and sessions any more, and its address and external ID are free.
func TestDeleteCustomer(t *testing.T) {
	t.Parallel()
	for _, withoutMembers := range []bool{false, true} {
		srv := testserver.New(t, testserver.MemberModel(!withoutMembers), testserver.RateLimits("off"))
		for _, path := range []string{"", "external/user_1", "?anonymize=true", "external/user_1?anonymize=on"} {
			c := srv.Ada() // the address and the external ID are free again
			if !strings.HasPrefix(path, "external") {
				path = c.ID + path
			}
			first, second := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token, srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
			srv.As(first, "GET", introspect, "").Is(t, 200) // now the session is in the cache
			owner := srv.Owner(c.ID)
			srv.As(srv.Token, "DELETE", customers+path, "").Exactly(t, 204, "")
			srv.As(first, "GET", introspect, "").Exactly(t, 401, invalidToken)
			srv.As(second, "GET", user, "").Exactly(t, 401, invalidToken)
			srv.As(second, "GET", portalCustomer, "").Exactly(t, 401, invalidToken)
			srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 404)
			srv.As(srv.Token, "DELETE", customers+path, "").Exactly(t, 404, errorBody("ResourceNotFound", "Not found"))
			srv.As(srv.Token, "GET", customers, "").Is(t, 200, `"items":[]`)
			srv.As(srv.Token, "GET", "/v1/members/", "").Is(t, 200, `"items":[]`)
			if !withoutMembers {
				srv.As(srv.Token, "GET", customers+c.ID+"/members/"+owner, "").Is(t, 404, "Member not found")
			}
		}
	}
}
