package polar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/postern-go/postern/polar"
)

// exampleServer knows one session.
func exampleServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") != "Bearer polar_cst_live" {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error": "invalid_token", "error_description": "The access token is invalid."}`)
			return
		}
		io.WriteString(w, `{"expires_at":"2026-08-22T09:30:15.120000Z","return_url":"https://example.com/account"}`)
	}))
}

func Example() {
	server := exampleServer()
	defer server.Close()

	client, err := polar.New(polar.WithServerURL(server.URL)) // without an option it asks Polar
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.CustomerPortal.CustomerSession.Introspect(context.Background(),
		polar.SessionSecurity{CustomerSession: "polar_cst_live"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("live until", session.ExpiresAt)
	if session.ReturnURL != nil {
		fmt.Println("came from", *session.ReturnURL)
	}
	// Output:
	// live until 2026-08-22 09:30:15.12 +0000 UTC
	// came from https://example.com/account
}

// The standalone form, and what an error tells.
func ExampleIntrospectCustomerSession() {
	server := exampleServer()
	defer server.Close()

	core, err := polar.NewCore(polar.WithServerURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	_, err = polar.IntrospectCustomerSession(context.Background(), core, polar.SessionSecurity{MemberSession: "polar_mst_gone"})
	fmt.Println(err)

	var refusal *polar.Error
	switch {
	case errors.Is(err, polar.ErrUnauthorized):
		fmt.Println("log in again")
	case errors.As(err, &refusal):
		fmt.Println("the server refused:", refusal.StatusCode)
	case err != nil:
		fmt.Println("could not ask")
	}
	// Output:
	// polar: introspect customer session: 401 invalid_token: The access token is invalid. (the session has ended or never was; start a new one)
	// log in again
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
		InitialInterval:       time.Millisecond,
		RetryConnectionErrors: true,
	}))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // bounds all attempts and the waits between
	defer cancel()
	session, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SessionSecurity{CustomerSession: "polar_cst_live"})
	fmt.Println(session.ExpiresAt, err, calls)
	// Output: 2026-08-22 09:30:15 +0000 UTC <nil> 3
}

// A header for one call, say to follow it through a log.
func ExampleWithHeader() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("X-Trace"), r.Header.Get("Polar-Version"))
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()

	client, err := polar.New(polar.WithServerURL(server.URL), polar.WithAPIVersion(polar.V2026_10))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.CustomerPortal.CustomerSession.Introspect(context.Background(),
		polar.SessionSecurity{CustomerSession: "polar_cst_live"}, polar.WithHeader("X-Trace", "4bf92f35"))
	fmt.Println(errors.Is(err, polar.ErrRateLimited))
	// Output:
	// 4bf92f35 2026-10
	// true
}
