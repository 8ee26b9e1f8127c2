package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// is fails the test unless the answer has the status and holds all the parts.
func (a answer) is(t *testing.T, status int, parts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d %s, wanted %d", a.asked, a.status, a.body, status)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			t.Errorf("%s: %s\nlacks %s", a.asked, a.body, part)
		}
	}
}

// exactly fails the test unless the answer has the status and, byte for byte, the body.
func (a answer) exactly(t *testing.T, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("%s: %d %s\nwanted %d %s", a.asked, a.status, a.body, status, body)
	}
}

// lacks fails the test when the answer holds one of the parts.
func (a answer) lacks(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(a.body, part) {
			t.Errorf("%s: %s\nholds %s", a.asked, a.body, part)
		}
	}
}

// at is what the path leads to in the body: names of members, and places in lists. It is nil when there is nothing.
func (a answer) at(path ...any) (v any) {
	json.Unmarshal([]byte(a.body), &v) // what is no JSON has nothing
	for _, step := range path {
		switch step := step.(type) {
		case string:
			members, _ := v.(map[string]any)
			v = members[step]
		case int:
			items, _ := v.([]any)
			if v = nil; step < len(items) {
				v = items[step]
			}
		}
	}
	return v
}

// all is a member of every item of a list, joined by spaces.
func (a answer) all(name string) string {
	items, _ := a.at("items").([]any)
	var texts []string
	for i := range items {
		texts = append(texts, fmt.Sprint(a.at("items", i, name)))
	}
	return strings.Join(texts, " ")
}

// rule is the body that refuses one field because of a rule.
func rule(loc, msg, input string) string {
	return broken(ruleItem("value_error", `"body","`+loc+`"`, msg, input))
}

// broken is the body that tells of broken rules.
func broken(items ...string) string {
	return `{"error":"PolarRequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

// invalid is the body that tells of fields of a wrong shape.
func invalid(items ...string) string {
	return `{"error":"RequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

func ruleItem(kind, loc, msg, input string) string {
	return `{"type":"` + kind + `","loc":[` + loc + `],"msg":"` + msg + `","input":` + input + `}`
}

// item is a field with a context.
func item(kind, loc, msg, input, ctx string) string {
	return strings.TrimSuffix(ruleItem(kind, loc, msg, input), "}") + `,"ctx":` + ctx + `}`
}

func refusal(class, detail string) string {
	return `{"error":"` + class + `","detail":"` + detail + `"}`
}

// together runs f so many times at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	wg.Wait()
}

const nobody = "00000000-0000-4000-8000-000000000000"

// concrete is a documented path with names of things that there are not.
func concrete(path string) string {
	return strings.NewReplacer("{id}", nobody, "{member_id}", nobody, "{external_id}", "nothing", "{member_external_id}", "nothing", "{slug}", "nothing").Replace(path)
}

// emptyBody is what a method of the API is sent at the least.
func emptyBody(method string) string {
	if method == "POST" || method == "PATCH" {
		return `{}`
	}
	return ""
}
