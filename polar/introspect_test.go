package polar_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

func TestIntrospectReadsResponse(t *testing.T) {
	at := time.Date(2026, 8, 22, 9, 30, 15, 120_000_000, time.UTC)
	back := "https://example.com/"
	for name, test := range map[string]struct {
		body      string
		expiresAt time.Time
		returnURL *string
	}{
		"six digits":     {liveBody, at, &back},
		"no digits":      {`{"expires_at":"2026-08-22T09:30:15Z","return_url":null}`, at.Truncate(time.Second), nil},
		"offset":         {`{"expires_at":"2026-08-22T09:30:15.120000+00:00","return_url":null}`, at, nil},
		"another offset": {`{"expires_at":"2026-08-22T11:30:15.12+02:00","return_url":null}`, at, nil},
		"unknown fields": {`{"id":{"a":[1]},"expires_at":"2026-08-22T09:30:15.12Z","return_url":null,"x":null}`, at, nil},
		"no return_url":  {`{"expires_at":"2026-08-22T09:30:15.12Z"}`, at, nil},
		"white space":    {"\n {\"expires_at\" : \"2026-08-22T09:30:15.12Z\" }\n", at, nil},
		"a long string":  {`{"expires_at":"2026-08-22T09:30:15.12Z","x":"` + strings.Repeat("x", 100_000) + `"}`, at, nil},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, respond(200, test.body, "Content-Type: application/json; charset=utf-8"))
			session, err := introspect(t, client)
			if err != nil {
				t.Fatal(err)
			}
			if !session.ExpiresAt.Equal(test.expiresAt) || session.ExpiresAt.Location() != time.UTC {
				t.Errorf("ExpiresAt = %v, want %v", session.ExpiresAt, test.expiresAt)
			}
			if (session.ReturnURL == nil) != (test.returnURL == nil) || session.ReturnURL != nil && *session.ReturnURL != *test.returnURL {
				t.Errorf("ReturnURL = %v", session.ReturnURL)
			}
		})
	}
}

func TestIntrospectSendsRequest(t *testing.T) {
	for name, test := range map[string]struct {
		path     string // of the server URL
		security polar.SessionSecurity
		opts     []polar.Option
		want     http.Header
		wantPath string
	}{
		"defaults": {
			security: liveSecurity,
			want: http.Header{
				"Authorization": {"Bearer " + liveToken}, "Accept": {"application/json"}, "User-Agent": {"postern-polar-go"},
				"Polar-Version": {"2026-10"}, "Content-Type": nil, "Content-Length": nil, "Transfer-Encoding": nil,
			},
			wantPath: livePath,
		},
		"a member, a version, headers": {
			path:     "/base/",
			security: polar.SessionSecurity{MemberSession: "polar_mst_x"},
			opts: []polar.Option{
				polar.WithAPIVersion(polar.Version202610), polar.WithUserAgent("shop/1.0"), polar.WithHeader("x-trace", "a"),
				polar.WithHeader("Accept", "application/problem+json"),
			},
			want: http.Header{
				"Authorization": {"Bearer polar_mst_x"}, "Accept": {"application/problem+json"}, "User-Agent": {"shop/1.0"},
				"Polar-Version": {"2026-10"}, "X-Trace": {"a"},
			},
			wantPath: "/base" + livePath,
		},
		"an escaped base path": {path: "/a%2Fb", security: liveSecurity, wantPath: "/a%2Fb" + livePath},
	} {
		t.Run(name, func(t *testing.T) {
			var got *http.Request
			var url string
			handler := func(w http.ResponseWriter, r *http.Request) {
				got = r
				respond(200, liveBody, asJSON)(w, r)
			}
			client := newClient(t, handler, polar.WithRequestEditor(func(r *http.Request) error {
				url = r.URL.Scheme + "://" + r.URL.Host
				return nil
			}))
			if _, err := introspect(t, client); err != nil { // a first call, to learn the server's address
				t.Fatal(err)
			}
			opts := append([]polar.Option{polar.WithServerURL(url + test.path)}, test.opts...)
			core, err := polar.NewCore(opts...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := polar.IntrospectCustomerSession(t.Context(), core, test.security); err != nil {
				t.Fatal(err)
			}
			if got.Method != http.MethodGet || got.URL.EscapedPath() != test.wantPath || got.ContentLength != 0 {
				t.Errorf("%s %s, %d bytes", got.Method, got.URL.EscapedPath(), got.ContentLength)
			}
			for name, want := range test.want {
				if have := got.Header.Values(name); strings.Join(have, "|") != strings.Join(want, "|") {
					t.Errorf("%s: %q, want %q", name, have, want)
				}
			}
		})
	}
}

func TestInvalidSessionSecurityIsRefused(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for name, test := range map[string]struct {
		security polar.SessionSecurity
		is       error
		text     string
	}{
		"neither":   {polar.SessionSecurity{}, polar.ErrMissingSecurity, "set CustomerSession or MemberSession"},
		"both":      {polar.SessionSecurity{CustomerSession: "secretA", MemberSession: "secretB"}, nil, "both"},
		"newline":   {polar.SessionSecurity{CustomerSession: "secretA\n"}, polar.ErrMalformedToken, "byte 7 of CustomerSession"},
		"space":     {polar.SessionSecurity{MemberSession: "secretA b"}, polar.ErrMalformedToken, "byte 7 of MemberSession"},
		"injection": {polar.SessionSecurity{MemberSession: "secretA\r\nX-Evil: 1"}, polar.ErrMalformedToken, "MemberSession"},
		"NUL":       {polar.SessionSecurity{MemberSession: "secretA\x00"}, polar.ErrMalformedToken, "MemberSession"},
		"non-ASCII": {polar.SessionSecurity{MemberSession: "secretAä"}, polar.ErrMalformedToken, "MemberSession"},
		"blank":     {polar.SessionSecurity{MemberSession: " "}, polar.ErrMalformedToken, "MemberSession"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.CustomerPortal.CustomerSession.Introspect(t.Context(), test.security)
			if err == nil || test.is != nil && !errors.Is(err, test.is) {
				t.Fatalf("%v, want %v", err, test.is)
			}
			wantText(t, formatted(err), []string{test.text}, []string{"secretA", "secretB"})
		})
	}
}

func TestZeroValuesAreErrors(t *testing.T) {
	for name, ask := range map[string]func() error{
		"client": func() error {
			_, err := (&polar.Client{}).CustomerPortal.CustomerSession.Introspect(t.Context(), liveSecurity)
			return err
		},
		"core": func() error {
			_, err := polar.IntrospectCustomerSession(t.Context(), &polar.Core{}, liveSecurity)
			return err
		},
		"nil core": func() error {
			_, err := polar.IntrospectCustomerSession(t.Context(), nil, liveSecurity)
			return err
		},
		"nil context": func() error {
			_, err := introspectNil(t)
			return err
		},
	} {
		if err := ask(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func introspectNil(t *testing.T) (*polar.CustomerCustomerSession, error) {
	client := newClient(t, respond(200, liveBody, asJSON))
	return client.CustomerPortal.CustomerSession.Introspect(nil, liveSecurity) //lint:ignore SA1012 that is the test
}

func TestConnectionsAreReused(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"success": respond(200, liveBody, asJSON),
		"error":   respond(401, `{"error":"Unauthorized","detail":"Unauthorized"}`, asJSON),
		"html":    respond(502, strings.Repeat("<p>", 1000), "Content-Type: text/html"),
		"empty":   respond(429, ""),
		"half":    respond(200, `{"expires_at":`, asJSON),
	} {
		t.Run(name, func(t *testing.T) {
			peers := map[string]bool{}
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				peers[r.RemoteAddr] = true
				handler(w, r)
			})
			for range 5 {
				introspect(t, client)
			}
			if len(peers) != 1 {
				t.Errorf("%d connections for 5 calls", len(peers))
			}
		})
	}
}

func TestConcurrentCallsDoNotMix(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		respond(200, `{"expires_at":"2026-08-22T09:30:15Z","return_url":"`+token+r.Header.Get("X-Call")+`"}`, asJSON)(w, r)
	})
	var wg sync.WaitGroup
	for i := range 32 {
		token, call := "token"+strings.Repeat("x", i), "call"+strings.Repeat("y", i)
		wg.Go(func() {
			for range 10 {
				security := polar.SessionSecurity{MemberSession: token}
				session, err := client.CustomerPortal.CustomerSession.Introspect(t.Context(), security,
					polar.WithHeader("X-Call", call), polar.WithRequestEditor(func(r *http.Request) error {
						r.Header["Accept"][0] = "application/json, */*" // changes the value in place, which must not affect other calls
						return nil
					}))
				if err != nil || *session.ReturnURL != token+call {
					t.Errorf("%v, %v", session, err)
				}
				if session, err = client.CustomerPortal.CustomerSession.Introspect(t.Context(), security); err != nil || *session.ReturnURL != token {
					t.Errorf("%v, %v", session, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestWireTypesHaveEveryKeyInOrder(t *testing.T) {
	const address = `{"line1":null,"line2":null,"postal_code":null,"city":null,"state":null,"country":""}`
	const customer = `{"id":"","created_at":"0001-01-01T00:00:00Z","modified_at":null,"metadata":null,"external_id":null,"email":null,` +
		`"email_verified":false,"type":"","name":null,"billing_name":null,"billing_address":null,"tax_id":null,"locale":null,` +
		`"organization_id":"","default_payment_method_id":null,"deleted_at":null,"first_user_event_at":null,"avatar_url":null}`
	for want, v := range map[string]any{
		`{"expires_at":"0001-01-01T00:00:00Z","return_url":null}`: polar.CustomerCustomerSession{},
		`{"created_at":"0001-01-01T00:00:00Z","modified_at":null,"id":"","token":"secret","expires_at":"0001-01-01T00:00:00Z",` +
			`"return_url":null,"customer_portal_url":"","customer_id":"","customer":` + customer + `}`: polar.CustomerSession{Token: "secret"},
		`{"type":"","name":null,"email":"","customer_id":"","member_id":null,"role":null}`: polar.PortalAuthenticatedUser{},
		customer:                     polar.Customer{},
		address:                      polar.Address{},
		`["FR61954506077","eu_vat"]`: polar.TaxID{"FR61954506077", "eu_vat"},
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%T: %s, %v\nwant %s", v, got, err, want)
		}
	}
}
