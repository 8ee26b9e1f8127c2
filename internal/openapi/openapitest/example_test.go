package openapitest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Every example matches its schema.
func TestExamplesMatchTheirSchemas(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(openapi.JSON("")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCompiler(document)
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	var walk func(at []string, value any)
	walk = func(at []string, value any) {
		switch v := value.(type) {
		case map[string]any:
			if example, ok := v["example"]; ok && v["schema"] != nil {
				examples++
				if schema, err := c.Compile(location + "#" + pointer(append(at, "schema"))); err != nil {
					t.Error(err)
				} else if err := schema.Validate(example); err != nil {
					t.Errorf("%s: %v", pointer(at), err)
				}
			}
			for name, within := range v {
				walk(append(at[:len(at):len(at)], name), within)
			}
		case []any:
			for i, within := range v {
				walk(append(at[:len(at):len(at)], fmt.Sprint(i)), within)
			}
		}
	}
	walk(nil, document)
	if examples < 20 {
		t.Errorf("found only %d examples", examples)
	}
}
