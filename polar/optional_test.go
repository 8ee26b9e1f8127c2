package polar_test

import (
	"encoding/json"
	"testing"

	"github.com/postern-go/postern/polar"
)

func TestOptionalRoundTrip(t *testing.T) {
	type object struct {
		Text   polar.Optional[string]   `json:"text,omitzero"`
		Number polar.Optional[int]      `json:"number,omitzero"`
		List   polar.Optional[[]string] `json:"list,omitzero"`
	}
	for body, want := range map[string]object{
		`{}`: {},
		`{"text":null,"number":null,"list":null}`: {polar.Null[string](), polar.Null[int](), polar.Null[[]string]()},
		`{"text":"","number":0,"list":[]}`:        {polar.Set(""), polar.Set(0), polar.Set([]string{})},
		`{"text":"a","list":["b"]}`:               {Text: polar.Set("a"), List: polar.Set([]string{"b"})},
	} {
		if got := string(must[[]byte](t)(json.Marshal(want))); got != body {
			t.Errorf("%s, want %s", got, body)
		}
		var back object
		if err := json.Unmarshal([]byte(body), &back); err != nil {
			t.Fatal(err)
		}
		if got := string(must[[]byte](t)(json.Marshal(back))); got != body {
			t.Errorf("decoded and encoded: %s, want %s", got, body)
		}
	}
	var o object
	if err := json.Unmarshal([]byte(`{"number":"1"}`), &o); err == nil || !o.Number.IsZero() {
		t.Errorf("decoded a string as a number: %v, %v", o.Number, err)
	}
}

func TestOptionalAccessors(t *testing.T) {
	for _, test := range []struct {
		o          polar.Optional[string]
		zero, null bool
		value      string
		ok         bool
		shown      string
	}{
		{polar.Optional[string]{}, true, false, "", false, "omitted"},
		{polar.Null[string](), false, true, "", false, "null"},
		{polar.Set(""), false, false, "", true, ""},
		{polar.Set("a"), false, false, "a", true, "a"},
	} {
		value, ok := test.o.Get()
		if test.o.IsZero() != test.zero || test.o.IsNull() != test.null || value != test.value || ok != test.ok || test.o.String() != test.shown {
			t.Errorf("%s: %v, %v, %q, %v", test.shown, test.o.IsZero(), test.o.IsNull(), value, ok)
		}
	}
}
