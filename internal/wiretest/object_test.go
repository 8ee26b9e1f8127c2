package wiretest_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const startText = "2026-10-01T12:00:00.120000Z"

func gravatar(email string) string {
	return fmt.Sprintf("https://www.gravatar.com/avatar/%x?d=404", sha256.Sum256([]byte(email)))
}

// The bytes of a customer (docs/wire.md, Objects).
func TestCustomerObject(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	a := srv.As(srv.Token, "POST", customers, `{"email":"Ada@example.com","name":" Ada ","external_id":"user_1"}`)
	id := fmt.Sprint(a.At("id"))
	bare := `{"id":"` + id + `","created_at":"` + startText + `","modified_at":null,"metadata":{},"external_id":"user_1","email":"Ada@example.com","email_verified":false,` +
		`"type":"individual","name":"Ada","billing_name":"Ada","billing_address":null,"tax_id":null,"locale":null,"organization_id":"` + srv.OrgID +
		`","default_payment_method_id":null,"deleted_at":null,"first_user_event_at":null,"avatar_url":"` + gravatar("ada@example.com") + `"}`
	a.Exactly(t, 201, bare)
	srv.As(srv.Token, "GET", customers+id, "").Exactly(t, 200, bare)
	srv.As(srv.Token, "GET", customers+"external/user_1", "").Exactly(t, 200, bare)
	srv.As(srv.Token, "GET", customers, "").Exactly(t, 200, `{"items":[`+bare+`],"pagination":{"total_count":1,"max_page":1}}`)
	srv.Advance(time.Second)
	a = srv.As(srv.Token, "PATCH", customers+id, `{"type":"team","billing_address":{"country":"FR","line1":"1 rue"},"tax_id":"fr 61.954-506077","locale":"fr","metadata":{"b":1.0,"a":"x"}}`)
	a.Exactly(t, 200, `{"id":"`+id+`","created_at":"`+startText+`","modified_at":"2026-10-01T12:00:01.120000Z","metadata":{"b":1.0,"a":"x"},"external_id":"user_1","email":"Ada@example.com","email_verified":false,`+
		`"type":"team","name":"Ada","billing_name":"Ada","billing_address":{"line1":"1 rue","line2":null,"postal_code":null,"city":null,"state":null,"country":"FR"},"tax_id":["FR61954506077","eu_vat"],"locale":"fr","organization_id":"`+srv.OrgID+
		`","default_payment_method_id":null,"deleted_at":null,"first_user_event_at":null,"avatar_url":"`+gravatar("ada@example.com")+`"}`)
	srv.As(srv.Token, "PATCH", customers+"external/user_1", `{"name":null,"locale":null,"email":null,"external_id":"other","type":"individual"}`).Is(t, 200,
		`"name":null,"billing_name":null`, `"locale":null`, `"email":"Ada@example.com"`, `"external_id":"user_1"`, `"type":"team"`, `"metadata":{"a":"x","b":1.0}`)
	srv.As(srv.Token, "POST", customers, `{"type":"team","external_id":"  ","owner":{"email":"boss@example.com"}}`).Is(t, 201, `"external_id":null,"email":null`, `"name":null`)
}

// The format of a tax ID depends on the country of the billing address.
func TestTaxID(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Ada()
	invalidTax := func(input string) string {
		return businessErrors(errorItem("invalid", `"body","tax_id"`, "Invalid tax ID.", input))
	}
	needsCountry := businessErrors(errorItem("missing", `"body","billing_address"`, "Country is required to validate tax ID.", "null"))
	srv.As(srv.Token, "POST", customers, `{"email":"b@example.com","tax_id":"FR61954506077"}`).Exactly(t, 422, needsCountry)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"tax_id":"FR61954506077"}`).Exactly(t, 422, needsCountry)
	for _, id := range []string{"x", "61954506077", "FR61954506078", "12!34"} {
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"tax_id":"`+id+`","billing_address":{"country":"FR"}}`).Exactly(t, 422, invalidTax(`"`+id+`"`))
	}
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"tax_id":"12345","billing_address":{"country":"AQ"}}`).Exactly(t, 422, invalidTax(`"12345"`)) // Antarctica has no tax IDs
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"billing_address":null,"tax_id":null`)
	for _, tt := range []struct{ country, id, want string }{
		{"US", "12-3456789", `["123456789","us_ein"]`}, {"GB", "GB 980 7806 84", `["980780684","gb_vat"]`}, {"NL", "NL4495445B01", `["NL004495445B01","eu_vat"]`},
		{"CH", "CHE-123.456.788", `["CHE123456788","ch_uid"]`}, {"AE", "ab-12 34.5/6", `["AB123456","ae_trn"]`}, {"DE", "fr61954506077", `["FR61954506077","eu_vat"]`},
	} {
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"tax_id":"`+tt.id+`","billing_address":{"country":"`+tt.country+`"}}`).Is(t, 200, `"tax_id":`+tt.want)
	}
	// If the country changes, the stored tax ID must fit the new one.
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"billing_address":{"country":"IT"}}`).Is(t, 200, `"tax_id":["FR61954506077","eu_vat"]`)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"billing_address":{"country":"US"}}`).Exactly(t, 422, invalidTax(`"FR61954506077"`))
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"billing_address":{"country":"AQ"}}`).Exactly(t, 422, invalidTax(`"FR61954506077"`))
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"country":"IT"`)
}

// The bytes of a member, for its organization and in the portal.
func TestMemberObject(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	team := srv.Create(customers, `{"type":"team","name":"Team","external_id":"team","owner":{"email":"boss@example.com","name":"Boss","external_id":"boss"}}`)
	srv.Advance(time.Second)
	a := srv.As(srv.Token, "POST", customers+team.ID+"/members", `{"email":"Bob@example.com","name":"Bob","external_id":"bob","role":"billing_manager"}`)
	bob, boss := fmt.Sprint(a.At("id")), srv.Owner(team.ID)
	const second = "2026-10-01T12:00:01.120000Z"
	bobWire := `{"id":"` + bob + `","created_at":"` + second + `","modified_at":null,"customer_id":"` + team.ID + `","email":"Bob@example.com","name":"Bob","external_id":"bob","role":"billing_manager"}`
	bossWire := `{"id":"` + boss + `","created_at":"` + startText + `","modified_at":null,"customer_id":"` + team.ID + `","email":"boss@example.com","name":"Boss","external_id":"boss","role":"owner"}`
	a.Exactly(t, 201, bobWire)
	srv.As(srv.Token, "GET", customers+team.ID+"/members/"+bob, "").Exactly(t, 200, bobWire)
	srv.As(srv.Token, "GET", customers+"external/team/members/bob", "").Exactly(t, 200, bobWire)
	srv.As(srv.Token, "GET", "/v1/members/", "").Exactly(t, 200, `{"items":[`+bobWire+`,`+bossWire+`],"pagination":{"total_count":2,"max_page":1}}`)
	s := srv.Create(sessions, `{"customer_id":"`+team.ID+`","member_id":"`+bob+`"}`).Token
	srv.As(s, "GET", portalMembers, "").Exactly(t, 200, `{"items":[`+
		`{"created_at":"`+startText+`","modified_at":null,"id":"`+boss+`","email":"boss@example.com","name":"Boss","role":"owner"},`+
		`{"created_at":"`+second+`","modified_at":null,"id":"`+bob+`","email":"Bob@example.com","name":"Bob","role":"billing_manager"}`+
		`],"pagination":{"total_count":2,"max_page":1}}`)
	srv.As(s, "GET", portalMembers+"?limit=1&page=2", "").Is(t, 200, `[{"created_at":"`+second, `"total_count":2,"max_page":2`)
	srv.As(s, "GET", portalMembers+"?limit=0", "").Is(t, 422, `"loc":["query","limit"]`)
	// The owner of an individual has the name, address and external ID of the customer.
	c := srv.Ada()
	srv.As(srv.Token, "GET", "/v1/members/?customer_id="+c.ID, "").Is(t, 200, `"email":"ada@example.com","name":"Ada","external_id":"user_1","role":"owner"`)
}

// The bytes of a customer in the portal: without external ID and metadata.
func TestPortalCustomerObject(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada@example.com","name":"Ada","external_id":"user_1","locale":"en","metadata":{"secret":"note"},"billing_address":{"country":"DE"},"tax_id":"DE136695976"}`)
	s := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`).Token
	srv.As(s, "GET", portalCustomer, "").Exactly(t, 200, `{"created_at":"`+startText+`","modified_at":null,"id":"`+c.ID+`","email":"ada@example.com","email_verified":false,"name":"Ada",`+
		`"billing_name":"Ada","billing_address":{"line1":null,"line2":null,"postal_code":null,"city":null,"state":null,"country":"DE"},"tax_id":["DE136695976","eu_vat"],`+
		`"oauth_accounts":{},"default_payment_method_id":null,"type":"individual","locale":"en"}`)
}

// An organization can read only itself. Its customers can read it in the portal.
func TestOrganizationObject(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	theirs := srv.CreateOrganization(testserver.NewOrganization{Slug: "theirs", Name: "Theirs & Co", WithoutEmailChange: true, WithoutMembers: true})
	own := srv.As(srv.Token, "GET", "/v1/organizations/"+srv.OrgID, "")
	own.Is(t, 200, `{"created_at":"`+startText+`","modified_at":null,"id":"`+srv.OrgID+`","name":"acme","slug":"acme",`, `"member_model_enabled":true`, `"allow_email_change":true`)
	for query, n := range map[string]string{"": "1", "?slug=acme": "1", "?slug=theirs": "0", "?page=2": "1", "?sorting=-name": "1"} {
		a := srv.As(srv.Token, "GET", "/v1/organizations/"+query, "")
		a.Is(t, 200, `"pagination":{"total_count":`+n+`,"max_page":`+n+`}`)
		a.Lacks(t, "theirs")
	}
	srv.As(srv.Token, "GET", "/v1/organizations/", "").Exactly(t, 200, `{"items":[`+own.Body+`],"pagination":{"total_count":1,"max_page":1}}`)
	srv.As(srv.Token, "GET", "/v1/organizations/"+theirs.ID, "").Exactly(t, 404, errorBody("ResourceNotFound", "Not found"))
	srv.As(srv.Token, "GET", "/v1/organizations/nope", "").Is(t, 422, `"loc":["path","id"]`)
	srv.As(theirs.AccessToken, "GET", "/v1/organizations/"+theirs.ID, "").Is(t, 200, `"member_model_enabled":false`, `"allow_email_change":false`)
	srv.Request("GET", "/v1/customer-portal/organizations/theirs", "").Is(t, 200,
		`{"organization":{"created_at":"`+startText+`","modified_at":null,"id":"`+theirs.ID+`","name":"Theirs & Co","slug":"theirs",`, `"allow_email_change":false`, `"member_model_enabled":false`, `"products":[]}`)
	srv.Request("GET", "/v1/customer-portal/organizations/a%00b", "").Is(t, 422, `"msg":"Value error, This value contains invalid characters"`)
}

// The avatar of a team without an address is the one of its owner.
func TestTeamAvatar(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	team := srv.Create(customers, `{"type":"team","owner":{"email":"Boss@example.com"}}`)
	want := `"avatar_url":"` + gravatar("boss@example.com") + `"`
	srv.As(srv.Token, "GET", customers+team.ID, "").Is(t, 200, want)
	srv.As(srv.Token, "GET", customers, "").Is(t, 200, want)
	srv.As(srv.Token, "PATCH", customers+team.ID, `{"name":"Team"}`).Is(t, 200, want)
	srv.As(srv.Token, "POST", customers, `{"type":"team","owner":{"email":"boss@example.com"}}`).Is(t, 201, want)
}

// An organization has the settings of a new organization on Polar, and an account id that does not change.
func TestOrganizationSettings(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const legacy = `"bio":null,"company":null,"blog":null,"location":null,"twitter_username":null,"pledge_minimum_amount":0,` +
		`"pledge_badge_show_amount":false,"default_upfront_split_to_contributors":null,"email":null,"website":null,"socials":[],"status":"created"`
	const features = `"feature_settings":{"issue_funding_enabled":false,"seat_based_pricing_enabled":true,"unit_based_pricing_enabled":false,` +
		`"wallets_enabled":false,"member_model_enabled":true,"checkout_localization_enabled":false,"overview_metrics":null,`
	const portal = `"customer_portal_settings":{"usage":{"show":true},"subscription":{"update_seats":true,"update_plan":true},"customer":{"allow_email_change":`
	const mails = `"customer_email_settings":{"order_confirmation":true,"payment_method_expiration_reminder":true,`
	own := srv.As(srv.Token, "GET", "/v1/organizations/"+srv.OrgID, "")
	own.Is(t, 200, legacy, features, portal, mails, `"embed_hosts_enforced":true`,
		`"notification_settings":{"new_order":true,"new_subscription":true,"chargeback_prevention":true,"subscription_renewal":false},"profile_settings":{"enabled":false}}`)
	again := srv.As(srv.Token, "GET", "/v1/organizations/", "")
	if account, _ := own.At("account_id").(string); len(account) != 36 || again.At("items", 0, "account_id") != account {
		t.Errorf("account ids %v and %v", own.At("account_id"), again.At("items", 0, "account_id"))
	}
	srv.Request("GET", "/v1/customer-portal/organizations/acme", "").Is(t, 200, legacy, features, portal, mails,
		`"organization_features":{"member_model_enabled":true,"checkout_localization_enabled":false},"notification_settings":{"new_order":true,"new_subscription":true,"chargeback_prevention":true,"subscription_renewal":false},"profile_settings":{"enabled":false}},"products":[]}`)
}
