package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object whose members keep their order.
type object struct {
	names  []string
	values map[string]any
}

// obj returns an object. pairs alternates between names and values. A member whose value is nil or "" is left out.
func obj(pairs ...any) *object {
	o := &object{values: map[string]any{}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != nil && pairs[i+1] != "" {
			o.set(pairs[i].(string), pairs[i+1])
		}
	}
	return o
}

func (o *object) set(name string, value any) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	o.values[name] = value
}

// sub returns the nested object with the name. If it is missing, sub creates it.
func (o *object) sub(name string) *object {
	if _, ok := o.values[name]; !ok {
		o.set(name, obj())
	}
	return o.values[name].(*object)
}

// merge applies a JSON Merge Patch (RFC 7396): null removes a member.
func (o *object) merge(patch *object) {
	for _, name := range patch.names {
		to, isObject := o.values[name].(*object)
		switch value := patch.values[name].(type) {
		case nil:
			o.remove(name)
		case *object:
			if !isObject {
				to = obj()
			}
			to.merge(value)
			o.set(name, to)
		default:
			o.set(name, value)
		}
	}
}

// remove removes a member and returns its value.
func (o *object) remove(name string) any {
	value := o.values[name]
	delete(o.values, name)
	for i, n := range o.names {
		if n == name {
			o.names = append(o.names[:i:i], o.names[i+1:]...)
			break
		}
	}
	return value
}

// MarshalJSON implements json.Marshaler.
func (o *object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		value, err := marshal(o.values[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b = append(append(fmt.Appendf(b, "%q", name), ':'), value...)
	}
	return append(b, '}'), nil
}

// marshal is like json.Marshal, but does not escape characters for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *object) UnmarshalJSON(b []byte) error {
	*o = *obj()
	d := json.NewDecoder(bytes.NewReader(b))
	d.Token() // the brace
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		value, _, err := decode(d)
		if err != nil {
			return err
		}
		o.set(name.(string), value)
	}
	return nil
}

// decode reads one JSON value and returns the offset of its end.
func decode(d *json.Decoder) (value any, end int64, err error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, 0, err
	}
	if raw[0] == '{' {
		o := obj()
		return o, d.InputOffset(), json.Unmarshal(raw, o)
	}
	err = json.Unmarshal(raw, &value)
	return value, d.InputOffset(), err
}
