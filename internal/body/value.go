package body

import (
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
	index map[string]int // the index of each name in names
	// record is set only during DescribeBody.
	record *record
}

// set adds a member. A repeated name keeps its first position and gets the last value.
func (v *Value) set(name string, item Value) {
	if i, ok := v.index[name]; ok {
		v.items[i] = item
		return
	}
	if v.index == nil {
		v.index = map[string]int{}
	}
	v.index[name] = len(v.names)
	v.names, v.items = append(v.names, name), append(v.items, item)
}

// get returns the member with the name, or the zero Value.
func (v Value) get(name string) Value {
	if i, ok := v.index[name]; ok {
		return v.items[i]
	}
	return Value{}
}

func (v Value) given() bool { return v.kind != absentKind && v.kind != nullKind }

// json returns the value as compact JSON, and formats floats as Python does. Validation errors contain the input in this
// format. An absent value becomes null.
func (v Value) json() []byte { return v.append(nil) }

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
