package body

import (
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// LeakedToken is an item of POST /v1/integrations/github/secret-scanning.
type LeakedToken struct {
	// Token is the leaked text. Type is the kind of token that GitHub reports, in lower case.
	Token, Type string
}

// leakTypes are the token types that a report can contain. Polar has all of them except for the last two.
var leakTypes = []string{
	"polar_client_secret", "polar_client_registration_token", "polar_authorization_code", "polar_access_token",
	"polar_refresh_token", "polar_personal_access_token", "polar_organization_access_token", "polar_customer_session_token",
	"polar_user_session_token", "polar_member_session_token", "polar_customer_email_update_token",
}

// maxLeaks limits the number of tokens in a report, because each one costs a database write.
const maxLeaks = 1000

// ReadGitHubHeader reads a required header of a report. name must be in lower case.
func ReadGitHubHeader(name string, values []string) (string, error) {
	if len(values) == 0 {
		return "", fault.Invalid(fault.Field{Type: "missing", Name: []any{name}, In: fault.Header, Msg: "Field required"})
	}
	return values[0], nil
}

// ReadLeakedTokens reads a report of leaked tokens. On this route, Polar calls Pydantic without FastAPI, so the validation
// errors differ from those of other routes: their locations start at the list, without "body", and each error has a URL.
func ReadLeakedTokens(raw string) ([]LeakedToken, error) {
	v, err := Parse("application/json", []byte(raw))
	if err != nil {
		return nil, withoutFastAPI(err)
	}
	o := object{in: fault.BareBody, fields: new([]fault.Field)}
	if v.kind != arrayKind {
		o.refuse(v, "list_type", "Input should be a valid list", nil)
	}
	if len(v.items) > maxLeaks {
		o.refuse(Value{}, "too_long", fmt.Sprintf("List should have at most %d items", maxLeaks), contextInt("max_length", maxLeaks))
		v.items = nil
	}
	var list []LeakedToken
	for i, item := range v.items {
		list = append(list, readLeakedToken(item, object{value: item, in: o.in, path: []any{i}, fields: o.fields}))
	}
	list, err = result(list, o)
	return list, withoutFastAPI(err)
}

func readLeakedToken(v Value, o object) (leak LeakedToken) {
	if v.kind != objectKind {
		o.refuse(v, "model_type", "Input should be a valid dictionary or instance of GitHubSecretScanningToken", context("class_name", "GitHubSecretScanningToken"))
		return leak
	}
	leak.Token, _ = o.text("token", true, 0)
	if kind, ok := o.member("type", true); ok {
		kind.text = strings.ToLower(kind.text)
		if o.chosen(kind, leakTypes, "type") {
			leak.Type = kind.text
		}
	}
	o.text("url", false, 0)
	o.text("source", true, 0)
	return leak
}

// withoutFastAPI changes the validation errors in err to the format of Pydantic without FastAPI.
func withoutFastAPI(err error) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.In == fault.Body { // Parse returned the error: the location is the list itself, without an offset
			field.In, field.Name = fault.BareBody, nil
		}
		field.URL = "https://errors.pydantic.dev/2.13/v/" + field.Type
	}
	return f
}
