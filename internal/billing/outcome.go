package billing

import (
	"encoding/json"
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Outcome is what an organization without billing data gets for a valid call.
type Outcome struct {
	text   string
	answer func(c Call) (Answer, error)
}

// String describes the outcome for the documentation.
func (o Outcome) String() string { return o.text }

var emptyPage = Outcome{"an empty page", func(Call) (Answer, error) {
	return Answer{http.StatusOK, json.RawMessage(`{"items":[],"pagination":{"total_count":0,"max_page":0}}`)}, nil
}}

// notFound is the outcome of operations about one object.
var notFound = noSuch("Not found")

func noSuch(text string) Outcome {
	return Outcome{"404 `" + text + "`", func(Call) (Answer, error) { return Answer{}, fault.New(fault.NotFound, text) }}
}

const elsewhere = "This server keeps no products, orders, subscriptions, meters, events or payment methods. Send this request to Polar."

// notKept is the outcome of operations that would create something on Polar.
var notKept = Outcome{"501 `NotImplemented`", func(Call) (Answer, error) { return Answer{}, fault.New(fault.NotImplemented, elsewhere) }}

// unlessOrganization refuses a body with an organization id, because an access token belongs to one organization.
func unlessOrganization(then Outcome) Outcome {
	return Outcome{then.text, func(c Call) (Answer, error) {
		var in struct {
			Organization *string `json:"organization_id"`
		}
		if err := json.Unmarshal(c.Body, &in); err == nil && in.Organization != nil {
			return Answer{}, fault.Rule(refusal("organization_token", "Setting organization_id is disallowed when using an organization token.", *in.Organization, "organization_id"))
		}
		return then.answer(c)
	}}
}

// refusal returns the error for an id. As on Polar, it has the id in its canonical form.
func refusal(kind, msg, input string, name ...any) fault.Field {
	if id, err := body.PathUUID("id", input); err == nil {
		input = token.ID(id).String()
	}
	text, _ := json.Marshal(input) // a string always marshals
	return fault.Field{Type: kind, Name: name, Msg: msg, Input: text}
}

// noProduct is the outcome of operations that need a product.
var noProduct = Outcome{"422 `Product does not exist.`", func(c Call) (Answer, error) {
	var in struct {
		Product  string   `json:"product_id"`
		Price    string   `json:"product_price_id"`
		Products []string `json:"products"`
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return Answer{}, err
	}
	const missing = "Product does not exist."
	var fields []fault.Field
	for i, id := range in.Products {
		fields = append(fields, refusal("value_error", missing, id, "products", i))
	}
	switch {
	case fields != nil:
	case in.Product != "":
		fields = append(fields, refusal("value_error", missing, in.Product, "product_id"))
	default:
		fields = append(fields, refusal("value_error", "Price does not exist.", in.Price, "product_price_id"))
	}
	return Answer{}, fault.Rule(fields...)
}}

// noSeats is the outcome of the list of seats.
var noSeats = Outcome{"404 `Subscription not found` or `Order not found`; 400 without a subscription and an order", func(c Call) (Answer, error) {
	switch {
	case c.Query.Has("subscription_id"):
		return Answer{}, fault.New(fault.NotFound, "Subscription not found")
	case c.Query.Has("order_id"):
		return Answer{}, fault.New(fault.NotFound, "Order not found")
	}
	return Answer{}, fault.New(fault.BadRequest, "Either subscription_id or order_id must be provided")
}}

// noSeatSource is the outcome of assigning a seat.
var noSeatSource = Outcome{"404 `Subscription not found`, `Order not found` or `No subscription or order found for this checkout`", func(c Call) (Answer, error) {
	var in struct {
		Subscription *string `json:"subscription_id"`
		Order        *string `json:"order_id"`
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return Answer{}, err
	}
	switch {
	case in.Subscription != nil:
		return Answer{}, fault.New(fault.NotFound, "Subscription not found")
	case in.Order != nil:
		return Answer{}, fault.New(fault.NotFound, "Order not found")
	}
	return Answer{}, fault.New(fault.NotFound, "No subscription or order found for this checkout")
}}

// notReady is the outcome of confirming a payment method that was never added.
var notReady = Outcome{"403 `CustomerNotReady`", func(Call) (Answer, error) {
	return Answer{}, fault.New(fault.CustomerNotReady, "Customer is not ready")
}}

// invalidState is the outcome of the callback of another platform. Every state is invalid, because this server makes none.
var invalidState = Outcome{"403 `Invalid state`", func(Call) (Answer, error) { return Answer{}, fault.New(fault.NotPermitted, "Invalid state") }}
