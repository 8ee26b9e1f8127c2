package openapi

import (
	"slices"
	"strings"
	"testing"
)

// The fields that Polar's document requires in answers.
const (
	portalCustomerFields = "billing_address billing_name created_at email email_verified id modified_at name oauth_accounts tax_id"
	customerFields       = "avatar_url billing_address billing_name created_at deleted_at email_verified first_user_event_at id " +
		"metadata modified_at name organization_id tax_id type"
	organizationFields = "account_id allow_customer_updates avatar_url capabilities created_at customer_email_settings " +
		"customer_portal_settings default_presentment_currency default_tax_behavior details_submitted_at " +
		"dispute_settings email embed_hosts embed_hosts_enforced feature_settings id modified_at name " +
		"onboarding_resubmission_requested_at payout_account_id proration_behavior slug socials sso_enforced status " +
		"subscription_settings website"
	memberFields  = "created_at customer_id email external_id id modified_at name role"
	sessionFields = "created_at customer customer_id customer_portal_url expires_at id modified_at return_url token"
)

// polarOperations lists what Polar's clients rely on, from Polar's document of version 2026-10: operation ids, the fields that
// a request may have to hold, and the fields that an answer always holds (in a list: each item).
var polarOperations = []struct{ id, method, path, sends, answers string }{
	{"customer_portal:members:remove_member", "DELETE", "/v1/customer-portal/members/{id}", "", ""},
	{"customers:delete_external", "DELETE", "/v1/customers/external/{external_id}", "", ""},
	{"customers:members:delete_external", "DELETE", "/v1/customers/external/{external_id}/members/{member_external_id}", "", ""},
	{"customers:delete", "DELETE", "/v1/customers/{id}", "", ""},
	{"customers:members:delete", "DELETE", "/v1/customers/{id}/members/{member_id}", "", ""},
	{"customer_portal:customer-session:introspect", "GET", "/v1/customer-portal/customer-session/introspect", "", "expires_at return_url"},
	{"customer_portal:customer-session:get_authenticated_user", "GET", "/v1/customer-portal/customer-session/user", "", "customer_id email name type"},
	{"customer_portal:customers:get", "GET", "/v1/customer-portal/customers/me", "", portalCustomerFields},
	{"customer_portal:customers:check_email_update", "GET", "/v1/customer-portal/customers/me/email-update/check", "", ""},
	{"customer_portal:members:list_members", "GET", "/v1/customer-portal/members", "", "created_at email id modified_at name role"},
	{"customer_portal:organizations:get", "GET", "/v1/customer-portal/organizations/{slug}", "", "organization products"},
	{"customers:list", "GET", "/v1/customers/", "", customerFields},
	{"customers:get_external", "GET", "/v1/customers/external/{external_id}", "", customerFields},
	{"customers:members:get_external", "GET", "/v1/customers/external/{external_id}/members/{member_external_id}", "", memberFields},
	{"customers:get", "GET", "/v1/customers/{id}", "", customerFields},
	{"customers:members:get", "GET", "/v1/customers/{id}/members/{member_id}", "", memberFields},
	{"members:list_members", "GET", "/v1/members/", "", memberFields},
	{"organizations:list", "GET", "/v1/organizations/", "", organizationFields},
	{"organizations:get", "GET", "/v1/organizations/{id}", "", organizationFields},
	{"customer_portal:customers:update", "PATCH", "/v1/customer-portal/customers/me", "", portalCustomerFields},
	{"customer_portal:members:update_member", "PATCH", "/v1/customer-portal/members/{id}", "", "created_at email id modified_at name role"},
	{"customers:update_external", "PATCH", "/v1/customers/external/{external_id}", "", customerFields},
	{"customers:members:update_external", "PATCH", "/v1/customers/external/{external_id}/members/{member_external_id}", "", memberFields},
	{"customers:update", "PATCH", "/v1/customers/{id}", "", customerFields},
	{"customers:members:update", "PATCH", "/v1/customers/{id}/members/{member_id}", "", memberFields},
	{"customer_portal:customers:request_email_update", "POST", "/v1/customer-portal/customers/me/email-update/request", "email", ""},
	{"customer_portal:customers:verify_email_update", "POST", "/v1/customer-portal/customers/me/email-update/verify", "token", "token"},
	{"customer_portal:members:add_member", "POST", "/v1/customer-portal/members", "email", "created_at email id modified_at name role"},
	{"customer-sessions:create", "POST", "/v1/customer-sessions/", "customer_id external_customer_id", sessionFields},
	{"customers:create", "POST", "/v1/customers/", "email type", customerFields},
	{"customers:members:create_external", "POST", "/v1/customers/external/{external_id}/members", "email", memberFields},
	{"customers:members:create", "POST", "/v1/customers/{id}/members", "email", memberFields},
}

func TestDocumentHasWhatPolarsClientsRelyOn(t *testing.T) {
	d := parsed()
	for _, tt := range polarOperations {
		item := d.Paths.get(tt.path)
		if item == nil {
			t.Errorf("%s is missing", tt.path)
			continue
		}
		for method, op := range item.operations() {
			if method != tt.method {
				continue
			}
			if op.OperationID != tt.id {
				t.Errorf("%s %s has the id %s, want %s", tt.method, tt.path, op.OperationID, tt.id)
			}
			if op.RequestBody != nil {
				for _, shape := range d.bodies("", op.RequestBody.sent().Value.Schema) {
					for _, name := range shape[0].Value.Required {
						if !slices.Contains(strings.Fields(tt.sends), name) {
							t.Errorf("%s requires %s, which Polar does not", tt.id, name)
						}
					}
				}
			}
			success := op.Responses[0].Value
			if m := success.Content.get("application/json"); m != nil {
				for _, shape := range d.bodies("", listed(d, m.Schema)) {
					for _, name := range strings.Fields(tt.answers) {
						if !shape[0].Value.Requires(name) {
							t.Errorf("an answer of %s may lack %s (%s)", tt.id, name, shape[0].Name)
						}
					}
				}
			}
		}
	}
}

// listed returns the schema of the items of a list, and any other schema as it is.
func listed(d *document, s schema) schema {
	whole, _ := resolve(d.Components.Schemas, s, s.Ref)
	if items := whole.Properties.get("items"); items != nil && items.Items != nil {
		return *items.Items
	}
	return s
}
