package body_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

// FuzzReaders checks that every reader returns either a result within its limits or a valid validation error.
func FuzzReaders(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `{}`, `{"email":"Foo <a@b.co>","role":"member","name":" ","external_id":"\u0000"}`,
		`{"metadata":{"a":1,"b":1.5,"c":true,"d":"\u0000"},"email":"a@xn--exmple-cua.com","billing_address":{"country":"us","state":"NY"}}`,
		`{"type":"team","owner":{"email":"\"a\" <a@[1.2.3.4]>"},"tax_id":" x ","locale":"en"}`,
		`{"organization_id":"{1dbfc517-0bbf-4301-9ba8-555ca42b9737}","email":"é@ß.de","customer_id":"urn:uuid:1"}`,
		`{"comment":"c","scopes":["customers:read",1],"expires_in":"-P1Y2M3W4DT5H6M7,5S"}`, `{"comment":"","scopes":[],"expires_in":1e300}`,
		`{"code":"A1B2C3","token":"polar_cev_","default_payment_method_id":null,"billing_name":"é"}`,
		`{"external_customer_id":"x","return_url":"http://[::1]:99999/"}`, `{"email":"a<b@\u200b.--.co>x"}`, `{"return_url":"http://0x/"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := body.Parse("application/json", []byte(text))
		if err != nil {
			return
		}
		for schema, read := range readers {
			in, err := read(v)
			checkOutcome(t, schema+" "+text, in, err)
		}
	})
}

func FuzzQueries(f *testing.F) {
	for _, seed := range []string{
		"", "page=1.0&limit=%2B1&sorting=-name&active=on", "page=99999999999999999999&limit=0", "organization_id=x&organization_id=" + id4,
		"metadata[a]=1&metadata[a]=2&metadata[%00]=3", "email=%00&query=%zz&%=%", "customer_id=" + id1 + "&role=owner", "token=%FF", "a=1;b=2&&=", "%%41=%4%41",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for name, read := range lists {
			in, err := read(raw)
			checkOutcome(t, name+"?"+raw, in, err)
		}
		for _, read := range []func(string, string) (any, error){
			func(name, text string) (any, error) { return body.PathUUID(name, text) },
			func(name, text string) (any, error) { return body.PathAnyUUID(name, text) },
			func(name, text string) (any, error) { return body.PathText(name, text) },
		} {
			in, err := read("id", raw)
			checkOutcome(t, raw, in, err)
		}
	})
}

func checkOutcome(t *testing.T, given string, in any, err error) {
	t.Helper()
	if err == nil {
		checkBounds(t, given, "", reflect.ValueOf(in))
		return
	}
	if !reflect.ValueOf(in).IsZero() {
		t.Errorf("%q: result with an error: %+v", given, in)
	}
	refusal, ok := errors.AsType[*fault.Error](err)
	switch {
	case ok && refusal.Code == fault.NotFound && strings.HasPrefix(given, "MemberList?"):
		return
	case !ok || refusal.Code != fault.InvalidRequest || len(refusal.Fields) == 0:
		t.Errorf("%q: %v", given, err)
		return
	}
	for _, field := range refusal.Fields {
		if field.Type == "" || field.Msg == "" {
			t.Errorf("%q: incomplete validation error %+v", given, field)
		}
		if field.Input != nil && !json.Valid(field.Input) || field.Ctx != nil && !json.Valid(field.Ctx) {
			t.Errorf("%q: %s or %s is not JSON", given, field.Input, field.Ctx)
		}
	}
}

// checkBounds checks all values of a result recursively.
func checkBounds(t *testing.T, given, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		checkText(t, given, name, v.String())
	case reflect.Int:
		if most := map[string]int64{"Limit": 100, "Page": 1 << 24}[name]; v.Int() < 1 || v.Int() > most {
			t.Errorf("%q: %s is %d", given, name, v.Int())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkBounds(t, given, name, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkBounds(t, given, name, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			checkBounds(t, given, "key of "+name, key)
			checkBounds(t, given, name, v.MapIndex(key))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i).Name
			if field == "Value" || v.Type().Field(i).Anonymous { // the field of an Optional has the name of the field that holds it
				field = name
			}
			checkBounds(t, given, field, v.Field(i))
		}
		if set := v.FieldByName("Set"); set.IsValid() && !set.Bool() && !v.FieldByName("Value").IsNil() {
			t.Errorf("%q: %s has a value but is not set", given, name)
		}
	case reflect.Array:
		if id, ok := v.Interface().([16]byte); ok && id != [16]byte{} && (id[6]>>4 != 4 || id[8]>>6 != 2) {
			t.Errorf("%q: %s is %x, want a UUID of version 4", given, name, id)
		}
	}
}

func checkText(t *testing.T, given, name, text string) {
	t.Helper()
	if strings.Contains(text, "\x00") || !utf8.ValidString(text) {
		t.Errorf("%q: %s is %q, want valid UTF-8 without NUL", given, name, text)
	}
	switch {
	case name == "Name" && !strings.HasPrefix(given, "CustomerPortalMemberCreate") && (text == "" || utf8.RuneCountInString(text) > 256):
		t.Errorf("%q: the name is %q", given, text)
	case name == "Email" && !strings.HasPrefix(given, "CustomerList?") && (strings.Count(text, "@") != 1 || strings.ContainsAny(text, " <>\r\n") || len(text) > 512):
		t.Errorf("%q: the address is %q", given, text)
	case name == "Role" && text != "owner" && text != "billing_manager" && text != "member":
		t.Errorf("%q: the role is %q", given, text)
	case name == "By" && strings.HasPrefix(text, "-"):
		t.Errorf("%q: sorted by %q", given, text)
	case name == "ReturnURL" && text != "" && !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://"):
		t.Errorf("%q: the URL is %q", given, text)
	}
}
