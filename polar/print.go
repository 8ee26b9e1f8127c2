package polar

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// printValue prints an answer or a request: polar.Member{ID: "…", Email: "ada@example.com", Role: "owner"}. It prints
// the values that pointers point to. It leaves out fields that are nil, omitted or empty, and prints [redacted] for
// fields with the tag secret.
func printValue(f fmt.State, v any) { f.Write(appendValue(nil, v)) }

func appendValue(b []byte, v any) []byte {
	r := reflect.ValueOf(v)
	return appendStruct(append(b, printedName(r.Type())...), r)
}

// printedName returns the name of a type without type parameters: "polar.List".
func printedName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return "polar." + name
}

// optional is implemented by every Optional.
type optional interface {
	get() (v any, state state)
}

func appendPrinted(b []byte, v reflect.Value) []byte {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.AppendFormat(b, time.RFC3339Nano)
	case optional:
		value, state := x.get()
		if state != set {
			return append(b, "null"...)
		}
		return appendPrinted(b, reflect.ValueOf(value))
	case WebhookSecret, SessionSecurity, time.Duration, UnixTime:
		return fmt.Append(b, x)
	case json.RawMessage:
		return strconv.AppendQuote(b, string(x))
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "nil"...)
		}
		return appendPrinted(b, v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return append(b, "nil"...)
		}
		inner := v.Elem()
		switch {
		case inner.Type().PkgPath() != reflect.TypeFor[Customer]().PkgPath():
			return appendPrinted(b, inner)
		case inner.Kind() == reflect.Struct:
			return appendStruct(append(b, printedName(inner.Type())...), inner)
		}
		return append(appendPrinted(append(b, printedName(inner.Type())+"("...), inner), ')')
	case reflect.String:
		return strconv.AppendQuote(b, v.String())
	case reflect.Struct:
		return appendStruct(b, v)
	case reflect.Slice, reflect.Array:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendPrinted(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Map:
		names := make(map[string]reflect.Value, v.Len())
		for _, name := range v.MapKeys() {
			names[name.String()] = v.MapIndex(name)
		}
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(names)) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendPrinted(append(strconv.AppendQuote(b, name), ": "...), names[name])
		}
		return append(b, '}')
	}
	return fmt.Append(b, v)
}

func appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if !field.IsExported() || isAbsent(value) {
			continue
		}
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = append(append(b, field.Name...), ": "...)
		if field.Tag.Get("secret") != "" {
			b = append(b, redacted...)
			continue
		}
		b = appendPrinted(b, value)
	}
	return append(b, '}')
}

// isAbsent reports whether a field is nil, omitted or empty. False and zero are values.
func isAbsent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Float64:
		return false
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}
