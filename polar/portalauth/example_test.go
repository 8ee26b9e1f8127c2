package portalauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

const (
	exampleToken        = "polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"
	exampleOrganization = "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01"
)

// exampleServer accepts a single session. The package polartest provides a complete server for tests.
func exampleServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		switch {
		case r.URL.Path != "/v1/customer-portal/forward-auth":
			http.NotFound(w, r)
		case r.Header.Get("Authorization") != "Bearer "+exampleToken:
			h.Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error": "invalid_token", "error_description": "The access token is invalid."}`)
		default:
			h.Set("X-Postern-Principal", "member")
			h.Set("X-Postern-Member-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a03")
			h.Set("X-Postern-Organization-Id", exampleOrganization)
			h.Set("X-Postern-Customer-Id", "0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a02")
			h.Set("X-Postern-Email", "ada@example.com")
			h.Set("X-Postern-Role", "owner")
			h.Set("X-Postern-Scopes", "customer_portal:read")
			h.Set("X-Postern-Expires-At", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		}
	}))
}

// Protect an API, and get the calling customer in its handlers.
func Example() {
	server := exampleServer()
	defer server.Close()

	client, err := polar.New(polar.WithServerURL(server.URL)) // or polar.WithAccessToken, instead of OrganizationID below
	if err != nil {
		log.Fatal(err)
	}
	auth, err := portalauth.New(client, portalauth.Options{OrganizationID: exampleOrganization})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()

	mux := http.NewServeMux()
	mux.Handle("GET /invoices", auth.Require("customer_portal:read")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, _ := portalauth.FromContext(r.Context())
		fmt.Fprintf(w, "invoices of %s, role %s\n", identity.Email, identity.Role)
	})))
	mux.Handle("POST /invoices", auth.Require("customer_portal:write")(http.NotFoundHandler()))

	for _, request := range []struct{ method, token string }{{"GET", exampleToken}, {"POST", exampleToken}, {"GET", ""}} {
		r := httptest.NewRequest(request.method, "/invoices", nil)
		if request.token != "" {
			r.Header.Set("Authorization", "Bearer "+request.token)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 invoices of ada@example.com, role owner
	//
	// 403 {"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}
	// 401 {"error":"Unauthorized","detail":"Unauthorized"}
}

// New names everything that cannot work.
func ExampleNew() {
	client, err := polar.New(polar.WithServerURL("https://portal.example.com")) // without an access token
	if err != nil {
		log.Fatal(err)
	}
	if _, err := portalauth.New(client, portalauth.Options{}); err != nil {
		fmt.Println(err)
	}
	if _, err := portalauth.New(client, portalauth.Options{AnyOrganization: true, MaxSessions: -1}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// portalauth: the organization is not known; set polar.WithAccessToken, Options.OrganizationID or Options.AnyOrganization
	// portalauth: MaxSessions -1 must not be negative; leave it zero for the default
}

// Check at start, and in a health check, whether sessions can be checked.
func ExampleVerifier_Check() {
	server := exampleServer()
	defer server.Close()
	client, err := polar.New(polar.WithServerURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	auth, err := portalauth.New(client, portalauth.Options{OrganizationID: exampleOrganization})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()
	health := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := auth.Check(ctx); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})

	for _, state := range []string{"server works", "server is away"} {
		w := httptest.NewRecorder()
		health.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		fmt.Println(state, w.Code)
		server.Close()
	}
	// Output:
	// server works 200
	// server is away 503
}

// Count events by kind, and silence the log. By default, failures are logged to slog.Default().
func ExampleEvent() {
	server := exampleServer()
	client, err := polar.New(polar.WithServerURL(server.URL), polar.WithoutRetries())
	if err != nil {
		log.Fatal(err)
	}
	var counts sync.Map // a real program uses its metrics library
	auth, err := portalauth.New(client, portalauth.Options{
		AnyOrganization: true,
		Logger:          slog.New(slog.DiscardHandler),
		Observe: func(e portalauth.Event) {
			n, _ := counts.LoadOrStore(e.Kind, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()

	auth.Verify(context.Background(), exampleToken) // asks the server
	auth.Verify(context.Background(), exampleToken) // from the cache
	auth.Verify(context.Background(), "not a token")
	server.Close()
	auth.Verify(context.Background(), "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l") // the server is away
	for _, kind := range []portalauth.EventKind{
		portalauth.EventLookup, portalauth.EventCacheHit, portalauth.EventMalformed, portalauth.EventUnavailable,
	} {
		n, _ := counts.Load(kind)
		fmt.Println(kind, n.(*atomic.Int64).Load())
	}
	// Output:
	// lookup 1
	// cache_hit 1
	// malformed 1
	// unavailable 1
}

// Verify tokens outside of net/http, for example of a message queue, a WebSocket or gRPC.
func ExampleVerifier_Verify() {
	server := exampleServer()
	defer server.Close()
	client, err := polar.New(polar.WithServerURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	auth, err := portalauth.New(client, portalauth.Options{AnyOrganization: true})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()

	for _, token := range []string{exampleToken, "polar_mst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"} {
		identity, err := auth.Verify(context.Background(), token)
		switch {
		case errors.Is(err, polar.ErrInvalidToken):
			fmt.Println("not valid: ask the customer to log in")
		case err != nil:
			fmt.Println("cannot be checked: refuse access") // portalauth.ErrUnavailable
		default:
			fmt.Println("live:", identity.Email)
		}
	}
	// Output:
	// live: ada@example.com
	// not valid: ask the customer to log in
}

// Test a handler without a server by setting the identity of the caller.
func ExampleNewContext() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		identity, _ := portalauth.FromContext(r.Context())
		fmt.Fprint(w, "hello, ", identity.Email)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(portalauth.NewContext(r.Context(), portalauth.Identity{Email: "grace@example.com"}))
	w := httptest.NewRecorder()
	handler(w, r)
	fmt.Println(w.Body)
	// Output: hello, grace@example.com
}

// Redirect browsers to a login page, and count events by kind.
func ExampleOptions() {
	client, err := polar.New(polar.WithAccessToken("polar_oat_x"))
	if err != nil {
		log.Fatal(err)
	}
	counts := map[portalauth.EventKind]int{} // a real program uses its metrics library, which is safe for concurrent use
	auth, err := portalauth.New(client, portalauth.Options{
		MaxStaleness: 10 * time.Second,
		ServeStale:   5 * time.Minute,                 // while the server cannot be reached
		LoginURL:     "https://app.example.com/login", // a page of your own; see ExampleVerifier_Handler for the hosted one
		PublicURL:    "https://app.example.com",
		Observe:      func(e portalauth.Event) { counts[e.Kind]++ },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()

	r := httptest.NewRequest("GET", "/invoices?year=2026", nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	auth.Require()(http.NotFoundHandler()).ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 303 https://app.example.com/login?return_url=https%3A%2F%2Fapp.example.com%2Finvoices%3Fyear%3D2026
}

// Let customers sign in at the portal of a Postern server. They return to the page that they wanted.
func ExampleVerifier_Handler() {
	client, err := polar.New(polar.WithAccessToken("polar_oat_x"), polar.WithServerURL("https://portal.example.com"))
	if err != nil {
		log.Fatal(err)
	}
	auth, err := portalauth.New(client, portalauth.Options{
		PortalURL: "https://portal.example.com/acme/portal",
		PublicURL: "https://app.example.com", // an application host of the organization
		Cookie:    portalauth.Cookie{Name: "__Host-postern_session"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer auth.Close()
	mux := http.NewServeMux()
	mux.Handle("/.postern/", auth.Handler())
	mux.Handle("/", auth.Require()(http.NotFoundHandler()))

	r := httptest.NewRequest("GET", "/invoices?year=2026", nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	to, _, _ := strings.Cut(w.Header().Get("Location"), "&state=")
	fmt.Println(w.Code, to)
	// Output: 303 https://portal.example.com/acme/portal/request?return_url=https%3A%2F%2Fapp.example.com%2F.postern%2Fcallback
}
