package wiretest_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// The field type of a new customer selects the shape of the body (docs/wire.md, New customers).
func TestCustomerBodyIsADiscriminatedUnion(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	const function = "_customer_create_type()"
	tagged := func(tag, input string) string {
		return validationErrors(errorItemWithContext("union_tag_invalid", `"body"`,
			"Input tag '"+tag+"' found using "+function+" does not match any of the expected tags: 'individual', 'team'", input,
			`{"discriminator":"`+function+`","tag":"`+tag+`","expected_tags":"'individual', 'team'"}`))
	}
	for body, want := range map[string]string{
		`{"type":"robot","email":"r@example.com"}`: tagged("robot", `{"type":"robot","email":"r@example.com"}`),
		`{"type":null}`:                    tagged("None", `{"type":null}`),
		`{"type":true}`:                    tagged("True", `{"type":true}`),
		`{"type":1.50}`:                    tagged("1.5", `{"type":1.5}`),
		`{"type":["team",null,{"a":"é"}]}`: tagged("['team', None, {'a': 'é'}]", `{"type":["team",null,{"a":"é"}]}`),
		`{}`:                               validationErrors(errorItem("missing", `"body","individual","email"`, "Field required", "{}")),
		`{"email":null}`:                   validationErrors(errorItem("string_type", `"body","individual","email"`, "Input should be a valid string", "null")),
		`{"type":"team"}`: validationErrors(errorItemWithContext("value_error", `"body","team"`,
			"Value error, An owner with an email address is required when creating a team customer without an email.", `{"type":"team"}`, `{"error":{}}`)),
		`{"type":"team","owner":{"name":"Ada"}}`: validationErrors(errorItem("missing", `"body","team","owner","email"`, "Field required", `{"name":"Ada"}`)),
		`{"email":"ada"}`: validationErrors(errorItemWithContext("value_error", `"body","individual","email"`,
			"value is not a valid email address: An email address must have an @-sign.", `"ada"`, `{"reason":"An email address must have an @-sign."}`)),
		`{"type":"team","email":"x@example.com","name":"` + strings.Repeat("ä", 257) + `"}`: validationErrors(errorItemWithContext("string_too_long", `"body","team","name"`,
			"String should have at most 256 characters", `"`+strings.Repeat("ä", 257)+`"`, `{"max_length":256}`)),
	} {
		srv.As(srv.Token, "POST", customers, body).Exactly(t, 422, want)
	}
	srv.As(srv.Token, "POST", customers, `{"email":"Ada Lovelace <ada@Example.com>","name":"`+strings.Repeat("ä", 256)+`"}`).Is(t, 201, `"email":"ada@example.com"`, `"type":"individual"`)
	srv.As(srv.Token, "POST", customers, `{"email":"fi@example.com","billing_address":{"country":"ﬁ"}}`).Is(t, 201, `"country":"FI"`) // a ligature
	srv.As(srv.Token, "POST", customers, `{"type":"team","email":"team@example.com"}`).Is(t, 201, `"type":"team"`)
}

// Metadata has limits on its number of keys, their length, and the kinds of values.
func TestMetadata(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	long, longest := strings.Repeat("k", 41), strings.Repeat("k", 40)
	text := strings.Repeat("ä", 500)
	srv.As(srv.Token, "POST", customers, `{"email":"a@example.com","metadata":{"`+longest+`":"`+text+`","int":-7,"whole":1.0,"half":0.5,"yes":true,"é":"1"}}`).Is(t, 201,
		`"`+longest+`":"`+text+`"`, `"int":-7`, `"whole":1.0`, `"half":0.5`, `"yes":true`, `"é":"1"`)
	srv.As(srv.Token, "POST", customers, `{"email":"b@example.com","metadata":{"`+long+`":1}}`).Exactly(t, 422, validationErrors(
		errorItemWithContext("string_too_long", `"body","individual","metadata","`+long+`","[key]"`, "String should have at most 40 characters", `"`+long+`"`, `{"max_length":40}`)))
	srv.As(srv.Token, "POST", customers, `{"email":"b@example.com","metadata":{"":1}}`).Exactly(t, 422, validationErrors(
		errorItemWithContext("string_too_short", `"body","individual","metadata","","[key]"`, "String should have at least 1 character", `""`, `{"min_length":1}`)))
	for _, value := range []string{`null`, `[]`, `{"a":1}`, `""`, `"` + text + `ä"`} {
		a := srv.As(srv.Token, "POST", customers, `{"email":"b@example.com","metadata":{"k":`+value+`}}`)
		a.Is(t, 422)
		for i, kind := range []string{"constrained-str", "int", "float", "bool"} {
			if loc := fmt.Sprint(a.At("detail", i, "loc")); loc != "[body individual metadata k "+kind+"]" {
				t.Errorf("%s: item %d is at %s", value, i, loc)
			}
		}
		if a.At("detail", 4) != nil {
			t.Errorf("%s: %s has more than four items", value, a.Body)
		}
	}
	var entries []string
	for i := range 50 {
		entries = append(entries, `"k`+strconv.Itoa(i)+`":1`)
	}
	srv.As(srv.Token, "POST", customers, `{"email":"c@example.com","metadata":{`+strings.Join(entries, ",")+`}}`).Is(t, 201)
	srv.As(srv.Token, "POST", customers, `{"email":"d@example.com","metadata":{"one":1,`+strings.Join(entries, ",")+`}}`).Is(t, 422,
		`"type":"too_long","loc":["body","individual","metadata"],"msg":"Dictionary should have at most 50 items after validation, not 51"`)
}

// A billing address needs a country, and the state is stored with its country.
func TestBillingAddress(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	made := 0
	ask := func(address string) testserver.Answer {
		made++
		return srv.As(srv.Token, "POST", customers, `{"email":"c`+strconv.Itoa(made)+`@example.com","billing_address":`+address+`}`)
	}
	ask(`{"country":"us","state":"NY","line1":" 1 Main St ","line2":""}`).Is(t, 201,
		`"billing_address":{"line1":"1 Main St","line2":null,"postal_code":null,"city":null,"state":"US-NY","country":"US"}`)
	ask(`{"country":"CA","state":"CA-QC","city":"Montréal","postal_code":"H2X"}`).Is(t, 201, `"postal_code":"H2X","city":"Montréal","state":"CA-QC","country":"CA"`)
	ask(`{"country":"FR","state":"NY"}`).Is(t, 201, `"state":"NY","country":"FR"`)
	ask(`{"country":"US","state":"QC"}`).Is(t, 422, `"loc":["body","individual","billing_address"],"msg":"Value error, Invalid US state"`)
	ask(`{}`).Is(t, 422, `"type":"missing","loc":["body","individual","billing_address","country"]`)
	for _, country := range []string{"CU", "IR", "KP", "SY", "RU", "XX", ""} {
		ask(`{"country":"`+country+`"}`).Is(t, 422, `"type":"enum","loc":["body","individual","billing_address","country"]`, `'ZM' or 'ZW'"`)
	}
}
