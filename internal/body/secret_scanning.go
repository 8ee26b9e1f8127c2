package body

import (
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// LeakedToken is an item of POST /v1/integrations/github/secret-scanning.
type LeakedToken struct {
	// Token is the text that was found, and Type what GitHub takes it for, in lower case.
	Token, Type string
}

// leakTypes are Polar's names for what can leak, and at the end two that Polar has none for.
var leakTypes = []string{
	"polar_client_secret", "polar_client_registration_token", "polar_authorization_code", "polar_access_token",
	"polar_refresh_token", "polar_personal_access_token", "polar_organization_access_token", "polar_customer_session_token",
	"polar_user_session_token", "polar_member_session_token", "polar_customer_email_update_token",
}

// maxLeaks is how many tokens a report may name: each costs a write.
const maxLeaks = 1000

// ReadGitHubHeader reads a header of a report, by its name in lower case.
func ReadGitHubHeader(name string, values []string) (string, error) {
	if len(values) == 0 {
		return "", fault.Invalid(fault.Field{Type: "missing", Name: []any{name}, In: fault.Header, Msg: "Field required"})
	}
	return values[0], nil
}

// ReadLeakedTokens reads a report. Polar reads this one body by hand, so that its errors are not quite as others are: they
// begin at the list, and each has a link.
func ReadLeakedTokens(raw string) ([]LeakedToken, error) {
	v, err := Parse("application/json", []byte(raw))
	if err != nil {
		return nil, byHand(err)
	}
	o := object{in: fault.BareBody, fields: new([]fault.Field)}
	if v.kind != arrayKind {
		o.refuse(v, "list_type", "Input should be a valid list", nil)
	}
	if len(v.items) > maxLeaks {
		o.refuse(Value{}, "too_long", "List should have at most 1000 items", contextInt("max_length", maxLeaks))
		v.items = nil
	}
	var list []LeakedToken
	for i, item := range v.items {
		list = append(list, readLeakedToken(item, object{value: item, in: o.in, path: []any{i}, fields: o.fields}))
	}
	list, err = result(list, o)
	return list, byHand(err)
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

// byHand gives the fields of a fault what Pydantic gives to whoever reads its errors without FastAPI.
func byHand(err error) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.In == fault.Body { // Parse refused the JSON: the location is the list, without an offset
			field.In, field.Name = fault.BareBody, nil
		}
		field.URL = "https://errors.pydantic.dev/2.13/v/" + field.Type
	}
	return f
}
