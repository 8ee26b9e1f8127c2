package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// The routes under /v1/members, which clients of 2025 and 2026 call, do the same as those under /v1/customers/{id}/members.
func TestMemberByID(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team, boss, bob := teamWithMember(srv)
	other := srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
	const path = "/v1/members/"
	notFound := errorBody("ResourceNotFound", "Member not found")
	nested := srv.As(srv.Token, "GET", customers+team.ID+"/members/"+bob, "")
	for _, at := range []string{bob, "external/bob?customer_id=" + team.ID, "external/bob?external_customer_id=team", "external/bob?customer_id={" + strings.ToUpper(team.ID) + "}"} {
		srv.As(srv.Token, "GET", path+at, "").Exactly(t, 200, nested.Body)
		srv.As(other.AccessToken, "GET", path+at, "").Exactly(t, 404, notFound)
		srv.As(other.AccessToken, "PATCH", path+at, `{"name":"x"}`).Exactly(t, 404, notFound)
		srv.As(other.AccessToken, "DELETE", path+at, "").Exactly(t, 404, notFound)
	}
	for _, at := range []string{
		"00000000-0000-1000-8000-000000000000", team.ID, "external/nobody?customer_id=" + team.ID, "external/bob?customer_id=" + bob, "external/bob?external_customer_id=nobody",
		"external/bob?customer_id=00000000-0000-1000-8000-000000000000",
	} {
		srv.As(srv.Token, "GET", path+at, "").Exactly(t, 404, notFound)
	}
	srv.As(srv.Token, "GET", path+"nope", "").Is(t, 422, `"type":"uuid_parsing","loc":["path","id"]`)
	srv.As(srv.Token, "PATCH", path+"nope", `{"role":"x"}`).Is(t, 422, `"loc":["path","id"]`, `"loc":["body","role"]`)
	srv.As(srv.Token, "GET", path+"external/bob?customer_id=nope", "").Is(t, 422, `"type":"uuid_parsing","loc":["query","customer_id"]`)
	srv.As(srv.Token, "GET", path+"external/bob", "").Exactly(t, 422,
		businessErrors(errorItem("missing", `"query"`, "One of customer_id or external_customer_id must be provided.", "null")))
	srv.As(srv.Token, "GET", path+"external/bob?customer_id="+team.ID+"&external_customer_id=team", "").Exactly(t, 422,
		businessErrors(errorItem("value_error", `"query"`, "Only one of customer_id or external_customer_id may be provided.", "null")))

	srv.As(srv.Token, "PATCH", path+bob, `{"name":"Robert"}`).Is(t, 200, `"id":"`+bob+`"`, `"name":"Robert"`)
	srv.As(srv.Token, "PATCH", path+"external/bob?external_customer_id=team", `{"role":"billing_manager","name":null}`).Is(t, 200, `"name":"Robert"`, `"role":"billing_manager"`)
	srv.As(srv.Token, "DELETE", path+boss, "").Is(t, 422, "Cannot delete the only owner. Transfer ownership first.")
	token := memberToken(srv, team, bob)
	srv.As(srv.Token, "DELETE", path+bob, "").Exactly(t, 204, "")
	srv.As(token, "GET", introspect, "").Is(t, 401)
	srv.As(srv.Token, "GET", path+bob, "").Exactly(t, 404, notFound)
}

// POST /v1/members/ takes the customer from the body.
func TestCreateMemberOf(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada := srv.Ada()
	team, _, _ := teamWithMember(srv)
	const path = "/v1/members/"
	srv.As(srv.Token, "POST", path, `{"customer_id":"`+team.ID+`","email":"eve@example.com"}`).Is(t, 201, `"customer_id":"`+team.ID+`"`, `"role":"member"`)
	srv.As(srv.Token, "POST", path, `{"customer_id":"`+ada.ID+`","email":"eve@example.com"}`).Exactly(t, 403, errorBody("NotPermitted", individualOnly))
	srv.As(srv.Token, "POST", path, `{"customer_id":"8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a","email":"eve@example.com"}`).Exactly(t, 404, errorBody("ResourceNotFound", "Customer not found"))
	srv.As(srv.Token, "POST", path, `{}`).Exactly(t, 422, validationErrors(
		errorItem("missing", `"body","customer_id"`, "Field required", "{}"), errorItem("missing", `"body","email"`, "Field required", "{}")))
	srv.As(srv.Token, "POST", path, `{"customer_id":"`+team.ID+`","email":"x@example.com","role":"owner"}`).Is(t, 422, `"type":"literal_error","loc":["body","role"]`)
	once := func() testserver.Answer {
		return srv.Send("POST", path, `{"customer_id":"`+team.ID+`","email":"once@example.com"}`, "Authorization", "Bearer "+srv.Token, "Content-Type", "application/json", "Idempotency-Key", "k")
	}
	once().Exactly(t, 201, once().Body)
}
