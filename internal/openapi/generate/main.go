// Command generate writes the OpenAPI document. Paths, parameters, bodies, answers and errors come from the table of routes,
// the wire types of package polar and the readers of package body. Other descriptions, examples and constraints come from the
// Markdown files in the folder prose, which have this format:
//
//	## customers:get                                 an operation, or the name of a schema
//
//	Get a customer                                   the first paragraph is the summary of an operation
//
//	- email? {"format": "email"}: The email address. a field or parameter; ? makes a field optional, and JSON is merged into its schema
//
// The heading of a file is the tag of its operations. Fenced JSON is an example of a body (json request, json answer) or is
// merged into the operation or schema (json). An empty line separates paragraphs, lists and fences.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/postern-go/postern/internal/api"
	"github.com/postern-go/postern/internal/body"
)

func main() {
	log.SetFlags(0)
	document, err := generate(os.DirFS("prose"))
	if err == nil {
		err = os.WriteFile("openapi.json", document, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// generator holds the sources of the document.
type generator struct {
	prose []*section
	// types, objects and problems map the names of schemas to their sources: wire types, bodies that readers describe, and
	// errors.
	types    map[string]reflect.Type
	objects  map[string]*body.Object
	problems map[string]api.Problem
}

// The headings of the files that do not describe operations.
const (
	top        = "Postern"
	parameters = "Parameters"
	responses  = "Responses"
	schemas    = "Schemas"
)

// common is the section with the fields that many schemas share.
const common = "*"

func generate(files fs.FS) ([]byte, error) {
	prose, err := readProse(files)
	if err != nil {
		return nil, err
	}
	g := &generator{prose, map[string]reflect.Type{}, map[string]*body.Object{}, map[string]api.Problem{}}
	all := api.Operations()
	for _, o := range all {
		g.collect(o)
	}
	paths, tags, tagged := obj(), []any{}, map[string]bool{}
	for _, o := range all {
		s := g.operationProse(o.ID)
		if s == nil {
			return nil, fmt.Errorf("prose/operations has no section %q", o.ID)
		}
		op, err := g.operation(o, s)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Method, o.Path, err)
		}
		path := paths.sub(o.Path)
		if strings.HasPrefix(o.Path, "/v1/") {
			path.set("parameters", []any{obj("$ref", "#/components/parameters/PolarVersion")})
		}
		path.set(strings.ToLower(o.Method), op)
		if !tagged[s.file] {
			tagged[s.file] = true
			tags = append(tags, obj("name", s.file, "description", g.section(s.file, s.file).after(0)))
		}
	}
	info := g.section(top, top)
	document := obj("openapi", "3.1.0",
		"info", obj("title", info.title, "summary", info.paragraph(0), "description", info.after(1)),
		"servers", []any{obj("url", "/")}, "tags", tags, "paths", paths)
	info.patch(document)
	components := document.sub("components")
	components.sub("parameters").set("PolarVersion", versionParameter())
	components.set("responses", g.responses())
	components.set("schemas", g.schemas())
	if err := g.check(document); err != nil {
		return nil, err
	}
	text, err := marshal(document)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, text, "", "  ")
	b.WriteByte('\n')
	return b.Bytes(), err
}

// section returns the section with the title in the file with the heading. If there is no such section, it returns an empty
// one.
func (g *generator) section(file, title string) *section {
	for _, s := range g.prose {
		if s.file == file && s.title == title {
			return s
		}
	}
	return &section{title: title}
}

// operationProse returns the section of an operation, or nil.
func (g *generator) operationProse(id string) *section {
	for _, s := range g.prose {
		if s.title == id && s.file != schemas && s.file != responses {
			return s
		}
	}
	return nil
}

// list returns the sections of a file except for the first.
func (g *generator) list(file string) (list []*section) {
	for _, s := range g.prose {
		if s.file == file && s.title != file {
			list = append(list, s)
		}
	}
	return list
}

var referred = regexp.MustCompile(`"#/components/schemas/(\w+)"`)

// check returns an error if a reference has no target, or if the document does not use a section of prose.
func (g *generator) check(document *object) error {
	text, err := marshal(document)
	if err != nil {
		return err
	}
	all := document.sub("components").sub("schemas")
	used := map[string]bool{}
	for _, m := range referred.FindAllSubmatch(text, -1) {
		if used[string(m[1])] = true; all.values[string(m[1])] == nil {
			return fmt.Errorf("prose/schemas.md has no section %q", m[1])
		}
	}
	for _, name := range all.names {
		if !used[name] && g.types[name] == nil { // no media type refers to the events of a stream
			return fmt.Errorf("nothing refers to the schema %s", name)
		}
	}
	for _, s := range g.prose {
		if !s.used && s.title != s.file && s.file != schemas {
			return fmt.Errorf("no route uses the prose of %s", s.title)
		}
	}
	return nil
}
