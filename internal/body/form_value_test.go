package body_test

import (
	"net/url"
	"reflect"
	"testing"

	"github.com/postern-go/postern/internal/body"
)

// TestFromForm checks that a form gives the same result and the same validation errors as the equivalent JSON.
func TestFromForm(t *testing.T) {
	for form, same := range map[string]string{
		"billing_name=Ada&tax_id=": `{"billing_name":"Ada","tax_id":""}`,
		"billing_address.city=Paris&billing_address.country=fr&billing_address.line2": `{"billing_address":{"city":"Paris","country":"fr","line2":""}}`,
		"billing_name=Ada&billing_name=Bob":                                           `{"billing_name":"Bob"}`,
		"billing_name=%FF":                                                            `{"billing_name":"\ufffd"}`,
		"billing_address.country=Atlantis":                                            `{"billing_address":{"country":"Atlantis"}}`,
		"billing_address=France":                                                      `{"billing_address":"France"}`,
		"billing_address=France&billing_address.country=fr":                           `{"billing_address":{"country":"fr"}}`,
		"default_payment_method_id=none":                                              `{"default_payment_method_id":"none"}`,
		"":                                                                            `{}`,
	} {
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		got, gotErr := body.ReadCustomerPortalCustomerUpdate(body.FromForm(values))
		want, wantErr := body.ReadCustomerPortalCustomerUpdate(parse(t, same))
		if !reflect.DeepEqual(got, want) || items(gotErr) != items(wantErr) {
			t.Errorf("%s: %+v %s, want %+v %s", form, got, items(gotErr), want, items(wantErr))
		}
	}
}
