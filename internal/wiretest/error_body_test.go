package wiretest_test

import (
	"strings"
	"sync"
)

// fieldError returns the body of an answer that reports one broken rule about a field of the body.
func fieldError(loc, msg, input string) string {
	return businessErrors(errorItem("value_error", `"body","`+loc+`"`, msg, input))
}

// businessErrors returns the body of an answer that reports broken rules.
func businessErrors(items ...string) string {
	return `{"error":"PolarRequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

// validationErrors returns the body of an answer that reports fields of the wrong shape.
func validationErrors(items ...string) string {
	return `{"error":"RequestValidationError","detail":[` + strings.Join(items, ",") + `]}`
}

func errorItem(kind, loc, msg, input string) string {
	return `{"type":"` + kind + `","loc":[` + loc + `],"msg":"` + msg + `","input":` + input + `}`
}

// errorItemWithContext is errorItem with a context.
func errorItemWithContext(kind, loc, msg, input, ctx string) string {
	return strings.TrimSuffix(errorItem(kind, loc, msg, input), "}") + `,"ctx":` + ctx + `}`
}

func errorBody(class, detail string) string {
	return `{"error":"` + class + `","detail":"` + detail + `"}`
}

// concurrently runs f n times at once and waits for all of them.
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

// concretePath replaces the parameters of a documented path by IDs of objects that do not exist.
func concretePath(path string) string {
	return strings.NewReplacer("{id}", unknownID, "{member_id}", unknownID, "{external_id}", "nothing", "{member_external_id}", "nothing", "{slug}", "nothing").Replace(path)
}

// minimalBody returns {} for methods with a body, and "" for the others.
func minimalBody(method string) string {
	if method == "POST" || method == "PATCH" {
		return `{}`
	}
	return ""
}
