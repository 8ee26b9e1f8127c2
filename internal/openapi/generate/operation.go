package main

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/body"
)

// collect adds the types that an operation reads and answers to the sources of schemas.
func (g *generator) collect(o api.Operation) {
	for _, wire := range []any{o.Answer, o.Choice} {
		if wire != nil {
			g.addType(reflect.TypeOf(wire))
		}
	}
	for _, p := range o.Problems {
		g.problems[problemName(p)] = p
	}
	if _, isName := o.Body.(string); o.Body == nil || isName {
		return
	}
	reader := readerName(o.Body)
	for _, s := range g.list(schemas) { // a section for each shape of a body: (CustomerCreate type=team)
		if name, choice, ok := strings.Cut(s.argument, " "); ok && name == reader {
			member, value, _ := strings.Cut(choice, "=")
			g.addObject(s.argument, describe(o, member, value)[0])
		}
	}
	for _, described := range describe(o, "", "") {
		g.addObject(g.shapeName(reader, described), described)
	}
}

// shapeName returns the name of the schema for a shape of a body: the name of the shape if prose has a section for it, and the
// name of the reader otherwise.
func (g *generator) shapeName(reader string, described *body.Object) string {
	if described.Name != "" && g.has(described.Name) {
		return described.Name
	}
	return reader
}

// readerName returns the name of the schema that a reader reads: the name of the function without "Read".
func readerName(read any) string {
	name := runtime.FuncForPC(reflect.ValueOf(read).Pointer()).Name()
	return strings.TrimPrefix(name[strings.LastIndexByte(name, '.')+1:], "Read")
}

func describe(o api.Operation, member, value string) []*body.Object {
	return body.DescribeBody(func(v body.Value) {
		arguments := []reflect.Value{reflect.ValueOf(v)}
		if o.Words != nil {
			arguments = append(arguments, reflect.ValueOf(o.Words))
		}
		reflect.ValueOf(o.Body).Call(arguments)
	}, member, value)
}

func (g *generator) operation(o api.Operation, s *section) (*object, error) {
	s.used = true
	op := obj("tags", []any{s.file}, "summary", s.paragraph(0), "description", s.after(1), "operationId", o.ID)
	security := []any{} // an empty list means that the operation needs no token
	for _, scheme := range o.Schemes {
		security = append(security, obj(scheme, o.Scopes))
	}
	op.set("security", security)
	if list := g.parameters(o, s); list != nil {
		op.set("parameters", list)
	}
	if o.Body != nil {
		op.set("requestBody", g.request(o, s))
	}
	answers := op.sub("responses")
	answers.set(strconv.Itoa(o.Status), g.success(o, s))
	problems := map[int][]string{}
	for _, p := range o.Problems {
		problems[p.Status] = append(problems[p.Status], problemName(p))
	}
	for _, status := range slices.Sorted(maps.Keys(problems)) {
		name, err := g.response(status, problems[status])
		if err != nil {
			return nil, err
		}
		answers.set(strconv.Itoa(status), obj("$ref", "#/components/responses/"+name))
	}
	s.patch(op)
	slices.Sort(answers.names)
	return op, nil
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// parameters returns the parameters of the path and the query, and the headers that the prose describes.
func (g *generator) parameters(o api.Operation, s *section) (list []any) {
	derived := map[string]bool{}
	add := func(name, in string, required any, schema *object) {
		derived[name] = true
		it, own := s.item(name)
		if !own {
			it, _ = g.section(parameters, parameters).item(name)
		}
		if it.component != "" {
			schema = reference(it.component)
		}
		schema.merge(it.patch)
		if schema.remove("omit") == true { // the route ignores the parameter
			return
		}
		list = append(list, obj("name", name, "in", in, "description", it.text, "required", required,
			"style", schema.remove("style"), "example", schema.remove("example"), "schema", schema))
	}
	for _, m := range pathParameter.FindAllStringSubmatch(o.Path, -1) {
		schema := obj("type", "string")
		if isID(m[1]) {
			schema.set("format", "uuid")
		}
		add(m[1], "path", true, schema)
	}
	if o.Query != nil {
		for _, f := range body.DescribeQuery(func(q body.Query) {
			reflect.ValueOf(o.Query).Call([]reflect.Value{reflect.ValueOf(q)})
		}).Fields {
			var required any
			if f.Required {
				required = true
			}
			add(f.Name, "query", required, g.ofField(f.Schema))
		}
	}
	for _, it := range s.items {
		if !derived[it.name] {
			add(it.name, "header", it.patch.remove("required"), obj())
		}
	}
	if slices.Contains(o.Schemes, "oat") {
		list = append(list, obj("$ref", "#/components/parameters/PolarOrganization"))
	}
	return list
}

func (g *generator) request(o api.Operation, s *section) *object {
	component, isName := o.Body.(string)
	if !isName {
		component = readerName(o.Body)
	}
	mediaType := "application/json"
	if o.Form {
		mediaType = "application/x-www-form-urlencoded"
	}
	return obj("required", true, "content", obj(mediaType, obj("schema", reference(component), "example", s.fences["json request"])))
}

// described holds the descriptions of successes for operations without their own description.
var described = map[int]string{
	http.StatusOK: "The result.", http.StatusCreated: "Created.", http.StatusAccepted: "Accepted.", http.StatusNoContent: "Done. The body is empty.",
}

func (g *generator) success(o api.Operation, s *section) *object {
	response := obj("description", described[o.Status])
	schema := obj("type", "null")
	switch {
	case o.MediaType == "":
		return response
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
	want := strings.TrimSpace(strconv.Itoa(status) + " " + strings.Join(problems, " "))
	for _, s := range g.list(responses) {
		names := strings.Fields(s.argument)
		slices.Sort(names[1:])
		if strings.Join(names, " ") == want {
			s.used = true
			return s.title + responseSuffix, nil
		}
	}
	return "", fmt.Errorf("prose/responses.md has no section for %s", want)
}

// responseSuffix ends the name of every response, so that no schema has the same name: a generated client has one type for each.
const responseSuffix = "Response"

// responses returns the error answers. The heading of each section contains the status and the schemas: "Forbidden (403
// NotPermitted …)".
func (g *generator) responses() *object {
	all := obj()
	for _, s := range g.list(responses) {
		response := obj("description", s.after(0))
		var schemas []any
		for _, name := range strings.Fields(s.argument)[1:] {
			schemas = append(schemas, reference(name))
		}
		schema := obj("anyOf", schemas)
		if len(schemas) == 1 {
			schema = schemas[0].(*object)
		}
		if schemas != nil {
			response.set("content", obj("application/json", obj("schema", schema, "example", s.fences["json answer"])))
		}
		s.patch(response)
		all.set(s.title+responseSuffix, response)
	}
	return all
}
