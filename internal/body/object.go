package body

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// object reads the fields of a JSON object. It collects validation errors in the order in which the fields are read.
type object struct {
	value  Value
	in     fault.Part
	path   []any
	fields *[]fault.Field
	// object is set only during DescribeBody and DescribeQuery.
	object *Object
}

// open returns a reader for the object v. If v is absent or not an object, open adds a validation error, and all fields read as
// absent.
func open(v Value, path ...any) object {
	o := object{value: v, path: path, fields: new([]fault.Field), object: v.record.open(path)}
	if missing := missing(v); missing != nil {
		*o.fields = append(*o.fields, *missing)
	} else if v.kind != objectKind {
		o.refuse(v, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", nil)
	}
	return o
}

// maxFields limits the number of validation errors in one answer. An invalid value of a few bytes causes an error of a hundred
// bytes, so without a limit a large invalid body could exhaust the memory.
const maxFields = 1000

// refuse adds a validation error, up to maxFields. path is the path from the object to the invalid field.
func (o object) refuse(input Value, kind, msg string, ctx []byte, path ...any) {
	if len(*o.fields) == maxFields {
		return
	}
	name := append(append([]any{}, o.path...), path...)
	*o.fields = append(*o.fields, fault.Field{Type: kind, Name: name, In: o.in, Msg: msg, Input: input.json(), Ctx: ctx})
}

// noContext is the ctx of a validation error that a custom Pydantic validator raises.
var noContext = []byte(`{"error":{}}`)

// err returns all validation errors as one fault.InvalidRequest, or nil.
func (o object) err() error {
	if len(*o.fields) == 0 {
		return nil
	}
	return fault.Invalid(*o.fields...)
}

// union returns the validation errors of an input that matches none of several shapes, in the order of the shapes. The shapes with the
// fewest missing fields are the ones that the caller meant; the errors of the others are marked as unmeant.
func union(shapes ...object) error {
	var fields []fault.Field
	fewest := maxFields
	for _, o := range shapes {
		fewest = min(fewest, o.missing())
	}
	for _, o := range shapes {
		for _, f := range *o.fields {
			f.Unmeant = o.missing() > fewest
			fields = append(fields, f)
		}
	}
	return fault.Invalid(fields[:min(len(fields), maxFields)]...)
}

// missing returns the number of required fields that are absent.
func (o object) missing() (n int) {
	for _, f := range *o.fields {
		if f.Type == "missing" {
			n++
		}
	}
	return n
}

// result returns in, or the zero value and the error if o has validation errors.
func result[T any](in T, o object) (T, error) {
	if err := o.err(); err != nil {
		return *new(T), err
	}
	return in, nil
}

// member returns the value of a field. It reports false if the field is absent. Unless required is set, it also reports false
// if the field is null. An absent field that is required is a validation error, and the input of the error is the whole object.
func (o object) member(name string, required bool) (Value, bool) {
	v := o.value.get(name)
	if o.value.kind != objectKind || !required && !v.given() {
		return v, false
	}
	if v.kind == absentKind {
		o.refuse(o.value, "missing", "Field required", nil, name)
		return v, false
	}
	return v, true
}

// text reads a string of at most most characters. If most is 0, there is no limit. It reports false if the field is invalid.
// Unless required is set, it also reports false if the field is absent or null.
func (o object) text(name string, required bool, most int) (string, bool) {
	o.describe(name, required, Schema{Type: "string", Nullable: !required, MaxLength: most})
	v, ok := o.member(name, required)
	if !ok {
		return "", false
	}
	if v.kind != stringKind {
		o.refuse(v, "string_type", "Input should be a valid string", nil, name)
		return "", false
	}
	if most > 0 && utf8.RuneCountInString(v.text) > most {
		o.refuse(v, "string_too_long", fmt.Sprintf("String should have at most %d characters", most), contextInt("max_length", most), name)
		return "", false
	}
	return v.text, o.clean(v, name)
}

// clean rejects strings with a NUL character, because PostgreSQL cannot store them.
func (o object) clean(v Value, path ...any) bool {
	if hasNUL(v) {
		o.refuse(v, "value_error", invalidCharacters, noContext, path...)
		return false
	}
	return true
}

const invalidCharacters = "Value error, This value contains invalid characters"

func hasNUL(v Value) bool { return strings.Contains(v.text, "\x00") }

// optionalText reads a string. It returns nil if the field is absent, null or invalid.
func (o object) optionalText(name string) *string {
	if text, ok := o.text(name, false, 0); ok {
		return &text
	}
	return nil
}

// trimmedText is like optionalText, but trims white space and returns nil for an empty result.
func (o object) trimmedText(name string) *string { return trimmed(o.text(name, false, 0)) }

// name is like trimmedText, but rejects texts that are longer than Polar allows for names. The length includes the white space
// that is trimmed.
func (o object) name(name string) *string { return trimmed(o.text(name, false, directory.MaxName)) }

func trimmed(text string, ok bool) *string {
	text = strings.TrimFunc(text, isSpace)
	if !ok || text == "" {
		return nil
	}
	return &text
}

// isSpace reports whether Python's str.strip removes the character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }

// inner returns a reader for a nested object. component is the name of the object's schema in the OpenAPI document. inner
// reports false if the field is absent, null or not an object.
func (o object) inner(name, component string) (object, bool) {
	if o.object != nil {
		described := new(Object)
		o.describe(name, false, Schema{Nullable: true, Component: component, Object: described})
		return object{value: Value{kind: objectKind}, fields: o.fields, object: described}, true
	}
	v, ok := o.member(name, false)
	if !ok {
		return object{}, false
	}
	in := object{value: v, in: o.in, path: append(append([]any{}, o.path...), name), fields: o.fields}
	if v.kind != objectKind {
		in.refuse(v, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", nil)
		return object{}, false
	}
	return in, true
}

// missing returns a validation error if the request has no body or its body is null.
func missing(v Value) *fault.Field {
	if v.given() {
		return nil
	}
	return &fault.Field{Type: "missing", Msg: "Field required"}
}
