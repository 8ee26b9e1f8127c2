package postern_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "update testdata/api")

// public maps the packages that other programs import to the names of their golden files.
var public = map[string]string{
	".": "postern", "polar": "polar", "polar/portalauth": "portalauth", "polar/polartest": "polartest",
}

// The golden files list everything that other programs can use, so that no change of it is accidental.
func TestAPI(t *testing.T) {
	for dir, name := range public {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		file := filepath.Join("testdata", "api", name+".txt")
		now := exported(t, dir)
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		before := strings.Split(strings.TrimSpace(string(text)), "\n")
		for _, line := range before {
			if line != "" && !slices.Contains(now, line) {
				t.Errorf("%s: removed or changed, which breaks callers:\n\t%s", name, line)
			}
		}
		for _, line := range now {
			if !slices.Contains(before, line) {
				t.Errorf("%s: new:\n\t%s\nto accept it: go test -run TestAPI -update .", name, line)
			}
		}
	}
}

// exported returns a sorted line for each exported declaration of a package.
func exported(t *testing.T, dir string) (lines []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				lines = append(lines, function(d)...)
			case *ast.GenDecl:
				lines = append(lines, declared(d)...)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// function returns the line of an exported function, or of an exported method of an exported type.
func function(d *ast.FuncDecl) []string {
	if !d.Name.IsExported() {
		return nil
	}
	if d.Recv == nil {
		return []string{"func " + d.Name.Name + signature(d.Type)}
	}
	of := source(d.Recv.List[0].Type)
	if !ast.IsExported(strings.TrimPrefix(of, "*")) {
		return nil
	}
	return []string{"method (" + of + ") " + d.Name.Name + signature(d.Type)}
}

func declared(d *ast.GenDecl) (lines []string) {
	var kind ast.Expr // type of the previous constant, which a constant without a value repeats
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				lines = append(lines, typed(s)...)
			}
		case *ast.ValueSpec:
			if s.Type != nil || s.Values != nil {
				kind = s.Type
			}
			for i, name := range s.Names {
				if !name.IsExported() {
					continue
				}
				line := d.Tok.String() + " " + name.Name
				if kind != nil {
					line += " " + source(kind)
				}
				if d.Tok == token.CONST && i < len(s.Values) {
					line += " = " + source(s.Values[i])
				}
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// typed returns a line for a type and for each exported field and method that it declares.
func typed(s *ast.TypeSpec) (lines []string) {
	name := s.Name.Name
	if s.TypeParams != nil {
		name += "[" + fields(s.TypeParams) + "]"
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		lines = append(lines, "type "+name+" struct")
		for _, f := range t.Fields.List {
			for _, field := range f.Names {
				if field.IsExported() {
					lines = append(lines, "type "+name+" struct, "+field.Name+" "+source(f.Type)+tag(f))
				}
			}
			if of := source(f.Type); f.Names == nil && ast.IsExported(strings.TrimPrefix(of, "*")) {
				lines = append(lines, "type "+name+" struct, embedded "+of)
			}
		}
	case *ast.InterfaceType:
		lines = append(lines, "type "+name+" interface")
		for _, f := range t.Methods.List {
			if f.Names == nil {
				lines = append(lines, "type "+name+" interface, embedded "+source(f.Type))
				continue
			}
			if m := f.Names[0]; m.IsExported() {
				lines = append(lines, "type "+name+" interface, "+m.Name+signature(f.Type.(*ast.FuncType)))
			} else {
				lines = append(lines, "type "+name+" interface, unexported "+m.Name)
			}
		}
	default:
		equals := " "
		if s.Assign.IsValid() {
			equals = " = "
		}
		lines = append(lines, "type "+name+equals+source(t))
	}
	return lines
}

func tag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	return " " + f.Tag.Value
}

func signature(f *ast.FuncType) string {
	s := "(" + fields(f.Params) + ")"
	if f.TypeParams != nil {
		s = "[" + fields(f.TypeParams) + "]" + s
	}
	switch results := fields(f.Results); {
	case results == "":
		return s
	case len(f.Results.List) == 1 && len(f.Results.List[0].Names) == 0:
		return s + " " + results
	default:
		return s + " (" + results + ")"
	}
}

// fields returns parameters with their names, because a new name can mean a new meaning.
func fields(list *ast.FieldList) string {
	if list == nil {
		return ""
	}
	var all []string
	for _, f := range list.List {
		var names []string
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
		all = append(all, strings.TrimSpace(strings.Join(names, ", ")+" "+source(f.Type)))
	}
	return strings.Join(all, ", ")
}

// source returns an expression on one line.
func source(e ast.Expr) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), e); err != nil {
		return fmt.Sprint(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
