package wiretest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/billing"
	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/token"
)

// billingRequest returns the body of a request that has the method: routes that take no body ignore it.
func billingRequest(method string) string {
	if method == http.MethodGet || method == http.MethodDelete {
		return ""
	}
	return `{}`
}

// Every route about what this server does not keep answers each kind of caller as Polar does for an organization without products.
func TestBillingAnswersWithoutProducts(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	ada := srv.Create(customers, `{"email":"ada@example.com","external_id":"ada"}`)
	session := srv.MemberSession(ada, testserver.Created{ID: srv.Owner(ada.ID)}, "").Token
	poor := srv.AccessToken("audit_log:read").Token
	listed := map[string]bool{}
	for _, row := range withoutBilling {
		listed[row.method+" "+row.path] = true
		for _, id := range []string{unknownID, "nope"} {
			want := row.answer
			if name, hasID := parameterOf(row.path); hasID && id == "nope" {
				if want = wrong(append([]string{noID(name)}, want.items...)...); row.answer.items == nil {
					want = wrong(noID(name))
				}
			} else if id == "nope" && !strings.Contains(row.path, "{") {
				continue
			} else if strings.HasPrefix(row.path, "/v1/customers/") {
				id = ada.ID
			}
			path := strings.NewReplacer("{id}", id, "{seat_id}", id, "{token}", id, "{external_id}", "nobody").Replace(row.path)
			send := func(token string) testserver.Answer {
				if token == "" {
					return srv.Request(row.method, path, billingRequest(row.method))
				}
				return srv.As(token, row.method, path, billingRequest(row.method))
			}
			accepts := map[string]string{bySessions: session, byAnyone: ""}
			caller, special := accepts[row.caller]
			if !special {
				caller = srv.Token
			}
			a := send(caller)
			a.Exactly(t, want.status, want.body)
			a.HasHeaders(t, map[string]string{"Content-Type": "application/json", "Cache-Control": "private, no-store", "Www-Authenticate": ""})
			for name, token := range map[string]string{"nobody": "", "a session": session, "an access token": srv.Token, "a token without scopes": poor} {
				switch a := send(token); {
				case row.caller == byAnyone, token == caller:
					a.Exactly(t, want.status, want.body)
				case token == poor && !special:
					a.Exactly(t, 403, insufficientScope)
					a.HasHeaders(t, map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache",
						"Www-Authenticate": `Bearer realm="polar", scope="` + row.caller + `", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`})
				default:
					a.Exactly(t, 401, unauthorized)
					a.HasHeaders(t, map[string]string{"Cache-Control": "private, no-store", "Www-Authenticate": `Bearer realm="polar"`})
				}
				if t.Failed() {
					t.Fatalf("%s %s as %s", row.method, path, name)
				}
			}
		}
	}
	for _, op := range billing.Operations {
		if name := op.Method + " " + op.Path; !listed[name] {
			t.Errorf("withoutBilling has no row for %s", name)
		}
	}
}

// parameterOf returns the name of the parameter of a path that must be a UUID, and whether there is one.
func parameterOf(path string) (name string, ok bool) {
	for _, name := range []string{"id", "seat_id"} {
		if strings.Contains(path, "{"+name+"}") {
			return name, true
		}
	}
	return "", false
}

// Every route about what this server does not keep accepts exactly the scopes and roles of its row.
func TestAuthorizationMatrixOfBilling(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	mails := newMailIndex(t, srv.Mail)
	org := srv.CreateOrganization(testserver.NewOrganization{Slug: "bolt"})
	away := newFixture(srv, mails, org.ID, "bolt", org.AccessToken, 0)
	legacy := srv.CreateOrganization(testserver.NewOrganization{Slug: "legacy", WithoutMembers: true})
	srv.As(legacy.AccessToken, "POST", customers, `{"email":"ada@legacy.example","external_id":"ada"}`)
	s := newFixture(srv, mails, srv.OrgID, "acme", srv.Token, 1)
	callers := map[string][]caller{}
	for _, row := range billing.Operations {
		op := openapi.Operation{Method: row.Method, Path: row.Path, ID: row.Method + " " + row.Path}
		for _, scope := range row.Access.Scopes {
			op.Scopes = append(op.Scopes, string(scope))
		}
		roles := everyone
		if row.Access.Managers {
			roles = managers
		}
		kind := strings.Join(op.Scopes, " ")
		if callers[kind] == nil {
			callers[kind] = matrixCallers(srv, &s, &away, legacy.AccessToken, op)
		}
		path := strings.NewReplacer("{id}", unknownID, "{seat_id}", unknownID, "{token}", "x", "{external_id}", *s.team.ExternalID).Replace(op.Path)
		for _, c := range callers[kind] {
			var a testserver.Answer
			if c.token == "" {
				a = srv.Request(op.Method, path, billingRequest(op.Method))
			} else {
				a = srv.As(c.token, op.Method, path, billingRequest(op.Method))
			}
			want := expectRole(op, c, roles)
			if got := verdictOf(a, s.private()); got != want && (got != foreign || want != allowed) {
				t.Errorf("%s by %s: %s, want %s\n%d %.200s", op.ID, c.name, got, want, a.Status, a.Body)
			}
		}
	}
}

// Requests that would create something on Polar, and other requests with a valid body, get Polar's refusal or an honest 501.
func TestBillingRefusals(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	ada := srv.Create(customers, `{"email":"ada@example.com"}`)
	session := srv.MemberSession(ada, testserver.Created{ID: srv.Owner(ada.ID)}, "").Token
	const id = unknownID
	const notKept = `{"error":"NotImplemented","detail":"This server keeps no products, orders, subscriptions, meters, events or payment methods. Send this request to Polar."}`
	rule := func(kind, msg, input string, loc ...any) string {
		text, _ := json.Marshal(append([]any{"body"}, loc...))
		return fmt.Sprintf(`{"error":"PolarRequestValidationError","detail":[{"type":%q,"loc":%s,"msg":%q,"input":%q}]}`, kind, text, msg, input)
	}
	noProduct := func(loc ...any) string { return rule("value_error", "Product does not exist.", id, loc...) }
	const ownOrganization = "Setting organization_id is disallowed when using an organization token."
	meter := `"name":"Calls","filter":{"conjunction":"and","clauses":[]},"aggregation":{"func":"count"}`
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/v1/subscriptions/", `{"product_id":"` + strings.ToUpper(id) + `","customer_id":"` + ada.ID + `"}`, 422, noProduct("product_id")},
		{"POST", "/v1/subscriptions/", `{"product_id":"` + id + `","external_customer_id":"ada"}`, 422, noProduct("product_id")},
		{"POST", "/v1/orders/", `{"product_id":"` + id + `","customer_id":"` + ada.ID + `"}`, 422, noProduct("product_id")},
		{"POST", "/v1/orders/", `{"product_id":"` + id + `","customer_id":"` + ada.ID + `","organization_id":"` + srv.OrgID + `"}`, 422, rule("organization_token", ownOrganization, srv.OrgID, "organization_id")},
		{"POST", "/v1/checkouts/", `{"products":["` + id + `"]}`, 422, noProduct("products", 0)},
		{"POST", "/v1/checkouts/", `{"product_id":"` + id + `"}`, 422, noProduct("product_id")},
		{"POST", "/v1/checkouts/", `{"product_price_id":"` + id + `"}`, 422, rule("value_error", "Price does not exist.", id, "product_price_id")},
		{"POST", "/v1/products/", `{"name":"Pro","prices":[{"amount_type":"free"}]}`, 501, notKept},
		{"POST", "/v1/products/", `{"name":"Pro","recurring_interval":"month","prices":[{"amount_type":"free"}],"organization_id":"` + srv.OrgID + `"}`, 422, rule("organization_token", ownOrganization, srv.OrgID, "organization_id")},
		{"POST", "/v1/meters/", `{` + meter + `}`, 501, notKept},
		{"POST", "/v1/events/ingest", `{"events":[{"name":"call","customer_id":"` + ada.ID + `"},{"name":"call","external_customer_id":"ada"}]}`, 501, notKept},
		{"PATCH", "/v1/subscriptions/" + id, `{"cancel_at_period_end":true}`, 404, absent.body},
		{"GET", "/v1/meters/" + id + "/quantities?start_timestamp=2026-10-01T00:00:00Z&end_timestamp=2026-11-01T00:00:00Z&interval=day", "", 404, absent.body},
		{"POST", "/v1/license-keys/validate", `{"key":"k","organization_id":"` + srv.OrgID + `"}`, 404, absent.body},
		{"POST", "/v1/customer-portal/license-keys/activate", `{"key":"k","organization_id":"` + srv.OrgID + `","label":"pc"}`, 404, absent.body},
		{"POST", "/v1/customer-portal/customers/me/payment-methods", `{"confirmation_token_id":"c","set_default":true,"return_url":"https://example.com"}`, 501, notKept},
		{"POST", "/v1/customer-portal/customers/me/payment-methods/confirm", `{"setup_intent_id":"s","set_default":true}`, 403, `{"error":"CustomerNotReady","detail":"Customer is not ready"}`},
		{"GET", "/v1/customer-portal/seats?subscription_id=" + id, "", 404, noSuch("Subscription not found").body},
		{"GET", "/v1/customer-portal/seats?order_id=" + id, "", 404, noSuch("Order not found").body},
		{"POST", "/v1/customer-portal/seats", `{"subscription_id":"` + id + `"}`, 404, noSuch("Subscription not found").body},
		{"POST", "/v1/customer-portal/seats", `{"order_id":"` + id + `"}`, 404, noSuch("Order not found").body},
		{"POST", "/v1/customer-portal/seats", `{"checkout_id":"` + id + `"}`, 404, noSuch("No subscription or order found for this checkout").body},
		{"PATCH", "/v1/customer-portal/benefit-grants/" + id, `{"benefit_type":"custom"}`, 404, absent.body},
		{"POST", "/v1/customer-portal/orders/" + id + "/confirm-payment", `{"confirmation_token_id":"c"}`, 404, absent.body},
		{"POST", "/v1/customer-portal/subscriptions/" + id + "/change-preview", `{"seats":2}`, 404, absent.body},
		{"GET", "/v1/customer-portal/oauth-accounts/authorize?platform=github", "", 501, notKept},
		{"GET", "/v1/customer-portal/oauth-accounts/callback?state=x", "", 403, `{"error":"NotPermitted","detail":"Invalid state"}`},
	} {
		token := srv.Token
		if strings.HasPrefix(tt.path, "/v1/customer-portal/") {
			token = session
		}
		srv.As(token, tt.method, tt.path, tt.body).Exactly(t, tt.status, tt.want)
	}
	srv.As(srv.Token, "GET", customers+unknownID+"/payment-methods", "").Exactly(t, 404, absent.body)
	srv.As(srv.Token, "GET", customers+"external/nobody/payment-methods", "").Exactly(t, 404, absent.body)
}

// The state of a customer is the customer with empty lists, and its export is a file with the format of Python's json module.
func TestCustomerStateAndExport(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	ada := srv.Create(customers, `{"email":"ada@example.com","external_id":"a/b","name":"Adä 😀","tax_id":"FR61954506077","billing_address":{"city":"Paris","country":"FR"},"metadata":{"plan":"pro"}}`)
	customer := srv.As(srv.Token, "GET", customers+ada.ID, "").Body
	want := strings.TrimSuffix(customer, "}") + `,"active_subscriptions":[],"granted_benefits":[],"active_meters":[]}`
	for _, path := range []string{ada.ID + "/state", "external/a%2Fb/state"} {
		srv.As(srv.Token, "GET", customers+path, "").Exactly(t, 200, want)
	}
	for _, path := range []string{unknownID + "/state", "external/nobody/state"} {
		srv.As(srv.Token, "GET", customers+path, "").Exactly(t, 404, absent.body)
	}
	srv.As(srv.Token, "GET", customers+"nope/state", "").Exactly(t, 422, wrong(noID("id")).body)

	session := srv.MemberSession(ada, testserver.Created{ID: srv.Owner(ada.ID)}, "").Token
	a := srv.As(session, "GET", "/v1/customer-portal/customers/me/export", "")
	a.Exactly(t, 200, `{
  "customer": {
    "id": "`+ada.ID+`",
    "email": "ada@example.com",
    "name": "Ad\u00e4 \ud83d\ude00",
    "billing_name": "Ad\u00e4 \ud83d\ude00",
    "billing_address": {
      "line1": null,
      "line2": null,
      "postal_code": null,
      "city": "Paris",
      "state": null,
      "country": "FR"
    },
    "tax_id": [
      "FR61954506077",
      "eu_vat"
    ],
    "external_id": "a/b",
    "created_at": "2026-10-01T12:00:00.120000+00:00",
    "modified_at": null
  },
  "subscriptions": [],
  "orders": [],
  "payment_methods": [],
  "benefit_grants": []
}`)
	a.HasHeaders(t, map[string]string{"Content-Type": "application/json", "Content-Disposition": "attachment; filename=polar-customer-export-" + ada.ID + ".json"})
}

// seeded is a Billing with one license key, and an object of each kind in the state of a customer.
type seeded struct {
	billing.None
	calls chan billing.Call
}

func (s seeded) Answer(ctx context.Context, c billing.Call) (billing.Answer, error) {
	s.calls <- c
	switch c.Operation.Path {
	case "/v1/customer-portal/license-keys/":
		return billing.Answer{Status: 200, Body: json.RawMessage(`{"items":[{"id":"1"}],"pagination":{"total_count":1,"max_page":1}}`)}, nil
	case "/v1/license-keys/deactivate":
		return billing.Answer{Status: 204}, nil
	}
	return s.None.Answer(ctx, c)
}

func (s seeded) State(context.Context, token.ID, token.ID) (billing.State, error) {
	one := []json.RawMessage{json.RawMessage(`{"id":"1"}`)}
	return billing.State{ActiveSubscriptions: one, GrantedBenefits: one, ActiveMeters: one, Orders: one}, nil
}

// A Billing gets the caller, the parameters and the body of each call, and its answers are sent as they are.
func TestBillingIsAsked(t *testing.T) {
	t.Parallel()
	calls := make(chan billing.Call, 1)
	srv := testserver.New(t, func(o *testserver.Options) { o.Config.Billing = seeded{calls: calls} })
	ada := srv.Create(customers, `{"email":"ada@example.com","external_id":"ada"}`)
	owner := srv.Owner(ada.ID)
	session := srv.MemberSession(ada, testserver.Created{ID: owner}, "").Token

	srv.As(session, "GET", "/v1/customer-portal/license-keys/?page=2&limit=500&benefit_id="+unknownID, "").
		Exactly(t, 200, `{"items":[{"id":"1"}],"pagination":{"total_count":1,"max_page":1}}`)
	c := <-calls
	if c.Organization.String() != srv.OrgID || c.Customer.String() != ada.ID || c.Member.String() != owner || c.Page != 2 || c.Limit != 100 || c.Query.Get("benefit_id") != unknownID {
		t.Errorf("%+v", c)
	}
	a := srv.As(srv.Token, "POST", "/v1/license-keys/deactivate", `{ "key":"é", "organization_id":"`+srv.OrgID+`","activation_id":"`+unknownID+`" }`)
	a.Exactly(t, 204, "")
	if c = <-calls; string(c.Body) != `{"key":"é","organization_id":"`+srv.OrgID+`","activation_id":"`+unknownID+`"}` || c.Organization.String() != srv.OrgID {
		t.Errorf("%+v", c)
	}
	srv.As(srv.Token, "GET", customers+"external/ada/payment-methods", "").Exactly(t, 200, empty.body)
	if c = <-calls; c.Customer.String() != ada.ID || c.Path["external_id"] != "ada" || c.Page != 1 || c.Limit != 10 {
		t.Errorf("%+v", c)
	}
	srv.As(srv.Token, "GET", "/v1/orders/nope", "").Exactly(t, 422, wrong(noID("id")).body)
	srv.As(srv.Token, "GET", "/v1/orders/"+unknownID, "").Exactly(t, 404, absent.body)
	if c = <-calls; c.Path["id"] != unknownID { // the invalid call was not passed on
		t.Errorf("%+v", c)
	}
	state := srv.As(srv.Token, "GET", customers+ada.ID+"/state", "")
	state.Is(t, 200, `"active_subscriptions":[{"id":"1"}],"granted_benefits":[{"id":"1"}],"active_meters":[{"id":"1"}]`)
	export := srv.As(session, "GET", "/v1/customer-portal/customers/me/export", "")
	if got := export.At("orders", 0, "id"); got != "1" {
		t.Errorf("%s", export.Body)
	}
}
