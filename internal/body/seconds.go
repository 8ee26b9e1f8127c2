package body

import (
	"fmt"
	"strconv"
	"time"
)

// seconds reads a whole number of seconds from least to most. It returns nil if the field is absent, null or invalid. As in
// Pydantic, a float without a fraction is a whole number.
func (o object) seconds(name string, least, most time.Duration) *time.Duration {
	lower, upper := int64(least/time.Second), int64(most/time.Second)
	o.describe(name, false, Schema{Type: "integer", Nullable: true, Minimum: new(int(lower)), Maximum: new(int(upper))})
	v, ok := o.member(name, false)
	if !ok {
		return nil
	}
	n, ok := wholeNumber(v)
	if !ok {
		o.refuse(v, "int_type", "Input should be a valid integer", nil, name)
		return nil
	}
	switch {
	case n < lower:
		o.refuse(v, "greater_than_equal", fmt.Sprintf("Input should be greater than or equal to %d", lower), contextInt("ge", int(lower)), name)
		return nil
	case n > upper:
		o.refuse(v, "less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", upper), contextInt("le", int(upper)), name)
		return nil
	}
	d := time.Duration(n) * time.Second
	return &d
}

func wholeNumber(v Value) (int64, bool) {
	switch v.kind {
	case intKind:
		n, err := strconv.ParseInt(v.text, 10, 64)
		return n, err == nil
	case floatKind:
		f, err := strconv.ParseFloat(v.text, 64)
		n := int64(f)
		return n, err == nil && float64(n) == f && f > -1e15 && f < 1e15
	}
	return 0, false
}

// number is like seconds, for a plain integer.
func (o object) number(name string, least, most int) *int {
	d := o.seconds(name, time.Duration(least)*time.Second, time.Duration(most)*time.Second)
	if d == nil {
		return nil
	}
	n := int(*d / time.Second)
	return &n
}
