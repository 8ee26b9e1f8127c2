package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// node is an object of the document, with the JSON pointer to it.
type node struct {
	at     string
	object map[string]any
}

// nodes returns all objects of the document.
func nodes(t *testing.T) (all []node) {
	t.Helper()
	var root any
	if err := json.Unmarshal(source, &root); err != nil {
		t.Fatal(err)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch v := value.(type) {
		case map[string]any:
			all = append(all, node{at, v})
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if name != "example" && name != "examples" {
					walk(at+"/"+escape.Replace(name), v[name])
				}
			}
		case []any:
			for _, item := range v {
				walk(at+"/-", item)
			}
		}
	}
	walk("", root)
	return all
}

// object returns the member of an object that is an object, or nil.
func object(o map[string]any, names ...string) map[string]any {
	for _, name := range names {
		o, _ = o[name].(map[string]any)
	}
	return o
}

// isType reports whether the keyword type of a schema has the word.
func isType(schema map[string]any, word string) bool {
	list, _ := schema["type"].([]any)
	return schema["type"] == word || slices.Contains(list, any(word))
}

// formats are the formats that the document uses. JSON Schema defines all of them, so generators of clients know them.
var formats = []string{"date-time", "duration", "email", "uri", "uuid"}

// What generators of clients and linters need of the document. A generated client has a type for each component, so no two
// components have the same name. It has a required field for a field with a default. It loses the methods of a union that is not a
// component.
func TestGeneratorsCanReadTheDocument(t *testing.T) {
	kinds := map[string]string{}
	checked := map[string]int{}
	for _, n := range nodes(t) {
		where := strings.Split(strings.TrimPrefix(n.at, "/"), "/")
		last := where[len(where)-1]
		if n.at == "/components" {
			for kind := range n.object {
				for name := range object(n.object, kind) {
					if other := kinds[name]; other != "" {
						t.Errorf("%s is the name of one of the %s and of the %s", name, other, kind)
					}
					kinds[name] = kind
				}
			}
		}
		if n.object["operationId"] != nil {
			checked["operation"]++
			if _, ok := n.object["security"].([]any); !ok {
				t.Errorf("%s has no security; an operation without a token has []", n.at)
			}
		}
		if last == "schema" && (n.object["anyOf"] != nil || n.object["oneOf"] != nil) && slices.Contains(where, "content") && where[0] == "paths" {
			t.Errorf("%s is a union without a name; make it a component", n.at)
		}
		if last == "properties" {
			continue // its members are fields, not keywords
		}
		if isType(n.object, "array") {
			checked["array"]++
			if object(n.object, "items") == nil {
				t.Errorf("%s is an array without items", n.at)
			}
		}
		if format, ok := n.object["format"].(string); ok {
			checked["format"]++
			if !slices.Contains(formats, format) {
				t.Errorf("%s has the format %s, which JSON Schema does not define", n.at, format)
			}
		}
		if _, ok := n.object["default"]; ok {
			checked["default"]++
			if where[0] == "components" {
				t.Errorf("%s has a default, so a generated client requires the field; describe the default", n.at)
			}
		}
	}
	for _, kind := range []string{"operation", "array", "format", "default"} {
		if checked[kind] < 5 {
			t.Errorf("found only %d of: %s", checked[kind], kind)
		}
	}
}
