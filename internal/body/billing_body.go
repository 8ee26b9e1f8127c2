package body

import "math"

// The bodies of the routes about what this server does not keep. The names of the schemas are Polar's, because errors contain them.

const (
	minInt32, maxInt32 = math.MinInt32, math.MaxInt32
	maxAmount          = math.MaxInt64
)

var (
	intervals     = []string{"day", "week", "month", "year"}
	visibilities  = []string{"draft", "private", "public"}
	cancelReasons = []string{"customer_service", "low_quality", "missing_features", "switched_service", "too_complex", "too_expensive", "unused", "other"}
	prorations    = []string{"invoice", "prorate", "next_period", "reset"}
	keyStatuses   = []string{"granted", "revoked", "disabled"}
)

// SubscriptionCreate is the body of POST /v1/subscriptions/.
var SubscriptionCreate = anyOf(
	shaped("SubscriptionCreateCustomer", isMetadata, isUUID("product_id", need), isUUID("customer_id", need)),
	shaped("SubscriptionCreateExternalCustomer", isMetadata, isUUID("product_id", need), isText("external_customer_id", need, 0, 0)),
)

// SubscriptionUpdate is the body of PATCH /v1/subscriptions/{id}.
var SubscriptionUpdate = func() BodyCheck {
	proration := isChoice("proration_behavior", may, prorations...)
	why := together(isChoice("customer_cancellation_reason", may, cancelReasons...), isText("customer_cancellation_comment", may, 0, 0))
	return anyOf(
		shaped("SubscriptionUpdateBase", isMetadata, isUUID("product_id", may), proration, isUUID("discount_id", may)),
		shaped("SubscriptionUpdateSeats", isNumber("seats", need, minInt32, maxInt32), proration),
		shaped("SubscriptionUpdateUnits", isNumber("units", need, minInt32, maxInt32), proration),
		shaped("SubscriptionUpdateBillingPeriod", isTime("current_billing_period_end", need)),
		shaped("SubscriptionCancel", why, isFlag("cancel_at_period_end", need)),
		shaped("SubscriptionRevoke", why, isTrue("revoke")),
		shaped("SubscriptionPause", isFlag("pause_at_period_end", need), isTime("resumes_at", may)),
		shaped("SubscriptionResume", isTrue("resume")),
		shaped("SubscriptionUpdateClear", isNull("pending_update")),
	)
}()

// price is an item of the prices of a product. Only its type is checked.
func price(o object, item Value, path ...any) {
	in := object{value: item, in: o.in, path: append(append([]any{}, o.path...), path...), fields: o.fields}
	if item.kind != objectKind {
		in.refuse(item, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", nil)
	}
}

func newProduct(more ...check) []check {
	return append([]check{
		isMetadata, isText("name", need, 3, 64), isText("description", may, 0, 0), isChoice("visibility", may, visibilities...),
		isList("prices", need, 1, price), isList("medias", may, 0, uuidItem), isUUID("organization_id", may),
	}, more...)
}

// ProductCreate is the body of POST /v1/products/. A product without an interval is bought once.
var ProductCreate BodyCheck = func(v Value) error {
	kind, checks := "one_time", newProduct(isNothing("recurring_interval"), isNothing("recurring_interval_count"))
	if v.get("recurring_interval").given() {
		kind = "recurring"
		checks = newProduct(isChoice("trial_interval", may, intervals...), isNumber("trial_interval_count", may, 1, 1000),
			isChoice("recurring_interval", need, intervals...), isNumber("recurring_interval_count", may, 1, 999))
	}
	return run(open(v, kind), checks)
}

// isNothing checks a field that must be absent or null.
func isNothing(name string) check {
	return func(o object) {
		if v, ok := o.member(name, may); ok {
			o.refuse(v, "none_required", "Input should be None", nil, name)
		}
	}
}

// ProductUpdate is the body of PATCH /v1/products/{id}.
var ProductUpdate = fields(
	isMetadata, isChoice("trial_interval", may, intervals...), isNumber("trial_interval_count", may, 1, 1000), isText("name", may, 3, 64),
	isText("description", may, 0, 0), isChoice("recurring_interval", may, intervals...), isNumber("recurring_interval_count", may, 1, 999),
	isFlag("is_archived", may), isChoice("visibility", may, visibilities...), isList("prices", may, 0, price), isList("medias", may, 0, uuidItem),
)

// OrderCreate is the body of POST /v1/orders/.
var OrderCreate = fields(
	isObject("custom_field_data", may), isMetadata, isUUID("organization_id", may), isUUID("customer_id", need), isUUID("product_id", need),
	isText("currency", may, 0, 0), isNumber("amount", may, 0, maxAmount), isText("description", may, 0, 500),
)

// OrderUpdate is the body of PATCH /v1/orders/{id} and of PATCH /v1/customer-portal/orders/{id}.
var OrderUpdate = fields(isText("billing_name", may, 0, 0), isAddress("billing_address"))

// newCheckout returns the checks of the fields that all new checkouts have.
func newCheckout() check {
	return together(
		isChoice("trial_interval", may, intervals...), isNumber("trial_interval_count", may, 1, 1000), isMetadata, isObject("custom_field_data", may),
		isUUID("discount_id", may), isFlag("allow_discount_codes", may), isFlag("require_billing_address", may),
		isNumber("amount", may, 0, maxAmount), isNumber("seats", may, 1, 10000), isNumber("min_seats", may, 1, 10000), isNumber("max_seats", may, 1, 10000),
		isNumber("units", may, 1, maxInt32), isNumber("min_units", may, 1, maxInt32), isNumber("max_units", may, 1, maxInt32),
		isFlag("allow_trial", may), isUUID("customer_id", may), isFlag("is_business_customer", may), isText("external_customer_id", may, 0, 0),
		isText("customer_name", may, 0, 256), isEmail("customer_email"), isText("customer_billing_name", may, 0, 0), isAddress("customer_billing_address"),
		isText("customer_tax_id", may, 0, 0), isObject("customer_metadata", may), isUUID("subscription_id", may), isURL("success_url"), isURL("return_url"),
		isText("embed_origin", may, 0, 0), isText("locale", may, 0, 0), isText("currency", may, 0, 0),
	)
}

func isEmail(name string) check { return func(o object) { o.email(name, false) } }
func isURL(name string) check   { return func(o object) { o.url(name) } }

// CheckoutCreate is the body of POST /v1/checkouts/. Pydantic names its schemas after the functions that validate them.
var CheckoutCreate = func() BodyCheck {
	validated := func(schema string) string {
		return "function-after[_validate_unit_constraints(), function-after[_validate_seat_constraints(), function-after[is_complete_configuration(), " +
			schema + "]]]"
	}
	return anyOf(
		shaped(validated("CheckoutProductsCreate"), newCheckout(), isList("products", need, 1, uuidItem), isObject("prices", may)),
		shaped(validated("CheckoutProductCreate"), newCheckout(), isUUID("product_id", need)),
		shaped(validated("CheckoutPriceCreate"), newCheckout(), isUUID("product_price_id", need)),
	)
}()

// CheckoutUpdate is the body of PATCH /v1/checkouts/{id}.
var CheckoutUpdate = fields(
	isObject("custom_field_data", may), isUUID("product_id", may), isUUID("product_price_id", may), isNumber("amount", may, 0, maxAmount),
	isNumber("seats", may, 1, 10000), isNumber("units", may, 1, maxInt32), isFlag("is_business_customer", may), isText("customer_name", may, 0, 256),
	isEmail("customer_email"), isText("customer_billing_name", may, 0, 0), isAddress("customer_billing_address"), isText("customer_tax_id", may, 0, 0),
	isText("locale", may, 0, 0), isChoice("trial_interval", may, intervals...), isNumber("trial_interval_count", may, 1, 1000), isMetadata,
	isText("currency", may, 0, 0), isUUID("discount_id", may), isFlag("allow_discount_codes", may), isFlag("require_billing_address", may),
	isFlag("allow_trial", may), isObject("customer_metadata", may), isURL("success_url"), isURL("return_url"), isText("embed_origin", may, 0, 0),
)

// LicenseKeyUpdate is the body of PATCH /v1/license-keys/{id}.
var LicenseKeyUpdate = fields(
	isChoice("status", may, keyStatuses...), isNumber("usage", may, minInt32, maxInt32), isNumber("limit_activations", may, 1, maxInt32),
	isNumber("limit_usage", may, 1, maxInt32), isTime("expires_at", may),
)

// LicenseKeyValidate, LicenseKeyActivate and LicenseKeyDeactivate are the bodies of the routes with these names below
// /v1/license-keys and /v1/customer-portal/license-keys.
var (
	LicenseKeyValidate = fields(isText("key", need, 0, 0), isUUID("organization_id", need), isUUID("activation_id", may), isUUID("benefit_id", may),
		isUUID("customer_id", may), isNumber("increment_usage", may, 0, maxInt32), isObject("conditions", may))
	LicenseKeyActivate = fields(isText("key", need, 0, 0), isUUID("organization_id", need), isText("label", need, 0, 0), isObject("conditions", may),
		isObject("meta", may))
	LicenseKeyDeactivate = fields(isText("key", need, 0, 0), isUUID("organization_id", need), isUUID("activation_id", need))
)

// BenefitGrantUpdate is the body of PATCH /v1/customer-portal/benefit-grants/{id}.
var BenefitGrantUpdate = tagged("benefit_type",
	shaped("discord", isModel("properties", need)), shaped("github_repository", isModel("properties", need)), shaped("downloadables"),
	shaped("license_keys"), shaped("custom"), shaped("meter_credit"), shaped("feature_flag"), shaped("slack_shared_channel", isModel("properties", need)),
)

// PaymentMethodCreate and PaymentMethodConfirm are the bodies of the routes that add a payment method in the portal.
var (
	PaymentMethodCreate  = fields(isText("confirmation_token_id", need, 0, 0), isFlag("set_default", need), isText("return_url", need, 0, 0))
	PaymentMethodConfirm = fields(isText("setup_intent_id", need, 0, 0), isFlag("set_default", need))
)

// SeatAssign is the body of POST /v1/customer-portal/seats.
var SeatAssign = fields(
	isAnyUUID("subscription_id", "order_id"), isEmail("email"), isText("external_customer_id", may, 0, 0), isAnyUUID("customer_id"),
	isText("external_member_id", may, 0, 0), isAnyUUID("member_id"), isObject("metadata", may), isFlag("immediate_claim", may), isAnyUUID("checkout_id"),
).valid(func(v Value) string {
	if v.count("subscription_id", "order_id", "checkout_id") != 1 {
		return "Exactly one of subscription_id, order_id, or checkout_id must be provided"
	}
	return ""
})

// count returns how many of the members of an object are present and not null.
func (v Value) count(names ...string) (n int) {
	for _, name := range names {
		if v.get(name).given() {
			n++
		}
	}
	return n
}

// ConfirmPayment is the body of POST /v1/customer-portal/orders/{id}/confirm-payment.
var ConfirmPayment = fields(
	isText("confirmation_token_id", may, 0, 0), isUUID("payment_method_id", may), isChoice("payment_processor", may, "stripe"),
).valid(func(v Value) string {
	switch v.count("confirmation_token_id", "payment_method_id") {
	case 0:
		return "Either confirmation_token_id or payment_method_id must be provided"
	case 1:
		return ""
	}
	return "Only one of confirmation_token_id or payment_method_id can be provided"
})

// PortalSubscriptionUpdate is the body of PATCH /v1/customer-portal/subscriptions/{id}.
var PortalSubscriptionUpdate = anyOf(
	shaped("CustomerSubscriptionUpdateProduct", isUUID("product_id", need)),
	shaped("CustomerSubscriptionUpdateSeats", isNumber("seats", need, minInt32, maxInt32)),
	shaped("CustomerSubscriptionCancel", isFlag("cancel_at_period_end", may), isChoice("cancellation_reason", may, cancelReasons...),
		isText("cancellation_comment", may, 0, 0)),
	shaped("CustomerSubscriptionPause", isFlag("pause_at_period_end", need), isTime("resumes_at", may)),
	shaped("CustomerSubscriptionResume", isTrue("resume")),
	shaped("CustomerSubscriptionUpdateClear", isNull("pending_update")),
)

// SubscriptionChangePreview is the body of POST /v1/customer-portal/subscriptions/{id}/change-preview.
var SubscriptionChangePreview = anyOf(
	shaped("CustomerSubscriptionChangePreviewProduct", isUUID("product_id", need)),
	shaped("CustomerSubscriptionChangePreviewSeats", isNumber("seats", need, minInt32, maxInt32)),
)

// SubscriptionRevoke is the body of POST /v1/customer-portal/subscriptions/{id}/revoke.
var SubscriptionRevoke = fields(isChoice("cancellation_reason", may, cancelReasons...), isText("cancellation_comment", may, 0, 0))

// EventsIngest is the body of POST /v1/events/ingest.
var EventsIngest = func() BodyCheck {
	event := together(isTime("timestamp", may), isText("name", need, 0, 128), isUUID("organization_id", may), isText("external_id", may, 0, 0),
		isText("parent_id", may, 0, 0), isObject("metadata", may))
	return fields(isList("events", need, 0, modelItem(
		shaped("EventCreateCustomer", event, isUUID("customer_id", need), isUUID("member_id", may)),
		shaped("EventCreateExternalCustomer", event, isText("external_customer_id", need, 0, 0), isText("external_member_id", may, 0, 0)),
	)))
}()

// MeterCreate and MeterUpdate are the bodies of POST /v1/meters/ and PATCH /v1/meters/{id}.
var MeterCreate, MeterUpdate = meter(need), meter(may)

func meter(required bool) BodyCheck {
	unit := together(isChoice("unit", may, "scalar", "token", "custom"), isText("custom_label", may, 0, 0), isNumber("custom_multiplier", may, 1, maxInt32))
	filter := isModel("filter", required, isChoice("conjunction", need, "and", "or"), isList("clauses", need, 0, price))
	aggregation := isModel("aggregation", required)
	return fields(isMetadata, isText("name", required, 3, 0), unit, filter, aggregation, isUUID("organization_id", may), isFlag("is_archived", may))
}
