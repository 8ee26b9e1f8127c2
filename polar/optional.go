package polar

import (
	"encoding/json"
	"fmt"
)

// Optional is a field of a request that can be left out, be null, or have a value; to many routes the three say different
// things: leave it as it is, empty it, change it. The zero value is left out.
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

// Set is the value v.
func Set[T any](v T) Optional[T] { return Optional[T]{value: v, state: set} }

// Null is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value, and false for a field that is null or left out.
func (o Optional[T]) Get() (v T, ok bool) { return o.value, o.state == set }

// IsNull reports whether the field is null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the field is left out, which is what the option omitzero of encoding/json asks.
func (o Optional[T]) IsZero() bool { return o.state == omitted }

// MarshalJSON writes the value or null. A field that is left out is null too, where nothing leaves it out.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null. A field that is not in the JSON stays as it is.
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

// String is the value as fmt prints it, "null", or "omitted".
func (o Optional[T]) String() string {
	switch o.state {
	case set:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	}
	return "omitted"
}
