package body

import (
	"slices"
	"strconv"

	"github.com/postern-go/postern/internal/wirejson"
)

type valueKind byte

const (
	absentKind valueKind = iota
	nullKind
	boolKind
	intKind
	floatKind
	stringKind
	arrayKind
	objectKind
)

// Value is a parsed JSON value. It preserves the order of object members and the spelling of numbers. The zero Value means that
// the value is absent, which is not the same as null.
type Value struct {
	kind  valueKind
	text  string         // the text of a bool, number or string
	names []string       // the names of an object's members
	items []Value        // the values of an object's members, or the items of an array
	index map[string]int // the index of each name in names, if the object has more than indexFrom members
	// record is set only during DescribeBody.
	record *record
}

// indexFrom is the number of members from which an object has an index. Most objects are smaller, and a map takes more memory than
// their values.
const indexFrom = 16

// find returns the index of a member in names, or -1.
func (v *Value) find(name string) int {
	if v.index == nil {
		return slices.Index(v.names, name)
	}
	if i, ok := v.index[name]; ok {
		return i
	}
	return -1
}

// set adds a member. A repeated name keeps its first position and gets the last value.
func (v *Value) set(name string, item Value) {
	if i := v.find(name); i >= 0 {
		v.items[i] = item
		return
	}
	v.names, v.items = append(v.names, name), append(v.items, item)
	switch n := len(v.names); {
	case n == indexFrom:
		v.index = make(map[string]int, 2*indexFrom)
		for i, name := range v.names {
			v.index[name] = i
		}
	case n > indexFrom:
		v.index[name] = n - 1
	}
}

// get returns the member with the name, or the zero Value.
func (v Value) get(name string) Value {
	if i := v.find(name); i >= 0 {
		return v.items[i]
	}
	return Value{}
}

// MemberNames returns the names of the members of an object that is a member of v, in the order of the request. It returns nil if there
// is no such object.
func (v Value) MemberNames(name string) []string { return v.get(name).names }

func (v Value) given() bool { return v.kind != absentKind && v.kind != nullKind }

// json returns the value as compact JSON, and formats floats as Python does. Validation errors contain the input in this
// format. An absent value becomes null.
func (v Value) json() []byte { return v.append(nil) }

// JSON returns the value as compact JSON, in which all numbers have the format of Python. It returns nil if the value is absent.
func (v Value) JSON() []byte {
	if v.kind == absentKind {
		return nil
	}
	return v.json()
}

func (v Value) append(b []byte) []byte {
	switch v.kind {
	case boolKind, intKind:
		return append(b, v.text...)
	case floatKind:
		f, _ := strconv.ParseFloat(v.text, 64) // cannot fail: the parser has checked it
		return wirejson.AppendFloat(b, f)
	case stringKind:
		return wirejson.AppendString(b, v.text)
	case arrayKind:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(b)
		}
		return append(b, ']')
	case objectKind:
		b = append(b, '{')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.append(append(wirejson.AppendString(b, v.names[i]), ':'))
		}
		return append(b, '}')
	}
	return append(b, `null`...)
}
