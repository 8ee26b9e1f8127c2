// Package openapi describes the HTTP interface: an OpenAPI 3.1 document and the page that shows it.
//
//	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) { w.Write(openapi.JSON(publicURL)) })
//	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) { w.Write(openapi.Page(publicURL)) })
//	mux.HandleFunc("GET /docs/style.css", func(w http.ResponseWriter, r *http.Request) { w.Write(openapi.Style()) })
//
// The document is generated from the routes of internal/api, the wire types of package polar, the readers of internal/body and
// the Markdown files in prose. Tests fail if openapi.json is not current, if it lacks what Polar's clients rely on, or, with
// openapitest, if an answer of the server does not match it.
package openapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./generate

//go:embed openapi.json
var source []byte

// server is the line of the document that says where the server is. It stands there once.
var server = []byte(`"url": "/"`)

// JSON returns the document, which names publicURL as the address of the server, without a slash at its end. An empty
// publicURL leaves "/": the place that the document was read from.
func JSON(publicURL string) []byte {
	publicURL = strings.TrimSuffix(publicURL, "/")
	if publicURL == "" {
		return bytes.Clone(source)
	}
	quoted, _ := json.Marshal(publicURL) // a string always can be
	return bytes.Replace(source, server, append([]byte(`"url": `), quoted...), 1)
}

// Operation is a method on a path, in which {name} stands for one segment.
type Operation struct {
	Method, Path string
	// ID is the operationId, Polar's where Polar has the operation.
	ID string
	// Scopes are those of which a bearer needs one; empty for an operation that everybody may call.
	Scopes []string
	// Statuses are all that it answers with, ascending, besides the 500 of a fault in the server itself.
	Statuses []int
}

// Operations returns all that is documented, in the order of the document.
func Operations() []Operation {
	var all []Operation
	for _, path := range parsed().Paths {
		for method, op := range path.Value.operations() {
			o := Operation{Method: method, Path: path.Name, ID: op.OperationID}
			for _, kind := range op.Security {
				for _, scheme := range kind {
					o.Scopes = append(o.Scopes, scheme.Value...)
				}
			}
			slices.Sort(o.Scopes)
			o.Scopes = slices.Compact(o.Scopes)
			for _, answer := range op.Responses {
				status, _ := strconv.Atoi(answer.Name)
				o.Statuses = append(o.Statuses, status)
			}
			all = append(all, o)
		}
	}
	return all
}

// parsed is the document. It is embedded, and a test reads it: it cannot fail later.
var parsed = sync.OnceValue(func() *document {
	d, err := parse(source)
	if err != nil {
		panic(err)
	}
	return d
})
