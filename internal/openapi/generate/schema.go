package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/body"
)

// sources are what schemas are derived from, by name: wire types, bodies that readers describe, and errors.
type sources struct {
	types    map[string]reflect.Type
	objects  map[string]*body.Object
	problems map[string]api.Problem
	prose    []*section
}

// common is the section with the prose of fields that many schemas share.
const common = "*"

func (s *sources) section(title string) *section {
	for _, p := range s.prose {
		if p.title == title {
			return p
		}
	}
	return nil
}

// component returns the name of the schema for a source: its own name, unless a section has another name for it.
func (s *sources) component(source string) string {
	if source != "" && s.section(source) == nil {
		for _, p := range s.prose {
			if p.argument == source {
				return p.title
			}
		}
	}
	return source
}

func reference(component string) *object { return obj("$ref", "#/components/schemas/"+component) }

func nullable(schema *object) *object {
	if kind, ok := schema.values["type"].(string); ok {
		schema.set("type", []any{kind, "null"})
		return schema
	}
	return obj("anyOf", []any{schema, obj("type", "null")})
}

// addType collects a wire type and the types of its fields.
func (s *sources) addType(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		s.addType(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || s.types[typeName(t)] != nil {
			return
		}
		s.types[typeName(t)] = t
		for f := range t.Fields() {
			s.addType(f.Type)
		}
	}
}

// typeName returns the name of a type; that of a List is the name of its items and "List".
func typeName(t reflect.Type) string {
	name, items, isList := strings.Cut(t.Name(), "[")
	if isList {
		return strings.TrimSuffix(items[strings.LastIndexByte(items, '.')+1:], "]") + name
	}
	return name
}

// ofType returns the schema of a value of a wire type, which refers to the schemas of structs.
func (s *sources) ofType(t reflect.Type) *object {
	if component := s.component(t.Name()); t.Kind() != reflect.Struct && s.section(component) != nil {
		return reference(component)
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return obj("type", "string", "format", "date-time")
	case reflect.TypeFor[json.RawMessage]():
		return obj("type", "object")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.ofType(t.Elem()))
	case reflect.Struct:
		return reference(s.component(typeName(t)))
	case reflect.Slice:
		return obj("type", "array", "items", s.ofType(t.Elem()))
	case reflect.Array:
		return obj("type", "array", "minItems", t.Len(), "maxItems", t.Len())
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return obj("type", "object")
		}
		return obj("type", "object", "additionalProperties", s.ofType(t.Elem()))
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Int, reflect.Int64:
		return obj("type", "integer")
	case reflect.String:
		return obj("type", "string")
	}
	return obj()
}

// ofStruct returns the schema of a wire type. Answers hold every field.
func (s *sources) ofStruct(t reflect.Type) *object {
	properties, required := obj(), []any{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		schema := s.ofType(f.Type)
		if isID(name) && (f.Type.Kind() == reflect.String || f.Type == reflect.TypeFor[*string]()) {
			schema.set("format", "uuid4")
		}
		properties.set(name, schema)
		required = append(required, name)
	}
	return obj("type", "object", "properties", properties, "required", required)
}

// isID reports whether a name is that of a field or parameter that holds an id of the server.
func isID(name string) bool {
	return (name == "id" || strings.HasSuffix(name, "_id")) && !strings.Contains(name, "external")
}

// addObject collects a body that a reader describes, and the bodies within it.
func (s *sources) addObject(component string, o *body.Object) {
	s.objects[component] = o
	for _, f := range o.Fields {
		if f.Schema.Object != nil {
			s.addObject(f.Schema.Component, f.Schema.Object)
		}
	}
}

func (s *sources) ofObject(o *body.Object) *object {
	properties, required := obj(), []any{}
	for _, f := range o.Fields {
		properties.set(f.Name, s.ofField(f.Schema))
		if f.Required {
			required = append(required, f.Name)
		}
	}
	schema := obj("type", "object", "properties", properties)
	if len(required) > 0 {
		schema.set("required", required)
	}
	return schema
}

// ofField returns the schema of a field that a reader describes. Words that are those of a named schema refer to it.
func (s *sources) ofField(f body.Schema) *object {
	var schema *object
	switch enum := s.named(f.Enum); {
	case f.Component != "":
		schema = reference(f.Component)
	case enum != "":
		schema = reference(enum)
	case f.AnyOf != nil:
		var list []any
		for _, one := range f.AnyOf {
			list = append(list, s.ofField(one))
		}
		return obj("anyOf", list)
	default:
		schema = obj("type", f.Type, "format", f.Format, "const", f.Const)
	}
	if len(f.Enum) > 0 && schema.values["$ref"] == nil {
		schema.set("enum", f.Enum)
	}
	if f.Items != nil {
		schema.set("items", s.ofField(*f.Items))
	}
	for _, bound := range []struct {
		keyword string
		value   int
		applies bool
	}{
		{"minLength", f.MinLength, f.MinLength > 0}, {"maxLength", f.MaxLength, f.MaxLength > 0},
		{"minimum", f.Minimum, f.Bounded}, {"maximum", f.Maximum, f.Bounded && f.Maximum >= f.Minimum},
		{"minItems", f.MinItems, f.MinItems > 0}, {"maxItems", f.MaxItems, f.MaxItems > 0},
	} {
		if bound.applies {
			schema.set(bound.keyword, bound.value)
		}
	}
	if f.Nullable {
		schema = nullable(schema)
	}
	if f.Default != nil {
		schema.set("default", f.Default)
	}
	return schema
}

// named returns the schema that has the words as its values, or "".
func (s *sources) named(words []string) string {
	if len(words) < 2 {
		return ""
	}
	for _, p := range s.prose {
		if slices.Equal(slices.Sorted(slices.Values(p.values())), slices.Sorted(slices.Values(words))) {
			return p.title
		}
	}
	return ""
}

// values returns the values of a schema that is a list of words: the paragraph that begins with "Values: ".
func (s *section) values() []string {
	for _, p := range s.paragraphs {
		if words, ok := strings.CutPrefix(p, "Values: "); ok {
			return strings.Fields(words)
		}
	}
	return nil
}

// problemName returns the name of the schema of an error.
func problemName(p api.Problem) string {
	switch {
	case p.Component != "":
		return p.Component
	case p.Class == "":
		return strings.ToUpper(p.Shape[:min(1, len(p.Shape))]) + p.Shape[min(1, len(p.Shape)):]
	case p.Class == "invalid_request":
		return "InvalidForm"
	}
	name := ""
	for part := range strings.SplitSeq(p.Class, "_") {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	return name
}

func ofProblem(p api.Problem) *object {
	properties, required := obj(), []any{}
	add := func(name string, schema *object) {
		properties.set(name, schema)
		required = append(required, name)
	}
	if p.Class != "" {
		add("error", obj("type", "string", "const", p.Class, "description", "Always `"+p.Class+"`."))
	}
	if p.Shape != "" {
		add(p.Shape, obj("type", "string"))
	}
	return obj("type", "object", "properties", properties, "required", required)
}

// schemas returns the components: one for each section, and one for each list.
func (s *sources) schemas() *object {
	all := map[string]*object{}
	for name, t := range s.types {
		if strings.HasSuffix(name, "List") {
			all[name] = s.finish(&section{title: name}, s.ofStruct(t))
		}
	}
	for _, p := range s.prose {
		if p.title == common || p.title == s.prose[0].title {
			continue
		}
		source := p.title
		if p.argument != "" {
			source = p.argument
		}
		schema := obj()
		if words := p.values(); words != nil {
			schema = obj("type", "string", "enum", words)
		} else if t := s.types[source]; t != nil {
			schema = s.ofStruct(t)
		} else if o := s.objects[source]; o != nil {
			schema = s.ofObject(o)
		} else if problem, ok := s.problems[source]; ok {
			schema = ofProblem(problem)
		}
		all[p.title] = s.finish(p, schema)
	}
	components := obj()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		components.set(name, all[name])
	}
	return components
}

// finish adds the prose of a section to a schema that was derived.
func (s *sources) finish(p *section, schema *object) *object {
	properties, _ := schema.values["properties"].(*object)
	if properties != nil {
		required, _ := schema.values["required"].([]any)
		for _, name := range properties.names {
			it, own := p.item(name)
			shared, _ := s.section(common).item(name)
			if !own || it.text == "" {
				it.text = shared.text
			}
			if it.optional {
				required = slices.DeleteFunc(required, func(n any) bool { return n == name })
			}
			field := properties.values[name].(*object)
			if it.component != "" {
				field = reference(it.component)
				properties.set(name, field)
			}
			if it.text != "" {
				field.set("description", it.text)
			}
			if it.patch != nil {
				field.merge(it.patch)
			}
		}
		if schema.remove("required"); len(required) > 0 {
			schema.set("required", required)
		}
	}
	described := obj("description", strings.TrimSpace(strings.Join(slices.DeleteFunc(slices.Clone(p.paragraphs), func(text string) bool {
		return strings.HasPrefix(text, "Values: ")
	}), "\n\n")))
	described.merge(schema)
	p.patch(described)
	return described
}
