package body

import "slices"

// Object describes what a reader accepts: the fields of a body or the parameters of a query, in the order in which they are
// read. The OpenAPI document is generated from it.
type Object struct {
	// Name is the schema's name in the locations of validation errors if the body can have several schemas. Otherwise it is "".
	Name   string
	Fields []Field
}

// Field is a field of an Object.
type Field struct {
	Name     string
	Required bool
	Schema   Schema
}

// Schema is the part of JSON Schema that readers use. A field with the zero value is a keyword that the schema does not have.
type Schema struct {
	Type      string   `json:"type,omitempty"`
	Format    string   `json:"format,omitempty"`
	Const     string   `json:"const,omitempty"`
	Enum      []string `json:"enum,omitempty"`
	MinLength int      `json:"minLength,omitempty"`
	MaxLength int      `json:"maxLength,omitempty"`
	Minimum   *int     `json:"minimum,omitempty"`
	Maximum   *int     `json:"maximum,omitempty"`
	MinItems  int      `json:"minItems,omitempty"`
	Items     *Schema  `json:"items,omitempty"`
	AnyOf     []Schema `json:"anyOf,omitempty"`
	Default   any      `json:"default,omitempty"`
	// Nullable adds null to the allowed values.
	Nullable bool `json:"-"`
	// Component is the name of a schema that is described elsewhere. Object has the fields of that schema if the reader reads
	// them.
	Component string  `json:"-"`
	Object    *Object `json:"-"`
}

// record collects the objects that a reader opens during DescribeBody or DescribeQuery.
type record struct{ objects []*Object }

func (r *record) open(path []any) *Object {
	if r == nil {
		return nil
	}
	o := new(Object)
	if len(path) > 0 {
		o.Name, _ = path[len(path)-1].(string)
	}
	r.objects = append(r.objects, o)
	return o
}

// DescribeBody calls a function that reads a body, and returns the fields that the function reads: one Object for each schema
// that the function tries. If a field of the body selects the schema, member is the name of that field and value its value.
// Otherwise member is "".
func DescribeBody(read func(Value), member, value string) []*Object {
	v := Value{kind: objectKind, record: new(record)}
	if member != "" {
		v.set(member, Value{kind: stringKind, text: value})
	}
	read(v)
	return v.record.objects
}

// DescribeQuery calls a function that reads a query, and returns the parameters that the function reads.
func DescribeQuery(read func(Query)) *Object {
	q := Query{record: new(record)}
	read(q)
	return q.record.objects[0]
}

// describe records a field while DescribeBody or DescribeQuery runs. At other times, it does nothing. The first description of
// a field wins.
func (o object) describe(name string, required bool, s Schema) {
	if o.object != nil && !slices.ContainsFunc(o.object.Fields, func(f Field) bool { return f.Name == name }) {
		o.object.Fields = append(o.object.Fields, Field{name, required, s})
	}
}
