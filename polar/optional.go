package polar

import (
	"encoding/json"
	"fmt"
)

// Optional is a field of a request that is omitted, null or set to a value. For many routes these mean: keep the value,
// clear it, and change it. The zero value is an omitted field.
//
//	polar.CustomerUpdate{Name: polar.Set("Ada"), TaxID: polar.Null[string]()} // {"name":"Ada","tax_id":null}
type Optional[T any] struct {
	value T
	state state
}

type state byte

const (
	omitted state = iota
	null
	set
)

// Set returns a field with the value v.
func Set[T any](v T) Optional[T] { return Optional[T]{value: v, state: set} }

// Null returns a field that is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value and true, or the zero value and false if the field is null or omitted.
func (o Optional[T]) Get() (v T, ok bool) { return o.value, o.state == set }

func (o Optional[T]) get() (any, state) { return o.value, o.state }

// IsNull reports whether the field is null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the field is omitted. The option omitzero of encoding/json calls it.
func (o Optional[T]) IsZero() bool { return o.state == omitted }

// MarshalJSON encodes the value. It returns null for a field that is null, or that is omitted but lacks the option
// omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON decodes a value or null.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*o = Set(v)
	return nil
}

// String returns the value formatted by fmt, "null" or "omitted".
func (o Optional[T]) String() string {
	switch o.state {
	case set:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	}
	return "omitted"
}
