package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the table in docs/command-line.md")

// results are the results of all commands that have --json.
var results = map[string]result{
	"audit verify": verification{}, "dev": tour{}, "doctor": diagnosis{}, "healthcheck": health{}, "init": newOrganization{}, "introspect": liveness{}, "migrate": migrated{},
	"organization block": organizationState{}, "organization settings": settings{}, "organization unblock": organizationState{}, "revoke": revocation{},
	"secret list": secretList{}, "secret retire": secretRetired{}, "secret rotate": secretRotated{}, "token create": newToken{}, "token list": tokenList{},
	"token revoke": tokenRevoked{}, "token rotate": newToken{}, "token update": tokenRow{}, "version": build{},
}

// withoutJSON are the commands that print no data, or data in a format of its own.
var withoutJSON = []string{"audit export", "completion", "man", "serve"}

func commandLine(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(t.Context(), streams{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

func TestEveryCommandThatPrintsDataHasJSON(t *testing.T) {
	var with []string
	for _, command := range commandsBelow(commandLine(t).Model.Node) {
		path := commandPath(command)
		if !command.Leaf() {
			continue
		}
		has := slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "json" })
		if has == slices.Contains(withoutJSON, path) {
			t.Errorf("postern %s: --json is %t", path, has)
		}
		if has {
			with = append(with, path)
		}
	}
	slices.Sort(with)
	if known := slices.Sorted(maps.Keys(results)); !slices.Equal(with, known) {
		t.Errorf("commands with --json: %v\nresults: %v", with, known)
	}
}

// fields returns the names of the JSON fields of a type. Fields of the objects in a list follow its name.
func fields(of reflect.Type, prefix string) (names []string) {
	if of == reflect.TypeFor[tour]() {
		of = reflect.TypeFor[sample]()
	}
	for f := range of.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			names = append(names, fields(f.Type.Elem(), prefix+name+"[].")...)
			continue
		}
		names = append(names, prefix+name)
	}
	return names
}

func TestDocumentListsTheJSONOfEveryCommand(t *testing.T) {
	const path, begin, end = "../../docs/command-line.md", "<!-- fields -->\n", "<!-- end of fields -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	table, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no table of fields", path)
	}
	var want strings.Builder
	want.WriteString("| command | fields |\n|---|---|\n")
	for _, command := range slices.Sorted(maps.Keys(results)) {
		fmt.Fprintf(&want, "| `postern %s` | `%s` |\n", command, strings.Join(fields(reflect.TypeOf(results[command]), ""), "`, `"))
	}
	if table == want.String() {
		return
	}
	if !*update {
		t.Fatalf("%s differs from the results; run go test -run TestDocumentLists -update ./cmd/postern", path)
	}
	if err := os.WriteFile(path, []byte(head+begin+want.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// printsJSON checks that a file is one line with the JSON object of a command, with all its fields: jsonof FILE COMMAND...
func printsJSON(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	known, found := results[strings.Join(args[1:], " ")]
	if !found || strings.Count(text, "\n") != 1 {
		ts.Fatalf("not one line of a known command: %s", text)
	}
	of := reflect.TypeOf(known)
	if of == reflect.TypeFor[tour]() {
		of = reflect.TypeFor[sample]()
	}
	value := reflect.New(of)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	ts.Check(decoder.Decode(value.Interface()))
	var again bytes.Buffer
	encoder := json.NewEncoder(&again)
	encoder.SetEscapeHTML(false)
	ts.Check(encoder.Encode(value.Interface()))
	if again.String() != text {
		ts.Fatalf("got  %swant %s", text, again.String())
	}
}

// Variables configure servers and select stores. None of them changes or deletes anything through another command.
func TestOnlyFlagsThatConfigureHaveVariables(t *testing.T) {
	seen := 0
	for _, command := range commandsBelow(commandLine(t).Model.Node) {
		for _, f := range command.Flags {
			if len(f.Envs) == 0 {
				continue
			}
			seen++
			switch path := commandPath(command); {
			case slices.Contains([]string{"dev", "serve", "doctor", "healthcheck"}, path):
			case slices.Contains([]string{"data", "database-url", "server", "json"}, f.Name):
			default:
				t.Errorf("postern %s --%s has the variable %v", path, f.Name, f.Envs)
			}
		}
	}
	if seen < 50 {
		t.Errorf("%d flags have a variable", seen)
	}
	for _, command := range commandsBelow(commandLine(t).Model.Node) {
		for _, f := range command.Flags {
			if slices.Contains([]string{"force", "yes", "end-sessions", "organization"}, f.Name) && len(f.Envs) > 0 {
				t.Errorf("--%s has the variable %v", f.Name, f.Envs)
			}
		}
	}
}
