package wiretest_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

func TestRequestErrors(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	team := srv.Create(customers, `{"type":"team","name":"Team","owner":{"email":"boss@example.com"}}`)
	const unknown = "00000000-0000-4000-8000-000000000000"

	business := func(loc, msg, input string) string {
		return `{"error":"PolarRequestValidationError","detail":[{"type":"value_error","loc":["body","` + loc + `"],"msg":"` + msg + `","input":` + input + `}]}`
	}
	for _, tt := range []struct {
		name, path, body string
		want             []string
	}{
		{"an unknown customer", sessions, `{"customer_id":"` + unknown + `"}`, []string{business("customer_id", "Customer does not exist.", `"`+unknown+`"`)}},
		{"an unknown external id", sessions, `{"external_customer_id":"x"}`, []string{business("external_customer_id", "Customer does not exist.", `"x"`)}},
		{"an unknown member", sessions, `{"customer_id":"` + c.ID + `","member_id":"` + unknown + `"}`, []string{business("member_id", "Member does not exist for this customer.", `"`+unknown+`"`)}},
		{"an unknown external member", sessions, `{"customer_id":"` + c.ID + `","external_member_id":"x"}`, []string{business("external_member_id", "Member does not exist for this customer.", `"x"`)}},
		{"a team without a member", sessions, `{"customer_id":"` + team.ID + `"}`, []string{business("member_id", "member_id is required for team customers.", "null")}},
		{"no customer", sessions, `{"a":1.0}`, []string{
			`{"error":"RequestValidationError","detail":[{"type":"missing","loc":["body","CustomerSessionCustomerIDCreate","customer_id"],"msg":"Field required","input":{"a":1.0}},` +
				`{"type":"missing","loc":["body","CustomerSessionCustomerExternalIDCreate","external_customer_id"],"msg":"Field required","input":{"a":1.0}}]}`}},
		{"a list", sessions, `[]`, []string{`"type":"model_attributes_type","loc":["body","CustomerSessionCustomerIDCreate"]`, `"loc":["body","CustomerSessionCustomerExternalIDCreate"]`}},
		{"a wrong version", sessions, `{"customer_id":"00000000-0000-1000-8000-000000000000"}`, []string{`"type":"uuid_version"`, `"msg":"UUID version 4 expected"`, `"ctx":{"expected_version":4}`}},
		{"a number for an id", sessions, `{"customer_id":1}`, []string{`"type":"uuid_type"`}},
		{"a return URL with a script", sessions, `{"customer_id":"` + c.ID + `","return_url":"javascript:alert(1)"}`, []string{`"type":"url_scheme"`, `"msg":"URL scheme should be 'http' or 'https'"`, `"CustomerSessionCustomerExternalIDCreate","return_url"`}},
		{"a relative return URL", sessions, `{"customer_id":"` + c.ID + `","return_url":"/account"}`, []string{`"msg":"Input should be a valid URL, relative URL without a base"`}},
		{"the same email in another case", customers, `{"email":"ADA@example.com"}`, []string{business("email", "A customer with this email address already exists.", `"ADA@example.com"`)}},
		{"a taken address and external ID", customers, `{"email":"ada@example.com","external_id":"user_1"}`, []string{`A customer with this email address already exists.`, `A customer with this external ID already exists.`}},
		{"no email", customers, `{}`, []string{`"type":"missing","loc":["body","individual","email"]`}},
		{"not an email", customers, `{"email":"ada"}`, []string{`"loc":["body","individual","email"],"msg":"value is not a valid email address: An email address must have an @-sign.","input":"ada","ctx":{"reason":"An email address must have an @-sign."}`}},
		{"an unknown type", customers, `{"type":"robot","email":"r@example.com"}`, []string{`"type":"union_tag_invalid","loc":["body"]`, `"ctx":{"discriminator":"_customer_create_type()","tag":"robot","expected_tags":"'individual', 'team'"}`}},
		{"a team without an owner", customers, `{"type":"team"}`, []string{`"loc":["body","team"],"msg":"Value error, An owner with an email address is required when creating a team customer without an email."`, `"ctx":{"error":{}}`}},
		{"a NUL", customers, `{"email":"n@example.com","name":"a\u0000b"}`, []string{`"msg":"Value error, This value contains invalid characters"`}},
		{"nested metadata", customers, `{"email":"m@example.com","metadata":{"k":[]}}`, []string{`"metadata","k","constrained-str"]`, `"k","int"]`, `"k","float"]`, `"k","bool"]`}},
		{"an unknown country", customers, `{"email":"m@example.com","billing_address":{"country":"KP"}}`, []string{`"type":"enum","loc":["body","individual","billing_address","country"]`, `'ZM' or 'ZW'"`}},
		{"an organization", customers, `{"email":"m@example.com","organization_id":"` + srv.OrgID + `"}`, []string{`"type":"organization_token"`, `"msg":"Setting organization_id is disallowed when using an organization token."`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := srv.As(srv.Token, "POST", tt.path, tt.body)
			if a.Status != 422 {
				t.Errorf("the status is %d", a.Status)
			}
			for _, want := range tt.want {
				if !strings.Contains(a.Body, want) {
					t.Errorf("%s\nlacks %s", a.Body, want)
				}
			}
			if strings.Contains(a.Body, `"url"`) && !strings.Contains(tt.body, "url") {
				t.Errorf("%s has a url", a.Body)
			}
		})
	}
}

func TestOtherOrganizationsCustomersAreUnknown(t *testing.T) {
	ours, theirs := testserver.New(t), testserver.New(t)
	foreign := theirs.Ada()
	if a := ours.As(ours.Token, "GET", customers+foreign.ID, ""); a.Status != 404 {
		t.Errorf("a foreign customer: %d", a.Status)
	}
	if a := ours.As(theirs.Token, "GET", customers+foreign.ID, ""); a.Status != 401 {
		t.Errorf("a foreign access token: %d", a.Status)
	}
}

func TestRequestBodyEncodings(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	good := `{"customer_id":"` + c.ID + `"}`
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		want                    string
	}{
		{"a charset", "application/json; charset=utf-8", good, 201, `"token":"polar_mst_`},
		{"another case", "Application/JSON", good, 201, `"token":"polar_mst_`},
		{"a JSON subtype", "application/merge-patch+json", good, 201, `"token":"polar_mst_`},
		{"a byte order mark", "application/json", "\ufeff" + good, 201, `"token":"polar_mst_`},
		{"a field twice", "application/json", `{"customer_id":"nope","customer_id":"` + c.ID + `"}`, 201, `"token":"polar_mst_`},
		{"a form", "application/x-www-form-urlencoded", "a=b", 422, `"input":"a=b"`},
		{"bytes that are not UTF-8", "application/json", "{\"a\":\"\xff\"}", 400, `{"detail":"There was an error parsing the body"}`},
		{"NaN", "application/json", `{"a":NaN}`, 422, `"type":"json_invalid"`},
		{"a lone surrogate", "application/json", `{"a":"\ud800"}`, 422, `"type":"json_invalid"`},
		{"deep nesting", "application/json", strings.Repeat("[", 100000), 422, `"type":"json_invalid"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := srv.As(srv.Token, "POST", sessions, tt.body, "Content-Type", tt.contentType)
			if a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
				t.Errorf("%d %s, want %d %s", a.Status, a.Body, tt.status, tt.want)
			}
		})
	}
}
