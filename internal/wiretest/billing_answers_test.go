package wiretest_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// billingAnswer is what Polar answers to a request without parameters and with the body {}. items are the errors of a 422.
type billingAnswer struct {
	status int
	body   string
	items  []string
}

// The callers of the routes about what this server does not keep, besides the scopes of an access token.
const (
	bySessions = "sessions"
	byAnyone   = "anyone"
)

var (
	empty  = billingAnswer{status: 200, body: `{"items":[],"pagination":{"total_count":0,"max_page":0}}`}
	absent = noSuch("Not found")
)

func noSuch(text string) billingAnswer {
	return billingAnswer{status: 404, body: `{"error":"ResourceNotFound","detail":"` + text + `"}`}
}

func badRequest(text string) billingAnswer {
	return billingAnswer{status: 400, body: `{"error":"BadRequest","detail":"` + text + `"}`}
}

func wrong(items ...string) billingAnswer {
	return billingAnswer{422, `{"error":"RequestValidationError","detail":[` + strings.Join(items, ",") + `]}`, items}
}

// missing is the error for a required field. A parameter of a query has no input.
func missing(loc ...string) string {
	text, _ := json.Marshal(loc)
	input := "{}"
	if loc[0] == "query" {
		input = "null"
	}
	return strings.ReplaceAll(fmt.Sprintf(`{"type":"missing","loc":%s,"msg":"Field required","input":%s}`, text, input), `\u003e`, ">")
}

func violates(rule string) string {
	return `{"type":"value_error","loc":["body"],"msg":"Value error, ` + rule + `","input":{},"ctx":{"error":{}}}`
}

func noTag(field string) string {
	return `{"type":"union_tag_not_found","loc":["body"],"msg":"Unable to extract tag using discriminator '` + field +
		`'","input":{},"ctx":{"discriminator":"'` + field + `'"}}`
}

func noID(parameter string) string {
	const why = "invalid character: found `n` at 1"
	return `{"type":"uuid_parsing","loc":["path","` + parameter + `"],"msg":"Input should be a valid UUID, ` + why + `","input":"nope","ctx":{"error":"` + why + `"}}`
}

// checkout is the name of a schema in the locations of errors: Pydantic names a schema after the functions that validate it.
func checkout(schema string) string {
	return "function-after[_validate_unit_constraints(), function-after[_validate_seat_constraints(), function-after[is_complete_configuration(), " + schema + "]]]"
}

// withoutBilling has Polar's answers for an organization without products.
var withoutBilling = []struct {
	method, path string
	// caller is bySessions, byAnyone or the accepted scopes of an access token.
	caller string
	answer billingAnswer
}{
	{"GET", "/v1/subscriptions/", "subscriptions:read subscriptions:write", empty},
	{"POST", "/v1/subscriptions/", "subscriptions:write", wrong(missing("body", "SubscriptionCreateCustomer", "product_id"),
		missing("body", "SubscriptionCreateCustomer", "customer_id"),
		missing("body", "SubscriptionCreateExternalCustomer", "product_id"),
		missing("body", "SubscriptionCreateExternalCustomer", "external_customer_id"))},
	{"GET", "/v1/subscriptions/{id}", "subscriptions:read subscriptions:write", absent},
	{"PATCH", "/v1/subscriptions/{id}", "subscriptions:write", absent},
	{"DELETE", "/v1/subscriptions/{id}", "subscriptions:write", absent},
	{"GET", "/v1/benefit-grants/", "benefits:read benefits:write", empty},
	{"GET", "/v1/products/", "products:read products:write", empty},
	{"POST", "/v1/products/", "products:write", wrong(missing("body", "one_time", "name"), missing("body", "one_time", "prices"))},
	{"GET", "/v1/products/{id}", "products:read products:write", absent},
	{"PATCH", "/v1/products/{id}", "products:write", absent},
	{"GET", "/v1/orders/", "orders:read", empty},
	{"POST", "/v1/orders/", "orders:write", wrong(missing("body", "customer_id"), missing("body", "product_id"))},
	{"GET", "/v1/orders/{id}", "orders:read", absent},
	{"PATCH", "/v1/orders/{id}", "orders:write", absent},
	{"POST", "/v1/orders/{id}/invoice", "orders:read", absent},
	{"GET", "/v1/orders/{id}/invoice", "orders:read", absent},
	{"GET", "/v1/checkouts/", "checkouts:read checkouts:write", empty},
	{"POST", "/v1/checkouts/", "checkouts:write", wrong(missing("body", checkout("CheckoutProductsCreate"), "products"),
		missing("body", checkout("CheckoutProductCreate"), "product_id"),
		missing("body", checkout("CheckoutPriceCreate"), "product_price_id"))},
	{"GET", "/v1/checkouts/{id}", "checkouts:read checkouts:write", absent},
	{"PATCH", "/v1/checkouts/{id}", "checkouts:write", absent},
	{"GET", "/v1/license-keys/", "license_keys:read license_keys:write", empty},
	{"GET", "/v1/license-keys/{id}", "license_keys:read license_keys:write", absent},
	{"PATCH", "/v1/license-keys/{id}", "license_keys:write", absent},
	{"POST", "/v1/license-keys/{id}/rotate", "license_keys:write", absent},
	{"POST", "/v1/license-keys/validate", "license_keys:write", wrong(missing("body", "key"), missing("body", "organization_id"))},
	{"POST", "/v1/license-keys/activate", "license_keys:write", wrong(missing("body", "key"), missing("body", "organization_id"), missing("body", "label"))},
	{"POST", "/v1/license-keys/deactivate", "license_keys:write", wrong(missing("body", "key"), missing("body", "organization_id"), missing("body", "activation_id"))},
	{"GET", "/v1/customers/{id}/payment-methods", "customers:read customers:write", empty},
	{"GET", "/v1/customers/external/{external_id}/payment-methods", "customers:read customers:write", absent},
	{"GET", "/v1/events/", "events:read events:write", empty},
	{"POST", "/v1/events/ingest", "events:write", wrong(missing("body", "events"))},
	{"GET", "/v1/meters/", "meters:read meters:write", empty},
	{"POST", "/v1/meters/", "meters:write", wrong(missing("body", "name"), missing("body", "filter"), missing("body", "aggregation"))},
	{"GET", "/v1/meters/{id}", "meters:read meters:write", absent},
	{"PATCH", "/v1/meters/{id}", "meters:write", absent},
	{"GET", "/v1/meters/{id}/quantities", "meters:read meters:write", wrong(missing("query", "start_timestamp"),
		missing("query", "end_timestamp"),
		missing("query", "interval"))},
	{"GET", "/v1/customer-meters/", "customer_meters:read", empty},
	{"GET", "/v1/customer-portal/benefit-grants/", bySessions, empty},
	{"GET", "/v1/customer-portal/benefit-grants/{id}", bySessions, absent},
	{"PATCH", "/v1/customer-portal/benefit-grants/{id}", bySessions, wrong(noTag("benefit_type"))},
	{"GET", "/v1/customer-portal/customers/me/payment-methods", bySessions, empty},
	{"POST", "/v1/customer-portal/customers/me/payment-methods", bySessions, wrong(missing("body", "confirmation_token_id"),
		missing("body", "set_default"),
		missing("body", "return_url"))},
	{"POST", "/v1/customer-portal/customers/me/payment-methods/confirm", bySessions, wrong(missing("body", "setup_intent_id"), missing("body", "set_default"))},
	{"DELETE", "/v1/customer-portal/customers/me/payment-methods/{id}", bySessions, absent},
	{"GET", "/v1/customer-portal/meters/", bySessions, empty},
	{"GET", "/v1/customer-portal/meters/{id}", bySessions, absent},
	{"GET", "/v1/customer-portal/seats", bySessions, badRequest("Either subscription_id or order_id must be provided")},
	{"POST", "/v1/customer-portal/seats", bySessions, wrong(violates("Exactly one of subscription_id, order_id, or checkout_id must be provided"))},
	{"DELETE", "/v1/customer-portal/seats/{seat_id}", bySessions, noSuch("Seat not found")},
	{"POST", "/v1/customer-portal/seats/{seat_id}/resend", bySessions, noSuch("Seat not found")},
	{"GET", "/v1/customer-portal/seats/subscriptions", bySessions, empty},
	{"GET", "/v1/customer-portal/downloadables/", bySessions, empty},
	{"GET", "/v1/customer-portal/downloadables/{token}", byAnyone, absent},
	{"GET", "/v1/customer-portal/license-keys/", bySessions, empty},
	{"GET", "/v1/customer-portal/license-keys/{id}", bySessions, absent},
	{"POST", "/v1/customer-portal/license-keys/{id}/rotate", bySessions, absent},
	{"POST", "/v1/customer-portal/license-keys/validate", byAnyone, wrong(missing("body", "key"), missing("body", "organization_id"))},
	{"POST", "/v1/customer-portal/license-keys/activate", byAnyone, wrong(missing("body", "key"), missing("body", "organization_id"), missing("body", "label"))},
	{"POST", "/v1/customer-portal/license-keys/deactivate", byAnyone, wrong(missing("body", "key"), missing("body", "organization_id"), missing("body", "activation_id"))},
	{"GET", "/v1/customer-portal/oauth-accounts/authorize", byAnyone, wrong(missing("query", "platform"))},
	{"GET", "/v1/customer-portal/oauth-accounts/callback", byAnyone, wrong(missing("query", "state"))},
	{"GET", "/v1/customer-portal/orders/", bySessions, empty},
	{"GET", "/v1/customer-portal/orders/{id}", bySessions, absent},
	{"PATCH", "/v1/customer-portal/orders/{id}", bySessions, absent},
	{"POST", "/v1/customer-portal/orders/{id}/invoice", bySessions, absent},
	{"GET", "/v1/customer-portal/orders/{id}/invoice", bySessions, absent},
	{"GET", "/v1/customer-portal/orders/{id}/receipt", bySessions, absent},
	{"GET", "/v1/customer-portal/orders/{id}/payment-status", bySessions, absent},
	{"POST", "/v1/customer-portal/orders/{id}/confirm-payment", bySessions, wrong(violates("Either confirmation_token_id or payment_method_id must be provided"))},
	{"GET", "/v1/customer-portal/subscriptions/", bySessions, empty},
	{"GET", "/v1/customer-portal/subscriptions/{id}", bySessions, absent},
	{"PATCH", "/v1/customer-portal/subscriptions/{id}", bySessions, absent},
	{"DELETE", "/v1/customer-portal/subscriptions/{id}", bySessions, absent},
	{"GET", "/v1/customer-portal/subscriptions/{id}/charge-preview", bySessions, absent},
	{"GET", "/v1/customer-portal/subscriptions/{id}/cancel-preview", bySessions, absent},
	{"POST", "/v1/customer-portal/subscriptions/{id}/change-preview", bySessions, wrong(missing("body", "CustomerSubscriptionChangePreviewProduct", "product_id"),
		missing("body", "CustomerSubscriptionChangePreviewSeats", "seats"))},
	{"POST", "/v1/customer-portal/subscriptions/{id}/revoke", bySessions, absent},
	{"GET", "/v1/customer-portal/wallets/", bySessions, empty},
	{"GET", "/v1/customer-portal/wallets/{id}", bySessions, absent},
}
