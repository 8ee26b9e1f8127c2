package body

import (
	"slices"
	"strings"
)

// The roles of a member, in the order in which Polar names them.
var roles = []string{"owner", "billing_manager", "member"}

// choice reads a member that is one of a few words. It returns "" for one that is absent or refused; null is refused.
func (o object) choice(name string, allowed ...string) string {
	v := o.value.get(name)
	if v.kind == absentKind || !o.chosen(v, allowed, name) {
		return ""
	}
	return v.text
}

// optionalChoice is nil for a member that is absent, null or refused.
func (o object) optionalChoice(allowed ...string) func(name string) *string {
	return func(name string) *string {
		v, ok := o.member(name, false)
		if !ok || !o.chosen(v, allowed, name) {
			return nil
		}
		return &v.text
	}
}

// chosen refuses what is not one of the words.
func (o object) chosen(v Value, allowed []string, path ...any) bool {
	if v.kind == stringKind && slices.Contains(allowed, v.text) {
		return true
	}
	expected := alternatives(allowed)
	o.refuse(v, "enum", "Input should be "+expected, context("expected", expected), path...)
	return false
}

// alternatives lists words as Pydantic does: 'a', 'b' or 'c'.
func alternatives(words []string) string {
	list := "'" + strings.Join(words, "', '") + "'"
	if last := strings.LastIndex(list, ", "); last >= 0 {
		return list[:last] + " or" + list[last+1:]
	}
	return list
}

// choices reads a list of words. It is never nil.
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
