// Command generate writes the OpenAPI document. Paths, parameters, bodies, answers and errors come from the table of routes,
// the wire types of package polar and the readers of package body; descriptions, examples and what the code does not say come
// from the Markdown files in prose.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/body"
)

func main() {
	log.SetFlags(0)
	document, err := generate("prose")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("openapi.json", document, 0o644); err != nil {
		log.Fatal(err)
	}
}

// generator holds what the parts of the document are made of.
type generator struct {
	sources
	parameters *section
	responses  []*section
	operations map[string]*section
	tags       map[string]string // of an operation's id
	// used holds the sections of operations and responses that the document has.
	used map[*section]bool
}

func generate(prose string) ([]byte, error) {
	var failed error
	read := func(name string) []*section {
		files, err := readProse(filepath.Join(prose, name))
		if err != nil {
			failed = err
			return []*section{{}}
		}
		return slices.Concat(files...)
	}
	top := read("api.md")[0]
	g := &generator{
		sources:    sources{map[string]reflect.Type{}, map[string]*body.Object{}, map[string]api.Problem{}, read("schemas.md")},
		parameters: read("parameters.md")[0], responses: read("responses.md")[1:],
		operations: map[string]*section{}, tags: map[string]string{}, used: map[*section]bool{},
	}
	files, err := readProse(filepath.Join(prose, "operations", "*.md"))
	if failed != nil || err != nil {
		return nil, fmt.Errorf("%w%w", failed, err)
	}
	descriptions := map[string]string{}
	for _, sections := range files {
		tag := sections[0].title
		descriptions[tag] = sections[0].after(0)
		for _, s := range sections[1:] {
			g.operations[s.title], g.tags[s.title] = s, tag
		}
	}
	all := api.Operations()
	for _, o := range all {
		g.collect(o)
	}
	paths, tags, named := obj(), []any{}, map[string]bool{}
	for _, o := range all {
		op, err := g.operation(o)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Method, o.Path, err)
		}
		path := paths.sub(o.Path)
		if strings.HasPrefix(o.Path, "/v1/") {
			path.set("parameters", []any{obj("$ref", "#/components/parameters/PolarVersion")})
		}
		path.set(strings.ToLower(o.Method), op)
		if tag := g.tags[o.ID]; !named[tag] {
			named[tag] = true
			tags = append(tags, obj("name", tag, "description", descriptions[tag]))
		}
	}
	document := obj("openapi", "3.1.0",
		"info", obj("title", top.title, "summary", top.paragraph(0), "description", top.after(1)),
		"servers", []any{obj("url", "/")}, "tags", tags, "paths", paths)
	top.patch(document)
	components := document.sub("components")
	components.set("responses", g.components())
	components.set("schemas", g.schemas())
	if err := g.check(document); err != nil {
		return nil, err
	}
	text, err := marshal(document)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

// collect adds what an operation reads and answers to the sources of schemas.
func (g *generator) collect(o api.Operation) {
	if o.Answer != nil {
		g.addType(reflect.TypeOf(o.Answer))
	}
	if o.Choice != nil {
		g.addType(reflect.TypeOf(o.Choice))
	}
	for _, p := range o.Problems {
		g.problems[problemName(p)] = p
	}
	name, isName := o.Body.(string)
	if o.Body == nil || isName {
		return
	}
	name = readerName(o.Body)
	for _, s := range g.prose { // a body with several shapes has a section for each: (CustomerCreate type=team)
		if reader, choice, ok := strings.Cut(s.argument, " "); ok && reader == name {
			member, value, _ := strings.Cut(choice, "=")
			g.addObject(s.argument, describeBody(o, member, value)[0])
		}
	}
	for _, described := range describeBody(o, "", "") {
		if described.Name == "" || g.section(described.Name) == nil {
			described.Name = name
		}
		g.addObject(described.Name, described)
	}
}

// readerName returns the name of the schema that a reader reads: that of the function, without "Read".
func readerName(read any) string {
	name := runtime.FuncForPC(reflect.ValueOf(read).Pointer()).Name()
	return strings.TrimPrefix(name[strings.LastIndexByte(name, '.')+1:], "Read")
}

func describeBody(o api.Operation, member, value string) []*body.Object {
	return body.DescribeBody(func(v body.Value) {
		if o.Words == nil {
			call(o.Body, v)
		} else {
			call(o.Body, v, o.Words)
		}
	}, member, value)
}

// call calls a reader.
func call(read any, arguments ...any) {
	var values []reflect.Value
	for _, argument := range arguments {
		values = append(values, reflect.ValueOf(argument))
	}
	reflect.ValueOf(read).Call(values)
}

func (g *generator) operation(o api.Operation) (*object, error) {
	s := g.operations[o.ID]
	if s == nil {
		return nil, fmt.Errorf("prose/operations has no section %q", o.ID)
	}
	g.used[s] = true
	op := obj("tags", []any{g.tags[o.ID]}, "summary", s.paragraph(0), "description", s.after(1), "operationId", o.ID)
	if len(o.Schemes) > 0 {
		var security []any
		for _, scheme := range o.Schemes {
			security = append(security, obj(scheme, o.Scopes))
		}
		op.set("security", security)
	}
	if parameters := g.parametersOf(o, s); len(parameters) > 0 {
		op.set("parameters", parameters)
	}
	if o.Body != nil {
		op.set("requestBody", g.request(o, s))
	}
	responses := obj()
	responses.set(strconv.Itoa(o.Status), g.success(o, s))
	problems := map[int][]string{}
	for _, p := range o.Problems {
		problems[p.Status] = append(problems[p.Status], problemName(p))
	}
	for _, status := range slices.Sorted(maps.Keys(problems)) {
		name, err := g.response(status, problems[status])
		if err != nil {
			return nil, err
		}
		responses.set(strconv.Itoa(status), obj("$ref", "#/components/responses/"+name))
	}
	op.set("responses", responses)
	s.patch(op)
	slices.Sort(responses.names)
	return op, nil
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// parametersOf returns the parameters of the path and the query, and those that the prose adds.
func (g *generator) parametersOf(o api.Operation, s *section) (list []any) {
	derived := obj()
	add := func(name, in string, required bool, schema *object) {
		it, own := s.item(name)
		if shared, _ := g.parameters.item(name); !own {
			it = shared
		}
		if it.component != "" {
			schema = reference(it.component)
		}
		p := obj("name", name, "in", in, "description", it.text)
		if required {
			p.set("required", true)
		}
		if schema.values["$ref"] != nil && in == "query" && name == "metadata" {
			p.set("style", "deepObject")
		}
		if it.patch != nil {
			schema.merge(it.patch)
		}
		derived.set(name, nil)
		if schema.remove("omit") == true { // the route ignores the parameter
			return
		}
		example := schema.remove("example")
		p.set("schema", schema)
		if example != nil {
			p.set("example", example)
		}
		list = append(list, p)
	}
	for _, m := range pathParameter.FindAllStringSubmatch(o.Path, -1) {
		schema := obj("type", "string")
		if isID(m[1]) {
			schema.set("format", "uuid4")
		}
		add(m[1], "path", true, schema)
	}
	if o.Query != nil {
		for _, f := range body.DescribeQuery(func(q body.Query) { call(o.Query, q) }).Fields {
			add(f.Name, "query", f.Required, g.ofField(f.Schema))
		}
	}
	for _, it := range s.items {
		if _, ok := derived.values[it.name]; !ok {
			required := it.patch.remove("required") == true
			add(it.name, "header", required, obj())
		}
	}
	if slices.Contains(o.Schemes, "oat") {
		list = append(list, obj("$ref", "#/components/parameters/PolarOrganization"))
	}
	return list
}

func (g *generator) request(o api.Operation, s *section) *object {
	component, isName := o.Body.(string)
	schema := reference(component)
	if !isName {
		name := readerName(o.Body)
		schema = reference(name)
		if g.section(name) == nil { // a body of several shapes, without a name of its own
			var shapes []any
			for _, described := range describeBody(o, "", "") {
				shapes = append(shapes, reference(described.Name))
			}
			schema = obj("anyOf", shapes)
		}
	}
	mediaType := "application/json"
	if o.Form {
		mediaType = "application/x-www-form-urlencoded"
	}
	return obj("required", true, "content", obj(mediaType, obj("schema", schema, "example", s.fences["json request"])))
}

// described are the descriptions of successes that have no other.
var described = map[int]string{
	http.StatusOK: "The result.", http.StatusCreated: "Created.", http.StatusAccepted: "Accepted.", http.StatusNoContent: "Done. The body is empty.",
}

func (g *generator) success(o api.Operation, s *section) *object {
	response := obj("description", described[o.Status])
	if o.MediaType == "" {
		return response
	}
	schema := obj("type", "null")
	switch {
	case o.MediaType != "application/json":
		schema = obj("type", "string")
	case o.Answer != nil:
		schema = g.ofType(reflect.TypeOf(o.Answer))
	}
	response.set("content", obj(o.MediaType, obj("schema", schema, "example", s.fences["json answer"])))
	return response
}

// response returns the name of the component for the errors of a status.
func (g *generator) response(status int, problems []string) (string, error) {
	slices.Sort(problems)
	for _, r := range g.responses {
		of, names := r.problems()
		if of == status && slices.Equal(slices.Sorted(slices.Values(names)), problems) {
			g.used[r] = true
			return r.title, nil
		}
	}
	return "", fmt.Errorf("prose/responses.md has no section for %d: %v", status, problems)
}

// problems returns the status and the errors of a response, which its heading names: "Forbidden (403 NotPermitted …)".
func (s *section) problems() (status int, names []string) {
	words := strings.Fields(s.argument)
	status, _ = strconv.Atoi(words[0])
	if names = words[1:]; len(names) == 0 {
		names = []string{""} // an answer without a body
	}
	return status, names
}

func (g *generator) components() *object {
	all := obj()
	for _, r := range g.responses {
		response := obj("description", r.after(0))
		var schemas []any
		if _, names := r.problems(); names[0] != "" {
			for _, name := range names {
				schemas = append(schemas, reference(name))
			}
			schema := obj("anyOf", schemas)
			if len(schemas) == 1 {
				schema = schemas[0].(*object)
			}
			response.set("content", obj("application/json", obj("schema", schema, "example", r.fences["json answer"])))
		}
		r.patch(response)
		all.set(r.title, response)
	}
	return all
}

var referred = regexp.MustCompile(`"#/components/schemas/(\w+)"`)

// check reports prose that nothing uses and references that lead nowhere.
func (g *generator) check(document *object) error {
	text, err := marshal(document)
	if err != nil {
		return err
	}
	schemas := document.sub("components").sub("schemas")
	used := map[string]bool{}
	for _, m := range referred.FindAllSubmatch(text, -1) {
		if name := string(m[1]); schemas.values[name] == nil {
			return fmt.Errorf("prose/schemas.md has no section %q", name)
		} else {
			used[name] = true
		}
	}
	for _, name := range schemas.names {
		if !used[name] && g.types[name] == nil { // the events of a stream are described, but no media type refers to them
			return fmt.Errorf("nothing refers to the schema %s", name)
		}
	}
	for _, s := range slices.Concat(slices.Collect(maps.Values(g.operations)), g.responses) {
		if !g.used[s] {
			return fmt.Errorf("no route uses the prose of %s", s.title)
		}
	}
	return nil
}
