package wiretest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// modified_at moves if a field changes, or if the request names a field that Polar writes without comparing it.
func TestModifiedAt(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada@example.com","name":"Ada","external_id":"ada"}`)
	team := srv.Create(customers, `{"type":"team","owner":{"email":"boss@example.com"}}`)
	m := srv.Create(customers+team.ID+"/members", `{"email":"bob@example.com","name":"Bob"}`)
	for _, tt := range []struct {
		path, body string
		moves      bool
	}{
		{customers + c.ID, `{}`, false},
		{customers + c.ID, `{"email":null}`, false},
		{customers + c.ID, `{"email":"ADA@example.com"}`, false}, // a change of case is ignored
		{customers + c.ID, `{"type":"individual"}`, false},
		{customers + c.ID, `{"tax_id":null}`, false},
		{customers + c.ID, `{"organization_id":"x","billing_name":"x"}`, false}, // not fields of this route
		{customers + "external/ada", `{"external_id":"ada"}`, false},            // neither is external_id there
		{customers + c.ID, `{"name":"Ada"}`, true},
		{customers + c.ID, `{"locale":null}`, true},
		{customers + c.ID, `{"metadata":{}}`, true},
		{customers + c.ID, `{"external_id":"ada"}`, true},
		{customers + c.ID, `{"type":null}`, true},
		{customers + c.ID, `{"billing_address":{"country":"FR"}}`, true},
		{customers + c.ID, `{"billing_address":{"country":"FR"}}`, true},
		{customers + team.ID + "/members/" + m.ID, `{}`, false},
		{customers + team.ID + "/members/" + m.ID, `{"name":null}`, false},
		{customers + team.ID + "/members/" + m.ID, `{"role":"member"}`, false},
		{customers + team.ID + "/members/" + m.ID, `{"email":"bob@example.com"}`, false},
		{customers + team.ID + "/members/" + m.ID, `{"name":"Bob"}`, true},
		{customers + team.ID + "/members/" + m.ID, `{"email":"BOB@example.com"}`, true},
		{customers + team.ID + "/members/" + m.ID, `{"role":"billing_manager"}`, true},
	} {
		before := srv.As(srv.Token, "GET", tt.path, "").At("modified_at")
		srv.Advance(time.Minute)
		a := srv.As(srv.Token, "PATCH", tt.path, tt.body)
		a.Is(t, 200)
		if moved := fmt.Sprint(a.At("modified_at")) != fmt.Sprint(before); moved != tt.moves {
			t.Errorf("PATCH %s %s: modified_at moved is %v, want %v", tt.path, tt.body, moved, tt.moves)
		}
		if stored := srv.As(srv.Token, "GET", tt.path, "").At("modified_at"); fmt.Sprint(stored) != fmt.Sprint(a.At("modified_at")) {
			t.Errorf("PATCH %s %s answered modified_at %v and stored %v", tt.path, tt.body, a.At("modified_at"), stored)
		}
	}
}

// A conflict with another customer is reported before an error of the tax id, which needs the stored address.
func TestCustomerChangeErrors(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Create(customers, `{"email":"taken@example.com","external_id":"taken"}`)
	c := srv.Create(customers, `{"email":"ada@example.com"}`)
	team := srv.Create(customers, `{"type":"team","email":"team@example.com"}`)
	for _, tt := range []struct{ id, body, want string }{
		{c.ID, `{"external_id":"taken","tax_id":"x"}`, fieldError("external_id", "A customer with this external ID already exists.", `"taken"`)},
		{c.ID, `{"email":"Taken@example.com","tax_id":"x"}`, fieldError("email", "A customer with this email address already exists.", `"Taken@example.com"`)},
		{c.ID, `{"tax_id":"x"}`, businessErrors(errorItem("missing", `"body","billing_address"`, "Country is required to validate tax ID.", "null"))},
		{team.ID, `{"type":null}`, fieldError("type", "Customer type cannot be downgraded from 'team' to 'individual'.", "null")},
		{team.ID, `{"type":"individual"}`, fieldError("type", "Customer type cannot be downgraded from 'team' to 'individual'.", `"individual"`)},
	} {
		srv.As(srv.Token, "PATCH", customers+tt.id, tt.body).Exactly(t, 422, tt.want)
	}
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"email":"ada@example.com"`, `"external_id":null`, `"modified_at":null`)
}

// A null or blank tax id deletes the stored one. A stored tax id must fit a new address.
func TestTaxIDOfACustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const german = `{"billing_address":{"country":"DE"},"tax_id":"DE136695976"}`
	for _, none := range []string{`null`, `""`, `"  "`} {
		c := srv.Create(customers, `{"email":"ada@example.com"}`)
		session := srv.Create(sessions, `{"customer_id":"`+c.ID+`"}`)
		srv.As(srv.Token, "PATCH", customers+c.ID, german).Is(t, 200, `"tax_id":["DE136695976","eu_vat"]`)
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"name":"Ada"}`).Is(t, 200, `"tax_id":["DE136695976","eu_vat"]`)
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"billing_address":{"country":"AQ"}}`).Exactly(t, 422,
			businessErrors(errorItem("invalid", `"body","tax_id"`, "Invalid tax ID.", `"DE136695976"`)))
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"tax_id":`+none+`}`).Is(t, 200, `"tax_id":null`)
		srv.As(session.Token, "PATCH", portalCustomer, german).Is(t, 200, `"tax_id":["DE136695976","eu_vat"]`)
		srv.As(session.Token, "PATCH", portalCustomer, `{"tax_id":`+none+`}`).Is(t, 200, `"tax_id":null`)
		srv.As(srv.Token, "DELETE", customers+c.ID, "").Is(t, 204)
	}
}

// A locale is a language tag. The answer has its canonical form.
func TestLocaleOfACustomer(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada@example.com"}`)
	for locale, want := range map[string]string{`"EN"`: `"en"`, `"en_us"`: `"en-US"`, `"iw"`: `"he"`, `null`: `null`} {
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"locale":`+locale+`}`).Is(t, 200, `"locale":`+want)
	}
	for _, locale := range []string{"", " ", "xx", "english", "und", "en-", "é"} {
		srv.As(srv.Token, "PATCH", customers+c.ID, `{"locale":"`+locale+`"}`).Exactly(t, 422, validationErrors(
			errorItemWithContext("value_error", `"body","locale"`, "Value error, Invalid IETF BCP 47 language tag", `"`+locale+`"`, `{"error":{}}`)))
	}
}

// A stored negative zero is 0, and an external id in the metadata is answered as one, as on Polar.
func TestStoredMetadata(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	c := srv.Create(customers, `{"email":"ada@example.com"}`)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"metadata":{"a":-0.0}}`).Is(t, 200, `"metadata":{"a":-0.0}`)
	srv.As(srv.Token, "GET", customers+c.ID, "").Is(t, 200, `"metadata":{"a":0.0}`)
	srv.As(srv.Token, "PATCH", customers+c.ID, `{"metadata":{"__external_id":"x"}}`).Is(t, 200, `"external_id":"x"`)
}
