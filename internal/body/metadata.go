package body

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxMetadata      = 50  // entries
	maxMetadataName  = 40  // characters
	maxMetadataValue = 500 // characters
)

// metadata reads an object whose values are strings, integers, floats and booleans; the result holds them as string, int64,
// json.Number for a larger integer, float64 and bool. It never returns nil.
func (o object) metadata(name string) map[string]any {
	o.describe(name, false, Schema{Component: "MetadataInputType"})
	out := map[string]any{}
	v := o.value.get(name)
	if v.kind == absentKind {
		return out
	}
	if v.kind != objectKind {
		o.refuse(v, "dict_type", "Input should be a valid dictionary", nil, name)
		return out
	}
	before := len(*o.fields)
	for i, item := range v.items {
		o.metadataName(name, v.names[i])
		if value, ok := metadataValue(item); ok {
			out[v.names[i]] = value
			continue
		}
		o.refuseMetadata(item, name, v.names[i])
	}
	switch n := len(v.items); {
	case len(*o.fields) > before:
	case n > maxMetadata:
		o.refuse(v, "too_long", fmt.Sprintf("Dictionary should have at most %d items after validation, not %d", maxMetadata, n),
			fmt.Appendf(nil, `{"field_type":"Dictionary","max_length":%d,"actual_length":%d}`, maxMetadata, n), name)
	case strings.Contains(strings.Join(v.names, ""), "\x00") || slices.ContainsFunc(v.items, hasNUL):
		o.refuse(v, "value_error", invalidCharacters, noContext, name)
	}
	return out
}

// newMetadata reads the metadata of an update. It returns nil if the field is absent.
func (o object) newMetadata(name string) map[string]any {
	metadata := o.metadata(name)
	if o.value.get(name).kind == absentKind {
		return nil
	}
	return metadata
}

func (o object) metadataName(name, key string) {
	v := Value{kind: stringKind, text: key}
	switch n := utf8.RuneCountInString(key); {
	case n == 0:
		o.refuse(v, "string_too_short", "String should have at least 1 character", contextInt("min_length", 1), name, key, "[key]")
	case n > maxMetadataName:
		o.refuse(v, "string_too_long", fmt.Sprintf("String should have at most %d characters", maxMetadataName), contextInt("max_length", maxMetadataName), name, key, "[key]")
	}
}

func metadataValue(v Value) (any, bool) {
	switch v.kind {
	case boolKind:
		return v.text == "true", true
	case intKind:
		if n, err := strconv.ParseInt(v.text, 10, 64); err == nil {
			return n, true
		}
		return json.Number(v.text), true
	case floatKind:
		f, err := strconv.ParseFloat(v.text, 64)
		return f, err == nil
	case stringKind:
		n := utf8.RuneCountInString(v.text)
		return v.text, n >= 1 && n <= maxMetadataValue
	}
	return nil, false
}

// refuseMetadata adds one validation error for each type that a metadata value can have, as Pydantic does for a union.
func (o object) refuseMetadata(v Value, name, key string) {
	add := func(last, kind, msg string, ctx []byte) { o.refuse(v, kind, msg, ctx, name, key, last) }
	if v.kind != stringKind {
		add("constrained-str", "string_type", "Input should be a valid string", nil)
		add("int", "int_type", "Input should be a valid integer", nil)
		add("float", "float_type", "Input should be a valid number", nil)
		add("bool", "bool_type", "Input should be a valid boolean", nil)
		return
	}
	if v.text == "" {
		add("constrained-str", "string_too_short", "String should have at least 1 character", contextInt("min_length", 1))
	} else {
		add("constrained-str", "string_too_long", fmt.Sprintf("String should have at most %d characters", maxMetadataValue), contextInt("max_length", maxMetadataValue))
	}
	add("int", "int_parsing", "Input should be a valid integer, unable to parse string as an integer", nil)
	add("float", "float_parsing", "Input should be a valid number, unable to parse string as a number", nil)
	add("bool", "bool_parsing", "Input should be a valid boolean, unable to interpret input", nil)
}
