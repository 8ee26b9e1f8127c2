package wiretest_test

import (
	"strings"
	"sync"
)

// rule is the body that refuses one field because of a rule.
func fieldError(loc, msg, input string) string {
	return businessErrors(errorItem("value_error", `"body","`+loc+`"`, msg, input))
}

// broken is the body that tells of broken rules.
func businessErrors(items ...string) string {
	return `{"error":"PolarRequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

// invalid is the body that tells of fields of a wrong shape.
func validationErrors(items ...string) string {
	return `{"error":"RequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

func errorItem(kind, loc, msg, input string) string {
	return `{"type":"` + kind + `","loc":[` + loc + `],"msg":"` + msg + `","input":` + input + `}`
}

// item is a field with a context.
func errorItemWithContext(kind, loc, msg, input, ctx string) string {
	return strings.TrimSuffix(errorItem(kind, loc, msg, input), "}") + `,"ctx":` + ctx + `}`
}

func errorBody(class, detail string) string {
	return `{"error":"` + class + `","detail":"` + detail + `"}`
}

// together runs f so many times at once.
func concurrently(n int, f func(i int)) {
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

const unknownID = "00000000-0000-4000-8000-000000000000"

// concrete is a documented path with names of things that there are not.
func concretePath(path string) string {
	return strings.NewReplacer("{id}", unknownID, "{member_id}", unknownID, "{external_id}", "nothing", "{member_external_id}", "nothing", "{slug}", "nothing").Replace(path)
}

// emptyBody is what a method of the API is sent at the least.
func minimalBody(method string) string {
	if method == "POST" || method == "PATCH" {
		return `{}`
	}
	return ""
}
