package polar_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

var liveSecurity = polar.SessionSecurity{CustomerSession: liveToken}

// newClient returns a client of a server with the given handler. It does not retry unless opts say so.
func newClient(t testing.TB, handler http.HandlerFunc, opts ...polar.Option) *polar.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newClientForURL(t, server.URL, opts...)
}

func newClientForURL(t testing.TB, url string, opts ...polar.Option) *polar.Client {
	t.Helper()
	client, err := polar.New(append([]polar.Option{polar.WithServerURL(url), polar.WithoutRetries()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func introspect(t testing.TB, client *polar.Client, opts ...polar.Option) (*polar.CustomerCustomerSession, error) {
	t.Helper()
	return client.CustomerPortal.CustomerSession.Introspect(t.Context(), liveSecurity, opts...)
}

// respond returns a handler that writes a status, headers ("Name: value") and a body.
func respond(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const asJSON = "Content-Type: application/json"

// roundTrip is a transport without a network, which tests of timing need.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func withTransport(f roundTrip) polar.Option { return polar.WithHTTPClient(&http.Client{Transport: f}) }

func newResponse(status int, body string, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	respond(status, body, headers...)(w, nil)
	return w.Result()
}

// rawServer calls speak for every connection after reading the request, and then closes the connection.
func rawServer(t *testing.T, speak func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			go func() {
				defer stop()
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 4096)); err == nil {
					speak(conn)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// wantText fails the test unless s contains all of wanted and none of forbidden.
func wantText(t *testing.T, s string, wanted, forbidden []string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(s, w) {
			t.Errorf("%q is missing in %q", w, s)
		}
	}
	for _, f := range forbidden {
		if strings.Contains(s, f) {
			t.Errorf("%q should not be in %q", f, s)
		}
	}
}

// formatted returns a value formatted with every verb of fmt.
func formatted(v any) string {
	return fmt.Sprintf("%v\n%+v\n%#v\n%s\n%q\n%x\n%d\n%T", v, v, v, v, v, v, v, v)
}

// must returns a function that returns its first argument and fails the test if there is an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
