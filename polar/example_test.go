package polar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/polar"
)

// startServer starts a server with the organization Acme and its customer Ada.
func startServer() (client *polar.Client, stop func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "polar-example-")
	check(err)
	config := postern.Config{DataDir: dir}
	check(postern.Init(ctx, config))
	p, err := postern.Open(ctx, config)
	check(err)
	acme, err := p.CreateOrganization(ctx, postern.NewOrganization{Slug: "acme", Name: "Acme"})
	check(err)
	server := httptest.NewServer(p.Handler())
	client, err = polar.New(polar.WithServerURL(server.URL), polar.WithAccessToken(acme.AccessToken))
	check(err)
	_, err = client.Customers.Create(ctx, polar.CustomerIndividualCreate{
		Email: "ada@example.com", Name: polar.Set("Ada Lovelace"), ExternalID: "user_1",
	})
	check(err)
	return client, func() {
		p.Drain()
		server.Close()
		check(p.Close())
		os.RemoveAll(dir)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Create a session, send the customer to the portal, check the session, and revoke it.
func Example() {
	client, stop := startServer()
	defer stop()
	ctx := context.Background()

	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer:  polar.ExternalCustomerID("user_1"),
		ReturnURL: polar.Set("https://example.com/account"),
	})
	if err != nil {
		log.Fatal(err)
	}
	portal, _, _ := strings.Cut(session.CustomerPortalURL, "?") // the query contains the token
	fmt.Println("send", *session.Customer.Name, "to", portal)

	seen, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(session.Token))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the session is live, with return URL", *seen.ReturnURL)

	if _, err := client.CustomerSessions.Revoke(ctx, session.ID, "account closed"); err != nil {
		log.Fatal(err)
	}
	_, err = client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(session.Token))
	fmt.Println("revoked:", errors.Is(err, polar.ErrInvalidToken))
	// Output:
	// send Ada Lovelace to http://127.0.0.1:8787/acme/portal
	// the session is live, with return URL https://example.com/account
	// revoked: true
}

// Ask with the organization's access token why a session token does not work.
func ExampleCustomerSessionsService_Inspect() {
	client, stop := startServer()
	defer stop()
	ctx := context.Background()
	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1")})
	check(err)
	check(client.CustomerSessions.RevokeCustomer(ctx, polar.ExternalCustomerID("user_1"), "password changed"))

	inspection, err := client.CustomerSessions.Inspect(ctx, session.Token)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(inspection.Status, *inspection.CustomerSession.EndReason)
	// Output: revoked password changed
}

func ExampleCustomersService_List() {
	client, stop := startServer()
	defer stop()

	for customer, err := range client.Customers.List(context.Background(), polar.CustomerListParams{Query: "ada"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(*customer.Name, *customer.Email)
	}
	// Output: Ada Lovelace ada@example.com
}

// Fields that the update omits keep their value.
func ExampleOptional() {
	client, stop := startServer()
	defer stop()

	customer, err := client.Customers.Update(context.Background(), polar.ExternalCustomerID("user_1"), polar.CustomerUpdate{
		Name:  polar.Set("Countess of Lovelace"),
		TaxID: polar.Null[string](),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*customer.Name, customer.TaxID == nil, *customer.Email)
	// Output: Countess of Lovelace true ada@example.com
}

// Print which field of a request is invalid.
func ExampleError() {
	client, stop := startServer()
	defer stop()

	_, err := client.CustomerSessions.Create(context.Background(), polar.CustomerSessionCreate{
		Customer: polar.ExternalCustomerID("nobody"),
	})
	fmt.Println(err)

	var apiErr *polar.Error
	if errors.Is(err, polar.ErrValidation) && errors.As(err, &apiErr) {
		fmt.Println(apiErr.Fields[0].Path(), "-", apiErr.Fields[0].Msg)
	}
	// Output:
	// polar: create customer session: 422 PolarRequestValidationError: body.external_customer_id: Customer does not exist.
	// body.external_customer_id - Customer does not exist.
}

// Follow revocations, for example to delete ended sessions from a cache.
func ExampleCustomerSessionsService_Revocations() {
	client, stop := startServer()
	defer stop()
	ctx := context.Background()

	for event, err := range client.CustomerSessions.Revocations(ctx, "") {
		if err != nil {
			log.Fatal(err)
		}
		if event.Revocation == nil { // a heartbeat
			check(client.CustomerSessions.RevokeCustomer(ctx, polar.ExternalCustomerID("user_1"), "password changed"))
			continue
		}
		fmt.Println("all sessions of the customer:", event.Revocation.CustomerSessionID == nil, event.Revocation.Reason)
		break
	}
	// Output: all sessions of the customer: true password changed
}

// Follow revocations permanently, and reconnect when the connection ends.
func ExampleCustomerSessionsService_FollowRevocations() {
	client, stop := startServer()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	for event, err := range client.CustomerSessions.FollowRevocations(ctx, "") {
		switch {
		case ctx.Err() != nil:
			fmt.Println("stopped")
		case err != nil:
			log.Print(err, "; reconnecting")
		case event.Revocation == nil: // a heartbeat
			check(client.CustomerSessions.RevokeCustomer(ctx, polar.ExternalCustomerID("user_1"), "password changed"))
		default:
			fmt.Println("ended:", event.Revocation.Reason)
			cancel()
		}
	}
	// Output:
	// ended: password changed
	// stopped
}

// Handle events about ended sessions.
func ExampleParseWebhook() {
	secret := polar.WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") // of the webhook endpoint
	handler := func(w http.ResponseWriter, r *http.Request) {
		event, err := polar.ParseWebhook(r, secret)
		if err != nil {
			http.Error(w, "invalid webhook", http.StatusBadRequest)
			return
		}
		switch event.Type {
		case polar.EventSessionRevoked, polar.EventSessionExpired:
			fmt.Println(event.Session.CustomerID, event.Type)
		}
		w.WriteHeader(http.StatusNoContent) // otherwise the server sends the event again
	}

	const body = `{"type":"session.expired","timestamp":"2026-10-01T12:00:00Z","data":{"id":"a-session","customer_id":"a-customer"}}`
	stamp := fmt.Sprint(time.Now().Unix())
	answer := httptest.NewRecorder()
	handler(answer, newWebhook("an-event", stamp, signature(secret, "an-event", stamp, body), body))
	fmt.Println(answer.Code)
	// Output:
	// a-customer session.expired
	// 204
}

// Call an operation without a Client, and distinguish its errors.
func ExampleIntrospectCustomerSession() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error": "invalid_token", "error_description": "The access token is invalid."}`)
	}))
	defer server.Close()

	core, err := polar.NewCore(polar.WithServerURL(server.URL)) // without options, it calls Polar
	if err != nil {
		log.Fatal(err)
	}
	_, err = polar.IntrospectCustomerSession(context.Background(), core, polar.SessionSecurity{MemberSession: "polar_mst_ended"})
	fmt.Println(err)

	var apiErr *polar.Error
	switch {
	case errors.Is(err, polar.ErrUnauthorized):
		fmt.Println("log in again")
	case errors.As(err, &apiErr):
		fmt.Println("error response:", apiErr.StatusCode)
	case err != nil:
		fmt.Println("no response")
	}
	// Output:
	// polar: introspect customer session: 401 invalid_token: The access token is invalid. (the session token is not valid; create a new session)
	// log in again
}

// An application behind a proxy verifies who is calling without trusting the proxy. The proxy asks Postern with
// audience=app.example.com.
func ExampleForwardAuthKeys_Verify() {
	client, stop := startServer()
	defer stop()
	keys, err := client.CustomerPortal.ForwardAuthKeys(context.Background()) // again after polar.ErrUnknownKey
	if err != nil {
		log.Fatal(err)
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := keys.Verify(r.Header, "app.example.com", time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		fmt.Fprintln(w, who.Principal, who.CustomerID, who.Role)
	})

	r := httptest.NewRequest("GET", "/", nil) // a request that did not pass the proxy
	r.Header.Set("X-Postern-Customer-Id", "forged")
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output: 401 polar: the request has no signed identity
}

func ExampleWithRetries() {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"expires_at":"2026-08-22T09:30:15Z","return_url":null}`)
	}))
	defer server.Close()

	client, err := polar.New(polar.WithServerURL(server.URL), polar.WithTimeout(2*time.Second), polar.WithRetries(polar.RetryConfig{
		InitialInterval: time.Millisecond,
	}))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // limits all attempts and the delays between them
	defer cancel()
	session, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SessionSecurity{CustomerSession: "polar_cst_live"})
	fmt.Println(session.ExpiresAt, err, calls)
	// Output: 2026-08-22 09:30:15 +0000 UTC <nil> 3
}

// Send a header with a single call, for example a trace ID.
func ExampleWithHeader() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("X-Trace"))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()

	client, err := polar.New(polar.WithServerURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.CustomerPortal.CustomerSession.Introspect(context.Background(),
		polar.SessionSecurity{CustomerSession: "polar_cst_live"}, polar.WithHeader("X-Trace", "4bf92f35"))
	fmt.Println(errors.Is(err, polar.ErrUnauthorized))
	// Output:
	// 4bf92f35
	// true
}

// Call a route for which the client has no method.
func ExampleClient_Do() {
	client, stop := startServer()
	defer stop()

	var customers struct {
		Items []struct{ Name string } `json:"items"`
	}
	err := client.Do(context.Background(), http.MethodGet, "/v1/customers/?limit=10", nil, &customers)
	check(err)
	fmt.Println(customers.Items[0].Name)
	// Output: Ada Lovelace
}

// Read the headers of a response.
func ExampleWithResponseInto() {
	client, stop := startServer()
	defer stop()

	var response polar.Response
	customer, err := client.Customers.Get(context.Background(), polar.ExternalCustomerID("user_1"), polar.WithResponseInto(&response))
	check(err)
	fmt.Println(*customer.Name, response.StatusCode, response.Header.Get("Polar-Version"))
	// Output: Ada Lovelace 200 2026-10
}

// The ID of an answer is passed to the next call as it is.
func ExampleSessionID() {
	client, stop := startServer()
	defer stop()
	ctx := context.Background()

	customer, err := client.Customers.Get(ctx, polar.ExternalCustomerID("user_1"))
	check(err)
	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: customer.ID})
	check(err)
	revoked, err := client.CustomerSessions.Revoke(ctx, session.ID, "left the company")
	check(err)
	fmt.Println(revoked.State, *revoked.EndReason, revoked.CustomerID == customer.ID)
	// Output: revoked left the company true
}

// Answers print their values, without secrets.
func ExampleMember() {
	member := polar.Member{ID: "m_1", CustomerID: "c_1", Email: "ada@example.com", Name: new("Ada"), Role: polar.RoleOwner}
	fmt.Println(member)
	// Output: polar.Member{ID: "m_1", CustomerID: "c_1", Email: "ada@example.com", Name: "Ada", Role: "owner"}
}

// Read a list that fits into memory.
func ExampleCollect() {
	client, stop := startServer()
	defer stop()

	customers, err := polar.Collect(client.Customers.List(context.Background(), polar.CustomerListParams{Query: "ada"}))
	check(err)
	fmt.Println(len(customers), *customers[0].Email)
	// Output: 1 ada@example.com
}

// A version that the server does not have is an error of its own.
func ExampleWithAPIVersion() {
	client, stop := startServer()
	defer stop()

	_, err := client.Customers.Get(context.Background(), polar.ExternalCustomerID("user_1"), polar.WithAPIVersion("2024-01"))
	fmt.Println(errors.Is(err, polar.ErrAPIVersion))
	// Output: true
}

// End every session of an organization, for example after an incident.
func ExampleCustomerSessionsService_RevokeOrganization() {
	client, stop := startServer()
	defer stop()
	ctx := context.Background()

	organizations, err := polar.Collect(client.Organizations.List(ctx, polar.OrganizationListParams{Slug: "acme"}))
	check(err)
	err = client.CustomerSessions.RevokeOrganization(ctx, organizations[0].ID, "incident 42")
	fmt.Println(err)
	// Output: <nil>
}
