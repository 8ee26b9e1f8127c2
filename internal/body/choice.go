package body

import (
	"slices"
	"strings"
)

// roles lists the roles of a member in the order in which Polar's error texts list them.
var roles = []string{"owner", "billing_manager", "member"}

// choice reads a string that must be one of the allowed strings. It returns "" if the field is absent or invalid. Null is
// invalid.
func (o object) choice(name string, allowed ...string) string {
	o.describe(name, false, Schema{Type: "string", Enum: allowed})
	v := o.value.get(name)
	if v.kind == absentKind || !o.chosen(v, allowed, name) {
		return ""
	}
	return v.text
}

// optionalChoice returns a function that reads one of the allowed strings. The function returns nil if the field is absent,
// null or invalid.
func (o object) optionalChoice(allowed ...string) func(name string) *string {
	return func(name string) *string {
		o.describe(name, false, Schema{Type: "string", Nullable: true, Enum: allowed})
		v, ok := o.member(name, false)
		if !ok || !o.chosen(v, allowed, name) {
			return nil
		}
		return &v.text
	}
}

// chosen reports whether v is one of the allowed strings. If not, it adds a validation error for path.
func (o object) chosen(v Value, allowed []string, path ...any) bool {
	if v.kind == stringKind && slices.Contains(allowed, v.text) {
		return true
	}
	expected := alternatives(allowed)
	o.refuse(v, "enum", "Input should be "+expected, context("expected", expected), path...)
	return false
}

// alternatives formats a list of strings as Pydantic does: 'a', 'b' or 'c'.
func alternatives(words []string) string {
	list := "'" + strings.Join(words, "', '") + "'"
	if last := strings.LastIndex(list, ", "); last >= 0 {
		return list[:last] + " or" + list[last+1:]
	}
	return list
}

// choices reads a list of allowed strings. It leaves out invalid items and never returns nil.
func (o object) choices(v Value, allowed []string, name string) []string {
	words := []string{}
	if v.kind != arrayKind {
		o.refuse(v, "list_type", "Input should be a valid list", nil, name)
		return words
	}
	for i, item := range v.items {
		if o.chosen(item, allowed, name, i) {
			words = append(words, item.text)
		}
	}
	return words
}

// requiredChoices reads a list of allowed strings that must be present.
func (o object) requiredChoices(name string, allowed []string) []string {
	o.describe(name, true, Schema{Type: "array", Items: &Schema{Type: "string", Enum: allowed}})
	if v, ok := o.member(name, true); ok {
		return o.choices(v, allowed, name)
	}
	return nil
}

// optionalChoices returns a function that reads a list of allowed strings. The function returns nil if the field is absent or
// null.
func (o object) optionalChoices(allowed []string) func(name string) *[]string {
	return func(name string) *[]string {
		o.describe(name, false, Schema{Type: "array", Nullable: true, Items: &Schema{Type: "string", Enum: allowed}})
		v, ok := o.member(name, false)
		if !ok {
			return nil
		}
		words := o.choices(v, allowed, name)
		return &words
	}
}
