package openapitest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// operation is an operation of the document. It has the schemas of its responses by status and content type.
type operation struct {
	openapi.Operation
	segments []string
	answers  map[int]map[string]*jsonschema.Schema
}

// operations returns all operations. If a request matches two paths, the path with the earlier literal segment comes first.
var operations = sync.OnceValue(func() []operation {
	all, err := compileAll(openapi.JSON(""), openapi.Operations())
	if err != nil {
		panic(err) // the document is embedded, and a test of this package compiles it
	}
	return all
})

// find returns the operation of a request path, or nil.
func find(method, path string) *operation {
	segments := strings.Split(path, "/")
	all := operations()
	for i := range all {
		if all[i].Method == method && fits(all[i].segments, segments) {
			return &all[i]
		}
	}
	return nil
}

func fits(pattern, segments []string) bool {
	return slices.EqualFunc(pattern, segments, func(p, s string) bool {
		return p == s || isParameter(p) && s != ""
	})
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

func compareSegments(a, b operation) int {
	return slices.CompareFunc(a.segments, b.segments, func(x, y string) int {
		switch px, py := isParameter(x), isParameter(y); {
		case px == py:
			return strings.Compare(x, y)
		case px:
			return 1
		default:
			return -1
		}
	})
}

const location = "https://postern.invalid/openapi.json"

func compileAll(source []byte, documented []openapi.Operation) ([]operation, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		return nil, err
	}
	c, err := newCompiler(document)
	if err != nil {
		return nil, err
	}
	var all []operation
	for _, o := range documented {
		op := operation{o, strings.Split(o.Path, "/"), map[int]map[string]*jsonschema.Schema{}}
		for _, status := range o.Statuses {
			at := []string{"paths", o.Path, strings.ToLower(o.Method), "responses", strconv.Itoa(status)}
			if op.answers[status], err = compileAnswer(c, document, at); err != nil {
				return nil, fmt.Errorf("%s %d: %w", o.ID, status, err)
			}
		}
		all = append(all, op)
	}
	slices.SortStableFunc(all, compareSegments)
	return all, nil
}

// newCompiler returns a compiler for the schemas of the document. Its schemas forbid fields that they do not list.
func newCompiler(document any) (*jsonschema.Compiler, error) {
	closeObjects(document)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.RegisterFormat(&uuid4)
	return c, c.AddResource(location, document)
}

// compileAnswer compiles the content of a response. The response may be a reference.
func compileAnswer(c *jsonschema.Compiler, document any, at []string) (map[string]*jsonschema.Schema, error) {
	if ref, ok := lookup(document, append(slices.Clip(at), "$ref")).(string); ok {
		at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	}
	at = append(slices.Clip(at), "content")
	content, _ := lookup(document, at).(map[string]any)
	schemas := map[string]*jsonschema.Schema{}
	for contentType := range content {
		schema, err := c.Compile(location + "#" + pointer(append(slices.Clip(at), contentType, "schema")))
		if err != nil {
			return nil, err
		}
		schemas[contentType] = schema
	}
	return schemas, nil
}

// lookup returns the value at a path of names within nested objects, or nil.
func lookup(value any, names []string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// pointer returns a JSON Pointer (RFC 6901) as the fragment of a URL.
func pointer(names []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D")
	var b strings.Builder
	for _, name := range names {
		b.WriteString("/" + escape.Replace(name))
	}
	return b.String()
}

// closeObjects forbids fields that a schema does not list. It also changes the schemas of requests, but that has no effect,
// because only responses are validated.
func closeObjects(value any) {
	switch v := value.(type) {
	case map[string]any:
		_, named := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; named && !said && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, within := range v {
			closeObjects(within)
		}
	case []any:
		for _, within := range v {
			closeObjects(within)
		}
	}
}

var version4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// uuid4 is the format of ids: a UUID of version 4 in lower case.
var uuid4 = jsonschema.Format{Name: "uuid", Validate: func(v any) error {
	if s, ok := v.(string); ok && !version4.MatchString(s) {
		return errors.New("want a UUID of version 4 in lower case")
	}
	return nil
}}
