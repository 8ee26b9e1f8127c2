// Package billing stands for what this server does not keep: products, orders, subscriptions, benefit grants, license keys, meters,
// seats, wallets, payment methods, downloadables, checkouts and events.
//
// [Operations] is the table of the routes about them. Package api makes a route of each row: it authenticates the caller and validates the
// request, and then asks a [Billing] for the answer:
//
//	answer, err := deps.Billing.Answer(ctx, billing.Call{Operation: op, Organization: org, Path: map[string]string{"id": id}})
//
// [None] answers as Polar does for an organization that has none of these objects. It is what the server uses. A test double can answer
// from memory, and leave the calls that it does not know to None.
package billing

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/postern-go/postern/internal/token"
)

// Billing answers the operations about objects that this server does not keep. Its methods can be called concurrently.
type Billing interface {
	// Answer answers a call whose caller and parameters are valid. It returns a fault if the call is refused.
	Answer(ctx context.Context, c Call) (Answer, error)
	// State returns what a customer of an organization has. Absent lists are nil.
	State(ctx context.Context, organization, customer token.ID) (State, error)
}

// Call is a valid call of an operation.
type Call struct {
	Operation *Operation
	// Organization is the organization of the caller. It is zero if the operation needs no credential.
	Organization token.ID
	// Customer is the customer of the caller's session or the customer that the path names, and Member is the member who holds the
	// session. They are zero if there is none.
	Customer, Member token.ID
	// Path has the parameters of the path by their names. Ids are as the caller wrote them, in one of the forms that Polar accepts.
	Path map[string]string
	// Query has all parameters of the query. Page and Limit are the page of a list and its length, with their defaults.
	Query       url.Values
	Page, Limit int
	// Body is the body as compact JSON. It is nil if the operation takes no body.
	Body json.RawMessage
}

// Answer is a success. Body is JSON; it is nil if the answer has no body.
type Answer struct {
	Status int
	Body   json.RawMessage
}

// State is what a customer has: the lists of a customer's state, and the lists of a customer's export.
type State struct {
	ActiveSubscriptions, GrantedBenefits, ActiveMeters []json.RawMessage

	Subscriptions, Orders, PaymentMethods, BenefitGrants []json.RawMessage
}

// None is the Billing of organizations without products.
type None struct{}

// Answer answers with the outcome of the operation in the table.
func (None) Answer(_ context.Context, c Call) (Answer, error) { return c.Operation.Without.answer(c) }

// State returns empty lists.
func (None) State(context.Context, token.ID, token.ID) (State, error) { return State{}, nil }
