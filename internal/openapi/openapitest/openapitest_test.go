package openapitest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
)

const (
	introspect = "/v1/customer-portal/customer-session/introspect"
	customer   = `{"id":"8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a","created_at":"2026-10-01T12:00:00.120000Z","modified_at":null,"metadata":{"plan":"pro","seats":3},` +
		`"external_id":"user_1","email":"ada@example.com","email_verified":false,"type":"individual","name":"Ada","billing_name":"Ada",` +
		`"billing_address":{"line1":null,"line2":null,"postal_code":null,"city":null,"state":null,"country":"GB"},"tax_id":null,"locale":null,` +
		`"organization_id":"1f7e3b52-90ad-4c38-8e61-2a5b4c6d7e8f","default_payment_method_id":null,"deleted_at":null,"first_user_event_at":null,"avatar_url":null}`
)

func TestCheck(t *testing.T) {
	asJSON := http.Header{"Content-Type": {"application/json"}}
	edit := func(old, new string) string {
		if !strings.Contains(customer, old) {
			t.Fatalf("%s is not in the customer", old)
		}
		return strings.Replace(customer, old, new, 1)
	}
	for _, tt := range []struct {
		name, method, path string
		status             int
		header             http.Header
		body, want         string // "" if the answer is as documented
	}{
		{"as documented", "GET", introspect, 200, asJSON, `{"expires_at":"2026-10-01T13:00:00Z","return_url":null}`, ""},
		{"a query", "GET", "/v1/customers/?limit=1", 200, asJSON, `{"items":[` + customer + `],"pagination":{"total_count":1,"max_page":1}}`, ""},
		{"a whole customer", "GET", "/v1/customers/8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a", 200, asJSON, customer, ""},
		{"a literal path wins", "GET", "/v1/customers/external/members", 200, asJSON, customer, ""},
		{"a charset", "GET", "/docs", 200, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, `<!doctype html>`, ""},
		{"a 401 for an invalid token", "GET", introspect, 401, asJSON, `{"error": "invalid_token", "error_description": "…"}`, ""},
		{"null", "POST", "/v1/customer-portal/customer-session/request", 202, asJSON, `null`, ""},
		{"no body", "DELETE", "/v1/customers/x", 204, asJSON, ``, ""},
		{"too many requests", "GET", introspect, 429, nil, ``, ""},
		{"too many requests at once", "GET", introspect, 429, asJSON, `{"error":"TooManyConcurrentRequests","detail":"…"}`, ""},

		{"a wrong type", "GET", introspect, 200, asJSON, `{"expires_at":1790859600,"return_url":null}`, "/expires_at"},
		{"a wrong format", "GET", introspect, 200, asJSON, `{"expires_at":"2026-10-01","return_url":null}`, "date-time"},
		{"an unknown field", "GET", introspect, 200, asJSON, `{"expires_at":"2026-10-01T13:00:00Z","return_url":null,"scopes":[]}`, "scopes"},
		{"a missing field", "GET", introspect, 200, asJSON, `{"expires_at":"2026-10-01T13:00:00Z"}`, "return_url"},
		{"an unexpected null", "GET", "/v1/customers/x", 200, asJSON, edit(`"email":"ada@example.com"`, `"email":null`), "/email"},
		{"an unknown value", "GET", "/v1/customers/x", 200, asJSON, edit(`"GB"`, `"XX"`), "/billing_address/country"},
		{"a UUID of another version", "GET", "/v1/customers/x", 200, asJSON, edit(`-4e7a-`, `-7e7a-`), "version 4"},
		{"a nested unknown field", "GET", "/v1/customers/x", 200, asJSON, edit(`"line1":null`, `"line1":null,"line3":null`), "line3"},
		{"a value of metadata", "GET", "/v1/customers/x", 200, asJSON, edit(`"seats":3`, `"seats":[3]`), "/metadata/seats"},
		{"the error of another status", "GET", introspect, 401, asJSON, `{"detail":"Not Found"}`, "error"},
		{"an undocumented status", "GET", introspect, 418, asJSON, `{}`, "does not document this status"},
		{"a 422 of an operation without input", "GET", introspect, 422, asJSON, `{}`, "does not document this status"},
		{"an unknown path", "GET", "/v1/nowhere", 404, asJSON, `{"detail":"Not Found"}`, "no operation matches"},
		{"a wrong method", "PUT", introspect, 405, asJSON, `{"detail":"Method Not Allowed"}`, "no operation matches"},
		{"an empty part of a path", "GET", "/v1/customers//members/x", 200, asJSON, `{}`, "no operation matches"},
		{"a wrong content type", "GET", introspect, 200, http.Header{"Content-Type": {"text/plain"}}, `{}`, "text/plain"},
		{"no content type", "GET", introspect, 200, nil, `{}`, "Content-Type"},
		{"an unexpected body", "DELETE", "/v1/customers/x", 204, asJSON, `{}`, "no body"},
		{"not JSON", "GET", introspect, 200, asJSON, `{"expires_at"`, "not JSON"},
		{"text after the JSON", "GET", introspect, 200, asJSON, `{"expires_at":"2026-10-01T13:00:00Z","return_url":null} {}`, "not JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := check(tt.method, tt.path, tt.status, tt.header, []byte(tt.body))
			if tt.want == "" && err != nil {
				t.Errorf("got %v, want no error", err)
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestOperationID(t *testing.T) {
	for _, tt := range []struct {
		method, path, want string
	}{
		{"GET", introspect, "customer_portal:customer-session:introspect"},
		{"GET", "/v1/customers/nope?x=1", "customers:get"},
		{"HEAD", introspect, ""},
		{"GET", introspect + "/", ""},
		{"GET", "/v1//customers/", ""},
		{"OPTIONS", "/v1/customers/", ""},
	} {
		if got := OperationID(tt.method, tt.path); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.method, tt.path, got, tt.want)
		}
	}
}

// failed records whether Check fails a test.
type failed struct {
	testing.TB
	text string
}

func (f *failed) Helper()                        {}
func (f *failed) Errorf(format string, a ...any) { f.text = format }

func TestCheckFailsTheTest(t *testing.T) {
	var f failed
	Check(&f, "GET", introspect, 418, nil, nil)
	if f.text == "" {
		t.Error("Check accepts an undocumented status")
	}
}

// emptySuccess lists the operations that answer 200 without a body, as proxies require.
var emptySuccess = map[string]bool{"customer_portal:forward_auth": true}

// Every operation documents a success, and the schemas of all responses compile.
func TestEveryAnswerIsDescribed(t *testing.T) {
	all := operations()
	if len(all) != len(openapi.Operations()) {
		t.Errorf("%d operations of %d", len(all), len(openapi.Operations()))
	}
	for _, op := range all {
		if op.Statuses[0] < 200 || op.Statuses[0] > 299 {
			t.Errorf("%s succeeds with %d", op.ID, op.Statuses[0])
		}
		for _, status := range op.Statuses {
			empty := status == 204 || status == 302 || status == 200 && emptySuccess[op.ID]
			if none := len(op.answers[status]) == 0; none != empty {
				t.Errorf("%s %d has no body: %v", op.ID, status, none)
			}
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	header := http.Header{"Content-Type": {"application/json"}}
	for b.Loop() {
		if err := check("GET", "/v1/customers/x", 200, header, []byte(customer)); err != nil {
			b.Fatal(err)
		}
	}
}
