package body

import "slices"

// QueryCheck validates the query of a list that this server does not keep, and returns its paging. It returns fault.InvalidRequest
// with every invalid parameter.
type QueryCheck func(values Query) (Paging, error)

// filter validates parameters of a query.
type filter func(q query)

// list returns a check of the query of a list: paging, order and filters. by lists what the list can be sorted by; it is nil for a list
// with a fixed order.
func list(by []string, filters ...filter) QueryCheck {
	return func(values Query) (Paging, error) {
		q := openQuery(values)
		p := Paging{Page: min(q.count("page", 1), maxPage), Limit: min(q.count("limit", defaultLimit), maxLimit)}
		if by != nil {
			q.sorting(Order{}, by...)
		}
		for _, f := range filters {
			f(q)
		}
		return result(p, q.object)
	}
}

// ids are parameters with UUIDs that can be repeated.
func ids(names ...string) filter {
	return func(q query) {
		for _, name := range names {
			q.uuids(name)
		}
	}
}

// oneID is a parameter with a UUID.
func oneID(name string) filter {
	return func(q query) {
		if v, ok := q.last(name); ok {
			uuidItem(q.object, v, name)
		}
	}
}

// words are parameters with any text.
func words(names ...string) filter {
	return func(q query) {
		for _, name := range names {
			q.search(name)
		}
	}
}

func flags(names ...string) filter {
	return func(q query) {
		for _, name := range names {
			q.flag(name)
		}
	}
}

// instants are parameters with times. Polar refuses times without a time zone.
func instants(required bool, names ...string) filter {
	return func(q query) {
		for _, name := range names {
			switch v, ok := q.last(name); {
			case ok:
				q.refuseTime(v, name)
			case required:
				q.refuse(Value{}, "missing", "Field required", nil, name)
			}
		}
	}
}

// oneOf is a parameter with one of the allowed texts.
func oneOf(name string, required bool, allowed ...string) filter {
	return func(q query) {
		if q.choice(name, allowed...) == nil && required && len(q.values[name]) == 0 {
			q.refuse(Value{}, "missing", "Field required", nil, name)
		}
	}
}

// several is a parameter with one or more of the allowed texts. Pydantic tries one text before a list of texts, and names both schemas
// after the Python class of the texts.
func several(name, class string, allowed ...string) filter {
	one := "str-enum[" + class + "]"
	list := "json-or-python[json=list[" + one + "],python=chain[is-instance[Sequence],function-wrap[sequence_validator()]]]"
	return func(q query) {
		given := Value{kind: arrayKind}
		for _, text := range q.values[name] {
			given.items = append(given.items, parameter(text))
		}
		if !slices.ContainsFunc(given.items, func(v Value) bool { return !slices.Contains(allowed, v.text) }) {
			return
		}
		q.chosen(given, allowed, name, one)
		for i, v := range given.items {
			q.chosen(v, allowed, name, list, i)
		}
	}
}

// listed is a parameter with a list of the allowed texts.
func listed(name string, allowed ...string) filter {
	return func(q query) {
		for i, text := range q.values[name] {
			q.chosen(parameter(text), allowed, name, i)
		}
	}
}

func byMetadata(q query) { q.metadata() }

// parameters returns a check of a query that is not the query of a list.
func parameters(filters ...filter) QueryCheck {
	return func(values Query) (Paging, error) {
		q := openQuery(values)
		for _, f := range filters {
			f(q)
		}
		return Paging{}, q.err()
	}
}

// needed is a parameter with a text that must be given.
func needed(name string) filter { return func(q query) { q.requiredText(name) } }

var (
	subscriptionStatuses = []string{"incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"}
	orderStatuses        = []string{"draft", "pending", "paid", "refunded", "partially_refunded", "void"}
	checkoutStatuses     = []string{"open", "expired", "confirmed", "succeeded", "failed"}
	benefitTypes         = []string{"custom", "discord", "github_repository", "downloadables", "license_keys", "meter_credit", "feature_flag", "slack_shared_channel"}
	billingTypes         = []string{"one_time", "recurring"}
	aggregations         = []string{"count", "sum", "max", "min", "avg", "unique"}
	meterOrders          = []string{"meter_id", "meter_name", "consumed_units", "credited_units", "balance"}
)

// Queries of lists, by organization and then by customer.
var (
	SubscriptionList = list([]string{"customer", "status", "started_at", "current_period_end", "ended_at", "ends_at", "amount", "product", "discount"},
		ids("organization_id", "product_id", "customer_id"), words("external_customer_id"), ids("discount_id"), flags("active"),
		several("status", "SubscriptionStatus", subscriptionStatuses...), flags("cancel_at_period_end"),
		several("customer_cancellation_reason", "CustomerCancellationReason", cancelReasons...),
		instants(may, "canceled_at_after", "canceled_at_before", "started_after", "started_before"), byMetadata)
	BenefitGrantList = list([]string{"created_at", "granted_at", "revoked_at"},
		ids("organization_id", "customer_id"), words("external_customer_id"), flags("is_granted"))
	ProductList = list([]string{"created_at", "name", "price_amount_type", "price_amount"},
		ids("id", "organization_id"), words("query"), flags("is_archived", "is_recurring"), ids("benefit_id"), listed("visibility", visibilities...), byMetadata)
	OrderList = list([]string{"created_at", "status", "invoice_number", "amount", "net_amount", "customer", "product", "discount", "subscription"},
		ids("organization_id", "product_id"), several("product_billing_type", "ProductBillingType", billingTypes...), ids("discount_id", "customer_id"),
		words("external_customer_id"), ids("checkout_id", "subscription_id"), several("status", "OrderStatus", orderStatuses...),
		instants(may, "created_after", "created_before"), byMetadata)
	CheckoutList = list([]string{"created_at", "expires_at", "status"},
		ids("organization_id", "product_id", "customer_id"), words("external_customer_id"), several("status", "CheckoutStatus", checkoutStatuses...), words("query"))
	LicenseKeyList    = list(nil, ids("organization_id", "benefit_id"), several("status", "LicenseKeyStatus", keyStatuses...))
	PaymentMethodList = list(nil)
	EventList         = list([]string{"timestamp"},
		words("filter"), instants(may, "start_timestamp", "end_timestamp"), ids("organization_id", "customer_id"), words("external_customer_id"),
		oneID("meter_id"), words("name"), several("source", "EventSource", "system", "user"), words("query"), oneID("parent_id"), byMetadata)
	MeterList         = list([]string{"created_at", "name"}, ids("organization_id"), words("query"), flags("is_archived"), byMetadata)
	CustomerMeterList = list(append([]string{"created_at", "modified_at", "customer_id", "customer_name"}, meterOrders...),
		ids("organization_id", "customer_id"), words("external_customer_id"), ids("meter_id"))

	PortalBenefitGrantList = list([]string{"granted_at", "type", "organization", "product_benefit"},
		words("query"), several("type", "BenefitType", benefitTypes...), ids("benefit_id", "checkout_id", "order_id", "subscription_id", "member_id"))
	PortalMeterList        = list(append([]string{"created_at", "modified_at"}, meterOrders...), ids("meter_id"), words("query"))
	PortalDownloadableList = list(nil, ids("benefit_id"))
	PortalLicenseKeyList   = list(nil, oneID("benefit_id"))
	PortalOrderList        = list([]string{"created_at", "amount", "net_amount", "product", "subscription"},
		ids("product_id"), several("product_billing_type", "ProductBillingType", billingTypes...), ids("subscription_id"), words("query"))
	PortalSubscriptionList = list([]string{"started_at", "amount", "status", "organization", "product"},
		ids("product_id"), flags("active"), words("query"))
	PortalWalletList = list([]string{"created_at", "balance"})
)

// Queries of other routes.
var (
	MeterQuantities = parameters(instants(need, "start_timestamp", "end_timestamp"), oneOf("interval", need, "year", "month", "week", "day", "hour"),
		ids("customer_id"), words("external_customer_id"), oneOf("customer_aggregation_function", may, aggregations...), byMetadata)
	SeatList       = parameters(oneID("subscription_id"), oneID("order_id"))
	OAuthAuthorize = parameters(oneOf("platform", need, "github", "discord"), words("return_to"))
	OAuthCallback  = parameters(needed("state"), words("code", "error"))
)
