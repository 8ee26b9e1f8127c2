package openapi

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestFlatten(t *testing.T) {
	for _, tt := range []struct {
		name, schema string
		want         []string
	}{
		{"a union with null, of scalars", `{"anyOf":[{"type":"string","format":"uuid4"},{"type":"array","items":{"type":"integer"}},{"type":"null"}]}`,
			[]string{". array|null|string(uuid4) required", "[] integer required"}},
		{"a list of types says the same as a union", `{"type":["string","null"],"format":"date-time"}`,
			[]string{". null|string(date-time) required"}},
		{"values are sorted, and a constant is one of one", `{"type":"object","required":["b"],"properties":{"a":{"type":"string","enum":["y","x"]},"b":{"type":"string","const":"z"}}}`,
			[]string{". object required", "a string{x,y} optional", "b string{z} required"}},
		{"each shape of an object has its facts", `{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}},{"type":"object","properties":{"a":{"type":"integer"}}}]}`,
			[]string{". object required", "a integer optional", "a string required"}},
		{"all of several parts", `{"allOf":[{"$ref":"#/components/schemas/Node"},{"required":["b"],"type":"object","properties":{"b":{"type":"boolean"}}}]}`,
			[]string{". object required", "b boolean required", "next null optional"}},
		{"a schema within itself", `{"$ref":"#/components/schemas/Node"}`,
			[]string{". object required", "next null optional"}},
		{"places and maps", `{"type":"object","additionalProperties":{"type":"array","prefixItems":[{"type":"string"},{}]}}`,
			[]string{". object required", "* array optional", "*[0] string required", "*[1] any required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := parse([]byte(`{"paths":{"/x":{"get":{"operationId":"x","responses":{"200":{"content":{"application/json":{"schema":` + tt.schema + `}}}}}}},
				"components":{"schemas":{"Node":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/components/schemas/Node"},{"type":"null"}]}}}}}}`))
			if err != nil {
				t.Fatal(err)
			}
			facts, err := flatten(d)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for f := range maps.Keys(facts) {
				if f.place == "200" && f.field != "-" {
					got = append(got, strings.Join([]string{f.field, f.kind, f.need}, " "))
				}
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, wanted %q", got, tt.want)
			}
		})
	}
}

func TestFlattenFollowsNothing(t *testing.T) {
	d, err := parse([]byte(`{"paths":{"/x":{"get":{"responses":{"200":{"$ref":"#/components/responses/Nothing"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := flatten(d); err == nil || !strings.Contains(err.Error(), "leads nowhere") {
		t.Errorf("a reference to nothing yields %v", err)
	}
}
