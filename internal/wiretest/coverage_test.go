package wiretest_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/internal/testserver"
)

// TestMain fails a run of all tests if a documented operation has never succeeded: no test would notice that it is broken.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && !testsAreFiltered() {
		for _, op := range testserver.NeverSucceeded() {
			fmt.Printf("FAIL: no test received a success from %s %s: add a test that calls it with Server.Request\n", op.Method, op.Path)
			code = 1
		}
	}
	os.Exit(code)
}

// testsAreFiltered reports whether the command line runs only some of the tests.
func testsAreFiltered() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return true
		}
	}
	return false
}

var operations = sync.OnceValue(openapi.Operations)

// ignoresBody reports whether an operation reads no body although its method allows one.
func ignoresBody(op openapi.Operation) bool {
	return op.Method != "GET" && strings.HasSuffix(op.Path, "}/secret") || strings.HasSuffix(op.Path, "/redeliver") || op.Path == proof+"request"
}

// scopedOperations returns the operations that require a scope and report a missing one as Polar does.
func scopedOperations() []openapi.Operation {
	all := polarOperations()
	for _, op := range operations() {
		if ignoresBody(op) {
			all = append(all, op)
		}
	}
	return all
}

// polarOperations returns the operations that follow Polar's conventions: JSON bodies and a bearer token. The other operations
// follow other standards and have their own tests.
func polarOperations() []openapi.Operation {
	return slices.DeleteFunc(slices.Clone(operations()), func(op openapi.Operation) bool {
		return ignoresBody(op) || strings.HasPrefix(op.ID, "oauth2:") || op.ID == "customer_portal:forward_auth" || op.ID == "integrations_github:secret_scanning"
	})
}
