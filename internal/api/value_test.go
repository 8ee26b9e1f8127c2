package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/webhook"
)

// TestClientHasAConstantForEachValue checks that the client has a constant for every value that the server sends in a field of a fixed
// list, and no others.
func TestClientHasAConstantForEachValue(t *testing.T) {
	actions := make([]audit.Action, len(audit.Actions))
	for i, row := range audit.Actions {
		actions[i] = row.Action
	}
	statuses := []string{"live", "expired", "revoked", "malformed", "unknown"}
	for _, reason := range session.Reasons() {
		if reason.Inspection() != "" {
			statuses = append(statuses, string(reason))
		}
	}
	want := map[string][]string{
		"AuditAction": texts(actions), "AuditOutcome": texts(audit.Outcomes), "AuditActorType": texts(audit.ActorKinds), "AuditTargetType": texts(audit.TargetKinds),
		"Reason": texts(session.Reasons()), "TokenStatus": statuses, "SessionState": texts([]session.State{session.Live, session.Expired, session.Revoked}),
		"EventType": texts(webhook.Kinds()), "DeliveryState": texts([]webhook.State{webhook.Pending, webhook.Succeeded, webhook.Failed}),
		"Scope": texts(append(directory.AllScopes(), directory.CustomerPortalRead, directory.CustomerPortalWrite)),
	}
	constants := clientConstants(t)
	for name, values := range want {
		slices.Sort(values)
		slices.Sort(constants[name])
		if !slices.Equal(constants[name], values) {
			t.Errorf("the constants of polar.%s are\n%q\nwant\n%q", name, constants[name], values)
		}
	}
}

func texts[S ~string](values []S) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

// clientConstants returns the values of the constants of package polar by the names of their types.
func clientConstants(t *testing.T) map[string][]string {
	files, err := filepath.Glob("../../polar/*.go")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				kind, named := spec.Type.(*ast.Ident)
				literal, ok := spec.Values[0].(*ast.BasicLit)
				if named && ok && literal.Kind == token.STRING {
					text, _ := strconv.Unquote(literal.Value)
					values[kind.Name] = append(values[kind.Name], text)
				}
			}
			return true
		})
	}
	return values
}
