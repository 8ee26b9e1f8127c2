package body

import (
	"github.com/postern-go/postern/internal/wirejson"
	"strconv"
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

// Value is a piece of JSON as it was sent: members in their order, numbers in their spelling. The zero Value is nothing
// at all, which is not the same as null.
type Value struct {
	kind  valueKind
	text  string         // of a bool, a number or a string
	names []string       // of an object's members
	items []Value        // of an object's members, or of an array
	index map[string]int // where a name stands in names
}

// set adds a member. Of two with the same name, the first one's place and the last one's value count.
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

// get returns a member; the zero Value when there is none.
func (v Value) get(name string) Value {
	if i, ok := v.index[name]; ok {
		return v.items[i]
	}
	return Value{}
}

func (v Value) given() bool { return v.kind != absentKind && v.kind != nullKind }

// json is the value as an answer repeats it: compact, floats as Python prints them. Nothing at all is null.
func (v Value) json() []byte { return v.append(nil) }

func (v Value) append(b []byte) []byte {
	switch v.kind {
	case boolKind, intKind:
		return append(b, v.text...)
	case floatKind:
		f, _ := strconv.ParseFloat(v.text, 64) // the parser has seen to it
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
