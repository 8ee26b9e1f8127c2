package body

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/fault"
)

// BodyCheck validates a body whose fields this server does not keep. It returns fault.InvalidRequest with every invalid field.
type BodyCheck func(v Value) error

// check validates one field of an object. Checks run in the order of the fields in Polar's schema, because errors have that order.
type check func(o object)

func run(o object, checks []check) error {
	for _, c := range checks {
		c(o)
	}
	return o.err()
}

// fields returns a check of a body with one schema.
func fields(checks ...check) BodyCheck {
	return func(v Value) error { return run(open(v), checks) }
}

// valid adds a rule about a whole body. broken returns the text of the violation, or "". It is called if all fields are valid.
func (b BodyCheck) valid(broken func(v Value) string) BodyCheck {
	return func(v Value) error {
		if err := b(v); err != nil {
			return err
		}
		o := open(v)
		if why := broken(v); why != "" {
			o.refuse(v, "value_error", "Value error, "+why, noContext)
		}
		return o.err()
	}
}

// shape is one of the schemas that a body can have. The name is part of the locations of its errors.
type shape struct {
	name   string
	checks []check
}

func shaped(name string, checks ...check) shape { return shape{name, checks} }

// anyOf returns a check of a body with one of several schemas, which no field selects. A body that is valid in none has the errors of
// all; see union.
func anyOf(shapes ...shape) BodyCheck {
	return func(v Value) error {
		if missing := missing(v); missing != nil {
			return fault.Invalid(*missing)
		}
		var tried []object
		for _, s := range shapes {
			o := open(v, s.name)
			if run(o, s.checks) == nil {
				return nil
			}
			tried = append(tried, o)
		}
		return union(tried...)
	}
}

// tagged returns a check of a body whose schema is selected by a text field.
func tagged(field string, shapes ...shape) BodyCheck {
	var tags []string
	for _, s := range shapes {
		tags = append(tags, s.name)
	}
	return func(v Value) error {
		o := open(v)
		if len(*o.fields) > 0 {
			return o.err()
		}
		tag := v.get(field)
		at := slices.Index(tags, tag.text)
		quoted := "'" + field + "'"
		switch {
		case tag.kind == absentKind:
			o.refuse(v, "union_tag_not_found", "Unable to extract tag using discriminator "+quoted, context("discriminator", quoted))
			return o.err()
		case tag.kind != stringKind || at < 0:
			name, expected := tag.text, "'"+strings.Join(tags, "', '")+"'"
			if tag.kind != stringKind {
				name = tag.python()
			}
			o.refuse(v, "union_tag_invalid", "Input tag '"+name+"' found using "+quoted+" does not match any of the expected tags: "+expected,
				slices.Concat([]byte(`{"discriminator":`), text(quoted), []byte(`,"tag":`), text(name), []byte(`,"expected_tags":`), text(expected), []byte(`}`)))
			return o.err()
		}
		return run(open(v, shapes[at].name), shapes[at].checks)
	}
}

func text(s string) []byte { return Value{kind: stringKind, text: s}.json() }

// need makes a field of a check required. The check then also runs for null.
const (
	need = true
	may  = false
)

// isText checks a text of least to most characters. If most is 0, there is no limit.
func isText(name string, required bool, least, most int) check {
	return func(o object) {
		got, ok := o.text(name, required, most)
		if ok && utf8.RuneCountInString(got) < least {
			o.refuse(o.value.get(name), "string_too_short", fmt.Sprintf("String should have at least %d %s", least, plural(least, "character")), contextInt("min_length", least), name)
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

func isUUID(name string, required bool) check { return func(o object) { o.uuid(name, required) } }

// isAnyUUID checks a UUID of any version.
func isAnyUUID(names ...string) check {
	return func(o object) {
		for _, name := range names {
			if v, ok := o.member(name, may); ok {
				o.refuseUUID(v, name)
			}
		}
	}
}

func (o object) refuseUUID(v Value, path ...any) {
	if v.kind != stringKind {
		o.refuse(v, "uuid_type", notUUID, nil, path...)
	} else if _, refusal := parseAnyUUID(v.text); refusal != nil {
		o.refuse(v, refusal.Type, refusal.Msg, refusal.Ctx, path...)
	}
}

// isFlag checks a boolean. As in Pydantic, it can also be a text or a number that means one.
func isFlag(name string, required bool) check {
	return func(o object) {
		v, ok := o.member(name, required)
		switch {
		case !ok || v.kind == boolKind:
		case v.kind == stringKind:
			if _, known := boolean(v.text); !known {
				o.refuse(v, "bool_parsing", "Input should be a valid boolean, unable to interpret input", nil, name)
			}
		case v.kind == intKind || v.kind == floatKind:
			if n, whole := wholeNumber(v); !whole || n != 0 && n != 1 {
				o.refuse(v, "bool_parsing", "Input should be a valid boolean, unable to interpret input", nil, name)
			}
		default:
			o.refuse(v, "bool_type", "Input should be a valid boolean", nil, name)
		}
	}
}

// isTrue checks a field that must be true.
func isTrue(name string) check {
	return func(o object) {
		if v, ok := o.member(name, need); ok && (v.kind != boolKind || v.text != "true") {
			o.refuse(v, "literal_error", "Input should be True", context("expected", "True"), name)
		}
	}
}

// isNull checks a field that must be null.
func isNull(name string) check {
	return func(o object) {
		if v, ok := o.member(name, need); ok && v.kind != nullKind {
			o.refuse(v, "none_required", "Input should be None", nil, name)
		}
	}
}

// isNumber checks an integer from least to most. As in Pydantic, it can also be a text.
func isNumber(name string, required bool, least, most int) check {
	return func(o object) {
		v, ok := o.member(name, required)
		if !ok {
			return
		}
		digits := v.text
		switch v.kind {
		case intKind:
		case floatKind:
			n, whole := wholeNumber(v)
			if !whole {
				o.refuse(v, "int_from_float", "Input should be a valid integer, got a number with a fractional part", nil, name)
				return
			}
			digits = strconv.FormatInt(n, 10)
		case stringKind:
			match := whole.FindStringSubmatch(strings.TrimSpace(v.text))
			if match == nil || len(v.text) > maxDigits {
				o.refuse(v, "int_parsing", "Input should be a valid integer, unable to parse string as an integer", nil, name)
				return
			}
			digits = strings.ReplaceAll(match[1], "_", "")
		default:
			o.refuse(v, "int_type", "Input should be a valid integer", nil, name)
			return
		}
		n, _ := new(big.Int).SetString(digits, 10) // cannot fail: the text is an integer
		switch {
		case n.Cmp(big.NewInt(int64(least))) < 0:
			o.refuse(v, "greater_than_equal", fmt.Sprintf("Input should be greater than or equal to %d", least), contextInt("ge", least), name)
		case n.Cmp(big.NewInt(int64(most))) > 0:
			o.refuse(v, "less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", most), contextInt("le", most), name)
		}
	}
}

// isChoice checks one of the allowed texts.
func isChoice(name string, required bool, allowed ...string) check {
	return func(o object) {
		if v, ok := o.member(name, required); ok {
			o.chosen(v, allowed, name)
		}
	}
}

// isTime checks a time with a time zone.
func isTime(name string, required bool) check {
	return func(o object) {
		if v, ok := o.member(name, required); ok {
			o.refuseTime(v, name)
		}
	}
}

// refuseTime adds an error unless v is a time with a time zone. Numbers are Unix times. Pydantic has more texts about times that it
// cannot parse.
func (o object) refuseTime(v Value, path ...any) {
	switch v.kind {
	case intKind, floatKind:
		return
	case stringKind:
	default:
		o.refuse(v, "datetime_type", "Input should be a valid datetime", nil, path...)
		return
	}
	if _, err := strconv.ParseFloat(v.text, 64); err == nil {
		return
	}
	local := strings.Replace(v.text, " ", "T", 1)
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout+"Z07:00", local); err == nil {
			return
		}
		if _, err := time.Parse(layout, local); err == nil {
			o.refuse(v, "timezone_aware", "Input should have timezone info", nil, path...)
			return
		}
	}
	why := "invalid character in year"
	if len(v.text) < len(time.DateOnly) {
		why = "input is too short"
	}
	o.refuse(v, "datetime_from_date_parsing", "Input should be a valid datetime or date, "+why, context("error", why), path...)
}

// isObject checks an object of any content.
func isObject(name string, required bool) check {
	return func(o object) {
		if v, ok := o.member(name, required); ok && v.kind != objectKind {
			o.refuse(v, "dict_type", "Input should be a valid dictionary", nil, name)
		}
	}
}

// isModel checks an object with fields.
func isModel(name string, required bool, checks ...check) check {
	return func(o object) {
		v, ok := o.member(name, required)
		if !ok {
			return
		}
		in := object{value: v, in: o.in, path: append(slices.Clip(o.path), name), fields: o.fields}
		if v.kind != objectKind {
			in.refuse(v, "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", nil)
			return
		}
		for _, c := range checks {
			c(in)
		}
	}
}

// isList checks a list of at least least items. each checks an item.
func isList(name string, required bool, least int, each func(o object, item Value, path ...any)) check {
	return func(o object) {
		v, ok := o.member(name, required)
		switch {
		case !ok:
		case v.kind != arrayKind:
			o.refuse(v, "list_type", "Input should be a valid list", nil, name)
		case len(v.items) < least:
			o.refuse(v, "too_short", fmt.Sprintf("List should have at least %d %s after validation, not %d", least, plural(least, "item"), len(v.items)),
				fmt.Appendf(nil, `{"field_type":"List","min_length":%d,"actual_length":%d}`, least, len(v.items)), name)
		default:
			for i, item := range v.items {
				each(o, item, name, i)
			}
		}
	}
}

// uuidItem checks an item of a list of UUIDs.
func uuidItem(o object, item Value, path ...any) {
	if item.kind != stringKind {
		o.refuse(item, "uuid_type", notUUID, nil, path...)
	} else if _, refusal := parseUUID(item.text); refusal != nil {
		o.refuse(item, refusal.Type, refusal.Msg, refusal.Ctx, path...)
	}
}

// modelItem returns a check of an item that is an object with one of several schemas.
func modelItem(shapes ...shape) func(o object, item Value, path ...any) {
	return func(o object, item Value, path ...any) {
		var all []fault.Field
		for _, s := range shapes {
			at := append(append(slices.Clip(o.path), path...), s.name)
			if s.name == "" {
				at = at[:len(at)-1]
			}
			in := open(item, at...)
			if run(in, s.checks) == nil {
				return
			}
			all = append(all, *in.fields...)
		}
		room := max(0, maxFields-len(*o.fields))
		*o.fields = append(*o.fields, all[:min(len(all), room)]...)
	}
}

func isMetadata(o object) { o.metadata("metadata") }

func isAddress(name string) check { return func(o object) { o.address(name) } }

// together combines checks, so that several schemas can share fields.
func together(checks ...check) check {
	return func(o object) {
		for _, c := range checks {
			c(o)
		}
	}
}
