package body_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

// refusals formats the errors of a check: the type and the location of each, and the message of errors that do not follow from the type.
func refusals(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	var lines []string
	for _, field := range f.Fields {
		var loc []string
		for _, step := range field.Name {
			loc = append(loc, fmt.Sprint(step))
		}
		line := field.Type + " " + strings.Join(loc, ".")
		switch field.Type {
		case "missing", "uuid_parsing", "uuid_type", "string_type", "list_type", "dict_type", "model_attributes_type", "int_type", "bool_type":
		default:
			line += ": " + field.Msg
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const someID = `"5fa4d1d5-9b0d-4c73-9c37-07e1a2f4c1a1"`

// The errors of the bodies are those of Pydantic for Polar's schemas.
func TestBillingBodies(t *testing.T) {
	boundaries := func(name string) string {
		return "function-after[_validate_unit_constraints(), function-after[_validate_seat_constraints(), function-after[is_complete_configuration(), " + name + "]]]"
	}
	for _, tt := range []struct {
		check      body.BodyCheck
		text, want string
	}{
		{body.SubscriptionCreate, `{"product_id":` + someID + `,"customer_id":` + someID + `}`, ""},
		{body.SubscriptionCreate, `{"product_id":` + someID + `,"external_customer_id":"ada"}`, ""},
		{body.SubscriptionCreate, ``, "missing "},
		{body.SubscriptionCreate, `[]`, "model_attributes_type SubscriptionCreateCustomer\nmodel_attributes_type SubscriptionCreateExternalCustomer"},
		{body.SubscriptionUpdate, `{}`, ""},
		{body.SubscriptionUpdate, `{"revoke":true}`, ""},
		{body.SubscriptionUpdate, `{"product_id":1}`, "uuid_type SubscriptionUpdateBase.product_id\nmissing SubscriptionUpdateSeats.seats\n" +
			"missing SubscriptionUpdateUnits.units\nmissing SubscriptionUpdateBillingPeriod.current_billing_period_end\n" +
			"missing SubscriptionCancel.cancel_at_period_end\nmissing SubscriptionRevoke.revoke\nmissing SubscriptionPause.pause_at_period_end\n" +
			"missing SubscriptionResume.resume\nmissing SubscriptionUpdateClear.pending_update"},
		{body.PortalSubscriptionUpdate, `{"seats":"x","cancel_at_period_end":"maybe","pause_at_period_end":null,"resume":"true","pending_update":1}`,
			"missing CustomerSubscriptionUpdateProduct.product_id\n" +
				"int_parsing CustomerSubscriptionUpdateSeats.seats: Input should be a valid integer, unable to parse string as an integer\n" +
				"bool_parsing CustomerSubscriptionCancel.cancel_at_period_end: Input should be a valid boolean, unable to interpret input\n" +
				"bool_type CustomerSubscriptionPause.pause_at_period_end\nliteral_error CustomerSubscriptionResume.resume: Input should be True\n" +
				"none_required CustomerSubscriptionUpdateClear.pending_update: Input should be None"},
		{body.SubscriptionChangePreview, `{"seats":1.5}`, "missing CustomerSubscriptionChangePreviewProduct.product_id\n" +
			"int_from_float CustomerSubscriptionChangePreviewSeats.seats: Input should be a valid integer, got a number with a fractional part"},
		{body.SubscriptionChangePreview, `{"seats":"3"}`, ""},
		{body.SubscriptionChangePreview, `{"seats":99999999999999999999}`, "missing CustomerSubscriptionChangePreviewProduct.product_id\n" +
			"less_than_equal CustomerSubscriptionChangePreviewSeats.seats: Input should be less than or equal to 2147483647"},
		{body.ProductCreate, `{"name":"Pro","prices":[{}]}`, ""},
		{body.ProductCreate, `{"name":"a","prices":[]}`, "string_too_short one_time.name: String should have at least 3 characters\n" +
			"too_short one_time.prices: List should have at least 1 item after validation, not 0"},
		{body.ProductCreate, `{"name":1,"prices":1,"recurring_interval":"decade"}`, "string_type recurring.name\nlist_type recurring.prices\n" +
			"enum recurring.recurring_interval: Input should be 'day', 'week', 'month' or 'year'"},
		{body.ProductCreate, `{"name":"Pro","prices":["x"],"medias":["nope"]}`, "model_attributes_type one_time.prices.0\nuuid_parsing one_time.medias.0"},
		{body.OrderCreate, `{"customer_id":` + someID + `,"product_id":` + someID + `,"amount":-1,"metadata":[]}`,
			"dict_type metadata\ngreater_than_equal amount: Input should be greater than or equal to 0"},
		{body.OrderUpdate, `{"billing_address":{"country":"DE"}}`, ""},
		{body.OrderUpdate, `{"billing_address":{}}`, "missing billing_address.country"},
		{body.CheckoutCreate, `{"products":[]}`, "too_short " + boundaries("CheckoutProductsCreate") + ".products: List should have at least 1 item after validation, not 0\n" +
			"missing " + boundaries("CheckoutProductCreate") + ".product_id\nmissing " + boundaries("CheckoutPriceCreate") + ".product_price_id"},
		{body.LicenseKeyUpdate, `{"status":"lost","expires_at":"2026-01-01T00:00:00"}`,
			"enum status: Input should be 'granted', 'revoked' or 'disabled'\ntimezone_aware expires_at: Input should have timezone info"},
		{body.LicenseKeyUpdate, `{"expires_at":"x"}`, "datetime_from_date_parsing expires_at: Input should be a valid datetime or date, input is too short"},
		{body.LicenseKeyUpdate, `{"expires_at":"2026-01-01T00:00:00.5+02:00"}`, ""},
		{body.LicenseKeyUpdate, `{"expires_at":5}`, ""},
		{body.LicenseKeyValidate, `{"key":"k","organization_id":"nope","conditions":1}`, "uuid_parsing organization_id\ndict_type conditions"},
		{body.BenefitGrantUpdate, `[]`, "model_attributes_type "},
		{body.BenefitGrantUpdate, `{"benefit_type":"custom"}`, ""},
		{body.BenefitGrantUpdate, `{"benefit_type":"discord"}`, "missing discord.properties"},
		{body.BenefitGrantUpdate, `{"benefit_type":null}`, "union_tag_invalid : Input tag 'None' found using 'benefit_type' does not match any of the expected tags: " +
			"'discord', 'github_repository', 'downloadables', 'license_keys', 'custom', 'meter_credit', 'feature_flag', 'slack_shared_channel'"},
		{body.PaymentMethodConfirm, `{"setup_intent_id":"s","set_default":"yes"}`, ""},
		{body.PaymentMethodConfirm, `{"setup_intent_id":"s","set_default":2}`, "bool_parsing set_default: Input should be a valid boolean, unable to interpret input"},
		{body.SeatAssign, `{"order_id":"00000000-0000-1000-8000-000000000000"}`, ""},
		{body.SeatAssign, `{"order_id":` + someID + `,"checkout_id":` + someID + `}`,
			"value_error : Value error, Exactly one of subscription_id, order_id, or checkout_id must be provided"},
		{body.SeatAssign, `{"order_id":"nope"}`, "uuid_parsing order_id"},
		{body.ConfirmPayment, `{"confirmation_token_id":"c","payment_method_id":` + someID + `}`,
			"value_error : Value error, Only one of confirmation_token_id or payment_method_id can be provided"},
		{body.ConfirmPayment, `{"payment_processor":"cash","payment_method_id":` + someID + `}`, "enum payment_processor: Input should be 'stripe'"},
		{body.EventsIngest, `{"events":[]}`, ""},
		{body.EventsIngest, `{"events":[{"name":"call","external_customer_id":"ada"},{"name":"call"}]}`,
			"missing events.1.EventCreateCustomer.customer_id\nmissing events.1.EventCreateExternalCustomer.external_customer_id"},
		{body.MeterCreate, `{"name":"Calls","filter":{"conjunction":"or","clauses":[{}]},"aggregation":{"func":"count"}}`, ""},
		{body.MeterCreate, `{"name":"Calls","filter":{},"aggregation":1}`, "missing filter.conjunction\nmissing filter.clauses\nmodel_attributes_type aggregation"},
		{body.MeterUpdate, `{}`, ""},
	} {
		if got := refusals(tt.check(parse(t, tt.text))); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.text, got, tt.want)
		}
	}
}

// A large invalid body has a bounded number of errors.
func TestBillingBodiesHaveFewErrors(t *testing.T) {
	events := strings.TrimSuffix(strings.Repeat(`{},`, 5000), ",")
	err := body.EventsIngest(parse(t, `{"events":[`+events+`]}`))
	if f, ok := errors.AsType[*fault.Error](err); !ok || len(f.Fields) != 1000 {
		t.Errorf("%d errors", len(f.Fields))
	}
}

// The errors of the queries are those of FastAPI for Polar's parameters.
func TestBillingQueries(t *testing.T) {
	listOf := func(item string) string {
		return "json-or-python[json=list[" + item + "],python=chain[is-instance[Sequence],function-wrap[sequence_validator()]]]"
	}
	const status = "str-enum[OrderStatus]"
	statuses := "Input should be 'draft', 'pending', 'paid', 'refunded', 'partially_refunded' or 'void'"
	for _, tt := range []struct {
		check      body.QueryCheck
		text, want string
	}{
		{body.OrderList, "page=2&limit=1000&sorting=-amount&status=paid&status=void&created_after=2026-01-01T00:00:00Z&metadata[a]=b&x=y", ""},
		{body.OrderList, "page=0&sorting=size", "greater_than page: Input should be greater than 0\n" +
			"enum sorting.0: Input should be 'created_at', '-created_at', 'status', '-status', 'invoice_number', '-invoice_number', 'amount', '-amount', " +
			"'net_amount', '-net_amount', 'customer', '-customer', 'product', '-product', 'discount', '-discount', 'subscription' or '-subscription'"},
		{body.OrderList, "status=paid&status=zz", "enum status." + status + ": " + statuses + "\nenum status." + listOf(status) + ".1: " + statuses},
		{body.OrderList, "product_id=nope", "uuid_type product_id.uuid\nuuid_parsing product_id." + listOf("uuid") + ".0"},
		{body.OrderList, "created_before=2026-01-01", "timezone_aware created_before: Input should have timezone info"},
		{body.ProductList, "visibility=zz&is_archived=maybe", "bool_parsing is_archived: Input should be a valid boolean, unable to interpret input\n" +
			"enum visibility.0: Input should be 'draft', 'private' or 'public'"},
		{body.PortalLicenseKeyList, "benefit_id=", "uuid_parsing benefit_id"},
		{body.MeterQuantities, "start_timestamp=1&interval=zz", "missing end_timestamp\nenum interval: Input should be 'year', 'month', 'week', 'day' or 'hour'"},
		{body.OAuthAuthorize, "platform=zz", "enum platform: Input should be 'github' or 'discord'"},
	} {
		paging, err := tt.check(body.ParseQuery(tt.text))
		if got := refusals(err); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.text, got, tt.want)
		}
		if strings.HasPrefix(tt.text, "page=2") && (paging.Page != 2 || paging.Limit != 100) {
			t.Errorf("%s: %+v", tt.text, paging)
		}
	}
}
