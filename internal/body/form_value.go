package body

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// FromForm is what a person has filled in, as the readers of bodies take it: so a page refuses what the API refuses, in the
// same words and at the same places. Every field is a text. A dot in its name leads into an object ("billing_address.city"),
// and of two with the same name the last one counts.
func FromForm(form url.Values) Value {
	v := Value{kind: objectKind}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		texts := form[name]
		if len(texts) == 0 {
			continue
		}
		text := Value{kind: stringKind, text: strings.ToValidUTF8(texts[len(texts)-1], "\uFFFD")}
		outer, inner, nested := strings.Cut(name, ".")
		if !nested {
			v.set(name, text)
			continue
		}
		o := v.get(outer)
		if o.kind != objectKind {
			o = Value{kind: objectKind}
		}
		o.set(inner, text)
		v.set(outer, o)
	}
	return v
}
