package main

import (
	"cmp"
	"encoding/json"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/body"
)

// component returns the name of the schema for a source. It is the name of the source, unless a section gives the schema
// another name.
func (g *generator) component(source string) string {
	if source != "" && !g.has(source) {
		for _, s := range g.list(schemas) {
			if s.argument == source {
				return s.title
			}
		}
	}
	return source
}

// has reports whether schemas.md has a section with the title.
func (g *generator) has(title string) bool {
	return slices.ContainsFunc(g.list(schemas), func(s *section) bool { return s.title == title })
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
func (g *generator) addType(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		g.addType(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || g.types[typeName(t)] != nil {
			return
		}
		g.types[typeName(t)] = t
		for f := range t.Fields() {
			g.addType(f.Type)
		}
	}
}

// typeName returns the name of a type. The name of a list type is the name of its items, followed by "List".
func typeName(t reflect.Type) string {
	name, items, isList := strings.Cut(t.Name(), "[")
	if isList {
		return strings.TrimSuffix(items[strings.LastIndexByte(items, '.')+1:], "]") + name
	}
	return name
}

// ofType returns the schema of a value of a wire type, which refers to the schemas of structs.
func (g *generator) ofType(t reflect.Type) *object {
	if component := g.component(t.Name()); t.Kind() != reflect.Struct && g.has(component) {
		return reference(component)
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return obj("type", "string", "format", "date-time")
	case reflect.TypeFor[time.Duration](): // in whole seconds
		return obj("type", "integer")
	case reflect.TypeFor[json.RawMessage]():
		return obj("type", "object")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(g.ofType(t.Elem()))
	case reflect.Struct:
		return reference(g.component(typeName(t)))
	case reflect.Slice:
		return obj("type", "array", "items", g.ofType(t.Elem()))
	case reflect.Array:
		return obj("type", "array", "minItems", t.Len(), "maxItems", t.Len())
	case reflect.Map:
		if t.Elem().Kind() == reflect.Interface {
			return obj("type", "object")
		}
		return obj("type", "object", "additionalProperties", g.ofType(t.Elem()))
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Int, reflect.Int64:
		return obj("type", "integer")
	case reflect.String:
		return obj("type", "string")
	}
	return obj()
}

// ofStruct returns the schema of a wire type. Answers contain every field.
func (g *generator) ofStruct(t reflect.Type) *object {
	properties, required := obj(), []any{}
	for f := range visible(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		schema := g.ofType(f.Type)
		if isID(name) && isText(f.Type) {
			schema.set("format", "uuid")
		}
		properties.set(name, schema)
		required = append(required, name)
	}
	return obj("type", "object", "properties", properties, "required", required)
}

// visible iterates over the fields of a struct, with the fields of embedded structs in place of these.
func visible(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for f := range t.Fields() {
			if !f.Anonymous {
				if !yield(f) {
					return
				}
				continue
			}
			for inner := range visible(f.Type) {
				if !yield(inner) {
					return
				}
			}
		}
	}
}

// isText reports whether a field holds a string or null.
func isText(t reflect.Type) bool {
	return t.Kind() == reflect.String || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.String
}

// isID reports whether a name is that of a field or parameter that holds an id of the server.
func isID(name string) bool {
	return (name == "id" || strings.HasSuffix(name, "_id")) && !strings.Contains(name, "external")
}

// addObject collects a body that a reader describes, and the bodies within it.
func (g *generator) addObject(component string, o *body.Object) {
	g.objects[component] = o
	for _, f := range o.Fields {
		if f.Schema.Object != nil {
			g.addObject(f.Schema.Component, f.Schema.Object)
		}
	}
}

func (g *generator) ofObject(o *body.Object) *object {
	properties, required := obj(), []any{}
	for _, f := range o.Fields {
		properties.set(f.Name, g.ofField(f.Schema))
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

// ofField returns the schema of a field that a reader describes. If a named schema has the same values, the schema refers to
// it.
func (g *generator) ofField(f body.Schema) *object {
	schema := obj()
	if component := cmp.Or(f.Component, g.named(f.Enum)); component != "" {
		schema = reference(component)
	} else {
		text, _ := json.Marshal(f)
		json.Unmarshal(text, schema) // a Schema always marshals
	}
	if f.Items != nil {
		schema.set("items", g.ofField(*f.Items))
	}
	if f.Nullable {
		schema = nullable(schema)
	}
	if f.Default != nil {
		schema.set("default", f.Default)
	}
	return schema
}

// named returns the name of the schema that has the words as its values, or "".
func (g *generator) named(words []string) string {
	if len(words) < 2 {
		return ""
	}
	for _, p := range g.list(schemas) {
		if slices.Equal(slices.Sorted(slices.Values(p.values())), slices.Sorted(slices.Values(words))) {
			return p.title
		}
	}
	return ""
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
func (g *generator) schemas() *object {
	all := map[string]*object{}
	for name, t := range g.types {
		if strings.HasSuffix(name, "List") {
			all[name] = g.finish(&section{title: name}, g.ofStruct(t))
		}
	}
	for _, s := range g.list(schemas) {
		source := cmp.Or(s.argument, s.title)
		schema := obj()
		if words := s.values(); words != nil {
			schema = obj("type", "string", "enum", words)
		} else if t := g.types[source]; t != nil {
			schema = g.ofStruct(t)
		} else if o := g.objects[source]; o != nil {
			schema = g.ofObject(o)
		} else if problem, ok := g.problems[source]; ok {
			schema = ofProblem(problem)
		}
		if s.title != common {
			all[s.title] = g.finish(s, schema)
		}
	}
	components := obj()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		components.set(name, all[name])
	}
	return components
}

// describeDefault moves the default of a field to its description. Generators of clients take a field with the keyword default
// for one that is always present, so a caller would have to send it.
func describeDefault(field *object) {
	value := field.remove("default")
	description, _ := field.values["description"].(string)
	if value == nil || strings.Contains(description, "Default: ") {
		return
	}
	text, _ := marshal(value) // a default always marshals
	field.set("description", strings.TrimSpace(description+" Default: `"+strings.Trim(string(text), `"`)+"`."))
}

// finish adds the prose of a section to a schema that was derived from code.
func (g *generator) finish(s *section, schema *object) *object {
	properties, _ := schema.values["properties"].(*object)
	required, _ := schema.remove("required").([]any)
	if properties == nil {
		properties = obj()
	}
	for _, name := range properties.names {
		it, _ := s.item(name)
		shared, _ := g.section(schemas, common).item(name)
		field := properties.values[name].(*object)
		if it.component != "" {
			field = reference(it.component)
			properties.set(name, field)
		}
		if text := cmp.Or(it.text, shared.text); text != "" {
			field.set("description", text)
		}
		field.merge(it.patch)
		describeDefault(field)
		if it.optional {
			required = slices.DeleteFunc(required, func(n any) bool { return n == name })
		}
	}
	if len(required) > 0 {
		schema.set("required", required)
	}
	described := obj()
	if text := s.paragraph(0); text != "" && s.values() == nil || len(s.paragraphs) > 1 {
		described.set("description", text)
	}
	described.merge(schema)
	s.patch(described)
	return described
}
