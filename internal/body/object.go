package body

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// object reads the members of one, and collects what is wrong with them in the order in which they are read.
type object struct {
	value  Value
	in     fault.Part
	path   []any
	fields *[]fault.Field
}

// open begins to read v as an object. What is none is refused as a whole, and then has no members.
func open(v Value, path ...any) object {
	o := object{value: v, path: path, fields: new([]fault.Field)}
	if v.kind != objectKind {
		o.refuse(v, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", nil)
	}
	return o
}

// maxFields is how many wrong fields a caller hears of. Each answers a few bytes with some hundred, so that a body of
// nothing but flaws would have an answer that fills the memory.
const maxFields = 1000

// refuse adds a field. path leads from the object to it.
func (o object) refuse(input Value, kind, msg string, ctx []byte, path ...any) {
	if len(*o.fields) == maxFields {
		return
	}
	name := append(append([]any{}, o.path...), path...)
	*o.fields = append(*o.fields, fault.Field{Type: kind, Name: name, In: o.in, Msg: msg, Input: input.json(), Ctx: ctx})
}

// noContext is what Pydantic says of an error that a validator raised.
var noContext = []byte(`{"error":{}}`)

// err is everything that was refused, or nil.
func (o object) err() error {
	if len(*o.fields) == 0 {
		return nil
	}
	return fault.Invalid(*o.fields...)
}

// result is what was read, or why it was not.
func result[T any](in T, o object) (T, error) {
	if err := o.err(); err != nil {
		return *new(T), err
	}
	return in, nil
}

// member returns what was sent under the name. A required one that is missing is refused, with the whole object as input.
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

// text reads a string with at most most characters; 0 is no limit. It reports false when there is none to be had.
func (o object) text(name string, required bool, most int) (string, bool) {
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

// clean refuses a NUL, which no database takes.
func (o object) clean(v Value, path ...any) bool {
	if hasNUL(v) {
		o.refuse(v, "value_error", invalidCharacters, noContext, path...)
		return false
	}
	return true
}

const invalidCharacters = "Value error, This value contains invalid characters"

func hasNUL(v Value) bool { return strings.Contains(v.text, "\x00") }

// optionalText is nil for a member that is absent, null or refused.
func (o object) optionalText(name string) *string {
	if text, ok := o.text(name, false, 0); ok {
		return &text
	}
	return nil
}

// trimmedText is optionalText without the space around it; nil when nothing is left.
func (o object) trimmedText(name string) *string { return trimmed(o.text(name, false, 0)) }

// maxExternalID is how many characters an organization's own names may have: what an index takes, in the longest of
// encodings. Polar has no number for it.
const maxExternalID = 512

// externalID is trimmedText for an organization's own name.
func (o object) externalID(name string) *string { return trimmed(o.text(name, false, maxExternalID)) }

// name is trimmedText with Polar's limit for names, which counts the space around it too.
func (o object) name(name string) *string { return trimmed(o.text(name, false, 256)) }

func trimmed(text string, ok bool) *string {
	text = strings.TrimFunc(text, isSpace)
	if !ok || text == "" {
		return nil
	}
	return &text
}

// isSpace is what Python strips.
func isSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }

// inner reads an object within; it reports false when it is absent, null or none.
func (o object) inner(name string) (object, bool) {
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

// missing refuses a body that is not there at all.
func missing(v Value) error {
	if v.given() {
		return nil
	}
	return fault.Invalid(fault.Field{Type: "missing", Msg: "Field required"})
}
