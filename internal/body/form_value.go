package body

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// FromForm converts a submitted HTML form to a Value, so that pages validate input like the API and produce the same errors.
// Every field becomes a string. A dot in a name stands for a nested object ("billing_address.city"). If a field is repeated,
// the last value counts. Invisible characters in a field "email" are removed, because people paste them along with an address.
func FromForm(form url.Values) Value {
	v := Value{kind: objectKind}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		texts := form[name]
		if len(texts) == 0 {
			continue
		}
		text := Value{kind: stringKind, text: strings.ToValidUTF8(texts[len(texts)-1], "\uFFFD")}
		if name == "email" {
			text.text = visible(text.text)
		}
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

// visible returns a text without format characters, such as zero-width spaces, soft hyphens and byte order marks, and without
// spaces of any kind around it.
func visible(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
}
