package openapi

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// A fact is one thing that a client can rely on. testdata/facts.tsv holds those of Polar's document, of version 2026-10, for
// the operations that are here too; nothing else of that document is needed. Its columns are these fields.
type fact struct {
	method, path string
	// place is operation, security, query, path, header, request, or the status of an answer.
	place string
	// field leads to a value: a.b, a[].b for the items of a list, a[0] for one of them, a.* for the values of a map. It is "." for
	// the whole, and "-" for the status itself.
	field string
	// kind is the set of types, each with its format in () and its values in {}. Where an object has several shapes, a field may have
	// a fact in each.
	kind string
	// need is required or optional.
	need string
}

func (f fact) String() string {
	return strings.Join([]string{f.method, f.path, f.place, f.field, f.kind, f.need}, "\t")
}

func polarFacts(t *testing.T) map[fact]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/facts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	facts := map[fact]bool{}
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) != 6 {
			t.Fatalf("%q has %d columns", line, len(c))
		}
		facts[fact{c[0], c[1], c[2], c[3], c[4], c[5]}] = true
	}
	return facts
}

// flattener turns a document into facts.
type flattener struct {
	*document
	facts map[fact]bool
}

func flatten(d *document) (map[fact]bool, error) {
	f := &flattener{d, map[fact]bool{}}
	for _, p := range d.Paths {
		for method, op := range p.Value.operations() {
			if err := f.operation(fact{method: method, path: p.Name}, &p.Value, op); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, p.Name, err)
			}
		}
	}
	return f.facts, nil
}

func (f *flattener) operation(at fact, item *pathItem, op *operation) error {
	add := func(place, field, kind, need string) {
		f.facts[fact{at.method, at.path, place, field, kind, need}] = true
	}
	add("operation", "operationId", op.OperationID, "required")
	for _, kind := range op.Security {
		for _, scheme := range kind {
			add("security", scheme.Name, strings.Join(slices.Sorted(slices.Values(scheme.Value)), ","), "optional")
		}
	}
	params, err := f.parametersOf(item, op)
	if err != nil {
		return err
	}
	for _, p := range params {
		at.place, at.field = p.In, p.Name
		if err := f.schema(at, p.Schema, p.Required, nil); err != nil {
			return err
		}
	}
	at.field = "."
	if op.RequestBody != nil {
		at.place = "request"
		if err := f.content(at, op.RequestBody.Content, op.RequestBody.Required); err != nil {
			return err
		}
	}
	for _, answer := range op.Responses {
		r, err := resolve(f.Components.Responses, answer.Value, answer.Value.Ref)
		if err != nil {
			return err
		}
		add(answer.Name, "-", "-", "-")
		at.place = answer.Name
		if err := f.content(at, r.Content, true); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) content(at fact, content ordered[media], required bool) error {
	m := content.get("application/json")
	if m == nil {
		return nil
	}
	return f.schema(at, m.Schema, required, nil)
}

// schema adds the fact of one value, and those of all within it. above are the references on the way here.
func (f *flattener) schema(at fact, s schema, required bool, above []string) error {
	shapes, err := f.shapes(s, above)
	if err != nil {
		return err
	}
	kinds := map[string]bool{}
	for _, shape := range shapes {
		for _, kind := range kindsOf(shape.schema) {
			kinds[kind] = true
		}
	}
	at.kind, at.need = strings.Join(slices.Sorted(maps.Keys(kinds)), "|"), "optional"
	if required {
		at.need = "required"
	}
	f.facts[at] = true
	root := strings.TrimSuffix(at.field, ".")
	within := func(field string, s schema, required bool, above []string) {
		if err == nil {
			at.field = field
			err = f.schema(at, s, required, above)
		}
	}
	for _, shape := range shapes {
		for _, p := range shape.Properties {
			within(strings.TrimPrefix(root+"."+p.Name, "."), p.Value, shape.Requires(p.Name), shape.above)
		}
		for i, item := range shape.PrefixItems {
			within(fmt.Sprintf("%s[%d]", root, i), item, true, shape.above)
		}
		if shape.Items != nil {
			within(root+"[]", *shape.Items, true, shape.above)
		}
		if shape.AdditionalProperties != nil {
			within(strings.TrimPrefix(root+".*", "."), *shape.AdditionalProperties, false, shape.above)
		}
	}
	return err
}

// shape is a schema without references and unions.
type shape struct {
	schema
	above []string
}

// shapes are those of which a value has one. A schema within itself has none: its facts are there already.
func (f *flattener) shapes(s schema, above []string) ([]shape, error) {
	if s.Ref != "" {
		if slices.Contains(above, s.Ref) {
			return nil, nil
		}
		resolved, err := resolve(f.Components.Schemas, s, s.Ref)
		if err != nil {
			return nil, err
		}
		return f.shapes(resolved, append(slices.Clip(above), s.Ref))
	}
	if len(s.AllOf) > 0 {
		return f.merge(s, above)
	}
	if len(s.Union()) == 0 {
		return []shape{{s, above}}, nil
	}
	var all []shape
	for _, one := range s.Union() {
		shapes, err := f.shapes(one, above)
		if err != nil {
			return nil, err
		}
		all = append(all, shapes...)
	}
	return all, nil
}

// merge makes one object of all the parts of allOf. A part that is a union is not needed anywhere.
func (f *flattener) merge(s schema, above []string) ([]shape, error) {
	parts := s.AllOf
	s.AllOf = nil
	for _, part := range parts {
		shapes, err := f.shapes(part, above)
		if err != nil {
			return nil, err
		}
		if len(shapes) != 1 {
			return nil, fmt.Errorf("a part of allOf has %d shapes", len(shapes))
		}
		s.Type = shapes[0].Type
		s.Properties = slices.Concat(s.Properties, shapes[0].Properties)
		s.Required = slices.Concat(s.Required, shapes[0].Required)
		above = shapes[0].above
	}
	return []shape{{s, above}}, nil
}

func kindsOf(s schema) []string {
	if len(s.Type) == 0 {
		return []string{"any"}
	}
	var kinds []string
	for _, kind := range s.Type {
		if s.Format != "" && kind != "null" {
			kind += "(" + s.Format + ")"
		}
		if len(s.Values()) > 0 && kind != "null" {
			values := make([]string, len(s.Values()))
			for i, v := range s.Values() {
				values[i] = fmt.Sprint(v)
			}
			slices.Sort(values)
			kind += "{" + strings.Join(values, ",") + "}"
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

// difference is a set of facts that one side alone has. Its texts are patterns of path.Match, in which a / in a field or kind
// does not occur; a path is compared whole, or any when it is "*".
type difference struct {
	side                side
	path, place, fields string
	why                 string
}

type side string

const (
	onlyPolar side = "Polar's alone"
	onlyOurs  side = "ours alone"
)

func (d *difference) covers(s side, f fact) bool {
	is := func(pattern, text string) bool {
		ok, err := path.Match(pattern, text)
		return ok && err == nil
	}
	return d.side == s && (d.path == "*" || d.path == f.method+" "+f.path) && is(d.place, f.place) && is(d.fields, f.field)
}
