package body_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

const (
	id4 = "1dbfc517-0bbf-4301-9ba8-555ca42b9737"
	id1 = "1dbfc517-0bbf-1301-9ba8-555ca42b9737"
)

var scopes = []string{"customers:read", "customers:write", "customer_sessions:write"}

// readers holds all functions that read a body, by the name of the schema.
var readers = map[string]func(body.Value) (any, error){
	"CustomerCreate":                   reader(body.ReadCustomerCreate),
	"CustomerSessionCreate":            reader(body.ReadCustomerSessionCreate),
	"CustomerUpdate":                   reader(body.ReadCustomerUpdate),
	"CustomerUpdateExternalID":         reader(body.ReadCustomerUpdateExternalID),
	"MemberCreate":                     reader(body.ReadMemberCreate),
	"MemberCreateFromCustomer":         reader(body.ReadMemberCreateFromCustomer),
	"MemberUpdate":                     reader(body.ReadMemberUpdate),
	"CustomerPortalCustomerUpdate":     reader(body.ReadCustomerPortalCustomerUpdate),
	"CustomerPortalMemberCreate":       reader(body.ReadCustomerPortalMemberCreate),
	"CustomerPortalMemberUpdate":       reader(body.ReadCustomerPortalMemberUpdate),
	"CustomerEmailUpdateRequest":       reader(body.ReadCustomerEmailUpdateRequest),
	"CustomerEmailUpdateVerifyRequest": reader(body.ReadCustomerEmailUpdateVerifyRequest),
	"CustomerSessionCodeRequest":       reader(body.ReadCustomerSessionCodeRequest),
	"CustomerSessionCodeAuthenticate":  reader(body.ReadCustomerSessionCodeAuthenticate),
	"CustomerSessionRedeem":            reader(body.ReadCustomerSessionRedeem),
	"CustomerPortalSettingsUpdate":     reader(body.ReadCustomerPortalSettingsUpdate),
	"OrganizationAccessTokenCreate": func(v body.Value) (any, error) {
		return body.ReadOrganizationAccessTokenCreate(v, scopes)
	},
	"OrganizationAccessTokenUpdate": func(v body.Value) (any, error) {
		return body.ReadOrganizationAccessTokenUpdate(v, scopes)
	},
}

func reader[T any](read func(body.Value) (T, error)) func(body.Value) (any, error) {
	return func(v body.Value) (any, error) { return read(v) }
}

func parse(t *testing.T, text string) body.Value {
	t.Helper()
	v, err := body.Parse("application/json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// items formats validation errors as clients see them, one on each line. It formats any other error with its code.
func items(err error) string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	if f.Code != fault.InvalidRequest {
		return string(f.Code) + ": " + f.Message
	}
	var lines []string
	for _, field := range f.Fields {
		loc, _ := json.Marshal(append([]any{[...]string{"body", "query", "path", "header"}[field.In]}, field.Name...))
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", field.Type, loc, field.Msg, string(field.Input), string(field.Ctx))))
	}
	return strings.Join(lines, "\n")
}

// TestValidBodies checks the normalized values, and that absent fields differ from null.
func TestValidBodies(t *testing.T) {
	for _, tt := range []struct{ schema, text, want string }{
		{"CustomerCreate", `{"email":"a@b.co","tax_id":" FR61954506077 ","name":" Ada ","external_id":"\u001c","organization_id":null}`,
			`{"Type":"individual","ExternalID":null,"Email":"a@b.co","Name":"Ada","BillingAddress":null,"TaxID":"FR61954506077","Locale":null,"Metadata":{},"Owner":null,"Once":null,"OrganizationID":null}`},
		{"CustomerUpdate", `{}`,
			`{"Type":{"Set":false,"Value":null},"Email":null,"Name":{"Set":false,"Value":null},"BillingName":null,"BillingAddress":{"Set":false,"Value":null},"TaxID":{"Set":false,"Value":null},"Locale":{"Set":false,"Value":null},"ExternalID":{"Set":false,"Value":null},"Metadata":null}`},
		{"CustomerUpdate", `{"metadata":{},"email":null,"name":"","billing_address":{"country":"us","state":"NY","line1":" 1 Main St "},"tax_id":"x","locale":"en","external_id":" u ","type":"team","color":1}`,
			`{"Type":{"Set":true,"Value":"team"},"Email":null,"Name":{"Set":true,"Value":null},"BillingName":null,"BillingAddress":{"Set":true,"Value":{"line1":"1 Main St","line2":null,"postal_code":null,"city":null,"state":"US-NY","country":"US"}},"TaxID":{"Set":true,"Value":"x"},"Locale":{"Set":true,"Value":"en"},"ExternalID":{"Set":true,"Value":"u"},"Metadata":{}}`},
		{"CustomerUpdateExternalID", `{"metadata":{"a":1},"external_id":1,"type":"robot","billing_address":{"country":"CA","state":"CA-QC"}}`,
			`{"Type":{"Set":false,"Value":null},"Email":null,"Name":{"Set":false,"Value":null},"BillingName":null,"BillingAddress":{"Set":true,"Value":{"line1":null,"line2":null,"postal_code":null,"city":null,"state":"CA-QC","country":"CA"}},"TaxID":{"Set":false,"Value":null},"Locale":{"Set":false,"Value":null},"ExternalID":{"Set":false,"Value":null},"Metadata":{"a":1}}`},
		{"MemberCreateFromCustomer", `{"email":"Foo <A@B.co>","external_id":" "}`, `{"Email":"A@b.co","Name":null,"ExternalID":null,"Role":"member"}`},
		{"MemberCreateFromCustomer", `{"email":"a@b.co","role":"billing_manager","name":"x"}`, `{"Email":"a@b.co","Name":"x","ExternalID":null,"Role":"billing_manager"}`},
		{"MemberUpdate", `{"role":"owner","name":null}`, `{"Name":{"Set":true,"Value":null},"Email":{"Set":false,"Value":null},"Role":{"Set":true,"Value":"owner"}}`},
		{"CustomerPortalCustomerUpdate", `{"billing_name":" x ","tax_id":null,"default_payment_method_id":null}`,
			`{"BillingName":{"Set":true,"Value":"x"},"BillingAddress":{"Set":false,"Value":null},"TaxID":{"Set":true,"Value":null},"DefaultPaymentMethodID":{"Set":true,"Value":null}}`},
		{"CustomerPortalMemberCreate", `{"email":"a@b.co","name":" x ","role":"owner"}`, `{"Email":"a@b.co","Name":" x ","Role":"owner"}`},
		{"CustomerPortalMemberCreate", `{"email":"a@b.co"}`, `{"Email":"a@b.co","Name":null,"Role":"member"}`},
		{"CustomerPortalMemberUpdate", `{"name":"x","role":null}`, `{"Name":{"Set":true,"Value":"x"},"Role":{"Set":true,"Value":null}}`},
		{"CustomerEmailUpdateRequest", `{"email":"INFO@b.co"}`, `{"Email":"info@b.co"}`},
		{"CustomerEmailUpdateRequest", `{"email":"rene\u0301@b.co"}`, `{"Email":"rené@b.co"}`}, // Unicode NFC
		{"CustomerEmailUpdateRequest", `{"email":"\u212Aim@b.co"}`, `{"Email":"Kim@b.co"}`},    // the Kelvin sign is a K in NFC
		{"CustomerEmailUpdateRequest", `{"email":"\u017Fam@b.co"}`, `{"Email":"ſam@b.co"}`},    // the long s is another letter
		{"CustomerEmailUpdateVerifyRequest", `{"token":""}`, `{"Token":""}`},
		{"CustomerSessionRedeem", `{"ticket":"t","state":"s","verifier":"v","return_url":"r"}`, `{"Ticket":"t","State":"s","Verifier":"v","ReturnURL":"r"}`},
		{"CustomerSessionCodeAuthenticate", `{"code":"é","customer_id":null}`, `{"Code":"é","CustomerID":null}`},
		{"CustomerPortalSettingsUpdate", `{"accent_color":" ","logo_url":null,"return_url":"HTTPS://B.co","return_hosts":["B.co"],"support_email":"help@B.co","privacy_url":"https://b.co"}`,
			`{"AccentColor":{"Set":true,"Value":null},"LogoURL":{"Set":true,"Value":null},"ReturnURL":{"Set":true,"Value":"https://b.co/"},"ReturnHosts":{"Set":true,"Value":["B.co"]},"ApplicationHosts":{"Set":false,"Value":null},"OneTimeLinks":{"Set":false,"Value":null},"SignInNotices":{"Set":false,"Value":null},"SupportEmail":{"Set":true,"Value":"help@b.co"},"SupportURL":{"Set":false,"Value":null},"TermsURL":{"Set":false,"Value":null},"PrivacyURL":{"Set":true,"Value":"https://b.co/"}}`},
		{"OrganizationAccessTokenCreate", `{"comment":"","scopes":[],"expires_in":"P1DT2H"}`, `{"OrganizationID":null,"Comment":"","ExpiresIn":93600000000000,"Scopes":[]}`},
		{"OrganizationAccessTokenCreate", `{"comment":"c","scopes":["customers:write","customers:read"],"expires_in":null}`, `{"OrganizationID":null,"Comment":"c","ExpiresIn":null,"Scopes":["customers:write","customers:read"]}`},
		{"OrganizationAccessTokenUpdate", `{"scopes":null}`, `{"Comment":{"Set":false,"Value":null},"Scopes":{"Set":true,"Value":null}}`},
		{"OrganizationAccessTokenUpdate", `{"comment":"c","scopes":[]}`, `{"Comment":{"Set":true,"Value":"c"},"Scopes":{"Set":true,"Value":[]}}`},
	} {
		in, err := readers[tt.schema](parse(t, tt.text))
		if err != nil {
			t.Errorf("%s %s: %v", tt.schema, tt.text, err)
			continue
		}
		got, _ := json.Marshal(in)
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s %s: %s", tt.schema, tt.text, diff)
		}
	}
	in, err := body.ReadCustomerSessionCodeRequest(parse(t, `{"email":"a@b.co","organization_id":"`+strings.ToUpper(id4)+`","customer_id":"`+id4+`"}`))
	if err != nil || in.CustomerID == nil || *in.CustomerID != in.OrganizationID || in.OrganizationID[0] != 0x1d {
		t.Errorf("%+v, %v", in, err)
	}
}

// TestInvalidBodies expects the validation errors, their texts and their order as in Pydantic 2.13.
func TestInvalidBodies(t *testing.T) {
	const (
		role   = `'owner', 'billing_manager' or 'member'`
		python = `<MemberRole.member: 'member'> or <MemberRole.billing_manager: 'billing_manager'>`
		scope  = `'customers:read', 'customers:write' or 'customer_sessions:write'`
		nul    = `Value error, This value contains invalid characters`
	)
	for _, tt := range []struct{ schema, text, want string }{
		{"CustomerCreate", `{"email":"a@b.co","tax_id":1,"owner":{"name":1}}`,
			"string_type [\"body\",\"individual\",\"tax_id\"] Input should be a valid string 1\n" +
				"missing [\"body\",\"individual\",\"owner\",\"email\"] Field required {\"name\":1}\n" +
				"string_type [\"body\",\"individual\",\"owner\",\"name\"] Input should be a valid string 1"},
		{"CustomerUpdate", `{"type":"robot","external_id":1,"locale":[],"tax_id":true,"billing_address":{"country":"us","state":"XX"},"name":"` + strings.Repeat("n", 257) + `","email":"a","metadata":null}`,
			"dict_type [\"body\",\"metadata\"] Input should be a valid dictionary null\n" +
				"value_error [\"body\",\"email\"] value is not a valid email address: An email address must have an @-sign. \"a\" {\"reason\":\"An email address must have an @-sign.\"}\n" +
				"string_too_long [\"body\",\"name\"] String should have at most 256 characters \"" + strings.Repeat("n", 257) + "\" {\"max_length\":256}\n" +
				"value_error [\"body\",\"billing_address\"] Value error, Invalid US state {\"country\":\"us\",\"state\":\"XX\"} {\"error\":{}}\n" +
				"string_type [\"body\",\"tax_id\"] Input should be a valid string true\n" +
				"string_type [\"body\",\"locale\"] Input should be a valid string []\n" +
				"string_type [\"body\",\"external_id\"] Input should be a valid string 1\n" +
				"enum [\"body\",\"type\"] Input should be 'individual' or 'team' \"robot\" {\"expected\":\"'individual' or 'team'\"}"},
		{"CustomerUpdate", `{"metadata":{"a":"\u0000"},"name":"\u0000","billing_address":{"city":"\u0000","country":"CA","state":"XX"},"email":"a\u0000@b.co"}`,
			"value_error [\"body\",\"metadata\"] " + nul + " {\"a\":\"\\u0000\"} {\"error\":{}}\n" +
				"value_error [\"body\",\"email\"] value is not a valid email address: The email address contains invalid characters before the @-sign: U+0000. \"a\\u0000@b.co\" {\"reason\":\"The email address contains invalid characters before the @-sign: U+0000.\"}\n" +
				"value_error [\"body\",\"name\"] " + nul + " \"\\u0000\" {\"error\":{}}\n" +
				"value_error [\"body\",\"billing_address\"] Value error, Invalid CA subdivision {\"city\":\"\\u0000\",\"country\":\"CA\",\"state\":\"XX\"} {\"error\":{}}"},
		// Polar cannot store an address with a NUL. This error is the last one, and only alone.
		{"CustomerUpdate", `{"billing_address":{"city":"\u0000","country":"FR"}}`, "value_error [\"body\",\"billing_address\",\"city\"] " + nul + " \"\\u0000\" {\"error\":{}}"},
		{"CustomerUpdate", `{"billing_address":{"city":"\u0000","country":"FR"},"email":1}`, `string_type ["body","email"] Input should be a valid string 1`},
		{"CustomerUpdateExternalID", `[]`, `model_attributes_type ["body"] Input should be a valid dictionary or object to extract fields from []`},
		{"CustomerUpdateExternalID", `{"billing_address":1}`, `model_attributes_type ["body","billing_address"] Input should be a valid dictionary or object to extract fields from 1`},
		{"MemberCreateFromCustomer", `{"role":"owner"}`,
			"missing [\"body\",\"email\"] Field required {\"role\":\"owner\"}\n" +
				"literal_error [\"body\",\"role\"] Input should be " + python + " \"owner\" {\"expected\":\"" + python + "\"}"},
		{"MemberCreateFromCustomer", `{"email":"a@b.co","role":null}`,
			"literal_error [\"body\",\"role\"] Input should be " + python + " null {\"expected\":\"" + python + "\"}"},
		{"MemberUpdate", `null`, `missing ["body"] Field required`},
		{"MemberUpdate", `{"name":{},"email":1,"role":""}`,
			"string_type [\"body\",\"name\"] Input should be a valid string {}\n" +
				"string_type [\"body\",\"email\"] Input should be a valid string 1\n" +
				"enum [\"body\",\"role\"] Input should be " + role + " \"\" {\"expected\":\"" + role + "\"}"},
		{"CustomerPortalCustomerUpdate", `{"default_payment_method_id":"` + id1 + `","billing_name":1}`,
			"string_type [\"body\",\"billing_name\"] Input should be a valid string 1\n" +
				"uuid_version [\"body\",\"default_payment_method_id\"] UUID version 4 expected \"" + id1 + "\" {\"expected_version\":4}"},
		{"CustomerPortalMemberCreate", `{"email":"a@b.co","role":null}`, "enum [\"body\",\"role\"] Input should be " + role + " null {\"expected\":\"" + role + "\"}"},
		{"CustomerPortalMemberUpdate", `{"role":1}`, "enum [\"body\",\"role\"] Input should be " + role + " 1 {\"expected\":\"" + role + "\"}"},
		{"CustomerEmailUpdateRequest", `{"email":null}`, `string_type ["body","email"] Input should be a valid string null`},
		{"CustomerEmailUpdateVerifyRequest", `{"token":"\u0000"}`, "value_error [\"body\",\"token\"] " + nul + " \"\\u0000\" {\"error\":{}}"},
		{"CustomerSessionCodeRequest", `{"customer_id":1}`,
			"missing [\"body\",\"email\"] Field required {\"customer_id\":1}\n" +
				"missing [\"body\",\"organization_id\"] Field required {\"customer_id\":1}\n" +
				"uuid_type [\"body\",\"customer_id\"] UUID input should be a string, bytes or UUID object 1"},
		{"CustomerSessionRedeem", `{"ticket":1}`, `string_type ["body","ticket"] Input should be a valid string 1` + "\n" + `missing ["body","state"] Field required {"ticket":1}` + "\n" +
			`missing ["body","verifier"] Field required {"ticket":1}` + "\n" + `missing ["body","return_url"] Field required {"ticket":1}`},
		{"CustomerSessionCodeAuthenticate", `{}`, `missing ["body","code"] Field required {}`},
		{"OrganizationAccessTokenCreate", `{"expires_in":"x","scopes":["customers:read","x",1]}`,
			"missing [\"body\",\"comment\"] Field required {\"expires_in\":\"x\",\"scopes\":[\"customers:read\",\"x\",1]}\n" +
				"time_delta_parsing [\"body\",\"expires_in\"] Input should be a valid timedelta, invalid digit in duration \"x\" {\"error\":\"invalid digit in duration\"}\n" +
				"enum [\"body\",\"scopes\",1] Input should be " + scope + " \"x\" {\"expected\":\"" + scope + "\"}\n" +
				"enum [\"body\",\"scopes\",2] Input should be " + scope + " 1 {\"expected\":\"" + scope + "\"}"},
		{"OrganizationAccessTokenCreate", `{"comment":null,"expires_in":{}}`,
			"string_type [\"body\",\"comment\"] Input should be a valid string null\n" +
				"time_delta_type [\"body\",\"expires_in\"] Input should be a valid timedelta {}\n" +
				"missing [\"body\",\"scopes\"] Field required {\"comment\":null,\"expires_in\":{}}"},
		{"CustomerPortalSettingsUpdate", `{"accent_color":1,"logo_url":"x","return_url":[],"return_hosts":["a",null],"one_time_links":1,"sign_in_notices":"x","support_email":1,"terms_url":"x"}`,
			"string_type [\"body\",\"accent_color\"] Input should be a valid string 1\n" +
				"url_parsing [\"body\",\"logo_url\"] Input should be a valid URL, relative URL without a base \"x\" {\"error\":\"relative URL without a base\"}\n" +
				"url_type [\"body\",\"return_url\"] URL input should be a string or URL []\n" +
				"string_type [\"body\",\"return_hosts\",1] Input should be a valid string null\n" +
				"bool_type [\"body\",\"one_time_links\"] Input should be a valid boolean 1\n" +
				"bool_type [\"body\",\"sign_in_notices\"] Input should be a valid boolean \"x\"\n" +
				"string_type [\"body\",\"support_email\"] Input should be a valid string 1\n" +
				"url_parsing [\"body\",\"terms_url\"] Input should be a valid URL, relative URL without a base \"x\" {\"error\":\"relative URL without a base\"}"},
		{"OrganizationAccessTokenUpdate", `{"scopes":"x"}`, `list_type ["body","scopes"] Input should be a valid list "x"`},
	} {
		in, err := readers[tt.schema](parse(t, tt.text))
		if diff := cmp.Diff(tt.want, items(err)); diff != "" {
			t.Errorf("%s %s: %+v: %s", tt.schema, tt.text, in, diff)
		}
	}
}

// The number of validation errors is limited, so that an answer is not much larger than the request.
func TestValidationErrorsAreLimited(t *testing.T) {
	_, err := body.ReadOrganizationAccessTokenUpdate(parse(t, `{"scopes":[`+strings.Repeat("1,", 50_000)+`1]}`), scopes)
	if f, ok := errors.AsType[*fault.Error](err); !ok || len(f.Fields) != 1000 {
		t.Errorf("%d bytes", len(items(err)))
	}
	_, err = body.ReadCustomerList(body.ParseQuery(strings.Repeat("organization_id=x&", 5_000)))
	if f, ok := errors.AsType[*fault.Error](err); !ok || len(f.Fields) != 1000 {
		t.Errorf("%d bytes", len(items(err)))
	}
}

// An external id that does not fit into a database index, which compresses it, is a validation error.
func TestExternalIDLimit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var noise strings.Builder
	for range 3000 {
		noise.WriteByte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.IntN(62)])
	}
	text := noise.String()
	const tooLong = `string_too_long ["body","external_id"] String should have at most 2600 characters`
	for _, tt := range []struct{ id, want string }{
		{text[:2600], "<nil>"}, {text[:2900], tooLong},
		{strings.Repeat("x", 3000), "<nil>"}, {strings.Repeat("abc", 5000), "<nil>"}, {strings.Repeat("x", 20000), tooLong},
		{strings.Repeat("\U0001f600", 650), "<nil>"},
	} {
		_, update := body.ReadCustomerUpdate(parse(t, `{"external_id":"`+tt.id+`"}`))
		_, member := body.ReadMemberCreateFromCustomer(parse(t, `{"email":"a@example.com","external_id":"`+tt.id+`"}`))
		for _, err := range []error{update, member} {
			if got := items(err); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%.20s, %d bytes: %.200s, want %s", tt.id, len(tt.id), got, tt.want)
			}
		}
	}
}

// Bodies are parsed before authentication, so their number of values is limited.
func TestValueLimit(t *testing.T) {
	for n, refused := range map[int]bool{99_999: false, 100_000: true} {
		_, err := body.Parse("application/json", []byte("["+strings.Repeat("1,", n-1)+"1]"))
		if got := items(err); refused != strings.Contains(got, "Too many values") {
			t.Errorf("array of %d values: %s", n, got)
		}
	}
}

// A request with an invalid path and an invalid body gets both errors, in that order.
func TestJoin(t *testing.T) {
	_, badPath := body.PathUUID("id", "x")
	_, goodPath := body.PathText("slug", "acme")
	_, badBody := body.ReadMemberUpdate(parse(t, `{"name":1}`))
	notFound := fault.New(fault.NotFound, "Not found")
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"nothing":        {body.Join(goodPath, nil), "<nil>"},
		"path and body":  {body.Join(badPath, nil, badBody), "uuid_parsing [\"path\",\"id\"] Input should be a valid UUID, invalid character: found `x` at 1 \"x\" {\"error\":\"invalid character: found `x` at 1\"}\nstring_type [\"body\",\"name\"] Input should be a valid string 1"},
		"not found":      {body.Join(goodPath, notFound), "not_found: Not found"},
		"invalid counts": {body.Join(notFound, badBody), `string_type ["body","name"] Input should be a valid string 1`},
	} {
		if diff := cmp.Diff(tt.want, items(tt.err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPathParameters(t *testing.T) {
	if id, err := body.PathAnyUUID("member_id", id1); err != nil || id != [16]byte{} {
		t.Errorf("a UUID of version 1 gives %x, %v, want zero", id, err)
	}
	if id, err := body.PathAnyUUID("member_id", id4); err != nil || id == [16]byte{} {
		t.Errorf("%x, %v", id, err)
	}
	if _, err := body.PathAnyUUID("member_id", "1"); !strings.HasPrefix(items(err), `uuid_parsing ["path","member_id"]`) {
		t.Error(err)
	}
	if text, err := body.PathText("external_id", "ü/\xff"); err != nil || text != "ü/\uFFFD" {
		t.Errorf("%q, %v", text, err)
	}
	want := `value_error ["path","external_id"] Value error, This value contains invalid characters "a\u0000" {"error":{}}`
	if text, err := body.PathText("external_id", "a\x00"); text != "" || items(err) != want {
		t.Errorf("%q, %s", text, items(err))
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]string{
		`"P1W"`: "168h0m0s", `"P1M"`: "720h0m0s", `"P1Y"`: "8760h0m0s", `"-P1DT1H"`: "-25h0m0s", `"+PT1.5S"`: "1.5s", `"PT0.1234567S"`: "123.457ms",
		`"P1,5D"`: "36h0m0s", `"P1DT"`: "24h0m0s", `"PT1S1M"`: "1m1s", `0`: "0s", `1.5`: "1.5s", `-1`: "-1s", `true`: "1s",
		`"P999999999D"`: "2562047h47m16.854775807s", `-10000000000000`: "-2562047h47m16.854775808s",
		`""`: "!input is too short", `"P"`: "!input is too short", `"PT"`: "!input is too short", `"-"`: "!input is too short",
		`"p1d"`: "!invalid digit in duration", `"P-1D"`: "!invalid digit in duration", `"P1D "`: "!invalid digit in duration", `"P1DTT1H"`: "!invalid digit in duration",
		`"P1"`: "!quantity invalid in date part of duration", `"P1H"`: "!quantity invalid in date part of duration", `"PT1D"`: "!quantity invalid in time part of duration",
		`"30"`:                                  `!"day" identifier in duration not correctly formatted`,
		`"P9999999999D"`:                        "!a numeric value in the duration is too large",
		`86400000000000`:                        "!durations may not exceed 999,999,999 days",
		`-1e300`:                                "!durations may not exceed 999,999,999 days",
		strings.Repeat("9", 400):                "!durations may not exceed 999,999,999 days",
		`"PT` + strings.Repeat("9", 400) + `S"`: "!a numeric value in the duration is too large",
	} {
		in, err := body.ReadOrganizationAccessTokenCreate(parse(t, `{"comment":"c","scopes":[],"expires_in":`+text+`}`), nil)
		if why, refused := strings.CutPrefix(want, "!"); refused {
			if !strings.Contains(items(err), "Input should be a valid timedelta, "+why+" ") {
				t.Errorf("%s: %v, want %s", text, err, why)
			}
		} else if err != nil || in.ExpiresIn.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, in.ExpiresIn, err, want)
		}
	}
}
