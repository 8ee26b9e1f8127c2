package body

import (
	"slices"
	"strings"
)

// Address is where a customer is billed. Country is ISO 3166-1 alpha-2; the State of a US or Canadian one begins with it
// ("US-NY"). A line that is absent, null or blank is nil.
type Address struct {
	Line1, Line2, PostalCode, City, State *string
	Country                               string
}

// states are the subdivisions that Polar knows, of the two countries whose states it checks.
var states = map[string]struct{ codes, refusal string }{
	"US": {" AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR " +
		"PA RI SC SD TN TX UT VT VA WA WV WI WY DC ", "Value error, Invalid US state"},
	"CA": {" AB BC MB NB NL NS NT NU ON PE QC SK YT ", "Value error, Invalid CA subdivision"},
}

// address is nil for a member that is absent, null or refused.
func (o object) address(name string) *Address {
	in, ok := o.inner(name)
	if !ok {
		return nil
	}
	before := len(*o.fields)
	a := &Address{
		Line1: in.trimmedText("line1"), Line2: in.trimmedText("line2"), PostalCode: in.trimmedText("postal_code"),
		City: in.trimmedText("city"), State: in.trimmedText("state"),
	}
	if v, ok := in.member("country", true); ok {
		if v.kind == stringKind {
			v.text = strings.ToUpper(v.text)
		}
		in.chosen(v, countries, "country")
		a.Country = v.text
	}
	if len(*o.fields) == before {
		in.state(a)
	}
	return a
}

// state gives a state its prefix, and refuses one that its country does not have.
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
