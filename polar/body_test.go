package polar_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

const createdBody = `{"id":"s","token":"polar_mst_x","customer_id":"c","expires_at":"2026-10-01T12:00:00Z","created_at":"2026-10-01T11:00:00Z"}`

var createInput = polar.CustomerSessionCreate{Customer: polar.CustomerID("c"), Metadata: polar.Metadata{"a": "<&>ü"}}

// formatRequest returns the parts of a request that retries and redirects must not change.
func formatRequest(t *testing.T, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return fmt.Sprint(r.Method, " ", r.ContentLength, " ", r.TransferEncoding, " ", r.Header["Content-Type"], " ", r.Header["Idempotency-Key"], " ", string(body))
}

// Status 307 and 308 repeat the request unchanged. Status 301 to 303 would turn it into a GET and are refused.
func TestWritesFollowOnlyRedirectsThatKeepTheMethod(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var seen []string
		client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, formatRequest(t, r))
			if r.URL.Path != "/there" {
				redirect(status, "/there")(w, r)
				return
			}
			respond(201, createdBody, asJSON)(w, r)
		}, polar.WithAccessToken("polar_oat_x"), polar.WithRetries(polar.RetryConfig{}))
		_, err := client.CustomerSessions.Create(t.Context(), createInput)
		if status >= 307 {
			if err != nil || len(seen) != 2 || seen[0] != seen[1] || !strings.Contains(seen[0], `{"customer_id":"c"`) {
				t.Errorf("%d: %v, %q", status, err, seen)
			}
			continue
		}
		if _, ok := errors.AsType[*polar.RedirectError](err); !ok || len(seen) != 1 {
			t.Errorf("%d: %v, %q", status, err, seen)
			continue
		}
		wantText(t, err.Error(), []string{"create customer session", "turn a POST into a GET"}, nil)
		if err := client.CustomerSessions.RevokeOrganization(t.Context(), "org", ""); !errors.As(err, new(*polar.RedirectError)) {
			t.Errorf("%d: %v", status, err)
		}
		if err := client.Customers.Delete(t.Context(), polar.CustomerID("c")); !errors.As(err, new(*polar.RedirectError)) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// All attempts send the same body, length and idempotency key, even if a request editor reads the body. The next call
// has another key.
func TestRetriedWritesSendTheSameBytesAndKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, opts := range map[string][]polar.Option{
			"no editor": nil,
			"an editor that reads the body": {polar.WithRequestEditor(func(r *http.Request) error {
				_, err := io.Copy(io.Discard, r.Body)
				return err
			})},
		} {
			var seen []string
			look := func(status int) roundTrip {
				return func(r *http.Request) (*http.Response, error) {
					seen = append(seen, formatRequest(t, r))
					return newResponse(status, createdBody, asJSON), nil
				}
			}
			server := &scriptedTransport{steps: []roundTrip{look(503), look(429), look(201)}}
			client := must[*polar.Client](t)(polar.New(append(opts, polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: server}),
				polar.WithRetries(polar.RetryConfig{}))...))
			if _, err := client.CustomerSessions.Create(t.Context(), createInput); err != nil {
				t.Fatal(name, err)
			}
			if len(seen) != 3 || len(slices.Compact(slices.Clone(seen))) != 1 || !strings.Contains(seen[0], "<&>") && !strings.Contains(seen[0], `\u003c`) {
				t.Errorf("%s: %q", name, seen)
			}
			key := strings.Split(seen[0], " ")[4]
			server.steps = []roundTrip{look(201)}
			server.calledAt = nil
			if _, err := client.CustomerSessions.Create(t.Context(), createInput); err != nil || len(key) < 20 || strings.Contains(seen[3], key) {
				t.Errorf("%s: the next call also has the key %s: %v, %q", name, key, err, seen[3])
			}
		}
	})
}

// Go 1.26 and Go 1.27 encode U+FFFD and invalid UTF-8 differently; the client sends the same bytes with both.
func TestReplacementCharacterIsEscaped(t *testing.T) {
	var got string
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		got = formatRequest(t, r)
		respond(201, createdBody, asJSON)(w, r)
	}, polar.WithAccessToken("polar_oat_x"))
	in := polar.CustomerSessionCreate{Customer: polar.CustomerID("c"), Metadata: polar.Metadata{"a": "\xff\uFFFDü"}}
	if _, err := client.CustomerSessions.Create(t.Context(), in); err != nil || !strings.Contains(got, `"\ufffd\ufffdü"`) {
		t.Errorf("%v, %s", err, got)
	}
}

func TestIdempotencyKeyOfCreate(t *testing.T) {
	for name, test := range map[string]struct {
		key  string
		opts []polar.Option
		want string
	}{
		"none":               {"", nil, "[]"},
		"of the caller":      {"order-17", nil, "[order-17]"},
		"with retries":       {"order-17", []polar.Option{polar.WithRetries(polar.RetryConfig{})}, "[order-17]"},
		"in a header":        {"", []polar.Option{polar.WithRetries(polar.RetryConfig{}), polar.WithHeader("idempotency-key", "mine")}, "[mine]"},
		"retries turned off": {"", []polar.Option{polar.WithRetries(polar.RetryConfig{}), polar.WithoutRetries()}, "[]"},
	} {
		var got string
		client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			got = fmt.Sprint(r.Header["Idempotency-Key"])
			respond(201, createdBody, asJSON)(w, r)
		}, polar.WithAccessToken("polar_oat_x"))
		in := createInput
		in.IdempotencyKey = test.key
		if _, err := client.CustomerSessions.Create(t.Context(), in, test.opts...); err != nil || got != test.want {
			t.Errorf("%s: %s, want %s; %v", name, got, test.want, err)
		}
	}
}

// A retry after a lost response returns the session that the first attempt created.
func TestRetryAfterLostResponseCreatesOneSession(t *testing.T) {
	server := polartest.New(t)
	customer := server.Customer()
	lost := server.Truncate(polartest.Next(1).On("POST /v1/customer-sessions/"))
	client := server.Client(polar.WithRetries(polar.RetryConfig{InitialInterval: 1}))
	made, err := client.CustomerSessions.Create(t.Context(), polar.CustomerSessionCreate{Customer: customer.ID})
	if err != nil {
		t.Fatal(err)
	}
	if lost.Applied() != 1 {
		t.Errorf("%d responses were lost", lost.Applied())
	}
	all := collect(t, client.CustomerSessions.List(t.Context(), polar.CustomerSessionListParams{}))
	if len(all) != 1 || all[0].ID != made.ID {
		t.Errorf("%d sessions", len(all))
	}
	if _, err := client.CustomerPortal.CustomerSession.Introspect(t.Context(), polar.SecurityFor(made.Token)); err != nil {
		t.Error(err)
	}
}

// A successful status with the content of another server, such as a login page, is an error.
func TestCallsWithoutContentRejectForeignPages(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		ok     bool
	}{
		"nothing":                     {respond(200, ""), true},
		"an empty text":               {respond(200, "", "Content-Type: text/plain"), true},
		"JSON":                        {respond(200, "{}", asJSON), true},
		"a login page":                {respond(200, "<html>Log in", "Content-Type: text/html"), false},
		"a page without content type": {respond(200, "hello", "Content-Type: "), false},
		"an endless page":             {respondEndlessly(200, "Content-Type: text/html"), false},
		"another status":              {respond(202, ""), false},
		"no content":                  {respond(204, ""), false},
	} {
		client := newClient(t, test.answer, polar.WithAccessToken("polar_oat_x"))
		err := client.OAuth2.Revoke(t.Context(), "x")
		if _, mismatch := errors.AsType[*polar.DecodeError](err); mismatch == test.ok || (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
