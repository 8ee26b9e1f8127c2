package polar_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

var errorKinds = map[string]error{
	"ErrUnauthorized": polar.ErrUnauthorized, "ErrInvalidToken": polar.ErrInvalidToken,
	"ErrInsufficientScope": polar.ErrInsufficientScope, "ErrNotFound": polar.ErrNotFound, "ErrAPIVersion": polar.ErrAPIVersion,
	"ErrValidation": polar.ErrValidation, "ErrRateLimited": polar.ErrRateLimited,
	"context.Canceled": context.Canceled, "context.DeadlineExceeded": context.DeadlineExceeded,
}

// errorResponses are error responses of Polar, byte for byte, and of proxies.
var errorResponses = []struct {
	name    string
	status  int
	headers []string
	body    string
	want    polar.Error // without Operation, StatusCode, Attempts and Body
	is      string      // names in errorKinds
	text    []string
}{
	{
		"no credential", 401, []string{asJSON, `WWW-Authenticate: Bearer realm="polar"`},
		`{"error":"Unauthorized","detail":"Unauthorized"}`,
		polar.Error{Code: "Unauthorized", Message: "Unauthorized"},
		"ErrUnauthorized", []string{"401 Unauthorized (", "polar_cst_…", "polar_mst_…"},
	},
	{
		"invalid token", 401,
		[]string{asJSON, `WWW-Authenticate: Bearer realm="polar", error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons."`},
		`{"error": "invalid_token", "error_description": "The access token provided is expired, revoked, malformed, or invalid for other reasons."}`,
		polar.Error{Code: "invalid_token", Message: "The access token provided is expired, revoked, malformed, or invalid for other reasons."},
		"ErrUnauthorized ErrInvalidToken", []string{"401 invalid_token: The access token", "create a new session"},
	},
	{
		"invalid token, in the header only", 401,
		[]string{`WWW-Authenticate: Bearer realm="a=\"b\"", error="invalid_token", error_description="It, error=1, ended."`}, "",
		polar.Error{Code: "invalid_token", Message: "It, error=1, ended."},
		"ErrUnauthorized ErrInvalidToken", []string{"401 invalid_token: It, error=1, ended."},
	},
	{
		"login code", 401, []string{asJSON},
		`{"error":"CustomerSessionCodeInvalidOrExpired","detail":"This customer session code is invalid or has expired."}`,
		polar.Error{Code: "CustomerSessionCodeInvalidOrExpired", Message: "This customer session code is invalid or has expired."},
		"ErrUnauthorized", []string{"CustomerSessionCodeInvalidOrExpired"},
	},
	{
		"missing scope", 403,
		[]string{asJSON, `WWW-Authenticate: Bearer realm="polar", scope="customer_sessions:write customers:write", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`},
		`{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`,
		polar.Error{
			Code: "insufficient_scope", Message: "The request requires higher privileges than provided by the access token.",
			Scopes: []polar.Scope{polar.ScopeCustomerSessionsWrite, polar.ScopeCustomersWrite},
		},
		"ErrInsufficientScope", []string{"needs one of these scopes: customer_sessions:write, customers:write"},
	},
	{
		"role without the right", 403, []string{asJSON}, `{"error":"NotPermitted","detail":"Not permitted"}`,
		polar.Error{Code: "NotPermitted", Message: "Not permitted"}, "", []string{"403 NotPermitted: Not permitted"},
	},
	{
		"unknown route", 404, []string{asJSON, "Polar-Version: 2026-10"}, `{"detail":"Not Found"}`,
		polar.Error{Message: "Not Found"}, "ErrNotFound", []string{"404 Not Found (", "WithServerURL"},
	},
	{
		"unknown version", 404, []string{asJSON}, `{"detail":"Not Found"}`,
		polar.Error{Message: "Not Found"}, "ErrAPIVersion", []string{"404 Not Found (", `version "2026-10"`, "WithAPIVersion"},
	},
	{
		"unknown object", 404, []string{asJSON}, `{"error":"ResourceNotFound","detail":"Not found"}`,
		polar.Error{Code: "ResourceNotFound", Message: "Not found"}, "ErrNotFound", []string{"404 ResourceNotFound: Not found"},
	},
	{
		"wrong method", 405, []string{asJSON, "Allow: GET"}, `{"detail":"Method Not Allowed"}`,
		polar.Error{Message: "Method Not Allowed"}, "", []string{"405 Method Not Allowed"},
	},
	{
		"unreadable body", 400, []string{asJSON}, `{"detail":"There was an error parsing the body"}`,
		polar.Error{Message: "There was an error parsing the body"}, "", []string{"400 Bad Request: There was"},
	},
	{
		"missing length", 411, []string{asJSON}, `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`,
		polar.Error{Code: "LengthRequired", Message: "A Content-Length header is required."}, "", []string{"411 LengthRequired: A Content"},
	},
	{
		"too large", 413, []string{asJSON},
		`{"error": "RequestBodyTooLarge", "detail": "Request body exceeded the maximum allowed size of 10485760 bytes."}`,
		polar.Error{Code: "RequestBodyTooLarge", Message: "Request body exceeded the maximum allowed size of 10485760 bytes."}, "", nil,
	},
	{
		"validation", 422, []string{asJSON},
		`{"error":"RequestValidationError","detail":[{"type":"uuid_parsing","loc":["body","CustomerSessionCustomerIDCreate","customer_id"],"msg":"Input should be a valid UUID","input":"nope","ctx":{"error":"x"}},{"type":"json_invalid","loc":["body",17],"msg":"JSON decode error","input":{}},{"type":"missing","loc":["body"],"msg":"Field required","input":null},{"type":"missing","loc":["query"],"msg":"Field required","input":null}]}`,
		polar.Error{Code: "RequestValidationError", Fields: []polar.FieldError{
			{Type: "uuid_parsing", Loc: []any{"body", "CustomerSessionCustomerIDCreate", "customer_id"}, Msg: "Input should be a valid UUID"},
			{Type: "json_invalid", Loc: []any{"body", 17}, Msg: "JSON decode error"},
			{Type: "missing", Loc: []any{"body"}, Msg: "Field required"},
			{Type: "missing", Loc: []any{"query"}, Msg: "Field required"},
		}},
		"ErrValidation",
		[]string{"422 RequestValidationError: body.CustomerSessionCustomerIDCreate.customer_id: Input should", "body.17: JSON decode error", "and 1 more"},
	},
	{
		"business rule", 422, []string{asJSON},
		`{"error":"PolarRequestValidationError","detail":[{"type":"value_error","loc":["body","customer_id"],"msg":"Customer does not exist.","input":"x"}]}`,
		polar.Error{Code: "PolarRequestValidationError", Fields: []polar.FieldError{
			{Type: "value_error", Loc: []any{"body", "customer_id"}, Msg: "Customer does not exist."},
		}},
		"ErrValidation", []string{"body.customer_id: Customer does not exist."},
	},
	{
		"validation errors of unexpected types", 422, []string{asJSON},
		`{"error":7,"detail":[null,5,{"type":"a","loc":"body","msg":["b"]},{"loc":[true,null,{}]},{"loc":["body",1.5]}]}`,
		polar.Error{Fields: []polar.FieldError{{Type: "a"}, {Loc: []any{"body", 1}}}},
		"ErrValidation", []string{"422 Unprocessable Entity: "},
	},
	{
		"crash", 500, []string{"Content-Type: text/plain; charset=utf-8"}, "Internal Server Error",
		polar.Error{Message: "Internal Server Error"}, "", []string{"500 Internal Server Error (temporary error; see WithRetries)"},
	},
	{
		"rate limit", 429, []string{"Retry-After: 60"}, "",
		polar.Error{RetryAfter: time.Minute}, "ErrRateLimited", []string{"429 Too Many Requests (try again in 1m0s)"},
	},
	{
		"proxy", 502, []string{"Content-Type: text/html"}, "<html>\n<h1>Bad Gateway</h1>",
		polar.Error{}, "", []string{"502 Bad Gateway (temporary error"},
	},
	{
		"JSON of a proxy", 403, []string{asJSON}, `{"error":{"message":"blocked"},"detail":{"a":1}}`,
		polar.Error{}, "", []string{"403 Forbidden"},
	},
	{
		"JSON with another content type", 403, []string{"Content-Type: text/html"}, `{"error":"NotPermitted","detail":"Not permitted"}`,
		polar.Error{Code: "NotPermitted", Message: "Not permitted"}, "", []string{"NotPermitted"},
	},
	{"truncated JSON", 400, []string{asJSON}, `{"error":"NotPermitted","det`, polar.Error{}, "", []string{"400 Bad Request"}},
	{"a JSON list", 400, []string{asJSON}, `[{"error":"NotPermitted"}]`, polar.Error{}, "", []string{"400 Bad Request"}},
	{"JSON null", 400, []string{asJSON}, `null`, polar.Error{}, "", []string{"400 Bad Request"}},
	{"unknown status", 599, nil, "", polar.Error{}, "", []string{"599 error"}},
	{
		"control characters", 400, []string{"Content-Type: text/plain"}, "a\nb\x1b[31m\xff\r\u2028c",
		polar.Error{Message: "a\nb\x1b[31m\uFFFD\r\u2028c"}, "", []string{"a b [31m\uFFFD  c"},
	},
}

func TestErrorResponsesAreParsed(t *testing.T) {
	for _, test := range errorResponses {
		t.Run(test.name, func(t *testing.T) {
			_, err := introspect(t, newClient(t, respond(test.status, test.body, test.headers...)))
			var got *polar.Error
			if !errors.As(err, &got) {
				t.Fatalf("%T %v", err, err)
			}
			wantText(t, got.Error(), append(test.text, "polar: introspect customer session: "), []string{"\n", "\x1b"})
			for name, kind := range errorKinds {
				if want := strings.Contains(" "+test.is+" ", " "+name+" "); errors.Is(err, kind) != want {
					t.Errorf("errors.Is(err, %s) = %v", name, !want)
				}
			}
			if got.Header.Get("Date") == "" {
				t.Errorf("the header is %v", got.Header)
			}
			want := test.want
			want.Header = got.Header
			want.Operation, want.StatusCode, want.Attempts, want.Body = "introspect customer session", test.status, 1, test.body
			if !equalErrors(*got, want) {
				t.Errorf("got  %#v\nwant %#v", *got, want)
			}
		})
	}
}

// equalErrors compares the exported fields.
func equalErrors(a, b polar.Error) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if f := x.Type().Field(i); f.IsExported() && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			return false
		}
	}
	return true
}

// The hint of a 401 names the credential that the operation needs.
func TestUnauthorizedHintDependsOnCredential(t *testing.T) {
	const invalidToken, unauthorized = `{"error":"invalid_token"}`, `{"error":"Unauthorized","detail":"Unauthorized"}`
	session := func(c *polar.Client) error {
		return errorOf(c.CustomerPortal.CustomerSession.Introspect(t.Context(), liveSecurity))
	}
	organization := func(c *polar.Client) error { return c.CustomerSessions.RevokeOrganization(t.Context(), "org", "") }
	public := func(c *polar.Client) error {
		return errorOf(c.CustomerPortal.CustomerSession.Authenticate(t.Context(), polar.CustomerSessionCodeAuthenticate{Code: "A1B2C3"}))
	}
	raw := func(c *polar.Client) error { return c.Do(t.Context(), http.MethodGet, "/v1/products/", nil, nil) }
	for _, test := range []struct {
		ask               func(*polar.Client) error
		body              string
		wanted, forbidden []string
	}{
		{raw, invalidToken, []string{"(the token is not valid; see WithAccessToken and WithSession)"}, nil},
		{raw, unauthorized, []string{"send the credential that the route needs"}, nil},
		{session, invalidToken, []string{"(the session token is not valid"}, nil},
		{session, unauthorized, []string{"send the token of a customer session (polar_cst_…)"}, nil},
		{organization, invalidToken, []string{"(the access token is not valid"}, nil},
		{organization, unauthorized, []string{"send an organization access token (polar_oat_…)"}, nil},
		{public, invalidToken, []string{"401 invalid_token"}, []string{"("}},
		{public, unauthorized, []string{"401 Unauthorized"}, []string{"("}},
	} {
		wantText(t, test.ask(newClient(t, respond(401, test.body, asJSON), polar.WithAccessToken("polar_oat_x"))).Error(), test.wanted, test.forbidden)
	}
}

// The hint of a 404 does not say that a route may exist on Postern only if the caller has chosen the route.
func TestUnknownRouteHint(t *testing.T) {
	client := newClient(t, respond(404, `{"detail":"Not Found"}`, asJSON, "Polar-Version: 2026-10"), polar.WithAccessToken("polar_oat_x"))
	wantText(t, errorOf(client.CustomerSessions.Get(t.Context(), "s")).Error(), []string{"(the server lacks this route, which may exist on Postern only;"}, nil)
	wantText(t, client.Do(t.Context(), http.MethodGet, "/v1/products/", nil, nil).Error(), []string{"(the server lacks this route; see WithServerURL)"}, nil)
}

func TestErrorBuiltByCaller(t *testing.T) {
	err := &polar.Error{StatusCode: http.StatusUnauthorized}
	if err.Error() != "polar: 401 Unauthorized" || !errors.Is(err, polar.ErrUnauthorized) || errors.Is(err, polar.ErrInvalidToken) {
		t.Error(err)
	}
}

func TestRetryAfterIsParsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		for value, want := range map[string]time.Duration{
			"":                     0,
			"0":                    0,
			"7":                    7 * time.Second,
			" 7 ":                  7 * time.Second,
			"-7":                   0,
			"1.5":                  0,
			"soon":                 0,
			"9223372036":           9223372036 * time.Second,
			"9223372037":           9223372036 * time.Second,
			"99999999999999999999": 9223372036 * time.Second,
			now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
			now.Add(time.Hour).Format(time.ANSIC):             time.Hour,
			now.Add(-time.Hour).Format(http.TimeFormat):       0,
		} {
			client, err := polar.New(polar.WithoutRetries(), withTransport(func(*http.Request) (*http.Response, error) {
				return newResponse(429, "", "Retry-After: "+value), nil
			}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = introspect(t, client)
			var got *polar.Error
			if !errors.As(err, &got) || got.RetryAfter != want {
				t.Errorf("Retry-After %q: %v, want %v", value, got.RetryAfter, want)
			}
		}
	})
}
