package body

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/postern-go/postern/internal/directory"
)

// Address is a billing address. Country is an ISO 3166-1 alpha-2 code. In the US and Canada, State has the country as a prefix:
// "US-NY". A field that was absent, null or blank is nil.
type Address = directory.Address

// states lists the valid states of the US and Canada, the countries whose states Polar checks.
var states = map[string]struct{ codes, refusal string }{
	"US": {" AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR " +
		"PA RI SC SD TN TX UT VT VA WA WV WI WY DC ", "Value error, Invalid US state"},
	"CA": {" AB BC MB NB NL NS NT NU ON PE QC SK YT ", "Value error, Invalid CA subdivision"},
}

// States returns the codes of the states of the US or the provinces of Canada, without the country. It returns nil for every other
// country, because an address there can have any state.
func States(country string) []string {
	if known, checked := states[country]; checked {
		return strings.Fields(known.codes)
	}
	return nil
}

// address reads a billing address. It returns nil if the field is absent, null or invalid.
func (o object) address(name string) *Address {
	in, ok := o.inner(name, "AddressInput")
	if !ok {
		return nil
	}
	before := len(*o.fields)
	a := &Address{
		Line1: in.addressLine("line1"), Line2: in.addressLine("line2"), PostalCode: in.addressLine("postal_code"),
		City: in.addressLine("city"), State: in.addressLine("state"),
	}
	in.describe("country", true, Schema{Type: "string", Enum: countries})
	if v, ok := in.member("country", true); ok {
		if v.kind == stringKind {
			v.text = cases.Upper(language.Und).String(v.text) // also converts ligatures, as Python does
		}
		in.chosen(v, countries, "country")
		a.Country = v.text
	}
	if len(*o.fields) == before {
		in.state(a)
	}
	return a
}

// addressLine reads a line of an address. It accepts NUL characters, which [object.cleanAddress] refuses later.
func (o object) addressLine(name string) *string {
	o.describe(name, false, Schema{Type: "string", Nullable: true})
	v, ok := o.member(name, false)
	if ok && v.kind != stringKind {
		o.refuse(v, "string_type", "Input should be a valid string", nil, name)
		ok = false
	}
	return trimmed(v.text, ok)
}

// cleanAddress refuses NUL characters in an address, unless there are other errors. Polar accepts them, and then fails to store the
// address.
func (o object) cleanAddress(name string) {
	if o.object != nil || len(*o.fields) > 0 {
		return
	}
	if in, ok := o.inner(name, "AddressInput"); ok {
		for _, line := range []string{"line1", "line2", "postal_code", "city", "state"} {
			in.clean(in.value.get(line), line)
		}
	}
}

// state adds the country prefix to the state, and rejects a state that does not exist in the country.
func (o object) state(a *Address) {
	known, checked := states[a.Country]
	if a.State == nil || !checked {
		return
	}
	code := strings.TrimPrefix(*a.State, a.Country+"-")
	if !slices.Contains(strings.Fields(known.codes), code) {
		o.refuse(o.value, "value_error", known.refusal, noContext)
	}
	prefixed := a.Country + "-" + code
	a.State = &prefixed
}
