package billing_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/billing"
)

var update = flag.Bool("update", false, "write the table of routes to docs/compatibility.md")

// TestDocumentation checks the table of routes in docs/compatibility.md.
func TestDocumentation(t *testing.T) {
	const file, begin, end = "../../docs/compatibility.md", "| route | caller | answer |\n|---|---|---|\n", "\n\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatalf("%s has no table of routes", file)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has nothing after the table of routes", file)
	}
	var rows []string
	for _, op := range billing.Operations {
		rows = append(rows, fmt.Sprintf("| `%s %s` | %s | %s |", op.Method, op.Path, caller(op.Access), op.Without))
	}
	if want := before + begin + strings.Join(rows, "\n") + end + after; want == string(text) {
		return
	} else if !*update {
		t.Error("the table of routes is not up to date; run go test ./internal/billing -run TestDocumentation -update")
	} else if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func caller(a billing.Access) string {
	switch {
	case a.Caller == billing.Anyone:
		return "anyone"
	case a.Managers:
		return "session, but not of a plain member"
	case a.Caller == billing.Session:
		return "session"
	}
	var scopes []string
	for _, scope := range a.Scopes {
		scopes = append(scopes, "`"+string(scope)+"`")
	}
	return "access token with " + strings.Join(scopes, " or ")
}

func TestOperationsAreListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range billing.Operations {
		name := op.Method + " " + op.Path
		if seen[name] {
			t.Errorf("%s is listed twice", name)
		}
		seen[name] = true
		if portal := strings.HasPrefix(op.Path, "/v1/customer-portal/"); portal != (op.Access.Caller != billing.Organization) {
			t.Errorf("%s: routes of the portal are for sessions or anyone, and other routes for organizations", name)
		}
		if (op.Access.Caller == billing.Anyone) != (len(op.Access.Scopes) == 0) {
			t.Errorf("%s has the scopes %v", name, op.Access.Scopes)
		}
	}
}
