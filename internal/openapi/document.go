package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// document is the part of an OpenAPI document that this package needs.
type document struct {
	Info       struct{ Title, Version, Summary, Description string }
	Tags       []struct{ Name, Description string }
	Paths      ordered[pathItem]
	Components struct {
		SecuritySchemes ordered[struct{ Description string }]
		Parameters      ordered[parameter]
		Responses       ordered[response]
		Schemas         ordered[schema]
	}
}

type pathItem struct {
	Parameters                    []parameter
	Get, Post, Put, Patch, Delete *operation
}

// operations iterates over the operations of a path and their methods.
func (p *pathItem) operations() iter.Seq2[string, *operation] {
	return func(yield func(string, *operation) bool) {
		for _, o := range []struct {
			method string
			op     *operation
		}{{"GET", p.Get}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}} {
			if o.op != nil && !yield(o.method, o.op) {
				return
			}
		}
	}
}

type operation struct {
	Tags                              []string
	OperationID, Summary, Description string
	// Security lists alternative security schemes, each with alternative scopes.
	Security    []ordered[[]string]
	Parameters  []parameter
	RequestBody *requestBody
	Responses   ordered[response]
}

type requestBody struct {
	Required bool
	Content  ordered[media]
}

// sent returns the media type of the body: JSON or a form.
func (b *requestBody) sent() entry[media] { return b.Content[0] }

type parameter struct {
	Ref                   string `json:"$ref"`
	Name, In, Description string
	Required              bool
	Schema                schema
	Example               string
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     ordered[media]
}

const formType = "application/x-www-form-urlencoded"

type media struct {
	Schema  schema
	Example json.RawMessage
}

// parse parses a document.
func parse(b []byte) (*document, error) {
	d := new(document)
	return d, json.Unmarshal(b, d)
}

// parametersOf returns the parameters of an operation and of its path, with references resolved.
func (d *document) parametersOf(p *pathItem, op *operation) ([]parameter, error) {
	var all []parameter
	for _, params := range [][]parameter{op.Parameters, p.Parameters} {
		for _, p := range params {
			resolved, err := resolve(d.Components.Parameters, p, p.Ref)
			if err != nil {
				return nil, err
			}
			all = append(all, resolved)
		}
	}
	return all, nil
}

// resolve returns the component that ref refers to. If ref is empty, it returns value.
func resolve[T any](components ordered[T], value T, ref string) (T, error) {
	if ref == "" {
		return value, nil
	}
	found := components.get(ref[strings.LastIndexByte(ref, '/')+1:])
	if found == nil {
		return value, fmt.Errorf("reference %s has no target", ref)
	}
	return *found, nil
}

// ordered is a JSON object that preserves the order of its members.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Name  string
	Value T
}

// get returns the value of a member, or nil.
func (o ordered[T]) get(name string) *T {
	for i := range o {
		if o[i].Name == name {
			return &o[i].Value
		}
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *ordered[T]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err != nil {
		return err
	} else if open != json.Delim('{') {
		return fmt.Errorf("want a JSON object, got %v", open)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		e := entry[T]{Name: name.(string)}
		if err := d.Decode(&e.Value); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		*o = append(*o, e)
	}
	return nil
}
