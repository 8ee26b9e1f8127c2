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

// server is the only line of the document with the URL of the server.
var server = []byte(`"url": "/"`)

// JSON returns the document with publicURL as the URL of the server. If publicURL is empty, the URL is "/", which is relative to the
// URL of the document.
func JSON(publicURL string) []byte {
	publicURL = strings.TrimSuffix(publicURL, "/")
	if publicURL == "" {
		return bytes.Clone(source)
	}
	quoted, _ := json.Marshal(publicURL) // a string always marshals
	return bytes.Replace(source, server, append([]byte(`"url": `), quoted...), 1)
}

// Operation is a method on a path, in which {name} stands for one segment.
type Operation struct {
	Method, Path string
	// ID is the operationId. It is the same as Polar's if Polar has the operation.
	ID string
	// Scopes lists the accepted scopes; a token needs one of them. It is empty if the operation needs no token.
	Scopes []string
	// Statuses lists the statuses of the operation's responses in ascending order, without the 500 of an internal error.
	Statuses []int
}

// Operations returns all operations in the order of the document.
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

// parsed returns the parsed document. Parsing cannot fail, because a test parses the embedded document.
var parsed = sync.OnceValue(func() *document {
	d, err := parse(source)
	if err != nil {
		panic(err)
	}
	return d
})
