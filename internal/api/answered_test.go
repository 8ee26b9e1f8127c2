package api_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
)

// answered are the operations of the API's document that have answered a test with a success.
var answered sync.Map

// note notes an answer.
func note(method, path string, status int) {
	if op := operation(method, path); op != nil && status < 300 {
		answered.Store(op.ID, true)
	}
}

// TestMain fails a run of all tests in which an operation has never succeeded: a route that nobody asks can be broken for
// long.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && !filtered() {
		for _, op := range openapi.Operations() {
			if _, ok := answered.Load(op.ID); !ok {
				fmt.Printf("FAIL: no test has had a success from %s %s: ask it with house.ask\n", op.Method, op.Path)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// filtered reports whether the command line leaves tests out.
func filtered() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return true
		}
	}
	return false
}

var operations = sync.OnceValue(openapi.Operations)

// bodiless reports whether an operation looks at no body though its method might have one.
func bodiless(op openapi.Operation) bool {
	return op.Method != "GET" && strings.HasSuffix(op.Path, "}/secret") || strings.HasSuffix(op.Path, "/redeliver")
}

// scoped are the operations that ask for a scope in Polar's manner.
func scoped() []openapi.Operation {
	all := polars()
	for _, op := range operations() {
		if bodiless(op) {
			all = append(all, op)
		}
	}
	return all
}

// polars are the operations that have the manners of Polar's: JSON, and one way to say who calls. The others follow standards
// of their own, and have tests of their own.
func polars() []openapi.Operation {
	return slices.DeleteFunc(slices.Clone(operations()), func(op openapi.Operation) bool {
		return bodiless(op) || strings.HasPrefix(op.ID, "oauth2:") || op.ID == "customer_portal:forward_auth" || op.ID == "integrations_github:secret_scanning"
	})
}

// operation finds the operation behind a concrete path: of several that fit, the one with the fewest parameters. It is nil
// when none does.
func operation(method, path string) *openapi.Operation {
	var found *openapi.Operation
	for _, op := range operations() {
		if op.Method == method && fits(op.Path, path) && (found == nil || strings.Count(op.Path, "{") < strings.Count(found.Path, "{")) {
			found = &op
		}
	}
	return found
}

func fits(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if want[i] != have[i] && (!strings.HasPrefix(want[i], "{") || have[i] == "") {
			return false
		}
	}
	return true
}
