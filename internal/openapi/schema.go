package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// schema is the part of a JSON Schema that this package needs.
type schema struct {
	Ref                  string `json:"$ref"`
	Description          string
	Type                 oneOrMore
	Format               string
	Const                any
	Enum                 []any
	Default              any
	Required             []string
	Properties           ordered[schema]
	AdditionalProperties *schema
	Items                *schema
	PrefixItems          []schema
	AnyOf, OneOf, AllOf  []schema
}

// oneOrMore is the value of the keyword type: a name or a list of names.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*o = oneOrMore{""}
		return json.Unmarshal(b, &(*o)[0])
	}
	return json.Unmarshal(b, (*[]string)(o))
}

// Name returns the name of the component that the schema refers to, or "".
func (s schema) Name() string { return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:] }

// Union returns the alternatives of the schema, or nil.
func (s schema) Union() []schema { return slices.Concat(s.AnyOf, s.OneOf) }

// Values returns the allowed values, or nil if the schema does not list them.
func (s schema) Values() []any {
	if s.Const != nil {
		return []any{s.Const}
	}
	return s.Enum
}

// Requires reports whether the field is required.
func (s schema) Requires(field string) bool { return slices.Contains(s.Required, field) }
